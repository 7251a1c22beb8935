"""Acts, documents and renditions: who said it, what was archived, and which file says it.

Frozen values only, each declared once: document.toml and actes.toml are read into them (`declaration`), version files
keep them, and what a field says of itself is its column's comment in the published file (`pipeline.published`). Taking
new files in is in `archive`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, MinLen, Predicate

from pipeline.documents.media import BY_NAME
from pipeline.errors import AnnexesError
from pipeline.published import DocumentId, Published, Words

FromBasis = Literal["texte", "lendemain_publication", "consolidation", "signature", "inconnue", "constat"]
ToBasis = Literal[
    "texte", "revision_annuelle", "remplace", "remplace_par_acte_non_detenu", "abroge", "annule", "constat", "aucune"
]
RelationKind = Literal["modifie", "rectifie", "abroge", "annule"]
Role = Literal["published", "extract", "typeset"]
Nature = Literal["arrete", "bulletin", "feuille", "decret", "autre"]
Media = Annotated[str, Predicate(BY_NAME.__contains__)]
"""A kind of file, one of `documents.media.FORMATS`."""

# A place is cited from the best witness: what was published, then a cut of it, then what we typeset from the figures.
ROLE_WORDS: Words = (("published", "publie"), ("extract", "extrait"), ("typeset", "compose"))
ROLE_RANK: Mapping[Role, int] = {"published": 0, "extract": 1, "typeset": 2}

CLOSED = {"extra": "forbid"}
"""How pydantic reads these records: a key that no field has is a mistake, or of a newer program."""

ActId = Annotated[str, Published("JORFTEXT de l'acte, ou son NOR.", "act_id")]
Title = Annotated[str, Published("Titre de l'acte.", "title")]
Nor = Annotated[str | None, Published("Numéro NOR, s'il est connu.", "nor")]
Signed = Annotated[date | None, Published("Date de signature.", "signed")]
Known = Annotated[date | None, Published("Date de publication (publie_le) : quand le public a pu savoir.", "published")]
EffectDay = Annotated[date | None, Published("Date d'effet.", "effect_from")]
EffectBase = Annotated[FromBasis, Published("D'où vient la date d'effet.", "effect_base")]
Parameters = Mapping[str, Mapping[str, str | int]]
"""By dataset: what prose decides (a year), as declared with its quotation in document.toml."""


@dataclass(frozen=True)
class Effect:
    """Legal effect of an act: `valid_from` inclusive, `valid_to` exclusive, each with its basis (plain dates)."""

    __pydantic_config__: ClassVar = CLOSED

    valid_from: EffectDay = None
    valid_from_base: EffectBase = "inconnue"
    valid_to: date | None = None
    valid_to_base: ToBasis = "aucune"
    citation: Annotated[str, Published("Ce qui dit la date d'effet, cité ou rapporté.", "effect_citation")] = ""


@dataclass(frozen=True)
class Relation:
    """What an act does to another one. `portee` partielle: only the keys it prints change.

    `date_effet` is used by `abroge` and `annule`: when the act named ends, or is emptied from.
    """

    __pydantic_config__: ClassVar = CLOSED

    kind: Annotated[RelationKind, Published("modifie, rectifie, abroge, annule, ou NULL.", "relation")]
    act: Annotated[str, Published("Acte visé par la relation.", "relation_act")]
    portee: Annotated[Literal["totale", "partielle"], Published("totale ou partielle.")] = "totale"
    date_effet: date | None = None

    @property
    def ends(self) -> bool:
        """The act named comes to an end, whether or not something takes its place."""
        return self.kind in ("abroge", "annule")


LinkKind = Literal["modifie", "remplace_annexe", "dans_la_version_de", "applique", "rectifie", "abroge", "annule"]


@dataclass(frozen=True)
class Link:
    """What one act says of another: `origin` ('' for the act that says it) does `kind` to `target`: ids, NOR, or their
    names where no id is known. `citation` are the printed words that say so, `line` their line in the original."""

    __pydantic_config__: ClassVar = CLOSED

    kind: LinkKind
    target: str
    citation: Annotated[str, MinLen(1)]
    origin: str = ""
    line: Annotated[int, Ge(1)] | None = None


@dataclass(frozen=True)
class Act:
    """A legal text. `id` is its JORFTEXT or, when that is not known, its NOR.

    `title` is the title as printed, '' where none is; `other_title` a shorter one or one from elsewhere, with its
    origin. One of them is given.
    """

    __pydantic_config__: ClassVar = CLOSED

    id: ActId
    title: Annotated[
        str, Published("Titre tel qu'imprimé ; NULL si aucun ne l'est, ou si l'acte n'est pas détenu.", "title")
    ] = ""
    other_title: Annotated[str, Published("Titre court, ou tenu d'ailleurs.")] = ""
    other_title_origin: Annotated[str, Published("D'où vient cet autre titre.")] = ""
    authority: str = ""
    """Who decided it, where that is not who published the document: questions about what it says go there."""
    nor: Nor = None
    signed: Signed = None
    published: Known = None
    effect: Effect = Effect()
    effects: Mapping[str, Effect] = field(default_factory=dict)
    """By dataset, where what it says of one has other days than the act."""
    relation: Relation | None = None
    begins: str | None = None
    """Text of the heading where the act begins in the document; None: whatever no other act claims."""
    ends: str | None = None
    """Text of the first heading after it, when that begins no other act."""
    url: Annotated[str | None, Published("Adresse de l'acte.")] = None
    parameters: Parameters = field(default_factory=dict)
    feeds: tuple[str, ...] = ()
    """Datasets that it feeds though their declaration does not recognise it, because its title does not say so."""
    link: tuple[Link, ...] = ()

    @property
    def name(self) -> str:
        """How a list names it: by the title printed, else by the other one."""
        return self.title or self.other_title

    def effect_on(self, dataset: str) -> Effect:
        """When what the act says of this dataset holds."""
        return self.effects.get(dataset, self.effect)

    @property
    def bearing(self) -> str:
        """What the act does to others: "modifie LOGU0907602A partielle", as declared, and its title, which says it."""
        relation = f"{self.relation.kind} {self.relation.act} {self.relation.portee} / " if self.relation else ""
        return relation + self.name


@dataclass(frozen=True)
class Passage:
    """Lines of a copy that are not the original's, numbered as there ("5-6, 10"), and why."""

    __pydantic_config__: ClassVar = CLOSED

    lines: Annotated[str, Predicate(lambda text: bool(_LINES.fullmatch(text)))]
    why: Annotated[str, MinLen(1)]

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """First and last line of each run."""
        runs = (part.strip().partition("-") for part in self.lines.split(","))
        return tuple((int(first), int(last or first)) for first, _, last in runs)

    def covers(self, line: int) -> bool:
        return any(first <= line <= last for first, last in self.spans)


