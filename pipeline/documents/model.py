"""Acts, documents and renditions: who said it, what was archived, and which file says it.

Frozen values only. Reading document.toml is in `declaration`; taking new files in is in `archive`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from pipeline.errors import AnnexesError

FromBasis = Literal["texte", "lendemain_publication", "consolidation", "signature", "inconnue"]
ToBasis = Literal[
    "texte", "revision_annuelle", "remplace", "remplace_par_acte_non_detenu", "abroge", "annule", "aucune"
]
RelationKind = Literal["modifie", "rectifie", "abroge", "annule"]
Role = Literal["published", "extract", "typeset"]
Media = Literal["cells", "markdown", "tsv", "csv", "pdf", "xml", "html", "xlsx", "ods", "docx"]

# A place is cited from the best witness: what was published, then a cut of it, then what we typeset from the figures.
ROLE_RANK: Mapping[Role, int] = {"published": 0, "extract": 1, "typeset": 2}


@dataclass(frozen=True)
class Effect:
    """Legal effect of an act: `valid_from` inclusive, `valid_to` exclusive, each with its basis (plain dates)."""

    valid_from: date | None = None
    valid_from_base: FromBasis = "inconnue"
    valid_to: date | None = None
    valid_to_base: ToBasis = "aucune"
    citation: str = ""


@dataclass(frozen=True)
class Relation:
    """What an act does to another one. `portee` partielle: only the keys it prints change.

    `date_effet` is used by `abroge` and `annule`: when the act named ends, or is emptied from.
    """

    kind: RelationKind
    act: str
    portee: Literal["totale", "partielle"] = "totale"
    date_effet: date | None = None

    @property
    def ends(self) -> bool:
        """The act named comes to an end, whether or not something takes its place."""
        return self.kind in ("abroge", "annule")


@dataclass(frozen=True)
class Act:
    """A legal text. `id` is its JORFTEXT or, when that is not known, its NOR."""

    id: str
    title: str
    nor: str | None = None
    signed: date | None = None
    published: date | None = None
    effect: Effect = Effect()
    relation: Relation | None = None
    begins: str | None = None
    """Text of the heading where the act begins in the document; None: whatever no other act claims."""
    ends: str | None = None
    """Text of the first heading after it, when that begins no other act."""
    url: str | None = None
    parameters: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    """By dataset: what prose decides (a year), as declared with its quotation in document.toml."""
    feeds: tuple[str, ...] = ()
    """Datasets that it feeds though their declaration does not recognise it, because its title does not say so."""

    @property
    def bearing(self) -> str:
        """What the act does to others: "modifie LOGU0907602A partielle", as declared, and its title, which says it."""
        relation = f"{self.relation.kind} {self.relation.act} {self.relation.portee} / " if self.relation else ""
        return relation + self.title


@dataclass(frozen=True)
class Rendition:
    """One file of a document. `line_offset` is added to its lines so that places are those of the original.

    `delivery` names what brought it in, so that names of one series sort by time (20260612-205512). `replaces` is the
    file of this document that the publisher took back by delivering this one; `replaced`: another file says so of it.
    """

    file: str
    role: Role
    media: Media
    sha256: str
    added: date | None = None
    source_sha256: str | None = None
    line_offset: int = 0
    complete: str | None = None
    """Why a person says that the file is whole, where its end seems to be missing."""
    delivery: str | None = None
    replaces: str | None = None
    replaced: bool = False

    @property
    def rank(self) -> int:
        return ROLE_RANK[self.role]


@dataclass(frozen=True)
class Document:
    """What was published and archived: renditions, and the acts it carries (none for a sheet)."""

    id: str
    title: str
    publisher: str
    nature: Literal["arrete", "bulletin", "feuille", "decret", "autre"]
    folder: Path
    renditions: tuple[Rendition, ...]
    acts: tuple[Act, ...] = ()
    published: date | None = None
    url: str | None = None
    licence: str | None = None
    parameters: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    titles: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Title of a column as printed → the one that a dataset knows and that means the same, and why."""

    @property
    def current(self) -> tuple[Rendition, ...]:
        """The renditions that bear witness, best first: those that no later delivery replaces."""
        return tuple(r for r in self.renditions if not r.replaced)

    def path(self, rendition: Rendition) -> Path:
        return self.folder / rendition.file

    def act(self, act_id: str) -> Act:
        return next(a for a in self.acts if a.id == act_id)


@dataclass(frozen=True)
class KnownAct:
    """An act of raw/actes.toml: known to exist, held or not. Not held, it ends the edition before it in its dataset,
    unless `ends` says that what it leaves as it was still answers."""

    id: str
    dataset: str
    title: str
    nor: str | None = None
    signed: date | None = None
    published: date | None = None
    effect_from: date | None = None
    effect_base: FromBasis = "inconnue"
    year: int | None = None
    note: str = ""
    ends: bool = True


class DocumentError(AnnexesError):
    """A document cannot be taken as declared: names the document, the place and the remedy (French)."""

    def __init__(self, document: str, place: str, reason: str, remedy: str = "") -> None:
        self.document, self.place, self.reason, self.remedy = document, place, reason, remedy
        tail = f" ; {remedy}" if remedy else ""
        super().__init__(f"{document} : {place} : {reason}{tail}")
