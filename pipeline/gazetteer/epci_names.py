"""Which EPCI a printed name is: as its SIREN says, or another one, by the words that tell EPCI apart.

Names of EPCI change with every list and are printed in many ways: resemblance here can contradict, never identify.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import fuzz

from pipeline.gazetteer.groupings import Epci, epci
from pipeline.gazetteer.names import fold
from pipeline.gazetteer.snapshot import epci_years

# Words that say what kind of EPCI it is, or join the others.
_KIND = frozenset(
    (
        *("ca", "cc", "cu", "communaute", "communautes", "commune", "communes", "agglomeration", "agglo", "agglopole"),
        *("urbaine", "metropole", "eurometropole", "grand", "grande", "pays", "ville", "de", "du", "des", "d", "la"),
        *("le", "les", "l", "et", "en", "sur", "a", "au", "aux", "c"),
    )
)
UNLIKE = 0.55
"""Below this a printed name is not one of the EPCI whose SIREN stands beside it."""
ALIKE = 0.85
"""From this on it is the name of that other EPCI."""


class Contradiction(NamedTuple):
    """The printed name is not that of `by_siren` (similarity `own`) but that of `by_name` (`other`)."""

    by_siren: Epci
    own: float
    by_name: Epci
    other: float


def contradiction(printed: str, siren: str, year: int, reference: Path) -> Contradiction | None:
    """Whether a printed name clearly is the name of another EPCI of the year than its SIREN says.

    Names of all the years held count for the SIREN: they flip back and forth. None where the year or the SIREN is not
    held, or where the names do not tell. Raises ReferenceMissing for a year that is not held.
    """
    official = epci(reference, year)
    mine = official.by_siren.get(siren)
    words = _words(printed)
    if mine is None or not words:
        return None
    own = max(_similarity(words, name) for name in _names(reference)[siren])
    if own >= UNLIKE:
        return None
    # A part of a longer name is not enough to be another EPCI.
    best, other = max((fuzz.token_sort_ratio(words, _words(item.nom)) / 100, item.siren) for item in official.epci)
    return Contradiction(mine, own, official.by_siren[other], best) if best >= ALIKE and other != siren else None


@lru_cache(maxsize=4)
def _names(reference: Path) -> dict[str, set[str]]:
    """SIREN → the words of its names, in all the years held."""
    found: dict[str, set[str]] = {}
    for year in epci_years(reference):
        for item in epci(reference, year).epci:
            found.setdefault(item.siren, set()).add(_words(item.nom))
    return found


@lru_cache(maxsize=1 << 14)
def _words(name: str) -> str:
    """The telling words of a name, in order; all its words where none tells."""
    words = fold(name).split()
    return " ".join([w for w in words if w not in _KIND] or words)


def _similarity(printed: str, official: str) -> float:
    """From 0 to 1, whatever the order of the words; a name left short of some words is still alike."""
    return max(fuzz.token_sort_ratio(printed, official), fuzz.token_set_ratio(printed, official)) / 100
