"""What a store must hold: how many records were committed and one hash over all of them, kept in two places.

A record that vanished, was replaced or came from elsewhere is so told from one that never was. The hash does not depend
on order: a commit adds to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.files import write_durably, write_text

_MODULUS = 1 << 256
_PLACES = (Path(".head.json"), Path("_head") / "head.json")


@dataclass(frozen=True)
class Head:
    """`records`: committed JSON files; `sum`: of their marks, as hexadecimal."""

    records: int
    sum: str

    def with_one_more(self, mark: int) -> Head:
        return Head(self.records + 1, f"{(int(self.sum, 16) + mark) % _MODULUS:064x}")


def mark_of(name: str, content: bytes) -> int:
    """What one file adds to the sum: its place in the folder and its bytes."""
    return int.from_bytes(hashlib.sha256(name.encode() + b"\x00" + content).digest(), "big")


def head_of(marks: Iterable[int]) -> Head:
    found = list(marks)
    return Head(len(found), f"{sum(found) % _MODULUS:064x}")


def read_head(folder: Path) -> Head | None:
    """The newest that either place holds; None for a store that never kept one."""
    held: list[Head] = []
    for place in _PLACES:
        try:
            loaded = json.loads((folder / place).read_text(encoding="utf-8"))
            held.append(Head(int(loaded["records"]), f"{int(loaded['sum'], 16):064x}"))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return max(held, key=lambda head: head.records, default=None)


def write_head(folder: Path, head: Head) -> None:
    """In both places, one after the other. Raises OSError."""
    text = f'{{\n "records": {head.records},\n "sum": "{head.sum}"\n}}\n'
    for place in _PLACES:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        write_durably(folder / place, partial(write_text, text))


def explains(head: Head, marks: Mapping[str, int]) -> bool:
    """Whether the files there are those of the head, or those and one more: a commit cut before it could say so."""
    found = head_of(marks.values())
    if found == head:
        return True
    total = int(found.sum, 16)
    return found.records == head.records + 1 and any(
        (total - mark) % _MODULUS == int(head.sum, 16) for mark in marks.values()
    )
