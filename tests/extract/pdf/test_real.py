"""Real files: prefectural orders of 58 and 68 pages, a scan, a one-page list. Skipped where they are not at hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pipeline.extract.model import Reading
from pipeline.extract.pdf.assemble import assemble
from pipeline.extract.pdf.limits import DEFAULT
from pipeline.extract.pdf.pages import read_pages

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "pdf"
RULED = "arrete_2021-09-24_ruled_merged_58p.pdf"
MIXED = "arrete_2023-03-30_mixed_scan_68p.pdf"
SCAN = "arrete_2025-02-24_scan_no_text.pdf"
LIST = "laureats_2025_85x3.pdf"


@cache
def reading(name: str, first: int, last: int) -> Reading:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the checkout (../shared/samples/pdf)")
    return assemble([read_pages(str(path), first, last, DEFAULT)])


def test_merged_header_cells_keep_their_spans() -> None:
    (grid,) = reading(RULED, 30, 30).grids
    assert (grid.n_rows, grid.n_cols, grid.header_rows) == (7, 7, 2)
    spans = {cell.text: (cell.row_span, cell.col_span) for cell in grid.cells}
    assert spans["Stockage sur site"] == (1, 2)
    assert spans["Code déchet"] == (2, 1)
    assert spans["Évacuation directe"] == (1, 2)


def test_paragraphs_on_white_boxes_are_no_tables() -> None:
    assert not reading(RULED, 2, 3).grids


def test_a_row_cut_by_the_end_of_a_page_is_one() -> None:
    (grid,) = reading(RULED, 15, 16).grids
    assert (grid.n_rows, grid.n_cols) == (17, 3)
    assert "ligne_reprise" in [repair.kind for repair in reading(RULED, 15, 16).repairs]


def test_lists_are_no_tables() -> None:
    assert not reading(RULED, 36, 36).grids
    assert not reading(RULED, 43, 43).grids


def test_pages_that_are_pictures_are_named() -> None:
    lacking = {unread.source.page for unread in reading(MIXED, 1, 68).unread if unread.kind == "page_sans_texte"}
    assert lacking == {1, 2, 67, 68}


def test_page_numbers_are_kept_out() -> None:
    numbers = [aside.text for aside in reading(MIXED, 1, 68).asides if aside.reason == "numero_de_page"]
    assert "35/68" in numbers
    assert not any(p.text == "35/68" for p in reading(MIXED, 1, 68).paragraphs)


def test_a_scan_reads_as_pages_to_transcribe() -> None:
    scan = reading(SCAN, 1, 6)
    assert not scan.blocks
    assert [unread.source.page for unread in scan.unread] == [1, 2, 3, 4, 5, 6]


def test_the_title_inside_a_table_is_its_title_and_touching_cells_stay_apart() -> None:
    (grid,) = reading(LIST, 1, 1).grids
    assert (grid.n_rows, grid.n_cols, grid.header_rows) == (55, 3, 1)
    assert grid.title.startswith("Réseaux lauréats")
    assert all(grid.own(r, c).text for r in range(55) for c in range(3))  # type: ignore[union-attr]
