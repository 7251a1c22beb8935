"""Which commune each site of a region is, and in which département: two ordered lists that came apart laid side by side
again without crossing; the gazetteer decides, inside what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz.distance import Indel

from pipeline.datasets.places import sheet
from pipeline.datasets.places.sheet import DepartementLabel, Entry, Label, Region
from pipeline.gazetteer import Commune, Gazetteer, Match, MatchHow, normalise

Codes = frozenset[str]


@dataclass(frozen=True)
class Alignment:
    """How many sites an alignment explains, and for each site the positions of the départements it may belong to:
    those that it has in at least one of the best alignments."""

    explained: int
    places: tuple[tuple[int, ...], ...]


def beside(nearest: Sequence[int | None], possible: Sequence[Codes], departements: Sequence[Codes]) -> Alignment:
    """Each site under the département printed before it (`nearest`: its position, None when there is none)."""
    places = tuple(() if at is None else (at,) for at in nearest)
    explained = sum(
        1 for at, codes in zip(nearest, possible, strict=True) if at is not None and codes & departements[at]
    )
    return Alignment(explained, places)


def align(possible: Sequence[Codes], departements: Sequence[Codes]) -> Alignment:
    """The alignments that explain the most sites, each département taking consecutive sites of its own, or none.

    `possible`: per site, the codes of the départements where its name is a commune; `departements`: per printed
    département, the codes it may mean. A site is explained when the two meet.
    """
    if not departements:
        return Alignment(0, tuple(() for _ in possible))
    fits = [[1 if codes & other else 0 for other in departements] for codes in possible]
    # From the top: the most sites explained up to this one, when it belongs to that département; then from the bottom.
    down = _best_runs(fits)
    up = [row[::-1] for row in _best_runs([row[::-1] for row in fits[::-1]])[::-1]]
    most = max(down[-1], default=0) if down else 0
    places = tuple(
        tuple(j for j in range(len(departements)) if down[i][j] + up[i][j] - fits[i][j] == most)
        for i in range(len(possible))
    )
    return Alignment(most, places)


def _best_runs(fits: Sequence[Sequence[int]]) -> list[list[int]]:
    """best[i][j]: sites 0..i explained at most when site i is in département j and none before it is in a later one."""
    best: list[list[int]] = []
    for row in fits:
        before = best[-1] if best else [0] * len(row)
        highest, current = 0, []
        for j, fit in enumerate(row):
            highest = max(highest, before[j])
            current.append(highest + fit)
        best.append(current)
    return best


# Names less alike than this are not worth showing as candidates.
_CANDIDATE = 0.8
_JOINTS = re.compile(r"\s*[-–/,]\s*|\s+et\s+")

How = MatchHow | Literal["homonymes", "deux_communes", "ailleurs", "inconnue"]


@dataclass(frozen=True)
class Site:
    """One site and the commune it is.

    `how`: as gazetteer.Match; without a commune, why, with the `candidates` it may be: `homonymes` in the départements
    printed, `deux_communes` that the name joins, communes `ailleurs` only, or `inconnue` and those that resemble it.
    `departement`: the département printed just before it on its line. `allowed`: codes of those it may be in.
    `conflict`: its name is no commune of these, and no alignment explains it.
    """

    entry: Entry
    label: Label
    departement: Entry | None
    how: How
    commune: Commune | None = None
    part: Commune | None = None
    candidates: tuple[Commune, ...] = ()
    allowed: tuple[str, ...] = ()
    conflict: bool = False

    @property
    def code_departement(self) -> str | None:
        """The commune's, or the one that all the communes it may be share."""
        return _shared(c.code_departement for c in self._communes)

    @property
    def code_region(self) -> str | None:
        return _shared(c.code_region for c in self._communes)

    @property
    def _communes(self) -> tuple[Commune, ...]:
        """A commune that only resembles the name, or is not where the sheet says, does not tell where the site is."""
        if self.commune:
            return (self.commune,)
        return self.candidates if self.how in ("homonymes", "deux_communes") else ()


@dataclass(frozen=True)
class Located:
    """A region with its sites (spoilt ones left out) and its départements as read; `realigned` when the columns came
    apart and an alignment explains more than what is printed side by side."""

    region: Region
    code_region: str | None
    sites: tuple[Site, ...]
    departements: tuple[tuple[Entry, DepartementLabel], ...]
    realigned: bool = False


def locate(region: Region, code_region: str | None, gazetteer: Gazetteer) -> Located:
    """Each site of a region resolved inside the département printed beside it, or, where the two columns came apart,
    inside those that an alignment without crossing gives it. `code_region`: where the sheet puts it, if known."""
    departements = tuple(
        (entry, read)
        for entry in region.departements
        if not entry.is_spoilt and (read := sheet.departement(entry.label.text, gazetteer))
    )
    printed = [frozenset(read.codes) for _, read in departements]
    listed = frozenset[str]().union(*printed)
    sites = [entry for entry in region.sites if not entry.is_spoilt]
    options = [_options(sheet.parse(site.label.text), listed, gazetteer) for site in sites]
    possible = [frozenset(option) for option in options]
    ranks = {entry: i for i, (entry, _) in enumerate(departements)}
    nearest = [_nearest(region, site, ranks) for site in sites]
    chosen = beside(nearest, possible, printed)
    realigned = False
    if chosen.explained < len(sites):
        other = align(possible, printed)
        realigned = other.explained > chosen.explained
        chosen = other if realigned else chosen
    located = tuple(
        _site(region, site, option, _allowed(chosen, i, printed), code_region, gazetteer)
        for i, (site, option) in enumerate(zip(sites, options, strict=True))
    )
    return Located(region, code_region, located, departements, realigned)


