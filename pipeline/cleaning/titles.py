"""What the title of a French legal text says of it: its kind and the day it was signed ("Arrêté du 15 juin 2020 …")."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from pipeline.cleaning.labels import fold
from pipeline.cleaning.values import UnreadableError, day

KINDS = ("arrete", "decret", "decision", "loi", "ordonnance", "circulaire", "instruction", "avis", "deliberation")
_KIND = re.compile(rf"\W*(?P<kind>{'|'.join(KINDS)})\b")
_DAY = re.compile(r"\b(?:du|le) (?P<day>(?:1er|[0-9]{1,2}) [a-z]+ [0-9]{4}|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4})\b")


@lru_cache(maxsize=4096)
def kind_and_day(title: str) -> tuple[str, date | None]:
    """The kind, folded ('arrete'), '' where the title does not begin with one, and the first day it names after it;
    None for no day, and for a title of no kind: its dates are those of something else."""
    folded = fold(title)
    kind = _KIND.match(folded)
    if kind is None:
        return "", None
    for found in _DAY.finditer(folded, kind.end()):
        try:
            return kind["kind"], day(found["day"])
        except UnreadableError:
            continue
    return kind["kind"], None
