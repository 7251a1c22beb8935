"""The EPCI of one year with their communes. A year that is not held is never answered with another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pipeline.gazetteer.communes import departement_of
from pipeline.gazetteer.snapshot import ReferenceMissing, epci_years, read_rows

EpciKind = Literal["CA", "CC", "CU", "METRO", "MET69", "EPT", "COMMUNE"]


@dataclass(frozen=True, slots=True)
class Epci:
    """An EPCI with its own taxation, an EPT of Grand Paris, or the commune of Paris, in one year.

    `siren` is nine digits; `membres` are the INSEE codes of its communes, in order.
    """

    siren: str
    nom: str
    kind: EpciKind
    membres: tuple[str, ...]


@dataclass(frozen=True)
class EpciYear:
    """EPCI on 1 January of `millesime`, with the EPT of Grand Paris and the commune of Paris, in SIREN order."""

    millesime: int
    epci: tuple[Epci, ...]

    @cached_property
    def by_siren(self) -> Mapping[str, Epci]:
        return {item.siren: item for item in self.epci}

    @cached_property
    def _of_commune(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        # The EPCI first, then the EPT or the commune of Paris that is part of it.
        for item in sorted(self.epci, key=lambda e: e.kind in ("EPT", "COMMUNE")):
            for code in item.membres:
                found.setdefault(code, []).append(item.siren)
        return {code: tuple(sirens) for code, sirens in found.items()}

    def of_commune(self, code: str) -> tuple[str, ...]:
        """SIREN of the commune's EPCI; in Grand Paris, the Métropole, then the EPT or the commune of Paris.

        Empty for a commune of no EPCI (four islands) and for a code that is no commune of the year.
        """
        return self._of_commune.get(code, ())

    def grid(self, sirens: Iterable[str] | None = None) -> set[tuple[str, str]]:
        """(siren, code_departement): each EPCI, or those given, with every département it has communes in.

        A SIREN that the year does not hold gives nothing.
        """
        chosen = self.epci if sirens is None else [self.by_siren[s] for s in set(sirens) if s in self.by_siren]
        return {(item.siren, departement_of(code)) for item in chosen for code in item.membres}


@lru_cache(maxsize=8)
def epci(reference: Path, millesime: int) -> EpciYear:
    """The EPCI of a year in `reference` (raw/reference); cached.

    Raises ReferenceMissing, naming the years held, for any other year: members change every 1 January.
    """
    held = epci_years(reference)
    if millesime not in held:
        known = ", ".join(map(str, held)) or "aucune"
        raise ReferenceMissing(f"Pas de liste des EPCI de {millesime} ; années détenues : {known}.")
    rows = read_rows(reference / f"epci_{millesime}.parquet")
    return EpciYear(millesime, tuple(Epci(r["siren"], r["nom"], r["type"], tuple(r["membres"])) for r in rows))
