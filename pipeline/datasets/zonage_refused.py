"""Lists refused whole: no sure zone, no sure département, or names of elsewhere; and what they leave in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from pipeline.contract.rows import Refused
from pipeline.datasets.zonage_decided import Decided, Name
from pipeline.datasets.zonage_headings import Problem
from pipeline.datasets.zonage_lists import ZoneList
from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.resolver import ListResolution, resolve_list

_ENOUGH = 4
"""Names from which a list can be said not to be of the département above it."""


def foreign(resolved: ListResolution, gazetteer: Gazetteer) -> Problem | None:
    """The problem of a list of which too few names are communes of its département to believe its heading: under half
    of them, or, in a short list, none, when all are communes of elsewhere."""
    placed = sum(1 for resolution in resolved if resolution.code)
    if len(resolved) < _ENOUGH:
        astray = bool(resolved) and not placed and all(gazetteer.lookup(r.label).matches for r in resolved)
    else:
        astray = 2 * placed < len(resolved)
    if not astray:
        return None
    reason = f"{placed} noms sur {len(resolved)} seulement sont des communes de ce département"
    return Problem("liste_incoherente", reason)


def refuse_list(
    item: ZoneList, problem: Problem, names: Sequence[Name], known: Collection[str], gazetteer: Gazetteer, to: Decided
) -> None:
    """Nothing of the list is published, and every commune it could name is in doubt.

    `known` are the départements that have a heading. A sentence that takes all the communes of no one knows which
    département could be about any other.
    """
    cells = (*((item.whole,) if item.whole else ()), *(name.cell for name in names))
    if cells:
        to.refused.append(Refused(cells, problem.rule, f"{item.place} : {problem.reason}", "zone"))
    labels = [name.label for name in names]
    believed = item.departement is not None
    if item.departement:
        code = item.departement.code
        if item.whole or item.is_empty:
            to.doubt((c.code for c in gazetteer.communes(code)), "zone_inconnue")
        resolved = resolve_list(labels, code, gazetteer)
        to.doubt(_candidates(resolved), "zone_inconnue")
        believed = foreign(resolved, gazetteer) is None
    elif item.whole:
        to.doubt((c.code for c in gazetteer.communes() if c.code_departement not in known), "zone_inconnue")
    if not believed:
        to.doubt(_named_anywhere(labels, gazetteer), "zone_inconnue")


def _candidates(resolved: ListResolution) -> Iterable[str]:
    return (candidate.code for resolution in resolved for candidate in resolution.candidates)


def _named_anywhere(labels: Sequence[str], gazetteer: Gazetteer) -> Iterable[str]:
    """The communes so called in the whole country, and what resembles the names where most of them are."""
    matches = [gazetteer.lookup(label).matches for label in labels]
    yield from (match.commune.code for found in matches for match in found)
    held = Counter(code for found in matches for code in {match.commune.code_departement for match in found})
    for departement, count in held.items():
        if 2 * count >= len(labels):
            yield from _candidates(resolve_list(labels, departement, gazetteer))
