"""Every way of printing a table, held to its truth: texts, spans, header rows, and what is kept out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from pipeline.extract.model import Grid, Reading
from pipeline.extract.pdf.worker import read_pdf
from tests.extract.pdf.corpus.score import exact_share, rows_of
from tests.extract.pdf.corpus.tables import KINDS, Row, Sheet, make

ANNEX = Path(__file__).parents[3] / "raw" / "JORFTEXT000042056679" / "annexe.txt"
Read = Callable[[str], Reading]
# Low pages, so that 35 rows take two or three of them.
PAGE_HEIGHT = 420


@cache
def annex_rows() -> tuple[Row, ...]:
    lines = ANNEX.read_text(encoding="utf-8").splitlines()
    cells = lines[lines.index("01") :]
    return tuple(tuple(cells[i : i + 5]) for i in range(0, len(cells), 5))


@cache
def sheet(kind: str) -> Sheet:
    return make(annex_rows()[25:60], KINDS[kind], PAGE_HEIGHT)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = tmp_path_factory.mktemp("corpus")

    @cache
    def read_kind(kind: str) -> Reading:
        path = folder / f"{kind}.pdf"
        path.write_bytes(sheet(kind).pdf)
        return read_pdf(path)

    return read_kind


def only_grid(reading: Reading) -> Grid:
    (grid,) = reading.grids
    return grid


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_is_read_as_it_is_printed(read: Read, kind: str) -> None:
    assert sheet(kind).pages > 1
    assert exact_share(sheet(kind).truth, rows_of(read(kind))) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_is_one_grid_whose_header_rows_are_told_from_the_data(read: Read, kind: str) -> None:
    assert only_grid(read(kind)).header_rows == sheet(kind).truth.header_rows


@pytest.mark.parametrize("kind", ["merged", "two_header_rows"])
def test_spans_are_those_that_are_drawn(read: Read, kind: str) -> None:
    spans = {
        (cell.row, cell.col): (cell.row_span, cell.col_span)
        for cell in only_grid(read(kind)).cells
        if (cell.row_span, cell.col_span) != (1, 1)
    }
    assert spans == sheet(kind).truth.spans


def test_groups_of_the_header_stand_before_their_labels(read: Read) -> None:
    assert only_grid(read("two_header_rows")).headers == (
        "Département Code",
        "Département Nom",
        "Établissement Nom de l'EPCI",
        "Établissement SIREN",
        "Seuil en euros",
    )


@pytest.mark.parametrize("kind", ["ruled", "no_rules"])
def test_what_repeats_on_each_page_is_declared_and_kept_out(read: Read, kind: str) -> None:
    reading, pages = read(kind), sheet(kind).pages
    reasons = [aside.reason for aside in reading.asides]
    assert reasons.count("numero_de_page") == pages
    assert sum(aside.text.count("JOURNAL OFFICIEL") for aside in reading.asides) == pages
    assert "entete_repete" in reasons
    assert not reading.paragraphs


def test_a_header_printed_once_is_not_looked_for_again(read: Read) -> None:
    assert "entete_repete" not in {aside.reason for aside in read("header_once").asides}


def test_invisible_text_is_declared_and_kept_out(read: Read) -> None:
    reading = read("hidden_text")
    hidden = " ".join(aside.text for aside in reading.asides if aside.reason == "texte_masque")
    read_text = " ".join(cell.text for cell in only_grid(reading).cells)
    for word in ("INVISIBLE", "BLANC", "DEHORS"):
        assert word not in read_text
    assert "INVISIBLE" in hidden
    assert "BLANC" in hidden


@pytest.mark.parametrize("kind", ["ruled", "rotated_90", "rotated_270", "cropped", "cropped_and_rotated", "in_a_form"])
def test_cells_say_their_page_and_their_box_as_it_is_seen(read: Read, kind: str) -> None:
    cell = next(c for c in only_grid(read(kind)).cells if c.text == "CA de Sophia Antipolis")
    assert cell.source.page == 1
    assert cell.source.box is not None
    x0, top, x1, bottom = cell.source.box
    # The third column, whatever way the page is stored.
    assert (x0, x1) == pytest.approx((203, 408), abs=1)
    assert 70 < top < bottom < 420
