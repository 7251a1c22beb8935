"""Whether two descriptions are of one act: by what identifies it, else by its kind and its day of signature."""

from __future__ import annotations

import re
from collections.abc import Set
from datetime import date

from pipeline.cleaning.titles import kind_and_day
from pipeline.documents.model import KnownAct

_SORTS = (re.compile(r"JORFTEXT[0-9]{12}"), re.compile(r"[A-Z]{3,4}[0-9]{6,8}[A-Z]"))
"""The identifiers that tell acts apart: that of the Journal officiel, the NOR."""


def is_known_act(names: Set[str], title: str, signed: date | None, known: KnownAct) -> bool:
    """Whether an act of these names (ids, NOR), of this title, is the one that actes.toml lists.

    A name of both decides. Else the kind and day do, as declared or as the titles print them, where no identifier of
    the one contradicts one of the other.
    """
    others = {known.id, known.nor or known.id}
    if names & others:
        return True
    kinds = {kind_and_day(title)[0], kind_and_day(known.title)[0]} - {""}
    days = days_of(title, signed) & days_of(known.title, known.signed)
    return bool(days) and len(kinds) <= 1 and not _contradict(names, others)


def days_of(title: str, signed: date | None) -> Set[date]:
    """The days by which an act is known: that of its signature as declared, and the one that its title prints."""
    return {day for day in (signed, kind_and_day(title)[1]) if day}


def _contradict(names: Set[str], others: Set[str]) -> bool:
    """Both sides have an identifier of one sort, and not the same."""
    pairs = [({n for n in names if s.fullmatch(n)}, {n for n in others if s.fullmatch(n)}) for s in _SORTS]
    return any(mine and theirs and not mine & theirs for mine, theirs in pairs)