def _nearest(region: Region, site: Entry, ranks: Mapping[Entry, int]) -> int | None:
    """The last département printed before a site: a blank may repeat the one above."""
    found = None
    for entry in region.entries:
        if entry is site:
            return found
        found = ranks.get(entry, found)
    return found


def _allowed(alignment: Alignment, i: int, printed: list[frozenset[str]]) -> tuple[str, ...]:
    return tuple(sorted(frozenset[str]().union(*(printed[j] for j in alignment.places[i]))))


def _options(label: Label, listed: frozenset[str], gazetteer: Gazetteer) -> dict[str, tuple[Commune, ...]]:
    """By code of a listed département, the communes that bear the name, or the two that it joins."""
    codes = listed & {label.code} if label.code else listed
    options: dict[str, tuple[Commune, ...]] = {}
    for code in sorted(codes):
        found = tuple(m.commune for m in sheet.communes(label, code, gazetteer)) or _joined(label, code, gazetteer)
        if found:
            options[code] = found
    return options


def _joined(label: Label, code: str, gazetteer: Gazetteer) -> tuple[Commune, ...]:
    """The two communes of a département whose names, joined by a hyphen, make the label ("Auxerre-Appoigny")."""
    for joint in _JOINTS.finditer(label.text):
        halves = (label.text[: joint.start()], label.text[joint.end() :])
        found = [gazetteer.lookup(half, code).only for half in halves if half]
        if len(found) == 2 and found[0] and found[1]:
            return found[0].commune, found[1].commune
    return ()


def _site(
    region: Region,
    entry: Entry,
    options: Mapping[str, tuple[Commune, ...]],
    allowed: tuple[str, ...],
    code_region: str | None,
    gazetteer: Gazetteer,
) -> Site:
    label = sheet.parse(entry.label.text)
    departement = printed_before(region, entry)
    base = Site(entry, label, departement, "inconnue", allowed=allowed)
    matches = [m for code in allowed if code in options for m in sheet.communes(label, code, gazetteer)]
    if matches:
        return _resolved(base, matches, gazetteer)
    joined = [commune for code in allowed for commune in options.get(code, ())]
    if joined:
        return replace(base, how="deux_communes", candidates=tuple(joined))
    anywhere = sheet.communes(label, label.code, gazetteer)
    if not anywhere:
        return replace(base, candidates=_alike(label, allowed, gazetteer))
    # The name is a commune's, but of no département printed for it: only the printed region may still tell which one.
    inside = [match for match in anywhere if match.commune.code_region == code_region]
    conflict = replace(base, conflict=bool(allowed))
    if len(inside) == 1:
        return _resolved(conflict, inside, gazetteer)
    return replace(conflict, how="ailleurs", candidates=_wholes(anywhere, gazetteer))


def _resolved(base: Site, matches: Sequence[Match], gazetteer: Gazetteer) -> Site:
    """The site with its commune when the matches are in one only, else with candidates."""
    communes = _wholes(matches, gazetteer)
    if len(communes) > 1:
        return replace(base, how="homonymes", candidates=communes)
    parts = [match.commune for match in matches if match.commune.kind != "COM"]
    return replace(base, how=matches[0].how, commune=communes[0], part=parts[0] if len(parts) == 1 else None)


def _wholes(matches: Iterable[Match], gazetteer: Gazetteer) -> tuple[Commune, ...]:
    """The communes of the matches, in code order: for a part of one, the whole."""
    codes = {match.commune.rattachement or match.commune.code for match in matches}
    return tuple(commune for code in sorted(codes) if (commune := gazetteer.commune(code)))


def _alike(label: Label, allowed: tuple[str, ...], gazetteer: Gazetteer) -> tuple[Commune, ...]:
    """Communes of the départements whose name begins with the label, or resembles it: shown, never chosen."""
    wanted = normalise(label.text)
    found: list[tuple[float, Commune]] = []
    for code in allowed:
        for commune in gazetteer.communes(code):
            name = normalise(commune.nom)
            likeness = 1.0 if name.startswith(f"{wanted} ") else Indel.normalized_similarity(wanted, name)
            if likeness >= _CANDIDATE:
                found.append((likeness, commune))
    return tuple(commune for _, commune in sorted(found, key=lambda f: (-f[0], f[1].code))[:5])


def printed_before(region: Region, site: Entry) -> Entry | None:
    """The département printed just before a site, on its line."""
    at = next(i for i, entry in enumerate(region.entries) if entry is site)
    before = region.entries[at - 1] if at else None
    on_line = before is not None and before.label.row == site.label.row
    return before if before and on_line and before.kind == "departement" and not before.is_spoilt else None


def _shared(codes: Iterable[str]) -> str | None:
    found = set(codes)
    return found.pop() if len(found) == 1 else None
