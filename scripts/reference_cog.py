"""What the sources say of communes at a date: the history since 1943, the yearly files, the year between them.

Pure derivations for make_reference.py, which reads and writes the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from pipeline.gazetteer import departement_of
from pipeline.gazetteer.names import normalise

COG_2019 = "2019-01-01"  # bridges the history and the yearly files
OVERSEAS_COLLECTIVITIES = ("975", "977", "978", "98")  # not communes of a département
KINDS = {
    "commune-actuelle": "COM",
    "commune-deleguee": "COMD",
    "commune-associee": "COMA",
    "arrondissement-municipal": "ARM",
}
Json = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True, order=True)
class Place:
    """A commune or part of one at a date, as the snapshots hold it."""

    code: str
    kind: str
    nom: str
    rattachement: str | None


@dataclass(frozen=True)
class Cog:
    """One date: its places, and the codes that had been absorbed before it (code → commune)."""

    places: tuple[Place, ...]
    absorbed: Mapping[str, str]

    @cached_property
    def communes(self) -> dict[str, str]:
        return {p.code: p.nom for p in self.places if p.kind == "COM"}

    @cached_property
    def parts(self) -> dict[str, str]:
        return {p.code: p.rattachement for p in self.places if p.rattachement and p.kind != "ARM"}

    def owner(self, code: str, before: str | None) -> str | None:
        """The commune that holds the territory of `code`; `before` is the one that held it at the date before."""
        if code in self.communes:
            return code
        found = self.parts.get(code) or self.absorbed.get(code)
        if found or before is None or before == code:
            return found
        return self.owner(before, None)


class History:
    """historique-communes.json: the states of each commune since 1943, chained by predecessor and successor.

    A chain is one territory that never divides: it is a commune, then perhaps a part of another one (`pole`).
    """

    def __init__(self, rows: list[Json]) -> None:
        self.state = {row["id"]: row for row in rows}
        self.chain: dict[str, str] = {}
        self.states: dict[str, list[Json]] = {}
        for row in rows:
            if "predecesseur" in row:
                continue
            root = row["id"]
            while row is not None:
                self.chain[row["id"]] = root
                self.states.setdefault(root, []).append(row)
                row = self.state.get(row.get("successeur"))
        self.by_code: dict[str, list[Json]] = {}
        for row in rows:
            if row["type"] == "COM":
                self.by_code.setdefault(row["code"], []).append(row)

    @staticmethod
    def _alive(rows: Iterable[Json], date: str) -> Json | None:
        return next((r for r in rows if r.get("dateDebut", "") <= date < r.get("dateFin", "9999")), None)

    def alive(self, date: str) -> list[Json]:
        return [row for rows in self.states.values() if (row := self._alive(rows, date))]

    def owner(self, root: str, date: str) -> str | None:
        """The code of the commune that holds the territory of a chain at a date; None outside the chain's life."""
        row = self._alive(self.states[root], date)
        while row is not None and row["type"] != "COM":
            pole = self.state[row["pole"]]
            # A commune nouvelle that grew or was dissolved ends its chain: its code goes on under another one.
            row = self._alive(self.states[self.chain[pole["id"]]], date) or self._alive(
                self.by_code[pole["code"]], date
            )
        return row["code"] if row else None

    def former_names(self, root: str) -> list[tuple[str, str]]:
        """(name, date it ended) for each name that the chain bore as a commune and bears no more."""
        rows = self.states[root]
        ended = [(r["nom"], r["dateFin"]) for r in rows if r["type"] == "COM" and "dateFin" in r]
        return [
            (nom, end)
            for nom, end in ended
            if not any(r.get("dateDebut") == end and r["nom"] == nom and r["type"] == "COM" for r in rows)
        ]


def history_cog(history: History, date: str, arrondissements: Iterable[Place]) -> Cog:
    """Communes and parts alive at a date; Mayotte is a département since 31 March 2011 only."""
    places = list(arrondissements)
    for row in history.alive(date):
        if row["type"] == "COMP" or (row["code"].startswith("976") and date < "2011-03-31"):
            continue
        pole = None if row["type"] == "COM" else history.owner(history.chain[row["id"]], date)
        places.append(Place(row["code"], row["type"], row["nom"], pole))
    return Cog(tuple(sorted(places, key=lambda p: (p.code, p.kind))), {})


