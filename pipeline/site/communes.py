"""What the fiche says of every commune on every day, as one data file a département.

The fiche is asked for each stretch of days on which nothing it rests on changes, by `alike`, which tells nothing twice;
the texts are its own, each kept once in a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import numpy as np

from pipeline.gazetteer import departement_of
from pipeline.products.fiche.commune import MISSING, Section
from pipeline.site.alike import Everyone, Snapshot, Snapshots, Tellings, Told, kinds
from pipeline.site.source import SiteSource
from pipeline.warehouse.ddl import identifier

SMALL = 50
"""A dataset of this many rows may hold days on which an answer changes (from when a rule applies)."""


@dataclass(frozen=True)
class Stretch:
    """Days from `begin` on which every fiche says the same; `probe` is one of them, told nowhere else in it."""

    begin: date
    probe: date


def stretches(source: SiteSource) -> list[Stretch]:
    """From the first snapshot of the communes to the last change known, oldest first."""
    snapshots = [row["d"] for row in source.rows("SELECT DISTINCT cog_date AS d FROM ref.communes ORDER BY 1")]
    days = {row["d"] for row in source.rows(_CHANGES)} | set(snapshots) | set(_printed_days(source))
    for row in source.rows("SELECT valid_from AS d FROM meta.periods WHERE known_to IS NULL AND valid_to IS NULL"):
        if row["d"]:
            days.add(row["d"] + timedelta(days=367))  # from then on an edition without an end is to be checked
    begins = sorted(day for day in days if snapshots and day and day >= snapshots[0])
    ends = [*begins[1:], begins[-1] + timedelta(days=60)] if begins else []
    return [Stretch(begin, _probe(begin, end, days)) for begin, end in zip(begins, ends, strict=True)]


_CHANGES = """SELECT valid_from AS d FROM meta.periods WHERE known_to IS NULL
UNION SELECT valid_to FROM meta.periods WHERE known_to IS NULL
UNION SELECT effect_from FROM meta.coverage"""


def _printed_days(source: SiteSource) -> Iterator[date]:
    for dataset in source.datasets.values():
        table = f"data.{identifier(dataset.name)}"
        (count,) = source.rows(f"SELECT count(*) AS n FROM {table}")
        for column in dataset.columns if count["n"] <= SMALL else ():
            if column.type == "DATE":
                for row in source.rows(f"SELECT DISTINCT {identifier(column.name)} AS d FROM {table}"):
                    if row["d"]:
                        yield row["d"]


def _probe(begin: date, end: date, told: set[date]) -> date:
    inside = (begin + timedelta(days=n) for n in range(1, (end - begin).days))
    return next((day for day in inside if day not in told), begin)


class Shards:
    """The fiches of all communes, cut by département, written into while the stretches go by."""

    def __init__(self, everyone: Everyone) -> None:
        self._everyone = everyone
        self._tellings = Tellings(everyone)
        names = [departement_of(code) for code in everyone.codes]
        self._names = sorted(set(names))
        self._place = np.array([self._names.index(name) for name in names], np.int64)
        self._files = [Shard() for _ in self._names]
        self._former = np.full((len(self._tellings), len(names)), -1, np.int64)
        self._fiche = np.full(len(names), -1, np.int64)

    def add(self, stretch: int, day: date, snapshot: Snapshot) -> None:
        """What is told of everyone from this stretch on; nothing is written of those of whom it is the same."""
        told = self._tellings.on(day, snapshot)
        changed = np.flatnonzero((told != self._former).any(axis=0))
        self._former = told
        first, kind = kinds([self._place[changed], *(told[:, changed] + 1)])
        columns = zip(changed[first].tolist(), told[:, changed[first]].T.tolist(), strict=True)
        fiches = np.array([self._number(rank, column) for rank, column in columns], np.int64)[kind]
        new = fiches != self._fiche[changed]
        self._fiche[changed] = fiches
        for rank, fiche in zip(changed[new].tolist(), fiches[new].tolist(), strict=True):
            lives = self._files[self._place[rank]].lives
            lives.setdefault(self._everyone.codes[rank], []).append([stretch, fiche])

    def _number(self, rank: int, column: Sequence[int]) -> int:
        """The fiche of a commune in its file; -1 when it is none any more."""
        return -1 if column[0] < 0 else self._files[self._place[rank]].fiche(list(self._tellings.told(column)))

    def files(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Département, and its data."""
        for name, shard in zip(self._names, self._files, strict=True):
            yield name, shard.data()


