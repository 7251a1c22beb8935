"""Which leading rows of a grid are its header: by tags, by weight, or by the kinds of what stands below.

A row is marked only when it is certain: data marked as header would be lost, a header left as data is refused later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.extract.markup.limits import RepairLog
from pipeline.extract.markup.table import RowStyle
from pipeline.extract.markup.text import one_line
from pipeline.extract.model import Cell, Grid

# Amounts, counts, codes and dates: what columns of figures hold and labels do not.
_FIGURE = re.compile(
    r"[0-9]{1,2}(?:er)?[/.-][0-9]{1,2}[/.-][0-9]{2,4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[+-]?[0-9][0-9 .,\u00a0\u202f]*(?:€|%|euros?)?"
    r"|2[AB][0-9]{0,3}"
)
_ENOUGH_ROWS = 3
_DEEPEST = 4


def mark_headers(grid: Grid, styles: Sequence[RowStyle], log: RepairLog) -> Grid:
    """The grid with `header` set on whole header rows and nowhere else, their labels on one line.

    A row of <th> or of a <thead> is one wherever it stands; a <th> beside data is a row label, hence data.
    Otherwise the leading rows are told by weight or by kinds, and a repair `entete_deduit` says so.
    """
    tagged = {r for r, style in enumerate(styles) if style.printed and (style.in_head or style.th == style.printed)}
    if len(tagged) == grid.n_rows and not any(style.in_head for style in styles):
        tagged = set()  # a table of nothing but <th>: the tag says nothing
    marked = tagged
    if 0 not in tagged and (depth := _deduced(grid, styles)):
        marked = tagged | set(range(depth))
        log.add("entete_deduit", grid.source, "", f"{depth} ligne" + ("s" if depth > 1 else ""))
    if not marked and not any(cell.header for cell in grid.cells):
        return grid
    return replace(grid, cells=tuple(_marked(cell, cell.row in marked) for cell in grid.cells))


def _marked(cell: Cell, header: bool) -> Cell:
    if cell.header == header and not (header and "\n" in cell.text):
        return cell
    return replace(cell, header=header, text=one_line(cell.text) if header else cell.text)


def _deduced(grid: Grid, styles: Sequence[RowStyle]) -> int:
    """Leading rows that are certainly a header though their tags do not say it; 0 when it is not certain."""
    first = [cell for cell in grid.cells if cell.row == 0]
    depth = max((cell.row_span for cell in first), default=0)
    if not depth or depth > min(_DEEPEST, grid.n_rows - 1):
        return 0
    top = [cell for cell in grid.cells if cell.row < depth]
    labels = [cell.text for cell in top if cell.text]
    if len(labels) < 2 or any(_FIGURE.fullmatch(text) for text in labels):
        return 0
    if _bold_only_there(styles, depth):
        return depth
    if depth == 1 and any(cell.col_span > 1 for cell in top):
        return 0  # a spanning label: a second header row may follow, and nothing says so
    return depth if _figures_below(grid, depth, labels) else 0


def _bold_only_there(styles: Sequence[RowStyle], depth: int) -> bool:
    bold = [style.printed > 0 and style.bold == style.printed for style in styles]
    return all(bold[:depth]) and not bold[depth] and styles[depth].bold * 2 < max(styles[depth].printed, 1)


def _figures_below(grid: Grid, depth: int, labels: Sequence[str]) -> bool:
    """Some column is labelled in words and holds figures, all columns are labelled, no label comes back below."""
    if grid.n_rows - depth < _ENOUGH_ROWS or len(set(labels)) != len(labels):
        return False
    below: dict[int, list[str]] = {}
    covered: set[int] = set()
    known = set(labels)
    for cell in grid.cells:
        if cell.row < depth:
            covered.update(range(cell.col, cell.col + cell.col_span) if cell.text else ())
        elif cell.text:
            if cell.text in known:
                return False
            below.setdefault(cell.col, []).append(cell.text)
    if len(covered) < grid.n_cols:
        return False
    return any(
        len(texts) >= _ENOUGH_ROWS and sum(map(bool, map(_FIGURE.fullmatch, texts))) * 10 >= len(texts) * 9
        for texts in below.values()
    )
