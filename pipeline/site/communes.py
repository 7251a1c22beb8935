"""What the fiche says of every commune on every day, as one data file a département.

The fiche is asked once for each stretch of days on which nothing it rests on changes, and once for all communes of a
département that the warehouse answers alike; the texts are its own, each kept once in a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from pipeline.cleaning.values import day_in_words
from pipeline.gazetteer import departement_of
from pipeline.products.fiche.commune import MISSING, Commune, Section
from pipeline.products.fiche.sections import matters
from pipeline.products.fiche.sources import Row, Sources
from pipeline.site.source import SiteSource
from pipeline.warehouse.ddl import identifier

DAY = "\ue000"
"""Stands in a text for the day of the fiche, which the page fills in."""
OWN = frozenset({"code_commune", "nom_commune", "row_no", "rang_impression"})
"""Columns of an answer that tell one commune from another and of which a fiche says nothing."""
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


@dataclass(frozen=True)
class Answers:
    """What one question finds of all communes: a number that those share of which it finds the same, and the rows of
    one commune for each number."""

    number: Mapping[str, int]
    rows: Mapping[int, list[Row]]

    def of(self, code: str) -> list[Row]:
        return self.rows.get(self.number.get(code, 0), [])


Question = tuple[Any, ...]
"""A query and its values."""


@dataclass
class BulkSources(Sources):
    """The warehouse asked once for all communes: each query runs one time, answers are then looked up."""

    answered: dict[Question, Any] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)
    """The questions put about the present commune, in their order."""

    def rows(self, sql: str, *values: object) -> list[Row]:
        key = ("all", sql, *values)
        if key not in self.answered:
            self.answered[key] = super().rows(sql, *values)
        found: list[Row] = self.answered[key]
        return found

    def of_commune(self, code: str, sql: str, *values: object) -> list[Row]:
        self.asked.append((sql, *values))
        return self.answers((sql, *values)).of(code)

    def answers(self, question: Question) -> Answers:
        """What the question finds, looked at once."""
        key = ("communes", *question)
        if key not in self.answered:
            self.answered[key] = self._ask(*question)
        found: Answers = self.answered[key]
        return found

    def _ask(self, sql: str, *values: object) -> Answers:
        """The rows stay in the database but for those of one commune of each kind."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE asked AS {sql}", list(values))
        columns = [name for name, *_ in self.connection.execute("DESCRIBE asked").fetchall()]
        told = ", ".join(identifier(name) for name in columns if name not in OWN)
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE alike AS SELECT code_commune, dense_rank() OVER (ORDER BY told) AS number "
            "FROM (SELECT code_commune, string_agg(told, ' ' ORDER BY told) AS told FROM "
            f"(SELECT code_commune, CAST(hash({told or 'NULL'}) AS TEXT) AS told FROM asked) GROUP BY 1)"
        )
        numbers = dict(self.connection.execute("SELECT * FROM alike").fetchall())
        first = "SELECT number, min(code_commune) AS code_commune FROM alike GROUP BY 1"
        rows: dict[int, list[Row]] = {}
        for row in super().rows(f"SELECT number, asked.* FROM asked JOIN ({first}) USING (code_commune)"):
            rows.setdefault(row.pop("number"), []).append(row)
        return Answers(numbers, rows)

    def begin(self) -> None:
        """Forget what the commune before was asked and which sources it used."""
        self.asked, self._used = [], {}


Said = tuple[tuple[Section, ...], tuple[str, ...]]
"""The sections of a fiche, and its sources."""


@dataclass
class Kind:
    """Communes to which the same questions are put: for each question, code → number, and what is said by numbers."""

    questions: Sequence[Question]
    numbers: Sequence[Mapping[str, int]]
    said: dict[tuple[int, ...], Said] = field(default_factory=dict)

    def answers(self, code: str) -> tuple[int, ...]:
        return tuple([number.get(code, 0) for number in self.numbers])


class Alike:
    """The fiches of one stretch, made once for communes of a département to which all questions are answered alike."""

    def __init__(self, sources: BulkSources) -> None:
        self._sources = sources
        self._kinds: dict[tuple[str, str], list[Kind]] = {}

    def of(self, commune: Commune) -> Said:
        kinds = self._kinds.setdefault((commune.code_departement, commune.code_region), [])
        for kind in kinds:
            said = kind.said.get(kind.answers(commune.code))
            if said is not None:
                return said
        self._sources.begin()
        sections = matters(commune, self._sources)
        said = (sections, self._sources.list())
        if not _names(sections, commune):
            kind = self._kind(kinds)
            kind.said[kind.answers(commune.code)] = said
        return said

    def _kind(self, kinds: list[Kind]) -> Kind:
        """The kind of the questions just put, added when it is new."""
        asked = list(self._sources.asked)
        found = next((kind for kind in kinds if kind.questions == asked), None)
        if found is None:
            found = Kind(asked, [self._sources.answers(question).number for question in asked])
            kinds.append(found)
        return found


