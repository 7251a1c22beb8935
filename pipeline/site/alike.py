"""What is told of all communes, each telling made once for those communes and days to which it is the same.

A matter of the fiche is told from the codes of a commune and from what it asks of its sources. What it asked and was
answered is kept beside what it told: where the same questions are answered the same on another day, it is not told
again, and communes of a département that all questions find alike share one telling. Ranks are places in the list of
all codes that were ever a commune; arrays have one entry a rank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.products.fiche.commune import Commune, Section
from pipeline.products.fiche.sections import matters_held
from pipeline.products.fiche.sources import Row, Sources
from pipeline.warehouse.ddl import identifier

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    Ranks = np.ndarray[tuple[int], np.dtype[np.int64]]

DAY = "\ue000"
"""Stands in a text for the day of the fiche, which the page fills in."""
OWN = frozenset({"code_commune", "nom_commune", "row_no", "rang_impression"})
"""Columns of an answer that tell one commune from another and of which a fiche says nothing."""

Question = tuple[Any, ...]
"""What is asked: one of the words below, then a query and its values, or a day. The day of the fiche is DAY in it."""
ROWS, COMMUNES, REACHED, YEAR = "rows", "communes", "reached", "year"


@dataclass(frozen=True, eq=False)
class Answers:
    """What one query finds of all communes: a number that those share of which it finds the same (0: nothing), and the
    rows of one commune for each number. `sum` is equal for equal rows of all."""

    number: Ranks
    rows: Mapping[int, list[Row]]
    sum: object


class Everyone:
    """All communes of all days, and what was last answered about them."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self.connection = connection
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE every AS SELECT code_commune, row_number() OVER (ORDER BY code_commune) - 1 "
            "AS rank FROM (SELECT DISTINCT code_commune FROM ref.communes WHERE type = 'COM')"
        )
        found = connection.execute("SELECT code_commune FROM every ORDER BY rank").fetchall()
        self.codes: Sequence[str] = [code for (code,) in found]
        self.rank: Mapping[str, int] = {code: rank for rank, code in enumerate(self.codes)}
        self.answered: dict[Question, object] = {}
        self.acts: dict[int, tuple[str, str]] = {}

    def answers(self, sql: str, values: Sequence[object], former: Answers | None) -> Answers:
        """What a query finds of each commune; `former` itself when it finds the same. The rows stay in the database
        but for those of one commune of each number."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE asked AS {sql}", list(values))
        columns = [name for name, *_ in self.connection.execute("DESCRIBE asked").fetchall()]
        every = ", ".join(map(identifier, columns))
        told = ", ".join(identifier(name) for name in columns if name not in OWN)
        found = self.connection.execute(f"SELECT count(*), sum(hash({every})), bit_xor(hash({every})) FROM asked")
        rows_sum = found.fetchone()
        if former is not None and former.sum == rows_sum:
            return former
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE alike AS SELECT code_commune, dense_rank() OVER (ORDER BY told) AS number "
            f"FROM (SELECT code_commune, list_sort(list(hash({told or 'NULL'}))) AS told FROM asked GROUP BY 1)"
        )
        numbers = self.connection.execute(
            "SELECT coalesce(number, 0) AS number FROM every LEFT JOIN alike USING (code_commune) ORDER BY rank"
        ).fetchnumpy()["number"]
        first = "SELECT number, min(code_commune) AS code_commune FROM alike GROUP BY 1"
        cursor = self.connection.execute(f"SELECT number, asked.* FROM asked JOIN ({first}) USING (code_commune)")
        rows: dict[int, list[Row]] = {}
        for number, *row in cursor.fetchall():
            rows.setdefault(number, []).append(dict(zip(columns, row, strict=True)))
        return Answers(np.asarray(numbers, np.int64), rows, rows_sum)


@dataclass
class SharedSources(Sources):
    """The sources of one day, asked for all communes at once. It notes what is asked and answered."""

    everyone: Everyone = field(kw_only=True)
    facts: dict[Question, object] = field(default_factory=dict)
    """What was asked since the last `begin`, and the answers: the same object for the same answer on any day."""
    own: bool = False
    """Whether something was asked about the present commune alone."""
    _code: str = ""
    _now: dict[Question, object] = field(default_factory=dict)

    def begin(self, code: str) -> None:
        """Forget what was asked before; what follows is about this commune."""
        self._code, self._used, self.facts, self.own = code, {}, {}, False

    @property
    def used(self) -> tuple[tuple[int, str], ...]:
        """The versions that answered, and how each is told."""
        return tuple(self._used.items())

    def rows(self, sql: str, *values: object) -> list[Row]:
        self.own |= any(isinstance(value, str) and self._code in value for value in values)
        found: Any = self._noted((ROWS, sql, *self._undated(values)))
        return list(found)

    def of_commune(self, code: str, sql: str, *values: object) -> list[Row]:
        found: Any = self._noted((COMMUNES, sql, *self._undated(values)))
        return list(found.rows.get(int(found.number[self.everyone.rank[code]]), ()))

    @property
    def day(self) -> str:
        return DAY

    @property
    def year(self) -> int:
        found: Any = self._noted((YEAR,))
        return int(found)

    def reached(self, day: date) -> bool:
        return bool(self._noted((REACHED, day)))

    def act(self, version_no: int) -> str:
        acts = self.everyone.acts
        if version_no not in acts:
            acts[version_no] = super().act(version_no), self._used[version_no]
        named, self._used[version_no] = acts[version_no]
        return named

    def _undated(self, values: Sequence[object]) -> tuple[object, ...]:
        return tuple([DAY if value == self.on else value for value in values])

    def _noted(self, question: Question) -> object:
        self.facts[question] = found = self.answer(question)
        return found

    def answer(self, question: Question) -> object:
        """The answer of this day, looked at once: the very object that was the answer before when it is equal."""
        answered = self.everyone.answered
        if question not in self._now and question in answered and self._is_of_any_day(question):
            self._now[question] = answered[question]  # the same on any day
        if question not in self._now:
            former = answered.get(question)
            found = self._asked(question, former)
            self._now[question] = answered[question] = former if found == former else found
        return self._now[question]

    @staticmethod
    def _is_of_any_day(question: Question) -> bool:
        return DAY not in question and question[0] in (ROWS, COMMUNES)

    def _asked(self, question: Question, former: Any) -> object:
        kind, *said = question
        if kind == YEAR:
            return self.on.year
        asked, *rest = said
        if kind == REACHED:
            return super().reached(asked)
        values = [self.on if value == DAY else value for value in rest]
        if kind == COMMUNES:
            return self.everyone.answers(asked, values, former)
        return super().rows(asked, *values)


@dataclass(frozen=True)
class Told:
    """What one matter says, and the versions that it rests on."""

    section: Section | None
    used: tuple[tuple[int, str], ...]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The communes of one date of the reference, by rank; `place` stands for département and région together."""

    cog_date: date
    ranks: Ranks
    place: Ranks
    _of: Mapping[int, Sequence[str]]

    def commune(self, rank: int) -> Commune:
        code, nom, code_departement, code_region = self._of[rank]
        return Commune(code, nom, code_departement, code_region, self.cog_date)


