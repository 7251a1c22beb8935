"""Passages of a copy that this project wrote: the same reading, in which each of their pieces says so and stands at the
lines of the original that say the same.

A table whose last column is headed "Ligne" tells the lines row by row (`52` or `183-185`) and loses that column; any
other block stands on the very lines that it speaks for. Which passages are ours is declared in document.toml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.cleaning.labels import fold
from pipeline.documents.model import Passage
from pipeline.extract.model import Block, Cell, ExtractError, Grid, Reading, Source

_LINES = re.compile(r"([0-9]+)(?:\s*[-–]\s*([0-9]+))?")


def with_typeset(reading: Reading, passages: Sequence[Passage]) -> Reading:
    """The reading with the blocks of these passages marked as ours, those that are already left as they are.

    Raises ExtractError for a row of a table with a column "Ligne" which says no line.
    """
    return replace(reading, blocks=tuple(_block(block, passages) for block in reading.blocks)) if passages else reading


def _block(block: Block, passages: Sequence[Passage]) -> Block:
    if _is_marked(block) or not _is_ours(_first_line(block), passages):
        return block
    if not isinstance(block, Grid):
        return replace(block, source=replace(block.source, typeset=block.source.line))
    if block.n_cols < 2 or fold(_text(block, 0)) != "ligne":
        cells = tuple(replace(c, source=replace(c.source, typeset=c.source.line)) for c in block.cells)
        return replace(block, cells=cells)
    places = {row: _place(block, row) for row in range(1, block.n_rows)}
    kept = [cell for cell in block.cells if cell.col < block.n_cols - 1]
    return replace(block, n_cols=block.n_cols - 1, cells=tuple(_placed(cell, places) for cell in kept))


def _is_marked(block: Block) -> bool:
    places = [cell.source for cell in block.cells] if isinstance(block, Grid) else [block.source]
    return any(place.typeset is not None for place in places)


def _first_line(block: Block) -> int | None:
    if block.source.line is not None or not isinstance(block, Grid):
        return block.source.line
    return next((cell.source.line for cell in block.cells), None)


def _is_ours(line: int | None, passages: Sequence[Passage]) -> bool:
    return line is not None and any(p.covers(line) for p in passages)


def _text(grid: Grid, row: int) -> str:
    cell = grid.at(row, grid.n_cols - 1)
    return cell.text if cell else ""


def _place(grid: Grid, row: int) -> tuple[int, int | None]:
    told = _LINES.fullmatch(_text(grid, row).strip())
    if told is None:
        cell = grid.at(row, 0)
        reason = f"Passage composé : « {_text(grid, row)} » ne dit pas la ligne de l'original."
        raise ExtractError(reason, "la donner dans la colonne « Ligne »", cell.source if cell else Source())
    first, last = int(told[1]), int(told[2] or told[1])
    return first, last if last != first else None


def _placed(cell: Cell, places: dict[int, tuple[int, int | None]]) -> Cell:
    """The header keeps its own line: no line of the original says it."""
    own = cell.source.line
    first, last = places.get(cell.row, (own, None))
    return replace(cell, source=replace(cell.source, line=first, last_line=last, typeset=own))
