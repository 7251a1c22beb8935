"""What a file at the door says of itself, completed by a person, as a Document of the archive; which texts are kept,
and why the others are not. Pure, but for parsing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path, PurePath
from typing import Literal

from pipeline.cleaning.labels import fold
from pipeline.contract.dataset import Dataset
from pipeline.documents.identity import is_known_act
from pipeline.documents.media import HEAD, MediaError, tell
from pipeline.documents.model import Act, Document, Effect, KnownAct, Media, Relation
from pipeline.extract.markup.lines import is_rectificatif
from pipeline.extract.model import ExtractError
from pipeline.extract.notice import said_by_name

Nature = Literal["arrete", "bulletin", "feuille", "decret", "autre"]
_NATURES: Mapping[str, Nature] = {"ARRETE": "arrete", "ARRÊTÉ": "arrete", "DECRET": "decret", "DÉCRET": "decret"}
_PUBLISHER = "Journal officiel de la République française"
_LICENCE = "Licence Ouverte 2.0"
_JORFTEXT = re.compile(r"JORFTEXT[0-9]{12}")
_TEXTS = frozenset({"texte", "article", "texte_version", "html"})
_OPENS_A_TABLE = re.compile(rb"<table\b", re.I)


class TextError(Exception):
    """The file tells too little of itself, or too much (French, with what to do)."""


@dataclass(frozen=True)
class Hints:
    """What a person says of a file; it goes before what the file says."""

    id: str | None = None
    nor: str | None = None
    title: str | None = None
    signed: date | None = None
    published: date | None = None
    url: str | None = None
    publisher: str | None = None
    nature: Nature | None = None


@dataclass(frozen=True)
class Described:
    """A file and what it says it is. `nature` is the publisher's word (ARRETE, LISTE…), '' when unsaid."""

    document: Document
    media: Media
    nature: str = ""
    rectificatif: bool = False
    has_table: bool = False

    @property
    def act(self) -> Act | None:
        return self.document.acts[0] if self.document.acts else None


def describe(name: str, data: bytes, hints: Hints | None = None) -> Described:
    """The document that a file makes: id (JORFTEXT, else NOR), title, NOR, dates, address, effect the day after its
    publication. A sheet (nature "feuille") carries no act. The folder is not set.

    Raises TextError when the file is no text, or when neither it nor the hints give an id and a title.
    """
    hints = hints or Hints()
    try:
        media = tell(name, data[:HEAD])
    except MediaError as error:
        raise TextError(str(error)) from error
    said = {**said_by_name(name), **_metadata(media, data)}
    if media == "xml" and said.get("forme") not in _TEXTS:
        raise TextError(f"ce fichier n'est pas un texte du Journal officiel (racine {said.get('forme', 'inconnue')})")
    told = _told(said, hints)
    if told.id is None:
        raise TextError("ni identifiant JORFTEXT ni NOR dans le fichier ; donner --id")
    if told.title is None:
        raise TextError("aucun titre dans le fichier ; donner --title")
    nature = hints.nature or _NATURES.get(said.get("nature", "").upper(), "autre")
    document = Document(
        id=told.id,
        title=told.title,
        publisher=told.publisher or _PUBLISHER,
        nature=nature,
        folder=Path(),
        renditions=(),
        acts=() if nature == "feuille" else (_act(told),),
        published=told.published,
        url=told.url,
        licence=_LICENCE if told.id.startswith("JORFTEXT") else None,
    )
    rectificatif = is_rectificatif(told.title, told.nor or "")
    return Described(document, media, said.get("nature", ""), rectificatif, bool(_OPENS_A_TABLE.search(data)))


def metadata_id(name: str) -> str | None:
    """The JORFTEXT that a file name is, if it is one."""
    stem = PurePath(name).stem.upper()
    return stem if _JORFTEXT.fullmatch(stem) else None


def effect(published: date | None, signed: date | None) -> Effect:
    """The day after publication (Code civil, art. 1); the signature is only a lower bound."""
    if published is not None:
        return Effect(published + timedelta(days=1), "lendemain_publication")
    return Effect(signed, "signature") if signed is not None else Effect()


def _metadata(media: Media, data: bytes) -> dict[str, str]:
    try:
        if media == "xml":
            from pipeline.extract.xml import xml_metadata

            return xml_metadata(data)
        if media == "html":
            from pipeline.extract.html import html_metadata

            return html_metadata(data)
        if media == "pdf":
            from pipeline.extract.pdf.notice import pdf_metadata

            return pdf_metadata(data)
    except ExtractError as error:
        raise TextError(str(error)) from error
    return {}


def _told(said: Mapping[str, str], hints: Hints) -> Hints:
    """One answer for each question: the person's, else the file's."""
    nor = hints.nor or said.get("nor")
    return replace(
        hints,
        id=hints.id or said.get("texte_id") or said.get("id") or nor,
        nor=nor,
        # A text of the open data without a title is still followed by its identifier.
        title=hints.title or said.get("titre") or (said.get("id") if said.get("forme") == "texte" else None),
        signed=hints.signed or _date(said.get("signe_le")),
        published=hints.published or _date(said.get("publie_le")),
        url=hints.url or said.get("eli") or said.get("url"),
        publisher=hints.publisher or said.get("ministere"),
    )


def _act(told: Hints) -> Act:
    assert told.id is not None
    assert told.title is not None
    return Act(
        id=told.id,
        title=told.title,
        nor=told.nor,
        signed=told.signed,
        published=told.published,
        url=told.url,
        effect=effect(told.published, told.signed),
    )


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


