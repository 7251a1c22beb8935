"""From printed lists to communes: which one each name is, which ones no printed text decides, and one row for each.

What is said to people is in `findings`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pipeline.contract.rows import How, Ignored, Refused, Row, Value
from pipeline.datasets.zonage.headings import Problem
from pipeline.datasets.zonage.lists import Annex, ZoneList
from pipeline.extract.model import Cell
from pipeline.gazetteer import Commune, Gazetteer, normalise
from pipeline.gazetteer.resolver import (
    SURE,
    ListResolution,
    PrintedList,
    Resolution,
    between_names,
    left_over,
    named_inside,
    resolve,
    resolve_list,
    resolve_lists,
)

Reserve = Literal[
    "nom_non_resolu",
    "nom_douteux",
    "avec_note",
    "zone_inconnue",
    "liste_absente",
    "deux_zones",
    "liste_non_terminee",
    "reste_non_imprime",
    "retiree_sans_zone",
]


@dataclass(frozen=True)
class Name:
    """One printed name: `label` is its text once a correction was applied, `rank` its place in the annex, from 1."""

    cell: Cell
    label: str
    rank: int
    under: ZoneList
    note: str = ""
    """What is printed behind it and may take a part of the commune only."""

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

    def doubt(self, codes: Iterable[str], why: Reserve) -> None:
        for code in codes:
            self.doubtful.setdefault(code, why)


def shown(resolution: Resolution, most: int = 5) -> str:
    """The candidates as a person reads them: "Armoy (74020) 0,80, …"."""
    listed = [f"{c.nom} ({c.code}) {c.score:.2f}".replace(".", ",") for c in resolution.candidates]
    more = [f"et {len(listed) - most} autres"] if len(listed) > most else []
    return ", ".join([*listed[:most], *more]) or "aucune"


class _Query(NamedTuple):
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
    names = _names(lists, piece, gazetteer, decided)
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


def _names(
    lists: Sequence[ZoneList], piece: Callable[[Cell], Cell], gazetteer: Gazetteer, decided: Decided
) -> Mapping[int, list[Name]]:
    """The names of each list (by identity), numbered through the annex; what has no letter is a page number.

    Remarks are ignored, but what they name is never left to the rest in silence.
    """
    found: dict[int, list[Name]] = {}
    rank = 0
    for item in lists:
        kept = found.setdefault(id(item), [])
        notes = {r.on: r.cell.text for r in item.printed.remarks if r.kind == "note" and r.restricts}
        for i, cell in enumerate(item.printed.names):
            if any(c.isalpha() for c in cell.text):
                rank += 1
                kept.append(Name(cell, piece(cell).text, rank, item, notes.get(i, "")))
            else:
                decided.ignored.append(Ignored(cell, "numero_de_page"))
        for remark in item.printed.remarks:
            decided.ignored.append(Ignored(remark.cell, remark.kind))
            if item.departement:
                inside = named_inside(remark.cell.text, item.departement.code, gazetteer)
                decided.doubt(inside, "nom_non_resolu")
    return found


def _resolve(
    sound: Sequence[ZoneList], names: Mapping[int, list[Name]], gazetteer: Gazetteer, decided: Decided
) -> dict[int, Problem]:
    """The names of the sound lists, each placed or refused; together, since a commune belongs to one list only.

    Lists whose names are not of their département are left out, and given back by identity with the reason.
    """
    astray: dict[int, Problem] = {}
    while True:
        queries = _queries([item for item in sound if id(item) not in astray], names, gazetteer)
        resolved = resolve_lists([one.printed for one in queries], gazetteer)
        pairs = list(zip(queries, resolved, strict=True))
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
                _doubt_inside(name, resolution, decided, gazetteer)
                decided.doubt((resolution.rival.code,) if resolution.rival else (), "nom_douteux")
            else:
                _unplaced(Unplaced(name, resolution), decided)
                _doubt_inside(name, resolution, decided, gazetteer)
    return astray


def _queries(lists: Sequence[ZoneList], names: Mapping[int, list[Name]], gazetteer: Gazetteer) -> list[_Query]:
    """The names to resolve: not one printed before for this département in this zone, nor one that may be cut short."""
    queries: list[_Query] = []
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
                doubtful += (c.code for c in resolve(name.label, departement, gazetteer).candidates)
                doubtful += named_inside(name.label, departement, gazetteer)
            elif key in seen and not gazetteer.lookup(name.label, departement).ambiguous:
                reason = f"{item.place} : nom déjà imprimé pour ce département dans cette zone"
                refused.append(Refused((name.cell,), "nom_repete", reason, "code_commune"))
            else:
                seen.add(key)
                kept.append(name)
        queries.append(_Query(item, tuple(kept), tuple(refused), tuple(doubtful)))
    return queries


def _begun_by(name: Name, departement: str, gazetteer: Gazetteer) -> list[Commune]:
    key = normalise(name.label)
    return [c for c in gazetteer.communes(departement) if normalise(c.nom).startswith(key)]


def _may_be_cut(name: Name, departement: str, gazetteer: Gazetteer) -> bool:
    """Whether the end of the name may be lost: it is not the whole name of the one commune that begins so."""
    whole = [normalise(c.nom) for c in _begun_by(name, departement, gazetteer)] == [normalise(name.label)]
    return not name.is_corrected and (not whole or name.label.endswith("-"))


def _doubt_inside(name: Name, resolution: Resolution, decided: Decided, gazetteer: Gazetteer) -> None:
    """What else a name may hold, when it was read otherwise than printed: a lost comma is never silent."""
    departement = name.under.departement
    sure = resolution.code and (resolution.how not in ("corrected", "shortened") or resolution.score >= SURE)
    if departement is None or sure or name.is_corrected:
        return
    code = resolution.code or ""
    inside = named_inside(name.label, departement.code, gazetteer, code)
    decided.doubt(inside, "nom_non_resolu")
    for rest in between_names(name.label, departement.code, gazetteer) if len(inside) > 1 else ():
        for part in {rest, *rest.split()}:
            candidates = resolve(part, departement.code, gazetteer).candidates
            decided.doubt((candidate.code for candidate in candidates), "nom_non_resolu")
    for named in (code, *sorted(inside)):
        for rest in left_over(name.label, named, departement.code, gazetteer):
            candidates = resolve(rest, departement.code, gazetteer).candidates
            decided.doubt((candidate.code for candidate in candidates), "nom_non_resolu")


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


UNNAMED: Mapping[str, Value] = {
    name: Value(None) for name in ("libelle_imprime", "resolution", "score", "marge", "rang_impression")
}


def rows_of(annex: Annex, decided: Decided, gazetteer: Gazetteer) -> list[Row]:
    """The rows in code order. The rest has the zone of the sentence that prints it; without that sentence, none."""
    unfinished = _after_the_end(decided, gazetteer)
    whole = {id(item): _sentence(item.zone, "departement", item.whole, item.under) for item in decided.whole.values()}
    rest = _sentence(annex.rest_zone, "reste_du_territoire", annex.rest, annex.rest_under) if annex.rest else None
    cog = (f"COG {gazetteer.cog_date}",)
    rows: list[Row] = []
    for commune in gazetteer.communes():
        code = commune.code
        if placed := decided.named.get(code):
            said = _named(placed)
        elif code in decided.whole:
            said = whole[id(decided.whole[code])]
        elif code in decided.doubtful:
            said = undecided(decided.doubtful[code])
        elif rest is None:
            said = undecided("reste_non_imprime")
        elif code in unfinished:
            said = {**rest, "reserve": Value("liste_non_terminee", (), "rest")}
        else:
            said = rest
        rows.append({**place_of(commune, cog), **said})
    return rows


def place_of(commune: Commune, cog: tuple[str, ...]) -> Row:
    """The official columns of a commune."""
    return {
        "code_region": Value(commune.code_region, (), "resolved", cog),
        "code_departement": Value(commune.code_departement, (), "resolved", cog),
        "code_commune": Value(commune.code, (), "resolved", cog),
        "nom_commune": Value(commune.nom, (), "resolved", cog),
    }


def _named(placed: Placed) -> Row:
    name, resolution = placed.name, placed.resolution
    cites = (name.cell,)
    how = "correction" if name.is_corrected else resolution.how
    reserve: Reserve | None = "nom_douteux" if resolution.rival else "avec_note" if name.note else None
    return {
        "zone": Value(name.under.zone, (*cites, *_cell(name.under.under)), "resolved", (str(how),)),
        "portee": Value("commune", cites, "resolved"),
        "libelle_imprime": Value(name.cell.text, cites),
        "resolution": Value(how, cites, "resolved"),
        "score": Value(resolution.score, cites, "resolved"),
        "marge": Value(resolution.margin, cites, "resolved"),
        "reserve": Value(reserve, cites if reserve else (), "resolved"),
        "rang_impression": Value(name.rank, cites, "resolved"),
    }


def _sentence(zone: str | None, portee: str, sentence: Cell | None, heading: Cell | None) -> Row:
    assert sentence is not None
    how: How = "rest" if portee == "reste_du_territoire" else "whole_departement"
    return {
        "zone": Value(zone, (sentence, *_cell(heading)), how),
        "portee": Value(portee, (sentence,), how),
        **UNNAMED,
        "reserve": Value(None),
    }


def _cell(heading: Cell | None) -> tuple[Cell, ...]:
    """The zone heading, cited behind the words that name the commune."""
    return (heading,) if heading else ()


def undecided(why: Reserve) -> Row:
    """A commune without a zone, and why."""
    return {
        "zone": Value(None),
        "portee": Value("indeterminee", (), "rest"),
        **UNNAMED,
        "reserve": Value(why, (), "rest"),
    }


def _after_the_end(decided: Decided, gazetteer: Gazetteer) -> set[str]:
    """The communes that an unfinished list may still have held: those after its last code."""
    found: set[str] = set()
    for item in decided.lists:
        departement = item.printed.departement
        if item.printed.is_unfinished and departement:
            last = item.last_code or ""
            found.update(c.code for c in gazetteer.communes(departement.code) if c.code > last)
    return found
