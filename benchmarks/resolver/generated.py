"""Damaged names with a known answer, alone or inside lists, and how the resolver does on them.

How names are damaged is in `damage`. Every draw comes from one seed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.resolver.damage import Damage, damage
from pipeline.gazetteer import Commune, Gazetteer, normalise
from pipeline.gazetteer.resolver import Resolution, resolve, resolve_list

DECOYS = 0.05
# In a list, this share of the names is damaged; the others stand as they should.
DAMAGED_IN_LISTS = 0.25


class Case(NamedTuple):
    """A label printed under a département: what it means there ("" for a decoy) and how often it was damaged."""

    label: str
    departement: str
    code: str
    edits: int


@dataclass
class Tally:
    """Outcomes by kind of case: an intact name (0), one edit, two, a decoy ("decoy")."""

    right: Counter[int | str] = field(default_factory=Counter)
    wrong: Counter[int | str] = field(default_factory=Counter)
    total: Counter[int | str] = field(default_factory=Counter)

    def add(self, case: Case, resolution: Resolution) -> None:
        kind = case.edits if case.code else "decoy"
        self.total[kind] += 1
        if resolution.code:
            (self.right if resolution.code == case.code else self.wrong)[kind] += 1

    def recall(self, kind: int) -> float:
        return self.right[kind] / self.total[kind]

    @property
    def decided(self) -> tuple[int, int]:
        """Right and decided among the damaged names and the decoys; intact names would only flatter."""
        right = self.right[1] + self.right[2]
        return right, right + self.wrong[1] + self.wrong[2] + self.wrong["decoy"]

    @property
    def decoys_accepted(self) -> float:
        return self.wrong["decoy"] / self.total["decoy"]


def wilson(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a proportion (Wilson 1927), right to the edges 0 and 1."""
    p, n = right / total, total
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return middle - half, min(1.0, middle + half)


class Generator:
    """Draws cases from the communes of a gazetteer."""

    def __init__(self, gazetteer: Gazetteer, kinds: tuple[Damage, ...], seed: int) -> None:
        self.gazetteer, self.kinds, self.draw = gazetteer, kinds, random.Random(seed)
        self.communes = gazetteer.communes()
        self.departements = sorted({c.code_departement for c in self.communes})

    def alone(self, count: int) -> Iterator[Case]:
        """Damaged names, one and two edits by halves, and decoys, each on its own."""
        for i in range(count):
            if self.draw.random() < DECOYS:
                yield self._decoy(self.draw.choice(self.departements))
            else:
                yield self._damaged(self.draw.choice(self.communes), 1 + i % 2)

    def lists(self, count: int) -> Iterator[list[Case]]:
        """Lists of one département in code order, until they hold `count` damaged names and decoys.

        A decoy stands where its name would stand in the alphabet: the place that makes it most believable.
        """
        while count > 0:
            cases = self._list(self.draw.choice(self.departements))
            count -= sum(case.edits > 0 or not case.code for case in cases)
            yield cases

    def _list(self, departement: str) -> list[Case]:
        communes = self.gazetteer.communes(departement)
        size = min(len(communes), self.draw.randint(6, 80))
        cases: list[Case] = []
        decoys: list[Case] = []
        for commune in sorted(self.draw.sample(communes, size), key=lambda c: c.code):
            if self.draw.random() >= DAMAGED_IN_LISTS:
                cases.append(Case(commune.nom, departement, commune.code, 0))
            elif self.draw.random() < DECOYS:
                decoys.append(self._decoy(departement))
            else:
                cases.append(self._damaged(commune, self.draw.choice((1, 2))))
        for decoy in decoys:
            key = normalise(decoy.label)
            cases.insert(next((i for i, c in enumerate(cases) if normalise(c.label) > key), len(cases)), decoy)
        return cases

    def _damaged(self, commune: Commune, edits: int) -> Case:
        label = damage(commune.nom, edits, self.draw, self.kinds, normalise)
        return Case(label, commune.code_departement, commune.code, edits)

    def _decoy(self, departement: str) -> Case:
        """A name that no commune of the département bears or bore; one in two damaged as well."""
        while True:
            commune = self.draw.choice(self.communes)
            if commune.code_departement != departement and not self.gazetteer.lookup(commune.nom, departement).matches:
                break
        edits = self.draw.choice((0, 0, 1, 2))
        return Case(damage(commune.nom, edits, self.draw, self.kinds, normalise), departement, "", edits)


def tally_alone(cases: Sequence[Case], gazetteer: Gazetteer) -> Tally:
    """Each name resolved by itself."""
    tally = Tally()
    for case in cases:
        tally.add(case, resolve(case.label, case.departement, gazetteer))
    return tally


def tally_lists(lists: Sequence[Sequence[Case]], gazetteer: Gazetteer) -> Tally:
    """Names resolved with those of their list."""
    tally = Tally()
    for cases in lists:
        found = resolve_list([case.label for case in cases], cases[0].departement, gazetteer)
        for case, resolution in zip(cases, found, strict=True):
            tally.add(case, resolution)
    return tally
