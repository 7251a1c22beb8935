"""The values of the gazetteer: communes, départements, régions, EPCI and the answer of a look-up.

Plain frozen values. Nothing here reads a file or compares names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.errors import AnnexesError

CommuneKind = Literal["COM", "COMD", "COMA", "ARM"]
EpciKind = Literal["CA", "CC", "CU", "METRO", "MET69", "EPT", "COMMUNE"]
MatchHow = Literal["exact", "normalised", "article_moved", "former_name"]


class ReferenceMissing(AnnexesError, LookupError):  # noqa: N818 - it is the reference that is missing, not an error of the caller
    """The reference holds nothing for this date or year. The message is French, and names what is held."""


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune (COM) or a part of one at a date: délégué (COMD), associée (COMA), arrondissement municipal (ARM).

    `code` is the INSEE code, five characters; `rattachement` the code of the commune that a part belongs to, None for
    a COM. A COMD may bear the code of the COM it is part of.
    """

    code: str
    nom: str
    kind: CommuneKind
    rattachement: str | None
    code_departement: str
    code_region: str


@dataclass(frozen=True, slots=True)
class Departement:
    code: str
    nom: str
    code_region: str


@dataclass(frozen=True, slots=True)
class Region:
    """`autres_noms`: names in use for the whole of it, and names of former régions that are now inside it."""

    code: str
    nom: str
    autres_noms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Epci:
    """An EPCI with its own taxation, an EPT of Grand Paris, or the commune of Paris, in one year.

    `siren` is nine digits; `membres` are the INSEE codes of its communes, in order.
    """

    siren: str
    nom: str
    kind: EpciKind
    membres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """One commune that a label may mean; `nom` is the name that matched, a former one when `how` says so."""

    commune: Commune
    how: MatchHow
    nom: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a label may mean. Several matches are an ambiguity for the caller to settle: none is preferred."""

    matches: tuple[Match, ...]

    @property
    def only(self) -> Match | None:
        """The match when there is exactly one."""
        return self.matches[0] if len(self.matches) == 1 else None

    @property
    def ambiguous(self) -> bool:
        return len(self.matches) > 1


def departement_of(code_commune: str) -> str:
    """The code of the département in an INSEE code: '01004' → '01', '2A004' → '2A', '97411' → '974'."""
    return code_commune[:3] if code_commune.startswith("97") else code_commune[:2]