_NOMINATIVE_NATURES = frozenset({"liste", "tableau", "citation", "nomination"})
# Searched in folded titles. A list of names kept by mistake harms persons; a table left out by mistake is listed.
_PERSONS = (
    r"nominations?\b",
    r"\bnomm(?:ant|ee?s?)\b",
    r"promotions?\b",
    r"\bpromue?s?\b",
    r"mutations?\b",
    r"affectations? d(?:e |'|es |u )(?:\w+ )?(?:magistrat|administrateur|inspecteur|eleve|officier|agent)",
    r"titularis",
    r"\bdetachement",
    r"\bradiation",
    r"(?:cessation|fin) de fonctions",
    r"\b(?:admis\w*|admissions?|mises?|maint\w+)\b.{0,40}\bretraite\b",
    r"\badmis(?:e?s)?\b",
    r"admissions? (?:au|aux|a l'|dans|en qualite)",
    r"listes? d'aptitude",
    r"tableaux? d'avancement",
    r"listes? des (?:candidat|eleve|laureat|personne|officier|medecin|praticien|expert|beneficiaire|agent)",
    r"\b(?:candidats?|laureats?|jurys?)\b",
    r"delegations? de (?:signature|pouvoirs?)",
    r"(?:composition|membres?) d(?:e la|e l'|es|u) (?:commission|conseil|comite|cabinet|college|jury|cour)",
    r"\bdesign(?:ation|ant)\b",
    r"naturalis",
    r"\breintegration",
    r"changements? de noms?\b",
    r"nationalite francaise",
    r"\bmedailles?\b",
    r"legion d'honneur",
    r"ordre national",
    r"\bdecorations?\b",
    r"citations? a l'ordre",
    r"habilit(?:ation|ant) (?:de|d'|des) (?:agent|personne|inspecteur|fonctionnaire)",
    r"inscription sur l(?:a|es) listes?",
    r"gel (?:des|d')\s?avoirs",
    r"\bexpulsion",
    r"portant integration",
    r"renouvellement (?:dans l'emploi|de fonctions|du mandat)",
    r"l\. ?562-[0-9]",  # freezing of assets (Code monétaire et financier): the title says no more than the article
    r"acces protege",
    r"\b(?:mm?\.|mmes?|mlles?) (?=\w)",
)
_NOMINATIVE = re.compile("|".join(_PERSONS))

Why = Literal["jeu", "connu", "tableaux", "nominatif", "sans_jeu"]


@dataclass(frozen=True)
class Verdict:
    """`jeu`: `detail` names the datasets it feeds; `connu`: the act of actes.toml; `tableaux`: kept for its tables.
    `nominatif` and `sans_jeu` are not kept."""

    why: Why
    detail: str = ""

    @property
    def kept(self) -> bool:
        return self.why in ("jeu", "connu", "tableaux")


@dataclass(frozen=True)
class Wanted:
    """What to keep: what a dataset reads, the acts of actes.toml (`known`), with `all_tables` what has a table."""

    datasets: Sequence[Dataset]
    known: Sequence[KnownAct] = ()
    all_tables: bool = False

    def verdict(self, text: Described) -> Verdict:
        if fed := self._fed(text):
            return Verdict("jeu", ", ".join(fed))
        if text.act and (named := self.known_act(text.act, fed)):
            return Verdict("connu", named.id)
        if not (self.all_tables and text.has_table):
            return Verdict("sans_jeu")
        reason = nominative(text.nature, text.document.title)
        return Verdict("nominatif", reason) if reason else Verdict("tableaux")

    def _fed(self, text: Described) -> tuple[str, ...]:
        if text.act is None:
            return tuple(d.name for d in self.datasets if d.acts.document(text.document))
        return tuple(d.name for d in self.datasets if d.acts.act(text.act))

    def known_act(self, act: Act, fed: Sequence[str]) -> KnownAct | None:
        """The act of actes.toml that this is: the same id or NOR; else the same dataset, kind and day of signature."""
        for known in self.known:
            if known.id == act.id or (known.nor and known.nor == act.nor):
                return known
        names = {act.id, act.nor or act.id}
        return next((k for k in self.known if k.dataset in fed and is_known_act(names, act.name, act.signed, k)), None)

    def completed(self, text: Described, held: Sequence[Act] = ()) -> Document:
        """The document with what actes.toml states of its act (its dataset, its effect), and with the act that a
        rectificatif corrects: of those known or `held`, the one whose NOR differs by its last letter only."""
        act = text.act
        if act is None:
            return text.document
        if text.rectificatif:
            if corrected := self._corrected(act, held):
                act = replace(act, relation=Relation("rectifie", corrected))
        else:
            fed = self._fed(text)
            known = self.known_act(act, fed)
            if known and known.dataset not in fed:
                act = replace(act, feeds=(known.dataset,))
            if known and known.effect_from and known.effect_base == "texte":
                effect = replace(act.effect, valid_from=known.effect_from, valid_from_base="texte", citation=known.note)
                act = replace(act, effect=effect)
        return replace(text.document, acts=(act,))

    def _corrected(self, act: Act, held: Sequence[Act]) -> str | None:
        if not act.nor:
            return None
        nors = {k.nor: k.id for k in self.known if k.nor} | {a.nor: a.id for a in held if a.nor}
        return next((i for nor, i in sorted(nors.items()) if nor[:-1] == act.nor[:-1] and nor != act.nor), None)


def nominative(nature: str, title: str) -> str:
    """Why a text is about persons rather than rules, in one French phrase; '' when it is not."""
    if fold(nature) in _NOMINATIVE_NATURES:
        return f"nature {nature}"
    found = _NOMINATIVE.search(fold(title))
    return f"titre : « {found[0].strip()} »" if found else ""
