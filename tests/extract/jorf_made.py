"""Texts in the dress of the DILA XML, made here: the elements of a JORFSIMPLE file around given articles."""

from __future__ import annotations

from xml.sax.saxutils import escape

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<TEXTE>
<ID>JORFTEXT000099990001</ID>
<ID_ELI>https://www.legifrance.gouv.fr/eli/arrete/2030/2/1/{nor}/jo/texte</ID_ELI>
<NATURE>ARRETE</NATURE>
<NUM_PARUTION>0031</NUM_PARUTION>
<NUM_SEQUENCE>12</NUM_SEQUENCE>
<NOR>{nor}</NOR>
<DATE_PUBLI>{published}</DATE_PUBLI>
<DATE_TEXTE>2030-02-01</DATE_TEXTE>
<TITREFULL>{title}</TITREFULL>
<VISAS><CONTENU><p><br/>La ministre,<br/>Arrête :</p></CONTENU></VISAS>
<RECT><CONTENU>{rect}</CONTENU></RECT>
<STRUCT>
"""
TAIL = """<SIGNATAIRES><CONTENU><p>Fait le 1er février 2030.</p></CONTENU></SIGNATAIRES>
</STRUCT>
</TEXTE>
"""


def article(content: str, number: str = "") -> str:
    return (
        f"<ARTICLE><ID>JORFARTI000099990002</ID><NUM>{number}</NUM><DATE_DEBUT>2999-01-01</DATE_DEBUT>"
        f"<BLOC_TEXTUEL><CONTENU>{content}</CONTENU></BLOC_TEXTUEL></ARTICLE>\n"
    )


def section(title: str, *articles: str) -> str:
    return f"<SECTION_TA><TITRE_TA>{title}</TITRE_TA>{''.join(articles)}</SECTION_TA>\n"


def table(rows: list[list[str]], *, header: str = "th") -> str:
    """A table as the DILA writes it: each cell begins with <br/>, an empty one closes itself."""
    lines = []
    for r, row in enumerate(rows):
        tag = header if r == 0 else "td"
        cells = [f'<{tag} align="left">\n<br/>{text}</{tag}>' if text else f'<{tag} align="left"/>' for text in row]
        lines.append("<tr>\n" + "\n".join(cells) + "\n</tr>")
    return '<div><div align="center">\n<table border="1">\n' + "\n".join(lines) + "\n</table>\n</div></div>"


def jorf_text(
    *body: str,
    title: str = "Arrêté du 1er février 2030 fixant des plafonds",
    nor: str = "ABCD3000001A",
    published: str = "2030-02-06",
    rect: str = "",
) -> bytes:
    head = HEAD.format(title=escape(title), nor=nor, published=published, rect=rect)
    return (head + "".join(body) + TAIL).encode()