class Snapshots:
    """The communes of a day, those of one snapshot read once for all its days."""

    def __init__(self, everyone: Everyone) -> None:
        self._everyone = everyone
        self._read: dict[date, Snapshot] = {}
        self._places: dict[tuple[str, str], int] = {}

    def on(self, day: date) -> Snapshot:
        """The newest snapshot of that day."""
        connection = self._everyone.connection
        newest = "SELECT max(cog_date) FROM ref.communes WHERE cog_date <= ?"
        ((cog_date,),) = connection.execute(newest, [day]).fetchall()
        if cog_date not in self._read:
            found = connection.execute(
                "SELECT rank, code_commune, nom, code_departement, code_region FROM ref.communes "
                "JOIN every USING (code_commune) WHERE type = 'COM' AND cog_date = ? ORDER BY rank",
                [cog_date],
            ).fetchall()
            place = [self._places.setdefault((row[3], row[4]), len(self._places)) for row in found]
            ranks = np.array([row[0] for row in found], np.int64)
            self._read[cog_date] = Snapshot(
                cog_date, ranks, np.array(place, np.int64), {rank: told for rank, *told in found}
            )
        return self._read[cog_date]


class Matter:
    """One matter of the fiche, for all communes, day after day."""

    def __init__(self, tell: Callable[[Commune, Sources], Section | None]) -> None:
        self._tell = tell
        self.told: list[Told] = []
        """Everything ever told; `numbers` point into it."""
        self._index: dict[Told, int] = {}
        self._facts: dict[Question, object] = {}
        self._known: dict[tuple[int, ...], int] = {}
        """Rank of the one it is told of, or _ANY; place, and numbers of the answers → what is told, or _ALONE."""
        self._snapshot: Snapshot | None = None
        self._numbers: Ranks = np.empty(0, np.int64)

    def numbers(self, sources: SharedSources, snapshot: Snapshot) -> Ranks:
        """By rank what is told, as a number; -1 of what is no commune that day."""
        same = bool(self._facts) and all(sources.answer(asked) is found for asked, found in self._facts.items())
        if same and snapshot is self._snapshot:
            return self._numbers
        if not same:
            self._facts, self._known = {}, {}
        self._snapshot = snapshot
        while True:
            asked = self._questions()
            self._numbers = self._told_by(asked, sources, snapshot)
            if self._questions() == asked:
                return self._numbers
            self._known = {}  # a commune was asked more than those before it: part them by that too

    def _questions(self) -> list[Question]:
        return [question for question in self._facts if question[0] == COMMUNES]

    def _told_by(self, asked: Sequence[Question], sources: SharedSources, snapshot: Snapshot) -> Ranks:
        answers: list[Any] = [sources.answer(question) for question in asked]
        ranks = snapshot.ranks
        parts = [snapshot.place, *(found.number[ranks] for found in answers)]
        first, kind = kinds(parts)
        keys = zip(ranks[first].tolist(), *(part[first].tolist() for part in parts), strict=True)
        by_kind = [self._one((_ANY, *key), rank, sources, snapshot) for rank, *key in keys]
        told = np.array(by_kind, np.int64)[kind]
        alone = np.flatnonzero(told == _ALONE)
        for at, rank, *key in zip(
            *(a.tolist() for a in (alone, ranks[alone], *(p[alone] for p in parts))), strict=True
        ):
            told[at] = self._one((rank, *key), rank, sources, snapshot)
        numbers = np.full(len(sources.everyone.codes), -1, np.int64)
        numbers[ranks] = told
        return numbers

    def _one(self, key: tuple[int, ...], rank: int, sources: SharedSources, snapshot: Snapshot) -> int:
        """What is told of the commune of that rank, under a key that says of whom it is told."""
        if key not in self._known:
            commune = snapshot.commune(rank)
            sources.begin(commune.code)
            section = self._tell(commune, sources)
            self._facts |= sources.facts
            if sources.own and key[0] == _ANY:
                self._known[key] = _ALONE
            else:
                told = Told(section, sources.used)
                number = self._known[key] = self._index.setdefault(told, len(self.told))
                if number == len(self.told):
                    self.told.append(told)
        return self._known[key]


