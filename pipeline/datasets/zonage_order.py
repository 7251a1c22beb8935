"""Départements out of order in a zoning annex: a heading printed too often, or the heading of a zone that is lost.

Zones come in one order, and each lists its départements by code. A step back is never silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from pipeline.contract.rows import Observation
from pipeline.datasets.zonage_headings import Problem
from pipeline.datasets.zonage_lists import Annex, ZoneList

ZONES = ("Abis", "A", "B1", "B2", "C")
_ANYWHERE = ("2A", "2B")
"""Corsica stands between 19 and 21 or after 29, as printers will."""


def placed(annex: Annex) -> tuple[tuple[ZoneList, ...], tuple[Observation, ...]]:
    """The lists, with a problem on those whose zone is not sure, and a finding for each step back.

    No zone is sure under a zone heading that comes after that of a later zone, nor under that of the rest when no
    sentence says what the rest is. Départements that start again from a lower code are of another zone, up to the
    next zone heading; from the beginning of the zone, when its heading is printed twice. One list alone out of place
    keeps its zone, unless the heading that comes next skips a zone: then one is lost, and it may be lost there.
    """
    segments = [(zone, list(group)) for zone, group in groupby(annex.lists, key=lambda item: item.zone)]
    following = [*(zone for zone, _ in segments[1:]), annex.rest_zone] if segments else []
    found: list[ZoneList] = []
    observations: list[Observation] = []
    latest = -1
    for (zone, segment), after in zip(segments, following, strict=True):
        rank = ZONES.index(zone) if zone in ZONES else latest
        out_of_order = rank < latest or (zone == ZONES[-1] and annex.rest_zone is None)
        latest = max(latest, -1 if out_of_order else rank)
        back = list(_steps_back(segment))
        restarts = (i for i in back if i + 1 in back or not _is_next(zone, after))
        sure = next(restarts, len(segment))
        if out_of_order or (sure < len(segment) and annex.zones.count(zone) > 1):
            sure = 0
        problem = _misplaced if out_of_order else _lost
        found += segment[:sure]
        found += [replace(item, problem=item.problem or problem(item)) for item in segment[sure:]]
        observations += [_out_of_place(segment[i]) for i in back if i < sure]
        observations += [_unsure(problem(item), item) for item in segment[sure : sure + 1]]
    return tuple(found), tuple(observations)


def _steps_back(segment: Sequence[ZoneList]) -> Iterator[int]:
    """Positions of the lists whose département does not come after all those before it in its zone."""
    highest, seen = "", set[str]()
    for i, item in enumerate(segment):
        code = item.departement.code if item.departement and not item.problem else ""
        if code in seen or (code and code < highest and code not in _ANYWHERE):
            yield i
        elif code:
            seen.add(code)
            highest = highest if code in _ANYWHERE else code


def _is_next(zone: str | None, after: str | None) -> bool:
    """Whether no zone stands between these two; the zone of a heading that is no zone is not known."""
    return zone in ZONES and after in ZONES and ZONES.index(after) == ZONES.index(zone) + 1


def _lost(item: ZoneList) -> Problem:
    reason = f"les départements recommencent dans la zone {item.zone} : un titre de zone manque ou n'est pas à sa place"
    return Problem("zone_perdue", reason)


def _misplaced(item: ZoneList) -> Problem:
    reason = f"le titre de la zone {item.zone} n'est pas à sa place dans l'ordre des zones"
    return Problem("zone_hors_ordre", reason)


def _unsure(problem: Problem, item: ZoneList) -> Observation:
    message = f"{item.place} : {problem.reason} ; les communes nommées d'ici au titre suivant restent sans zone"
    return Observation("titre_de_zone_manquant", "warning", message, item.place, item.source, item.label)


def _out_of_place(item: ZoneList) -> Observation:
    message = f"{item.place} : département répété, ou hors de l'ordre des codes"
    return Observation("departement_hors_ordre", "warning", message, item.place, item.source, item.label)