class Shard:
    """One département: texts, sections and fiches, each known by its number in the order of coming."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._sections: dict[Section, tuple[int, tuple[Any, ...]]] = {}
        self._fiches: dict[tuple[Any, ...], int] = {}
        self.lives: dict[str, list[list[int]]] = {}
        """Code → [stretch, fiche] from each stretch on which its fiche changes; -1 for none."""

    def fiche(self, told: Sequence[Told]) -> int:
        """The number of the fiche that says this."""
        sections = tuple([self._section(matter.section) for matter in told if matter.section])
        used = sorted({version: text for matter in told for version, text in matter.used}.items())
        sources = dict.fromkeys(text for _, text in used)
        key = (sections, tuple([self._text(text) for text in sources]))
        return self._fiches.setdefault(key, len(self._fiches))

    def _section(self, section: Section) -> int:
        found = self._sections.get(section)
        if found is None:
            lines = tuple([(self._text(x.label), self._text(x.value), self._text(x.source)) for x in section.lines])
            written = (self._text(section.title), lines, tuple([self._text(note) for note in section.notes]))
            found = self._sections[section] = (len(self._sections), written)
        return found[0]

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def data(self) -> Mapping[str, Any]:
        """As the pages read it: a section and a fiche are numbers of texts and of sections."""
        return {
            "textes": list(self._texts),
            "sections": [written for _, written in self._sections.values()],
            "fiches": list(self._fiches),
            "communes": self.lives,
        }


def shards(source: SiteSource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The data of every département: what `fiche` says of each of its communes, stretch by stretch."""
    everyone = Everyone(source.connection)
    made = Shards(everyone)
    snapshots = Snapshots(everyone)
    for number, stretch in enumerate(stretches(source)):
        made.add(number, stretch.probe, snapshots.on(stretch.probe))
    return made.files()


def calendar(source: SiteSource) -> Mapping[str, Any]:
    """What all communes share: the days on which something changes, and the snapshots and years held."""
    return {
        "jours": [stretch.begin for stretch in stretches(source)],
        "manque": MISSING,
        "millesimes": [r["m"] for r in source.rows("SELECT DISTINCT millesime AS m FROM ref.epci ORDER BY 1")],
        "departements": _departements(source),
        "evenements": source.rows(
            "SELECT p.valid_from AS jour, d.title AS jeu, v.title AS acte, true AS detenu FROM meta.periods p "
            "JOIN meta.versions v USING (version_no) JOIN meta.datasets d ON d.dataset = p.dataset "
            "WHERE p.known_to IS NULL AND p.valid_from IS NOT NULL UNION ALL "
            "SELECT c.effect_from, d.title, c.title, false FROM meta.coverage c JOIN meta.datasets d USING (dataset) "
            "WHERE c.etat = 'connu_non_detenu' AND c.effect_from IS NOT NULL ORDER BY ALL"
        ),
    }


def _departements(source: SiteSource) -> dict[str, tuple[str, list[tuple[date, str]]]]:
    """Each département: its name, and its region from each day on which that changes, as the snapshots tell."""
    names = source.rows(
        "SELECT code_departement AS code, arg_max(nom, cog_date) AS nom FROM ref.departements GROUP BY 1 ORDER BY 1"
    )
    found: dict[str, tuple[str, list[tuple[date, str]]]] = {row["code"]: (row["nom"], []) for row in names}
    for row in source.rows(
        "SELECT DISTINCT c.code_departement AS code, c.cog_date AS jour, r.nom AS region FROM ref.communes c "
        "JOIN ref.regions r USING (cog_date, code_region) WHERE c.type = 'COM' ORDER BY ALL"
    ):
        regions = found[row["code"]][1] if row["code"] in found else []
        if not regions or regions[-1][1] != row["region"]:
            regions.append((row["jour"], row["region"]))
    return found


def groupings(source: SiteSource) -> Mapping[str, Any]:
    """Each grouping of the newest year held: name, kind, member communes; and the rows that name its SIREN."""
    found = {}
    members = source.rows(
        "SELECT siren, list(code_commune ORDER BY code_commune) AS codes, any_value(millesime) AS millesime "
        "FROM ref.epci_membres m "
        "WHERE millesime = (SELECT max(millesime) FROM ref.epci_membres x WHERE x.siren = m.siren) "
        "GROUP BY siren"
    )
    by_siren = {row["siren"]: row for row in members}
    for row in source.rows(
        "SELECT siren, arg_max(nom, millesime) AS nom, arg_max(type, millesime) AS type FROM ref.epci "
        "GROUP BY 1 ORDER BY 1"
    ):
        own = by_siren.get(row["siren"], {"codes": [], "millesime": None})
        found[row["siren"]] = [row["nom"], row["type"], own["millesime"], "".join(own["codes"])]
    return {"epci": found, "lignes": _naming(source)}


def _naming(source: SiteSource) -> dict[str, dict[str, list[list[int]]]]:
    """Dataset → SIREN → its rows (version, row) in what the dataset shows now, for datasets with a column siren."""
    found: dict[str, dict[str, list[list[int]]]] = {}
    for dataset in source.datasets.values():
        if "siren" not in dataset.by_name:
            continue
        rows = source.rows(f"SELECT siren, version_no, row_no FROM main.{identifier(dataset.name)} ORDER BY ALL")
        found[dataset.name] = {
            siren: [[row["version_no"], row["row_no"]] for row in own]
            for siren, own in groupby(rows, key=lambda row: row["siren"])
        }
    return found