def _names(sections: Sequence[Section], commune: Commune) -> bool:
    """Whether a text speaks of the commune itself, and so can be no other's."""
    return any(
        word in text
        for section in sections
        for text in (*section.notes, *(line.value for line in section.lines))
        for word in (commune.code, f"« {commune.nom} »")
    )


class Shards:
    """The fiches of all communes, cut by département, written into while the stretches go by."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, int]] = {}
        self._sections: dict[str, dict[tuple[Any, ...], int]] = {}
        self._fiches: dict[str, dict[tuple[Any, ...], int]] = {}
        self._lives: dict[str, dict[str, list[list[int]]]] = {}
        self._numbers: dict[tuple[str, int, int], int] = {}
        self._written: dict[tuple[str, str, Section], int] = {}
        self._kept: list[Said] = []
        """Keeps what was said alive, so that its id stays its own."""

    def add(self, stretch: int, day: str, place: str, commune: Commune, said: Said) -> None:
        """`day` is how the texts name the day that they were made for, `place` the département of the file."""
        life = self._lives.setdefault(place, {}).setdefault(commune.code, [])
        number = self._numbers.get((place, stretch, id(said)))
        if number is None:
            fiches = self._fiches.setdefault(place, {})
            number = fiches.setdefault(self._told(place, day, said), len(fiches))
            self._numbers[(place, stretch, id(said))] = number
            self._kept.append(said)
        if not life or life[-1][1] != number:
            life.append([stretch, number])

    def _told(self, place: str, day: str, said: Said) -> tuple[Any, ...]:
        sections, used = said
        known = self._sections.setdefault(place, {})
        numbers = []
        for section in sections:
            number = self._written.get((place, day, section))
            if number is None:
                number = known.setdefault(self._section(place, day, section), len(known))
                self._written[(place, day, section)] = number
            numbers.append(number)
        return (tuple(numbers), tuple(self._text(place, day, text) for text in used))

    def _section(self, place: str, day: str, section: Section) -> tuple[Any, ...]:
        lines = tuple(
            tuple(self._text(place, day, text) for text in (line.label, line.value, line.source))
            for line in section.lines
        )
        return (self._text(place, day, section.title), lines, tuple(self._text(place, day, n) for n in section.notes))

    def _text(self, place: str, day: str, text: str) -> int:
        texts = self._texts.setdefault(place, {})
        return texts.setdefault(text.replace(day, DAY), len(texts))

    def end(self, stretch: int, place: str, code: str) -> None:
        """From this stretch on there is no such commune."""
        life = self._lives.get(place, {}).get(code)
        if life and life[-1][1] >= 0:
            life.append([stretch, -1])

    def files(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Département, and its data: texts, sections and fiches in numbers, and each commune's fiche by stretch."""
        for place in sorted(self._lives):
            yield (
                place,
                {
                    "textes": list(self._texts[place]),
                    "sections": list(self._sections[place]),
                    "fiches": list(self._fiches[place]),
                    "communes": self._lives[place],
                },
            )


def shards(source: SiteSource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The data of every département: what `fiche` says of each of its communes, stretch by stretch."""
    made = Shards()
    former: dict[str, str] = {}
    answered: dict[Question, Any] = {}
    snapshots = _Snapshots(source)
    for number, stretch in enumerate(stretches(source)):
        alike = Alike(BulkSources(source.connection, stretch.probe, answered=answered))
        day = day_in_words(stretch.probe)
        communes, places = snapshots.on(stretch.probe)
        for code in former.keys() - places.keys():
            made.end(number, former[code], code)
        for commune in communes:
            made.add(number, day, places[commune.code], commune, alike.of(commune))
        former = places
    return made.files()


class _Snapshots:
    """The communes of a day, those of one snapshot read once for all its days."""

    def __init__(self, source: SiteSource) -> None:
        self._source = source
        self._read: dict[date, tuple[list[Commune], dict[str, str]]] = {}

    def on(self, day: date) -> tuple[list[Commune], dict[str, str]]:
        """The communes of the newest snapshot of that day, in order of codes; and code → file they stand in."""
        ((snapshot,),) = self._source.connection.execute(
            "SELECT max(cog_date) FROM ref.communes WHERE cog_date <= ?", [day]
        ).fetchall()
        if snapshot not in self._read:
            found = self._source.connection.execute(
                "SELECT code_commune, nom, code_departement, code_region, cog_date FROM ref.communes "
                "WHERE type = 'COM' AND cog_date = ? ORDER BY code_commune",
                [snapshot],
            )
            communes = [Commune(*row) for row in found.fetchall()]
            self._read[snapshot] = communes, {c.code: departement_of(c.code) for c in communes}
        return self._read[snapshot]


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
