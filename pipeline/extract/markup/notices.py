"""Lines that say something of the document: annex headings, titles, tables and annexes that are not reproduced.

The wordings are those of the Journal officiel and of bulletins. Pure functions of one line of text.
"""

from __future__ import annotations

import re
from typing import Literal

Missing = Literal["annexe_non_reproduite", "tableau_non_reproduit"]

_NUMBER = r"(?:n[°ºo]\s*)?(?:[IVXLC]{1,7}|[0-9]{1,3}|[A-Z])(?:[-.\s]?(?:bis|ter|quater|[0-9]{1,2}|[A-Z]))?"
_ANNEX = re.compile(rf"annexe(?:\s+{_NUMBER})?(?:\s*[:.–—-]\s*\S.*|\s*\(.*\)|\s+(?:à|au|de|relative)\b.*)?", re.I)
_ANNEXES = re.compile(r"annexes(?:\s+(?:à|au|de)\b.*)?", re.I)
_TABLE = re.compile(rf"tableau\s+{_NUMBER}(?:\s*[:.–—-]\s*\S.*)?", re.I)
_ARTICLE = re.compile(
    r"article\s+(?:(?:[LRDA]\.?\s*)?[0-9][0-9.-]*(?:er)?|premier|unique)(?:\s+(?:bis|ter|quater))?", re.I
)
_LONGEST_TITLE = 250

_DOTS = re.compile(r"[(\[]?\s*(?:\.{3,}|…)\s*[)\]]?")
_THING = r"(?:tableaux?|annexes?|cartes?|plans?|listes?|barèmes?|graphiques?|formules?|images?|documents?)"
_GONE = r"(?:non|pas)\s+(?:reproduite?s?|publiée?s?|insérée?s?|reprise?s?)"
_ELSEWHERE = r"(?:bulletin\s+officiel|\bBO\b|fac-?similé|\bsite\b|https?://|www\.|\bJO\s+n[°ºo]|préfecture|ministère)"
_MISSING = (
    re.compile(rf"\b{_THING}\b[^.;]{{0,120}}\b{_GONE}", re.I),
    re.compile(rf"\bconsulter\b[^.;]{{0,80}}\b{_THING}\b.{{0,120}}(?:\bJO\b|journal\s+officiel|fac-?similé)", re.I),
    re.compile(
        rf"\b(?:annexes?|tableaux?)\b[^.;]{{0,120}}\b(?:est|sont|sera|seront|peut|peuvent)\s+(?:être\s+)?"
        rf"(?:également\s+)?(?:publiée?s?|consultée?s?|consultables?|disponibles?|téléchargeables?|mise?s?\s+en\s+ligne)"
        rf"\b.{{0,160}}{_ELSEWHERE}",
        re.I,
    ),
)
_TABLE_WORD = re.compile(r"\btableaux?\b", re.I)
_ANNEX_WORD = re.compile(r"\bannexes?\b", re.I)


def missing(line: str, under: tuple[str, ...]) -> Missing | None:
    """What a line says is not reproduced; dots alone say so only in the place of an annex."""
    if _DOTS.fullmatch(line):
        return "annexe_non_reproduite" if any(_ANNEX_WORD.match(heading) for heading in under) else None
    if not any(pattern.search(line) for pattern in _MISSING):
        return None
    table, annex = _TABLE_WORD.search(line), _ANNEX_WORD.search(line)
    return (
        "tableau_non_reproduit" if table and not (annex and annex.start() < table.start()) else "annexe_non_reproduite"
    )


def heading_rank(line: str) -> int | None:
    """0 for "ANNEXES", 1 for one annex, 2 for an article, 3 for a numbered table; None for any other line."""
    if len(line) > _LONGEST_TITLE or line.endswith((";", ",")):
        return None
    if _ANNEXES.fullmatch(line):
        return 0
    if _ANNEX.fullmatch(line) and not _sentence(line):
        return 1
    if _ARTICLE.fullmatch(line.rstrip(" .-–—")):
        return 2
    return 3 if _TABLE.fullmatch(line) and not _sentence(line) else None


def is_title(line: str) -> bool:
    """Short, and not ended as a sentence or a clause is."""
    return 0 < len(line) <= _LONGEST_TITLE and not line.endswith((".", ";", ",", ":"))


def is_rectificatif(title: str, nor: str) -> bool:
    """A text that corrects another: by its title, or by a NOR that ends in Z."""
    return "(rectificatif" in title.lower() or (len(nor) == 12 and nor[-1] in "Zz")


def _sentence(line: str) -> bool:
    return line.endswith(".") and len(line.split()) > 4
