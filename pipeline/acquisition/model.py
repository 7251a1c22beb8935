"""What came of the files at the door, as plain values. Standard library only: what decides that nothing changed reads
the report, which holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["create", "add", "nothing", "refuse"]


@dataclass(frozen=True)
class Done:
    """What was, or in a rehearsal would be, done with one file. `line` is the whole of it as it is shown (French)."""

    action: Action
    document: str
    name: str
    reason: str
    line: str


@dataclass(frozen=True)
class Excluded:
    """A text left out because it is about persons. Its title, which may name them, is not kept."""

    document: str
    nature: str
    reason: str
