"""When a sensor may ask for work again: pure rules over what it asked before.

Dagster remembers a run key for ever, so a key names the state of the work and the attempt: a document changed from A
to B and back to A is asked for again, and so is one whose run failed, later each time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

FIRST_WAIT_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 3600.0
JITTER = 0.2
"""Waits are longer by up to this share, so that several projects do not ask in step."""


@dataclass(frozen=True)
class Asked:
    """The last request for one subject: the state it was for (`mark`), how often it was asked in all (`attempt`) and
    for this state (`tries`), and from when (seconds since the epoch) it may be asked again for it."""

    mark: str
    attempt: int = 1
    tries: int = 1
    again_from: float = 0.0

    @property
    def key(self) -> str:
        return f"{self.mark[:24]}-{self.attempt}"


def ask(before: Asked | None, mark: str, now: float, jitter: float | None = None) -> Asked | None:
    """The request to make for this state now, or None while it is too soon to ask again.

    The caller says nothing while a run of the subject is unfinished. A new state is asked for at once; the same one
    again after 1, 2, 4 … minutes, an hour at most.
    """
    if before is None or before.mark != mark:
        fresh = Asked(mark, before.attempt + 1 if before else 1)
        return replace(fresh, again_from=now + _wait(1, jitter))
    if now < before.again_from:
        return None
    tries = before.tries + 1
    return Asked(mark, before.attempt + 1, tries, now + _wait(tries, jitter))


def _wait(tries: int, jitter: float | None) -> float:
    share = random.random() if jitter is None else jitter  # noqa: S311 - spreads requests, keeps no secret
    return min(FIRST_WAIT_SECONDS * 2.0 ** (tries - 1), LONGEST_WAIT_SECONDS) * (1 + JITTER * share)


def loads(cursor: str | None) -> dict[str, Asked]:
    """What a sensor's cursor holds; nothing for a first tick or a cursor that does not read."""
    try:
        held = json.loads(cursor or "{}")
        return {subject: Asked(**fields) for subject, fields in held.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def dumps(asked: Mapping[str, Asked]) -> str:
    """The same as a cursor."""
    return json.dumps({subject: asdict(each) for subject, each in asked.items()}, sort_keys=True)
