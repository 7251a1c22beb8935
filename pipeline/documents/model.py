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

FromBasis = Literal["texte", "lendemain_publication", "consolidation", "signature", "inconnue", "constat"]
ToBasis = Literal[
    "texte", "revision_annuelle", "remplace", "remplace_par_acte_non_detenu", "abroge", "annule", "constat", "aucune"
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


LinkKind = Literal["modifie", "remplace_annexe", "dans_la_version_de", "applique", "rectifie", "abroge", "annule"]


@dataclass(frozen=True)
class Link:
    """What one act says of another: `origin` does `kind` to `target` (ids, NOR, or their names where no id is known).

    `citation` are the printed words that say so, `line` their line in the document.
    """

    kind: LinkKind
    origin: str
    target: str
    citation: str
    line: int | None = None


@dataclass(frozen=True)
class Act:
    """A legal text. `id` is its JORFTEXT or, when that is not known, its NOR.

    `title` is the title as printed, '' where none is; `other_title` a shorter one or one from elsewhere, with its
    origin.
    """

    id: str
    title: str
    nor: str | None = None
    signed: date | None = None
    published: date | None = None
    effect: Effect = Effect()
    effects: Mapping[str, Effect] = field(default_factory=dict)
    """By dataset, where what it says of one has other days than the act."""
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
    other_title: str = ""
    other_title_origin: str = ""
    authority: str = ""
    """Who decided it, where that is not who published the document: questions about what it says go there."""
    links: tuple[Link, ...] = ()

    @property
    def name(self) -> str:
        """How a list names it: by the title printed, else by the other one."""
        return self.title or self.other_title

    def effect_on(self, dataset: str) -> Effect:
        """When what the act says of this dataset holds."""
        return self.effects.get(dataset, self.effect)


@dataclass(frozen=True)
class Passage:
    """Lines of a copy, numbered as in the original, first and last included, and why they are not the original's."""

    first: int
    last: int
    why: str


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
    typeset: tuple[Passage, ...] = ()
    """Of an extract: what this project wrote, whatever the original prints there."""
    omitted: tuple[Passage, ...] = ()
    """Of an extract: what the original prints and the copy has not."""

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
    reference_date: str | None = None
    """The day or year that it speaks of, estimated, where no date is printed; `reference_why` says by what."""
    reference_why: str = ""
    parameters: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)

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
    """An act of raw/actes.toml: known to exist, held or not. It ends the edition before it in its dataset."""

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


class DocumentError(AnnexesError):
    """A document cannot be taken as declared: names the document, the place and the remedy (French)."""

    def __init__(self, document: str, place: str, reason: str, remedy: str = "") -> None:
        self.document, self.place, self.reason, self.remedy = document, place, reason, remedy
        tail = f" ; {remedy}" if remedy else ""
        super().__init__(f"{document} : {place} : {reason}{tail}")
