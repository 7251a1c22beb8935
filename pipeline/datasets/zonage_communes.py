"""From printed lists to communes: which one each name is, and which ones no printed text decides.

The zone of what nothing names is closed in `zonage_rows`; what is said to people is in `zonage_findings`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pipeline.contract.rows import Ignored, Refused
from pipeline.datasets.zonage_decided import Decided, Name, Placed, ReadList, Unplaced, shown
from pipeline.datasets.zonage_headings import Problem
from pipeline.datasets.zonage_lists import ZoneList
from pipeline.datasets.zonage_refused import foreign, refuse_list
from pipeline.extract.model import Cell
from pipeline.gazetteer import Commune, Gazetteer, normalise
from pipeline.gazetteer.resolver import PrintedList, resolve_lists


class _Asked(NamedTuple):
    """One list to resolve: its names, those set apart, and the communes these could mean."""

    item: ZoneList
    names: tuple[Name, ...]
    refused: tuple[Refused, ...]
    doubtful: tuple[str, ...]

    @property
    def printed(self) -> PrintedList:
        assert self.item.departement is not None
        return PrintedList(self.item.departement.code, [name.label for name in self.names])


def decide(lists: Sequence[ZoneList], gazetteer: Gazetteer, piece: Callable[[Cell], Cell]) -> Decided:
    """Every printed name placed, refused or ignored; no commune in two zones.

    `piece` gives a printed name as a person's correction wants it.
    """
    decided = Decided()
    names = _names(lists, piece, decided)
    sound = [item for item in lists if item.problem is None and item.departement]
    problems = {id(item): item.problem for item in lists if item.problem}
    problems |= _resolve(sound, names, gazetteer, decided)
    for item in sound:
        if item.whole:
            _take_whole(item, gazetteer, decided)
        elif item.is_empty:
            assert item.departement is not None
            decided.doubt((c.code for c in gazetteer.communes(item.departement.code)), "liste_absente")
    known = {item.departement.code for item in lists if item.departement}
    for item in lists:
        if problem := problems.get(id(item)):
            refuse_list(item, problem, names[id(item)], known, gazetteer, decided)
    for code in (*decided.named, *decided.whole):
        decided.doubtful.pop(code, None)
    return decided


def _names(lists: Sequence[ZoneList], piece: Callable[[Cell], Cell], decided: Decided) -> Mapping[int, list[Name]]:
    """The names of each list (by identity), numbered through the annex; what has no letter is a page number."""
    found: dict[int, list[Name]] = {}
    rank = 0
    for item in lists:
        kept = found.setdefault(id(item), [])
        for cell in item.printed.names:
            if any(c.isalpha() for c in cell.text):
                rank += 1
                kept.append(Name(cell, piece(cell).text, rank, item))
            else:
                decided.ignored.append(Ignored(cell, "numero_de_page"))
    return found


def _resolve(
    sound: Sequence[ZoneList], names: Mapping[int, list[Name]], gazetteer: Gazetteer, decided: Decided
) -> dict[int, Problem]:
    """The names of the sound lists, each placed or refused; together, since a commune belongs to one list only.

    Lists whose names are not of their département are left out, and given back by identity with the reason.
    """
    astray: dict[int, Problem] = {}
    while True:
        asked = _asked([item for item in sound if id(item) not in astray], names, gazetteer)
        resolved = resolve_lists([one.printed for one in asked], gazetteer)
        pairs = list(zip(asked, resolved, strict=True))
        found = {id(one.item): problem for one, read in pairs if (problem := foreign(read, gazetteer))}
        if not found:
            break
        astray |= found
    for one, read in pairs:
        decided.lists.append(ReadList(one.item, one.names, read))
        decided.refused += one.refused
        decided.doubt(one.doubtful, "nom_non_resolu")
        for name, resolution in zip(one.names, read, strict=True):
            if resolution.code:
                decided.named[resolution.code] = Placed(name, resolution)
            else:
                _unplaced(Unplaced(name, resolution), decided)
    return astray


def _asked(lists: Sequence[ZoneList], names: Mapping[int, list[Name]], gazetteer: Gazetteer) -> list[_Asked]:
    """The names to resolve: not one printed before for this département in this zone, nor one that may be cut short."""
    asked: list[_Asked] = []
    seen: set[tuple[str | None, str, str]] = set()
    for item in lists:
        if not item.printed.names or item.departement is None:
            continue
        kept: list[Name] = []
        refused: list[Refused] = []
        doubtful: list[str] = []
        departement = item.departement.code
        for i, name in enumerate(names[id(item)]):
            key = (item.zone, departement, normalise(name.label))
            if item.printed.cut and i == len(names[id(item)]) - 1 and _may_be_cut(name, departement, gazetteer):
                reason = f"{item.place} : le nom peut être coupé, la liste finit sans ponctuation"
                refused.append(Refused((name.cell,), "nom_coupe", reason, "code_commune"))
                doubtful += (c.code for c in _begun_by(name, departement, gazetteer))
            elif key in seen and not gazetteer.lookup(name.label, departement).ambiguous:
                reason = f"{item.place} : nom déjà imprimé pour ce département dans cette zone"
                refused.append(Refused((name.cell,), "nom_repete", reason, "code_commune"))
            else:
                seen.add(key)
                kept.append(name)
        asked.append(_Asked(item, tuple(kept), tuple(refused), tuple(doubtful)))
    return asked


def _begun_by(name: Name, departement: str, gazetteer: Gazetteer) -> list[Commune]:
    key = normalise(name.label)
    return [c for c in gazetteer.communes(departement) if normalise(c.nom).startswith(key)]


def _may_be_cut(name: Name, departement: str, gazetteer: Gazetteer) -> bool:
    """Whether the end of the name may be lost: it is not the whole name of the one commune that begins so."""
    whole = [normalise(c.nom) for c in _begun_by(name, departement, gazetteer)] == [normalise(name.label)]
    return not name.is_corrected and (not whole or name.label.endswith("-"))


def _unplaced(unplaced: Unplaced, decided: Decided) -> None:
    name, resolution = unplaced.name, unplaced.resolution
    rule = "nom_ambigu" if resolution.status == "ambiguous" else "nom_non_resolu"
    reason = f"{name.under.place} : {resolution.reason} ; candidates : {shown(resolution)}"
    decided.refused.append(Refused((name.cell,), rule, reason, "code_commune"))
    decided.doubt((candidate.code for candidate in resolution.candidates), "nom_non_resolu")
    decided.unplaced.append(unplaced)


def _take_whole(item: ZoneList, gazetteer: Gazetteer, decided: Decided) -> None:
    """All the communes of a département, less those that another zone names: these are in none."""
    assert item.departement is not None
    assert item.whole is not None
    for commune in gazetteer.communes(item.departement.code):
        placed, other = decided.named.get(commune.code), decided.whole.get(commune.code)
        if placed and placed.name.under.zone != item.zone:
            del decided.named[commune.code]
            reason = f"{placed.name.under.place} : aussi dans la zone {item.zone} par tout son département"
            decided.refused.append(Refused((placed.name.cell,), "commune_en_deux_zones", reason, "zone"))
            decided.doubtful[commune.code] = "deux_zones"
        elif other and other.zone != item.zone:
            del decided.whole[commune.code]
            decided.doubtful[commune.code] = "deux_zones"
        elif decided.doubtful.get(commune.code) != "deux_zones":
            decided.whole.setdefault(commune.code, item)