_ANY, _ALONE = -1, -2
"""Told of all of a kind; to be told of each of them alone."""


def kinds(parts: Sequence[Ranks]) -> tuple[Ranks, Ranks]:
    """Entries that are equal in all parts are of one kind: where each kind first stands, and the kind of each entry."""
    kind: Ranks = np.zeros(len(parts[0]), np.int64)
    for part in parts:
        _, kind = np.unique(kind * (part.max(initial=0) + 1) + part, return_inverse=True)
    _, first, kind = np.unique(kind, return_index=True, return_inverse=True)
    return first, kind


class Tellings:
    """All matters together."""

    def __init__(self, everyone: Everyone) -> None:
        self.everyone = everyone
        sources = SharedSources(everyone.connection, date.max, everyone=everyone)
        self._matters = [Matter(tell) for tell in matters_held(sources)]

    def __len__(self) -> int:
        return len(self._matters)

    def on(self, day: date, snapshot: Snapshot) -> np.ndarray[Any, np.dtype[np.int64]]:
        """One line a matter, one column a rank: what is told that day, by number."""
        sources = SharedSources(self.everyone.connection, day, everyone=self.everyone)
        return np.stack([matter.numbers(sources, snapshot) for matter in self._matters])

    def told(self, numbers: Sequence[int]) -> Iterator[Told]:
        """What the numbers of one column say, matter by matter."""
        return (matter.told[number] for matter, number in zip(self._matters, numbers, strict=True))
