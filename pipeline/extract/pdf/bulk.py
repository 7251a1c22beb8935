"""Many values of one frozen, slotted dataclass at once, from a column for each field. Knows nothing of PDF."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import fields
from itertools import repeat
from typing import TypeVar

T = TypeVar("T")


def made(cls: type[T], n: int, *columns: Iterable[object]) -> list[T]:
    """`n` values of `cls`, equal to what its constructor makes of the columns' values; a column for each field.

    A frozen dataclass's constructor sets one slot of one value at a time, from Python; a column set in one C loop takes
    40 % of that, and the cells of a long file are most of what the parent does. Raises ValueError when there are more
    or fewer columns than fields.
    """
    values = list(map(object.__new__, repeat(cls, n)))
    for field, column in zip(fields(cls), columns, strict=True):  # type: ignore[arg-type]  # any dataclass
        deque(map(getattr(cls, field.name).__set__, values, column), maxlen=0)
    return values
