"""What a file at the door says of itself, completed by a person, as a Document of the archive. Pure, but for parsing.

Whether the text is wanted is for `wanted`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path, PurePath
from typing import Literal

from pipeline.documents.media import HEAD, MediaError, tell
from pipeline.documents.model import Act, Document, Effect, Media
from pipeline.extract.markup.lines import is_rectificatif
from pipeline.extract.model import ExtractError

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
    said = _metadata(media, data)
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
