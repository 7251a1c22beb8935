"""The worst damage: one real name turned into another real name of the same département, one letter away.

The lists are those of a real annex, the golden file of the zoning of 2009: generated lists have no geography, and the
fit of a name to its list is what can tell. Every such pair of names is tried, none is drawn.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from pipeline.gazetteer import Commune, Gazetteer, normalise
from pipeline.gazetteer.resolver import ListResolution, resolve_list
from pipeline.gazetteer.resolver.similarity import SUBSTITUTION, edit_cost

GOLDEN = Path(__file__).parents[2] / "tests" / "golden" / "zonage_abc.csv"


class Exchange(NamedTuple):
    """In a list (of `codes`, in order), the name at `position` is printed as that of `other`, which no list names.

    `inside`: `other` fits between the neighbours, so that the order of the list says nothing.
    """

    departement: str
    codes: Sequence[str]
    position: int
    other: Commune
    taken: frozenset[str]
    inside: bool


def real_lists(golden: Path = GOLDEN) -> Mapping[tuple[str, str], list[str]]:
    """(zone, département) → the communes that the annex names there, by code."""
    lists: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    with golden.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["portee"] == "commune":
                lists[row["zone"], row["code_departement"]].append(row["code_commune"])
    return {key: sorted(codes) for key, codes in lists.items()}


def exchanges(lists: Mapping[tuple[str, str], Sequence[str]], gazetteer: Gazetteer) -> Iterator[Exchange]:
    """Every exchange of a name of a list with one that no list of the département prints."""
    for (zone, departement), codes in lists.items():
        elsewhere = frozenset(
            code for (z, d), found in lists.items() if d == departement and z != zone for code in found
        )
        names = {c.code: normalise(c.nom) for c in gazetteer.communes(departement)}
        free = [c for c in gazetteer.communes(departement) if c.code not in {*codes, *elsewhere}]
        for i, code in enumerate(codes):
            after = codes[i - 1] if i else ""
            before = codes[i + 1] if i + 1 < len(codes) else "~"
            for other in free:
                pair = (names[other.code], names[code])
                if Levenshtein.distance(*pair, score_cutoff=2) <= 2 and edit_cost(*pair) <= SUBSTITUTION:
                    yield Exchange(departement, codes, i, other, elsewhere, after < other.code < before)


def outcome(exchange: Exchange, gazetteer: Gazetteer) -> str:
    """What the resolver makes of it: "restored", "undecided", "doubted", "out of order" (a finding), or "believed"."""
    found = _resolved(exchange.codes, exchange.departement, gazetteer, exchange.taken, exchange)
    resolution = found[exchange.position]
    if resolution.code == exchange.codes[exchange.position]:
        return "restored"
    if resolution.code is None:
        return "undecided"
    if resolution.rival:
        return "doubted"
    return "out of order" if exchange.position in {b.position for b in found.breaks} else "believed"


def tally_exchanges(gazetteer: Gazetteer) -> tuple[Counter[tuple[bool, str]], int, int]:
    """Counts by (inside the window, outcome); then good names, and those of them that are accused."""
    lists = real_lists()
    counts = Counter((e.inside, outcome(e, gazetteer)) for e in exchanges(lists, gazetteer))
    good = accused = 0
    for (_zone, departement), codes in lists.items():
        found = _resolved(codes, departement, gazetteer)
        good += len(codes)
        accused += sum(1 for r, code in zip(found, codes, strict=True) if r.rival or r.code != code)
    return counts, good, accused


def _resolved(
    codes: Sequence[str],
    departement: str,
    gazetteer: Gazetteer,
    taken: frozenset[str] = frozenset(),
    exchange: Exchange | None = None,
) -> ListResolution:
    """A list of official names in code order, as the bulletin prints them all, one of them exchanged."""
    labels = [commune.nom for code in codes if (commune := gazetteer.commune(code))]
    if exchange:
        labels[exchange.position] = exchange.other.nom
    return resolve_list(labels, departement, gazetteer, "code", taken)
