"""Which zone a sentence, a caption or a heading gives to the communes printed below it, and what it does to its table.

"le tableau A bis est complété par…", "les communes suivantes passent de la zone B2 à la zone B1", "Zone A".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipeline.cleaning.labels import fold, squeeze
from pipeline.extract.model import Cell, Grid

Does = Literal["whole", "adds", "removes"]

# A zone is a capital: "le tableau à insérer" names none.
_LABEL = r"(?:A[ -]?(?:bis|BIS)|A|B ?1|B ?2|C)"
_WORD = r"(?i:zones?|tableaux?|listes?)"
_OF = r"(?i: (?:relati[fv]e?|correspondant|des communes|de la commune|classées?)(?: (?:à|a|de|en))?(?: la)? zone)?"
_ZONE = re.compile(
    rf"(?P<left>(?i:\b(?:de la|de|depuis la|du|avant) ))?\b{_WORD}{_OF}[ :]*[\"'(]? ?(?P<zone>{_LABEL})(?![\w'’])"
)
_MOVE = re.compile(rf"(?<!\w){_LABEL} ?(?i:à|a|vers|en)(?i: la| le)?(?i: zone| tableau)? ?(?P<to>{_LABEL})(?![\w'’])")
_BARE = re.compile(rf"(?P<zone>{_LABEL}|abis)[ .:]*")
_ADDS = re.compile(r"\b(?:complet|ajout|inser|reclass|declass|sont classee|est classee|passent?\b|deplac|transfer)")
_REMOVES = re.compile(r"\b(?:supprim|retir|radi|abrog)")
_NAMES: dict[str, str] = {"abis": "Abis", "a": "A", "b1": "B1", "b2": "B2", "c": "C"}


@dataclass(frozen=True)
class Target:
    """The zone, the words that give it, and whether the printed table is the whole one, or adds or removes communes."""

    zone: str
    said: Cell
    does: Does


@lru_cache(maxsize=1 << 10)
def zones_in(text: str) -> tuple[str, ...]:
    """The zones that a text sends communes to, in order; those that it takes them from, where it says nothing else."""
    plain = squeeze(text.replace("«", " ").replace("»", " "))
    if moves := [_name(match["to"]) for match in _MOVE.finditer(plain)]:
        return tuple(dict.fromkeys(moves))
    found = list(_ZONE.finditer(plain))
    kept = [match for match in found if not match["left"]] or found
    if not kept and (bare := _BARE.fullmatch(plain)):
        kept = [bare]
    return tuple(dict.fromkeys(_name(match["zone"]) for match in kept))


def _name(label: str) -> str:
    return _NAMES[re.sub(r"[ -]", "", label).lower()]


def does(text: str) -> Does:
    """What a sentence does to the table that it names."""
    folded = fold(text)
    if _REMOVES.search(folded):
        return "removes"
    return "adds" if _ADDS.search(folded) else "whole"


def target_of(grid: Grid) -> Target | None:
    """The zone of a table, from the nearest words that name one: its caption, its title, the sentences before it from
    the last to the first, its headings. None where none does, or where the nearest name several."""
    for text in _nearest(grid):
        zones = zones_in(text)
        if len(zones) == 1:
            return Target(zones[0], Cell(0, 0, text, grid.source), does(text))
        if zones:
            return None
    return None


def _nearest(grid: Grid) -> Iterable[str]:
    yield grid.caption
    yield grid.title
    yield from reversed(grid.intro.split("\n"))
    yield from reversed(grid.under)
    yield grid.annex
