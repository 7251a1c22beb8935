"""From printed lists to communes: which one each name is, and which ones no printed text decides.

The zone of what nothing names is closed in `zonage_rows`; what is said to people is in `zonage_findings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipeline.datasets.model import Ignored, Refused
from pipeline.datasets.zonage_lists import Problem, ZoneList
from pipeline.extract.model import Cell
from pipeline.gazetteer import Gazetteer, normalise
from pipeline.gazetteer.resolver import ListResolution, PrintedList, Resolution, resolve_list, resolve_lists

Reserve = Literal[
    "nom_non_resolu", "zone_inconnue", "liste_absente", "deux_zones", "liste_non_terminee", "reste_non_imprime"
]


@dataclass(frozen=True)
class Name:
    """One printed name: `label` is its text once a correction was applied, `rank` its place in the annex, from 1."""

    cell: Cell
    label: str
    rank: int
    under: ZoneList

    @property
    def is_corrected(self) -> bool:
        return self.label != self.cell.text


@dataclass(frozen=True)
class Placed:
    """A name with its commune."""

    name: Name
    resolution: Resolution

    @property
    def code(self) -> str:
        assert self.resolution.code is not None
        return self.resolution.code


@dataclass(frozen=True)
class Unplaced:
    """A name without a commune, and the communes it could mean."""

    name: Name
    resolution: Resolution


@dataclass(frozen=True)
class ReadList:
    """One sound list with what became of its names."""

    printed: ZoneList
    names: tuple[Name, ...]
    resolved: ListResolution

    @property
    def last_code(self) -> str | None:
        """The code after which the list, printed in code order, says nothing; None where no order holds."""
        if self.resolved.order != "code":
            return None
        apart = {broken.position for broken in self.resolved.breaks}
        codes = [r.code for i, r in enumerate(self.resolved) if r.code and i not in apart]
        return codes[-1] if codes else None


@dataclass
class Decided:
    """What the annex decides. `doubtful` are communes that something printed and not published could name."""

    named: dict[str, Placed] = field(default_factory=dict)
    whole: dict[str, ZoneList] = field(default_factory=dict)
    doubtful: dict[str, Reserve] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)
    lists: list[ReadList] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)

    def doubt(self, codes: Iterator[str] | Sequence[str], why: Reserve) -> None:
        for code in codes:
            self.doubtful.setdefault(code, why)


def decide(lists: Sequence[ZoneList], gazetteer: Gazetteer, piece: Callable[[Cell], Cell]) -> Decided:
    """Every printed name placed, refused or ignored; no commune in two zones.

    `piece` gives a printed name as a person's correction wants it.
    """
    decided = Decided()
    names = _names(lists, piece, decided)
    sound = [item for item in lists if item.problem is None and item.departement]
    _resolve(sound, names, gazetteer, decided)
    for item in sound:
        if item.whole:
            _take_whole(item, gazetteer, decided)
        elif item.is_empty:
            assert item.departement is not None
            decided.doubt([c.code for c in gazetteer.communes(item.departement.code)], "liste_absente")
    known = {item.departement.code for item in lists if item.departement}
    for item in lists:
        if item.problem:
            _refuse_list(item, item.problem, names[id(item)], known, gazetteer, decided)
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
) -> None:
    """The sound lists together: a commune belongs to one of them only."""
    asked: list[tuple[ZoneList, list[Name]]] = []
    seen: dict[tuple[str | None, str], set[str]] = {}
    for item in sound:
        if item.printed.names and item.departement:
            already = seen.setdefault((item.zone, item.departement.code), set())
            asked.append((item, _set_apart(item, names[id(item)], already, gazetteer, decided)))
    printed = [PrintedList(item.departement.code, [n.label for n in kept]) for item, kept in asked if item.departement]
    for (item, kept), resolved in zip(asked, resolve_lists(printed, gazetteer), strict=True):
        decided.lists.append(ReadList(item, tuple(kept), resolved))
        for name, resolution in zip(kept, resolved, strict=True):
            if resolution.code:
                decided.named[resolution.code] = Placed(name, resolution)
            else:
                _unplaced(Unplaced(name, resolution), decided)


def _set_apart(item: ZoneList, names: list[Name], seen: set[str], gazetteer: Gazetteer, decided: Decided) -> list[Name]:
    """The names to resolve: not one `seen` for this département in this zone, nor one that may be cut short."""
    assert item.departement is not None
    departement = item.departement.code
    kept: list[Name] = []
    for i, name in enumerate(names):
        key = normalise(name.label)
        if item.printed.cut and i == len(names) - 1 and not name.is_corrected:
            begun = [c for c in gazetteer.communes(departement) if normalise(c.nom).startswith(key)]
            if [normalise(c.nom) for c in begun] != [key] or name.label.endswith("-"):
                reason = f"{item.place} : le nom peut être coupé, la liste finit sans ponctuation"
                decided.refused.append(Refused((name.cell,), "nom_coupe", reason, "code_commune"))
                decided.doubt([c.code for c in begun], "nom_non_resolu")
                continue
        if key in seen and not gazetteer.lookup(name.label, departement).ambiguous:
            reason = f"{item.place} : nom déjà imprimé pour ce département dans cette zone"
            decided.refused.append(Refused((name.cell,), "nom_repete", reason, "code_commune"))
            continue
        seen.add(key)
        kept.append(name)
    return kept


def _unplaced(unplaced: Unplaced, decided: Decided) -> None:
    name, resolution = unplaced.name, unplaced.resolution
    rule = "nom_ambigu" if resolution.status == "ambiguous" else "nom_non_resolu"
    reason = f"{name.under.place} : {resolution.reason} ; candidates : {shown(resolution)}"
    decided.refused.append(Refused((name.cell,), rule, reason, "code_commune"))
    decided.doubt([candidate.code for candidate in resolution.candidates], "nom_non_resolu")
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


def _refuse_list(
    item: ZoneList, problem: Problem, names: Sequence[Name], known: set[str], gazetteer: Gazetteer, decided: Decided
) -> None:
    """A list without a sure zone or département: nothing of it is published, and what it could name is left open.

    Under a heading that names no département, a name could be that of any commune so called; a sentence that takes
    all the communes could be about any département without a list.
    """
    cells = (*((item.whole,) if item.whole else ()), *(name.cell for name in names))
    if cells:
        decided.refused.append(Refused(cells, problem.rule, f"{item.place} : {problem.reason}", "zone"))
    labels = [name.label for name in names]
    if item.departement:
        code = item.departement.code
        if item.whole or item.is_empty:
            decided.doubt([c.code for c in gazetteer.communes(code)], "zone_inconnue")
        for resolution in resolve_list(labels, code, gazetteer):
            decided.doubt([candidate.code for candidate in resolution.candidates], "zone_inconnue")
        return
    for label in labels:
        decided.doubt([m.commune.code for m in gazetteer.lookup(label).matches], "zone_inconnue")
    if item.whole:
        codes = [c.code for c in gazetteer.communes() if c.code_departement not in known]
        decided.doubt(codes, "zone_inconnue")


def shown(resolution: Resolution, most: int = 5) -> str:
    """The candidates as a person reads them: "Armoy (74020) 0,80, …"."""
    listed = [f"{c.nom} ({c.code}) {c.score:.2f}".replace(".", ",") for c in resolution.candidates]
    more = [f"et {len(listed) - most} autres"] if len(listed) > most else []
    return ", ".join([*listed[:most], *more]) or "aucune"
