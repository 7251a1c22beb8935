"""A Reading as bytes between processes, and back.

Plain pickling sets each field of each cell from Python; a long table's cells travel as columns instead, in a fifth of
the time.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import repeat
from operator import attrgetter
from typing import Any, TypeVar

from pipeline.extract.model import Block, Cell, Grid, Reading, Source

T = TypeVar("T")


@dataclass(frozen=True)
class _PackedGrid:
    """`grid` without its cells; those as a column for each field of a cell, then for each field of its source."""

    grid: Grid
    cells: list[list[Any]]
    sources: list[list[Any]]


def pack(reading: Reading) -> bytes:
    blocks = tuple(_packed(block) for block in reading.blocks)
    return pickle.dumps((replace(reading, blocks=()), blocks), pickle.HIGHEST_PROTOCOL)


def unpack(packed: bytes) -> Reading:
    """The reading that was packed, equal to it. The bytes are trusted: they come from a child of this process."""
    reading: Reading
    reading, blocks = pickle.loads(packed)  # noqa: S301 - from our own child
    return replace(reading, blocks=tuple(_whole(block) for block in blocks))


def _packed(block: Block) -> Block | _PackedGrid:
    if not isinstance(block, Grid):
        return block
    sources = [cell.source for cell in block.cells]
    return _PackedGrid(replace(block, cells=()), _columns(Cell, block.cells), _columns(Source, sources))


def _whole(block: Block | _PackedGrid) -> Block:
    if not isinstance(block, _PackedGrid):
        return block
    columns = dict(zip(_names(Cell), block.cells, strict=True))
    n = len(columns["row"])
    columns["source"] = _made(Source, n, block.sources)
    return replace(block.grid, cells=tuple(_made(Cell, n, columns.values())))


def _names(cls: type[Any]) -> list[str]:
    return [field.name for field in fields(cls)]


def _columns(cls: type[Any], values: Sequence[object]) -> list[list[Any]]:
    """A column for each field; an empty one for the source of a cell, which has columns of its own."""
    return [[] if name == "source" else list(map(attrgetter(name), values)) for name in _names(cls)]


def _made(cls: type[T], n: int, columns: Iterable[Iterable[Any]]) -> list[T]:
    """`n` values of a frozen, slotted dataclass, from a column for each field: each set in one loop of C."""
    values: list[T] = list(map(object.__new__, repeat(cls, n)))
    for name, column in zip(_names(cls), columns, strict=True):
        deque(map(getattr(cls, name).__set__, values, column), maxlen=0)
    return values