_LINES = re.compile(r"[0-9]+(?:-[0-9]+)?(?:, ?[0-9]+(?:-[0-9]+)?)*")


@dataclass(frozen=True)
class DeclaredRendition:
    """One file of a document, as document.toml has it. `line_offset` is added to its lines so that places are those of
    the original. `media` (there `format`) and `sha256` may be left to the file itself.

    `delivery` names what brought it in, so that names of one series sort by time (20260612-205512). `replaces` is the
    file of this document that the publisher took back by delivering this one.
    """

    __pydantic_config__: ClassVar = {**CLOSED, "alias_generator": lambda name: FORMAT if name == "media" else name}

    file: Annotated[str, Published("Nom du fichier.")]
    role: Annotated[Role, Published("publie, extrait ou compose (par ce projet).", words=ROLE_WORDS)]
    media: Media | None = None
    sha256: str | None = None
    added: Annotated[date | None, Published("Date d'archivage.")] = None
    source_sha256: str | None = None
    line_offset: Annotated[int, Ge(0)] = 0
    complete: Annotated[str, MinLen(1)] | None = None
    """Why a person says that the file is whole, where its end seems to be missing."""
    delivery: Annotated[
        str | None,
        Published("Livraison du flux qui l'a apporté (AAAAMMJJ-HHMMSS) ; NULL s'il a été déposé à la main."),
    ] = None
    replaces: str | None = None
    typeset: tuple[Passage, ...] = ()
    """Of an extract: what this project wrote, whatever the original prints there."""
    omitted: tuple[Passage, ...] = ()
    """Of an extract: what the original prints and the copy has not."""


FORMAT = "format"
"""What document.toml calls the media."""


@dataclass(frozen=True)
class Rendition(DeclaredRendition):
    """One file of a document, its bytes looked at. `replaced`: another file says so of it."""

    media: Annotated[Media, Published("Format de lecture : cells, markdown, tsv, pdf, xml, html.")] = field()
    sha256: Annotated[str, Published("Empreinte du fichier.")] = field()
    replaced: Annotated[bool, Published("Vrai si une livraison suivante a pris sa place : gardé, et plus lu.")] = False

    @property
    def rank(self) -> int:
        return ROLE_RANK[self.role]


@dataclass(frozen=True)
class SameTitle:
    """A title of a column that means the same as the printed one, and why a person says so."""

    __pydantic_config__: ClassVar = CLOSED

    means: Annotated[str, MinLen(1)]
    reason: Annotated[str, MinLen(1)]


@dataclass(frozen=True)
class Document:
    """What was published and archived: renditions, and the acts it carries (none for a sheet)."""

    __pydantic_config__: ClassVar = CLOSED

    id: DocumentId
    title: Annotated[str, Published("Titre.")]
    publisher: Annotated[str, Published("Éditeur.")]
    nature: Annotated[Nature, Published("arrete, bulletin, feuille, decret ou autre.")]
    folder: Path
    renditions: tuple[Rendition, ...]
    acts: tuple[Act, ...] = ()
    published: Annotated[date | None, Published("Date de publication.")] = None
    url: Annotated[str | None, Published("Adresse.")] = None
    licence: Annotated[str | None, Published("Licence de réutilisation.")] = None
    date_reference_estimee: Annotated[
        str | None, Published("Jour ou année dont parle un document qui n'imprime aucune date : estimation.")
    ] = None
    date_reference_raison: Annotated[str, Published("Sur quoi repose cette estimation.")] = ""
    parameters: Parameters = field(default_factory=dict)
    titles: Mapping[str, SameTitle] = field(default_factory=dict)
    """Title of a column as printed → the one that a dataset knows and that means the same."""

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

    __pydantic_config__: ClassVar = CLOSED

    id: ActId
    dataset: str
    title: Title
    nor: Nor = None
    signed: Signed = None
    published: Known = None
    effect_from: EffectDay = None
    effect_base: EffectBase = "inconnue"
    year: int | None = None
    note: Annotated[str, Published("Remarque.")] = ""
    ends: bool = True


class DocumentError(AnnexesError):
    """A document cannot be taken as declared: names the document, the place and the remedy (French)."""

    def __init__(self, document: str, place: str, reason: str, remedy: str = "") -> None:
        self.document, self.place, self.reason, self.remedy = document, place, reason, remedy
        tail = f" ; {remedy}" if remedy else ""
        super().__init__(f"{document} : {place} : {reason}{tail}")
