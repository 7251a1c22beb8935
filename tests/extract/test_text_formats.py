"""One cell a line, and OCR Markdown: blocks, places, repairs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract import read, reading_parquet, shifted
from pipeline.extract.cells import read_cells
from pipeline.extract.markdown import read_markdown
from pipeline.extract.model import ExtractError, Grid, Heading, Paragraph, Reading, Source
from tests.conftest import ROOT


def headings(reading: Reading) -> list[tuple[str, int | None]]:
    return [(b.text, b.source.line) for b in reading.blocks if isinstance(b, Heading)]


def test_an_annex_of_one_cell_a_line_is_a_grid_of_one_column() -> None:
    reading = read_cells("Arrêté\nANNEXE\nTitre\n\n  01\nAin\nFait le 15 juin 2020.\nUn nom\n".encode())
    grid = reading.grids[0]
    assert [(c.text, c.source.line, c.source.start) for c in grid.cells] == [
        ("Titre", 3, 0),
        ("01", 5, 2),
        ("Ain", 6, 0),
    ]
    assert [p.text for p in reading.paragraphs] == ["Arrêté", "Fait le 15 juin 2020.", "Un nom"]


def test_two_annexes_are_two_grids() -> None:
    reading = read_cells(b"ANNEXE I\nA\n1\nANNEXE II\nB\n2\n")
    assert [(g.under, g.n_rows) for g in reading.grids] == [(("ANNEXE I",), 2), (("ANNEXE II",), 2)]


def test_text_in_windows_1252_is_read_with_a_repair() -> None:
    reading = read_cells("ANNEXE\nDrôme\nœuvre\n".encode("cp1252"))
    assert [cell.text for cell in reading.grids[0].cells] == ["Drôme", "œuvre"]
    assert [(r.kind, r.before, r.after) for r in reading.repairs] == [("encodage_errone", "utf-8", "windows-1252")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_text_in_another_unicode_is_read(encoding: str) -> None:
    text = "ANNEXE\r\nDrôme\r\nHérault\r\n"
    assert [cell.text for cell in read_cells(text.encode(encoding)).grids[0].cells] == ["Drôme", "Hérault"]


def test_bytes_that_make_no_french_are_refused_with_their_line() -> None:
    with pytest.raises(ExtractError, match="ligne 2 : « ‚ », le fichier n'est ni en UTF-8"):
        read_cells("ANNEXE\nHérault, Isère, Drôme\n".encode("cp850"))


def test_a_binary_is_no_text() -> None:
    with pytest.raises(ExtractError, match="ligne 2 : octet nul"):
        read_cells(b"ANNEXE\nab\0cd\n")


@pytest.mark.parametrize(
    "line", ["### **Zone B1**", "#### Zone B1", "**Zone B1**", "<b>Zone B1</b>", "| <b>Zone B1</b> |\n|---|"]
)
def test_a_heading_is_one_whatever_its_dress(line: str) -> None:
    assert headings(read_markdown(line.encode())) == [("Zone B1", 1)]


def test_headings_run_together_are_parted_and_counted() -> None:
    reading = read_markdown(b"**Zone B2****01-Ain**\n\nBourg, Gex.\n")
    assert headings(reading) == [("Zone B2", 1), ("01-Ain", 1)]
    assert [r.kind for r in reading.repairs] == ["titres_colles"]
    assert reading.paragraphs[0].under[-1] == "01-Ain"


def test_a_paragraph_with_a_bold_word_is_no_heading() -> None:
    assert headings(read_markdown(b"**10.** Pour beneficier du taux reduit\n")) == []


def test_a_pipe_table_keeps_positions_and_says_which_row_is_short() -> None:
    text = "| **Zone** | prix<br>max |\n|---|---|\n| A | 4\u202f100 |\n| B1 |\n"
    reading = read_markdown(text.encode())
    grid = reading.grids[0]
    assert grid.headers == ("Zone", "prix max")
    assert [(c.row, c.col, c.text) for c in grid.cells if not c.header] == [(1, 0, "A"), (1, 1, "4 100"), (2, 0, "B1")]
    assert [(r.kind, r.source.line) for r in reading.repairs] == [("ligne_courte", 4)]
    price = grid.own(1, 1)
    assert price is not None
    assert text.split("\n")[2][price.source.start : price.source.end] == "4\u202f100"


def test_two_equal_headers_stay_two_columns() -> None:
    grid = read_markdown(b"| a | a |\n|---|---|\n| 1 | 2 |\n").grids[0]
    assert grid.headers == ("a", "a")
    assert [c.text if (c := grid.own(1, col)) else None for col in (0, 1)] == ["1", "2"]


def test_an_omission_is_said_with_its_heading() -> None:
    reading = read_markdown(b"# Annexe I\n\n(...)\n")
    assert [(u.kind, u.source.line, u.detail) for u in reading.unread] == [("passage_omis", 3, "Annexe I")]


def test_lines_are_those_of_the_original_after_a_shift() -> None:
    reading = shifted(read_cells(b"ANNEXE\nA\nB\n"), 6)
    assert [c.source.line for c in reading.grids[0].cells] == [8, 9]


@pytest.mark.parametrize("name", ["BOI-8A-2-09/bulletin.md", "JORFTEXT000042056679/annexe.txt"])
def test_a_staged_reading_comes_back_whole(tmp_path: Path, name: str) -> None:
    path = ROOT / "raw" / name
    reading = read(path, "markdown" if path.suffix == ".md" else "cells")
    reading_parquet.save(reading, tmp_path / "r.parquet")
    assert reading_parquet.load(tmp_path / "r.parquet") == reading


def test_sources_join_by_their_ends() -> None:
    a, b = Source(line=3, start=4, end=9), Source(line=5, start=0, end=2)
    assert (a | b) == (b | a) == Source(line=3, last_line=5, start=4, end=2)
    left, right = Source(page=1, box=(0, 0, 1, 1)), Source(page=1, box=(2, 2, 3, 3))
    assert (left | right).box == (0, 0, 3, 3)


def test_every_block_of_the_bulletin_is_of_a_known_kind(seeds: Path) -> None:
    reading = read(seeds / "boi_8a-2-09.md.txt", "markdown")
    assert {type(b) for b in reading.blocks} == {Heading, Paragraph, Grid}
    assert [(g.n_rows, g.n_cols) for g in reading.grids] == [(3, 2), (5, 2), (8, 4), (19, 2)]
