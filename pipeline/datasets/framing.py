"""Rows out of cells that come one a line: framed on the lines that are certain, so that one line too few or too many
costs what lies between two frames and shifts nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.extract.model import Cell

Kind = Callable[[str], bool]


@dataclass(frozen=True)
class Frame:
    """Cells between two certain ends. `whole` frames hold exactly one row, its certain kinds at their places."""

    cells: tuple[Cell, ...]
    whole: bool


def frames(cells: Sequence[Cell], width: int, anchors: dict[int, Kind]) -> Iterator[Frame]:
    """Cut `cells` after each one of the kind of the row's last column.

    `anchors` gives, by column from 0, what is certain there; the last column (width - 1) is among them. Between two
    ends: `width` cells make a row; a multiple of it makes several when every anchor but the last of the earlier ones
    stands at its place; anything else is one frame that is not whole.
    """
    last = anchors[width - 1]
    inner = {column: kind for column, kind in anchors.items() if column != width - 1}
    run: list[Cell] = []
    for cell in cells:
        run.append(cell)
        if last(cell.text):
            yield from _split(run, width, inner)
            run = []
    if run:
        yield from _split(run, width, inner)


def _split(run: Sequence[Cell], width: int, inner: dict[int, Kind]) -> Iterator[Frame]:
    rows = [tuple(run[i : i + width]) for i in range(0, len(run), width)]
    if len(rows) == 1 and len(run) == width:
        yield Frame(rows[0], whole=True)
    elif len(run) % width == 0 and all(kind(row[c].text) for row in rows for c, kind in inner.items()):
        yield from (Frame(row, whole=True) for row in rows)
    else:
        yield Frame(tuple(run), whole=False)
