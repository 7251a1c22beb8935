"""How much of a truth a reading gives back. Nothing here reads a file."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from pipeline.extract.model import Grid, Reading
from tests.extract.pdf.corpus.tables import Truth

# None stands for a place that a reader says is under a span.
Rows = Sequence[Sequence[str | None]]


def rows_of(reading: Reading) -> list[list[str | None]]:
    """The rows of all grids, one grid after the other; a place under a span is None."""
    return [row for grid in reading.grids for row in own_rows(grid)]


def own_rows(grid: Grid) -> list[list[str | None]]:
    return [[_own_text(grid, r, c) for c in range(grid.n_cols)] for r in range(grid.n_rows)]


def _own_text(grid: Grid, r: int, c: int) -> str | None:
    cell = grid.own(r, c)
    return cell.text if cell else None if grid.at(r, c) else ""


def exact_share(truth: Truth, rows: Rows) -> float:
    """Share of the truth's cells found with their very text; white space of any kind and length counts as one space.

    Rows are aligned first, so that one lost row costs its own cells only. A place under a span holds its text, or
    nothing. Invented rows and columns count against the share as cells that are wrong.
    """
    spanned = truth.spanned
    wanted = [[_plain(text) for text in row] for row in truth.rows]
    found = [[_plain(text) for text in row] for row in rows]
    matcher = SequenceMatcher(None, *([_key(row) for row in table] for table in (wanted, found)), autojunk=False)
    right = 0
    total = sum(max(len(row), *(len(r) for r in found or [[]])) for row in wanted)
    for _, i0, i1, j0, j1 in matcher.get_opcodes():
        total += max(0, (j1 - j0) - (i1 - i0)) * len(wanted[0])
        for i, j in zip(range(i0, i1), range(j0, j1), strict=False):
            right += sum(
                text == got or ((i, c) in spanned and not got)
                for c, (text, got) in enumerate(zip(wanted[i], found[j], strict=False))
            )
    return right / total


def without_repeats(pages: Sequence[Rows], header_rows: int) -> Rows:
    """The rows of one table read page by page, the header of the first page kept once: what plain tools need."""
    header = [[_plain(t) for t in row] for row in pages[0][:header_rows]] if pages else []
    rows: list[Sequence[str | None]] = []
    for number, page in enumerate(pages):
        again = [[_plain(t) for t in row] for row in page[:header_rows]] == header
        rows.extend(page[header_rows if number and again else 0 :])
    return rows


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def _key(row: Sequence[str]) -> tuple[str, ...]:
    # The first two columns are those whose cells may be merged, then said once or on each row.
    return tuple(row[2:])