def yearly_cog(rows: list[Json]) -> Cog:
    """communes.json of one year."""
    kept = [row for row in rows if not row["code"].startswith(OVERSEAS_COLLECTIVITIES)]
    places = [
        Place(
            row["code"],
            KINDS[row["type"]],
            row["nom"],
            row.get("chefLieu") if row["type"] != "commune-actuelle" else None,
        )
        for row in kept
        if row["type"] != "arrondissement-municipal"
    ]
    places += [Place(r["code"], "ARM", r["nom"], r["commune"]) for r in kept if r["type"] == "arrondissement-municipal"]
    absorbed = {}
    for row in kept:
        for code in row.get("anciensCodes", ()):
            absorbed[code] = row["code"] if row["type"] == "commune-actuelle" else row["chefLieu"]
    return Cog(tuple(sorted(places, key=lambda p: (p.code, p.kind))), absorbed)


def cog_2020(before: Cog, after: Cog, members: Mapping[str, str], outside: Iterable[str]) -> Cog:
    """1 January 2020, of which the package holds no communes.json: its EPCI of 2020 tell 2019 from 2021.

    `before` is 2019, `after` 2021, `members` the communes of all EPCI of 2020 (code → name), `outside` the communes of
    no EPCI. A name is that of 2019 unless the members of 2020 bear that of 2021. A delegated or associated commune that
    was abolished in 2019 or 2020 (the sources do not say when) is kept.
    """
    communes = {}
    for code in sorted({*members, *outside}):
        old, new = before.communes.get(code), after.communes.get(code)
        took_new_name = new is not None and normalise(members.get(code, "")) == normalise(new)
        if new is not None and (old is None or (took_new_name and normalise(old) != normalise(new))):
            communes[code] = new
        else:
            communes[code] = before.communes[code]
    gone = before.communes.keys() - communes.keys()
    changed = {code for code, nom in communes.items() if before.communes.get(code) != nom}
    changed |= {after.parts.get(code) or after.absorbed[code] for code in gone}
    places = [Place(code, "COM", nom, None) for code, nom in communes.items()]
    for place in before.places:
        if place.kind == "ARM" or (place.kind != "COM" and place.rattachement not in changed):
            places.append(place)
    places += [p for p in after.places if p.kind in ("COMD", "COMA") and p.rattachement in changed]
    absorbed = {code: after.absorbed[code] for code in gone if code in after.absorbed}
    return Cog(tuple(sorted(places, key=lambda p: (p.code, p.kind))), absorbed)


def territories(history: History, cogs: dict[str, Cog], dates: Iterable[str]) -> dict[str, dict[str, str | None]]:
    """For each territory that never divides (a chain of the history): the commune that holds it at each date.

    `dates` are those that the history answers, besides 2019; the yearly files of `cogs` answer the later ones.
    """
    held: dict[str, dict[str, str | None]] = {}
    for root, states in history.states.items():
        owners = {date: history.owner(root, date) for date in (*dates, COG_2019)}
        # Mayotte is in the history before it is a département.
        owners = {date: code if code in cogs[date].communes else None for date, code in owners.items()}
        last = owners[COG_2019]
        for date in (d for d in cogs if d > COG_2019):
            last = cogs[date].owner(states[-1]["code"], last) or renamed_code(cogs, date, last) if last else None
            owners[date] = last
        held[root] = owners
    return held


def renamed_code(cogs: dict[str, Cog], date: str, code: str | None) -> str:
    """The new code of a commune that kept its name (its chief town moved); the sources of 2021 do not link the two."""
    dates = list(cogs)
    before, now = cogs[dates[dates.index(date) - 1]].communes, cogs[date].communes
    for new in now.keys() - before.keys():
        if code and now[new] == before[code] and departement_of(new) == departement_of(code):
            return new
    raise SystemExit(f"{date}: nothing says what became of commune {code}")


def former_names(
    history: History, held: dict[str, dict[str, str | None]], cogs: dict[str, Cog]
) -> dict[str, list[Row]]:
    """For each date, (code_commune, nom, jusqu_au): names ended by then, under the commune that holds the place."""
    found: set[tuple[str, str, str, str]] = set()
    for root, owners in held.items():
        for nom, end in history.former_names(root):
            found |= {(d, code, nom, end) for d, code in owners.items() if code and end <= d}
    dates = [d for d in cogs if d >= COG_2019]
    for before, after in pairwise(dates):
        for code, nom in cogs[before].communes.items():
            if cogs[after].communes.get(code) != nom:
                for date in (d for d in dates if d >= after):
                    owner = cogs[date].owner(code, None) or renamed_code(cogs, date, code)
                    found.add((date, owner, nom, after))
    names: dict[str, list[Row]] = {date: [] for date in cogs}
    for date, code, nom, end in sorted(found):
        if normalise(nom) != normalise(cogs[date].communes[code]):
            names[date].append({"code_commune": code, "nom": nom, "jusqu_au": end})
    return names
