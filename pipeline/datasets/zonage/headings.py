"""Headings of the lists of a zoning annex: which département "22-Côtes-d'Armor" names, damaged or not.

What a heading opens is in `lists`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.extract.model import Heading, Paragraph
from pipeline.gazetteer import Departement, Gazetteer, normalise
from pipeline.gazetteer.resolver.similarity import edit_cost

_CODED = re.compile(r"\s*([0-9A-Za-z]{2,3})\s*[-–—]\s*(\S[^,]*)")
_DAMAGE = 0.2
"""Weighted edits for each letter that a département's name may be away from that of its code ("Seine-et-Mame")."""


@dataclass(frozen=True)
class Problem:
    """Why a list cannot be published as it stands: the rule and a French reason."""

    rule: str
    reason: str


@dataclass(frozen=True)
class DepartementHeading:
    """A département heading as read: `departement` None with a problem, `is_mended` when one half was damaged."""

    departement: Departement | None
    problem: Problem | None = None
    is_coded: bool = True
    is_mended: bool = False


def read_departement(block: Heading | Paragraph, gazetteer: Gazetteer) -> DepartementHeading | None:
    """The département that a block is the heading of; None when it is no such heading.

    A heading has a code and a name, or a name alone. A paragraph is one only with a known code and its very name.
    One damaged half is forgiven, a contradiction is not.
    """
    coded = _CODED.fullmatch(block.text)
    if coded is None:
        named = gazetteer.find_departement(block.text) if isinstance(block, Heading) else None
        return DepartementHeading(named, is_coded=False) if named else None
    by_code, by_name = gazetteer.departement(coded[1].upper()), gazetteer.find_departement(coded[2])
    if by_code and by_code == by_name:
        return DepartementHeading(by_code)
    return _damaged(block.text, coded[2], by_code, by_name) if isinstance(block, Heading) else None


def _damaged(text: str, name: str, by_code: Departement | None, by_name: Departement | None) -> DepartementHeading:
    if by_code and by_name:
        reason = f"« {text} » : le code est celui de {by_code.nom}, le nom celui de {by_name.nom}"
        return DepartementHeading(None, Problem("departement_contradictoire", reason))
    if by_code and not _resembles(name, by_code.nom):
        reason = f"« {text} » : le code est celui de {by_code.nom}"
        return DepartementHeading(None, Problem("departement_contradictoire", reason))
    if by_code or by_name:
        return DepartementHeading(by_code or by_name, is_mended=True)
    return DepartementHeading(None, Problem("departement_inconnu", f"« {text} » n'est pas un département"))


def _resembles(printed: str, name: str) -> bool:
    official = normalise(name)
    return edit_cost(normalise(printed), official) <= _DAMAGE * len(official)
