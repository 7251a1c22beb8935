"""Rows that the next page prints again, and the cells that reach out of them."""

from __future__ import annotations

from pipeline.extract.pdf.results import PageCell, PageTable
from pipeline.extract.pdf.stitch import Stitched, append, repeated_rows

EDGES = (0.0, 100.0, 200.0, 300.0)


def cell(row: int, col: int, text: str, row_end: int = 0) -> PageCell:
    top, bottom = 20.0 * row, 20.0 * (row_end or row + 1)
    lines = (text,) if text else ()
    return PageCell(row, col, row_end or row + 1, col + 1, (EDGES[col], top, EDGES[col + 1], bottom), lines)


def table(n_rows: int, *cells: PageCell) -> PageTable:
    return PageTable(n_rows, 3, cells, (0.0, 0.0, 300.0, 20.0 * n_rows), EDGES)


def header(*below: PageCell) -> tuple[PageCell, ...]:
    """A header of two rows: "Commune" spans both, "Zone" stands above what is different on each page."""
    return cell(0, 0, "Commune", 2), cell(0, 1, "Zone"), cell(0, 2, "Prix"), *below


FIRST = table(3, *header(cell(1, 1, "2009"), cell(1, 2, "€")), cell(2, 0, "Gex"), cell(2, 1, "A"), cell(2, 2, "1"))


def test_a_header_printed_again_is_dropped_whole() -> None:
    again = table(3, *header(cell(1, 1, "2009"), cell(1, 2, "€")), cell(2, 0, "Bern"), cell(2, 1, "B"), cell(2, 2, "2"))
    assert repeated_rows(Stitched.of(1, FIRST), again) == 2


def test_a_span_that_begins_in_a_repeated_row_goes_with_it_to_its_end() -> None:
    """The second row differs, but half of it is the label that began above: no row is left with a hole."""
    other = table(3, *header(cell(1, 1, "2010"), cell(1, 2, "€")), cell(2, 0, "Bern"), cell(2, 1, "B"), cell(2, 2, "2"))
    assert repeated_rows(Stitched.of(1, FIRST), other) == 2


def test_a_table_that_repeats_nothing_loses_nothing() -> None:
    rows = table(2, *(cell(r, c, f"{r}{c}") for r in range(2) for c in range(3)))
    above = Stitched.of(1, FIRST)
    assert repeated_rows(above, rows) == 0
    append(above, 2, rows)
    assert (above.n_rows, above.dropped) == (5, [])
