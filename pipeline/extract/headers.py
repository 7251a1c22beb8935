"""Which leading rows of a grid are its header: by tags, by weight, or by the kinds of what stands below.

A row is marked only when it is certain: data marked as header would be lost, a header left as data is refused later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.extract.limits import RepairLog
from pipeline.extract.model import Cell, Grid

# Amounts, counts, codes and dates: what columns of figures hold and labels do not.
FIGURE = re.compile(
    r"[0-9]{1,2}(?:er)?[/.-][0-9]{1,2}[/.-][0-9]{2,4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[+-]?[0-9][0-9 .,\u00a0\u202f]*(?:€|%|euros?)?"
    r"|2[AB][0-9]{0,3}"
)
_ENOUGH_ROWS = 3
_DEEPEST = 4


@dataclass(slots=True)
class RowStyle:
    """How a row was marked: in a <thead>, how many printed cells, of which <th> and wholly bold."""

    in_head: bool = False
    printed: int = 0
    th: int = 0
    bold: int = 0
    place: int = 1
    """0 in the first <thead>, 2 in the first <tfoot>: where the row stands in print, whatever its rank in the file."""


def one_line(text: str) -> str:
    """The same text with its line breaks read as wraps, as labels are."""
    return text.replace("\n", " ")


def mark_headers(grid: Grid, styles: Sequence[RowStyle], log: RepairLog) -> Grid:
    """The grid with `header` set on whole header rows and nowhere else, their labels on one line.

    Header are the rows of a <thead>, the leading rows of <th>, and their repetitions further down. A <th> beside
    data or alone in a later row is a label of data. Otherwise the leading rows are told by weight or by kinds, and a
    repair `entete_deduit` says so. A title that stands as a row over the header goes with it, and is the grid's
    title where no caption is.
    """
    rows = _rows(grid)
    first = _title_rows(grid, rows)
    end = _tagged_end(grid, rows, styles, first)
    if end == first and (depth := _deduced(grid, rows, styles, first)):
        end = first + depth
        log.add("entete_deduit", grid.source, "", f"{depth} ligne" + ("s" if depth > 1 else ""))
    marked = {r for r, style in enumerate(styles) if style.in_head}
    caption = grid.caption
    if end > first:
        printed = [_labels(row) for row in rows[first:end]]
        marked |= set(range(end)) | {r for r in range(end, grid.n_rows) if _labels(rows[r]) in printed}
        caption = caption or " ".join(cell.text for row in rows[:first] for cell in row)
    if not marked and not any(cell.header for cell in grid.cells):
        return grid
    return replace(
        grid,
        title=grid.title or caption,
        caption=caption,
        cells=tuple(_marked(cell, cell.row in marked) for cell in grid.cells),
    )


def _tagged_end(grid: Grid, rows: Sequence[Sequence[Cell]], styles: Sequence[RowStyle], first: int) -> int:
    """The row after the leading ones that tags make header; `first` when there is none.

    A table of nothing but <th> says nothing by it, and a label as wide as the table opens its data.
    """
    end = first
    while end < grid.n_rows and (
        styles[end].in_head or (styles[end].printed and styles[end].th == styles[end].printed)
    ):
        if end > first and not styles[end].in_head and _as_wide(grid, rows[end]):
            break
        end += 1
    return end if end < grid.n_rows or any(style.in_head for style in styles) else first


def _marked(cell: Cell, header: bool) -> Cell:
    if cell.header == header and not (header and "\n" in cell.text):
        return cell
    return replace(cell, header=header, text=one_line(cell.text) if header else cell.text)


def _rows(grid: Grid) -> list[list[Cell]]:
    """The cells that begin in each row."""
    rows: list[list[Cell]] = [[] for _ in range(grid.n_rows)]
    for cell in grid.cells:
        rows[cell.row].append(cell)
    return rows


def _labels(row: Sequence[Cell]) -> list[tuple[int, str]]:
    return [(cell.col, one_line(cell.text)) for cell in row]


def _title_rows(grid: Grid, rows: Sequence[Sequence[Cell]]) -> int:
    """Leading rows that are one printed cell as wide as the table."""
    return next((r for r, row in enumerate(rows) if not _as_wide(grid, row)), 0)


def _as_wide(grid: Grid, row: Sequence[Cell]) -> bool:
    return grid.n_cols > 1 and len(row) == 1 and row[0].col_span == grid.n_cols and bool(row[0].text)


def _deduced(grid: Grid, rows: Sequence[Sequence[Cell]], styles: Sequence[RowStyle], first: int) -> int:
    """How many rows from `first` are certainly a header though their tags do not say it; 0 when it is not certain."""
    depth = max((cell.row_span for cell in rows[first]), default=0) if first < grid.n_rows else 0
    if not depth or depth > min(_DEEPEST, grid.n_rows - first - 1):
        return 0
    top = [cell for row in rows[first : first + depth] for cell in row]
    labels = [cell.text for cell in top if cell.text]
    if len(labels) < 2 or any(FIGURE.fullmatch(text) for text in labels):
        return 0
    if _bold_only_there(styles[first:], depth):
        return depth
    if depth == 1 and any(cell.col_span > 1 for cell in top):
        return 0  # a spanning label: a second header row may follow, and nothing says so
    below = [row for row in rows[first + depth :] if depth > 1 or _labels(row) != _labels(rows[first])]
    return depth if _figures_below(top, below, grid.n_cols) else 0


def _bold_only_there(styles: Sequence[RowStyle], depth: int) -> bool:
    bold = [style.printed > 0 and style.bold == style.printed for style in styles[: depth + 1]]
    return all(bold[:depth]) and not bold[depth] and styles[depth].bold * 2 < max(styles[depth].printed, 1)


def _figures_below(top: Sequence[Cell], below: Sequence[Sequence[Cell]], n_cols: int) -> bool:
    """Some column is labelled in words and holds figures, all columns are labelled, no label comes back below."""
    labels = [cell.text for cell in top if cell.text]
    labelled = {c for cell in top if cell.text for c in range(cell.col, cell.col + cell.col_span)}
    if len(below) < _ENOUGH_ROWS or len(set(labels)) != len(labels) or len(labelled) < n_cols:
        return False
    known = set(labels)
    columns: dict[int, list[str]] = {}
    for row in below:
        for cell in row:
            if cell.text in known:
                return False
            if cell.text:
                columns.setdefault(cell.col, []).append(cell.text)
    return any(
        len(texts) >= _ENOUGH_ROWS and sum(map(bool, map(FIGURE.fullmatch, texts))) * 10 >= len(texts) * 9
        for texts in columns.values()
    )
