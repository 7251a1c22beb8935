"""What a zoning annex decides, as plain values: names with and without their commune, communes left in doubt.

How it is decided is in `zonage_communes` and `zonage_refused`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from pipeline.contract.rows import Ignored, Refused
from pipeline.datasets.zonage_lists import ZoneList
from pipeline.extract.model import Cell
from pipeline.gazetteer.resolver import ListResolution, Resolution

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

    def doubt(self, codes: Iterable[str], why: Reserve) -> None:
        for code in codes:
            self.doubtful.setdefault(code, why)


def shown(resolution: Resolution, most: int = 5) -> str:
    """The candidates as a person reads them: "Armoy (74020) 0,80, …"."""
    listed = [f"{c.nom} ({c.code}) {c.score:.2f}".replace(".", ",") for c in resolution.candidates]
    more = [f"et {len(listed) - most} autres"] if len(listed) > most else []
    return ", ".join([*listed[:most], *more]) or "aucune"
