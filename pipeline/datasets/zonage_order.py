"""Départements out of order in a zoning annex: a heading printed too often, or the heading of a zone that is lost.

Each zone lists its départements by code. Corsica apart, whose place varies, a step back is never silent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from pipeline.datasets.model import Observation
from pipeline.datasets.zonage_lists import Problem, ZoneList

_ANYWHERE = ("2A", "2B")


def placed(lists: Sequence[ZoneList]) -> tuple[tuple[ZoneList, ...], tuple[Observation, ...]]:
    """The lists with a problem on those whose zone is no longer sure, and a finding for each step back.

    Where the départements start again from a lower code and go on from there, the heading of the next zone is lost:
    none of these lists has a sure zone. One list alone out of place keeps its zone, unless its département already
    stands in it.
    """
    found: list[ZoneList] = []
    observations: list[Observation] = []
    for _, group in groupby(lists, key=lambda item: item.zone):
        segment = list(group)
        highest, seen, lost = "", set[str](), False
        for i, item in enumerate(segment):
            code = item.departement.code if item.departement else ""
            if lost or not code or item.problem:
                found.append(replace(item, problem=item.problem or _lost(item)) if lost else item)
                continue
            if code in seen or (code < highest and code not in _ANYWHERE):
                lost = not _goes_on(segment[i + 1 :], highest)
                item = replace(item, problem=_lost(item) if lost else _again(item) if code in seen else None)
                observations.append(_step_back(item, lost))
            elif code not in _ANYWHERE:
                highest = code
            seen.add(code)
            found.append(item)
    return tuple(found), tuple(observations)


def _goes_on(following: Sequence[ZoneList], highest: str) -> bool:
    """Whether the next list whose département is known goes on after the highest code before the step back."""
    codes = (item.departement.code for item in following if item.departement)
    return next((code > highest for code in codes if code not in _ANYWHERE), False)


def _lost(item: ZoneList) -> Problem:
    reason = f"les départements recommencent dans la zone {item.zone} : un titre de zone manque au-dessus"
    return Problem("zone_perdue", reason)


def _again(item: ZoneList) -> Problem:
    return Problem("departement_repete", f"{item.label} est déjà dans la zone {item.zone}")


def _step_back(item: ZoneList, lost: bool) -> Observation:
    if item.problem:
        message = f"{item.place} : {item.problem.reason} ; communes nommées laissées sans zone"
        rule = "zone_perdue" if lost else "departement_repete"
        return Observation(f"liste_{rule}", "warning", message, item.place, item.source, item.label)
    message = f"{item.place} : département hors de l'ordre des codes"
    return Observation("departement_hors_ordre", "warning", message, item.place, item.source, item.label)
