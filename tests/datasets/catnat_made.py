"""Arrêtés of natural disasters made here in the dress of the Journal officiel's open data, and what is read of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

from pipeline.documents.model import Act, Document, Effect, Rendition
from pipeline.extract.xml import read_xml
from pipeline.refresh.read import ReadEditions, read_editions
from tests.datasets.reading import SETTINGS

ACT, NOR = "JORFTEXT000099999901", "INTE2099901A"
TITLE = "Arrêté du 3 février 2020 portant reconnaissance de l'état de catastrophe naturelle"
SIGNED = date(2020, 2, 3)
FLOOD, SLIDE = "Inondations et coulées de boue", "Mouvements de terrain"
HEADER = (
    *("Département", "Commune", "Phénomène naturel"),
    *("Date de début de la période de reconnaissance", "Date de fin de la période de reconnaissance"),
    *("Nombre de reconnaissances au cours des 5 dernières années", "Motivations de la décision"),
)
REJECTED_HEADER = (*HEADER[:5], HEADER[6])
GRANTED, REJECTED = "Communes reconnues en état de catastrophe naturelle", "Communes non reconnues"

Line = Sequence[str] | str
"""The texts of a row's cells, or the row as markup where cells span or are left out."""


@dataclass(frozen=True)
class Annex:
    number: str
    title: str
    lines: Sequence[Line]
    header: Sequence[str] = HEADER


def granted(*lines: Line) -> Annex:
    return Annex("ANNEXE I", GRANTED, lines)


def rejected(*lines: Line) -> Annex:
    return Annex("ANNEXE II", REJECTED, lines, REJECTED_HEADER)


def act_xml(*annexes: Annex, articles: Sequence[str] = (), act: str = ACT, nor: str = NOR, title: str = TITLE) -> bytes:
    """The whole text, one SECTION_TA an annex. Header cells are plain cells, as in most deliveries."""
    prose = "".join(f"<br/>{escape(text)}" for text in articles)
    sections = "\n".join(_section(annex) for annex in annexes)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TEXTE>
<ID>{act}</ID><NATURE>ARRETE</NATURE><NOR>{nor}</NOR>
<DATE_PUBLI>2020-02-05</DATE_PUBLI><DATE_TEXTE>2020-02-03</DATE_TEXTE>
<TITREFULL>{escape(title)}</TITREFULL>
<STRUCT>
<ARTICLE><NUM>1</NUM><BLOC_TEXTUEL><CONTENU><p>{prose}</p></CONTENU></BLOC_TEXTUEL></ARTICLE>
{sections}
</STRUCT>
</TEXTE>
""".encode()


def _section(annex: Annex) -> str:
    heads = "".join(f'<p align="center">{escape(text)}</p>\n' for text in (annex.number, annex.title) if text)
    rows = "\n".join(_row(line) for line in (annex.header, *annex.lines))
    return f"""<SECTION_TA><TITRE_TA>Annexe</TITRE_TA><ARTICLE><NUM/><BLOC_TEXTUEL><CONTENU>
{heads}<div><div><table>
{rows}
</table></div></div>
</CONTENU></BLOC_TEXTUEL></ARTICLE></SECTION_TA>"""


def _row(line: Line) -> str:
    if isinstance(line, str):
        return f"<tr>{line}</tr>"
    return "<tr>" + "".join(cell(text) for text in line) + "</tr>"


def cell(text: str, spans: str = "") -> str:
    """One cell as the open data writes it: an empty one has no end tag."""
    return f'<td align="left"{spans}><br/>{escape(text)}</td>' if text else f'<td align="left"{spans}/>'


def hear(*annexes: Annex, articles: Sequence[str] = (), signed: date | None = SIGNED) -> ReadEditions:
    """The act read by its datasets, as a refresh does, nothing written."""
    return read_act(act_xml(*annexes, articles=articles), ACT, signed)


def read_act(data: bytes, name: str, signed: date | None) -> ReadEditions:
    """A text of the open data, without a project."""
    act = Act(name, TITLE, nor=NOR, signed=signed, effect=Effect(signed, "signature") if signed else Effect())
    rendition = Rendition(f"{name}.xml", "published", "xml", "")
    document = Document(name, TITLE, "Ministère de l'intérieur", "arrete", Path(), (rendition,), (act,))
    return read_editions(SETTINGS, document, [(rendition, read_xml(data))])
