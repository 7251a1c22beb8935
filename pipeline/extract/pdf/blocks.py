"""Text outside tables: lines gathered into paragraphs and headings, in reading order.

Knows neither tables' inside nor margins, which `assemble` has taken out before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.extract.model import Box
from pipeline.extract.pdf.results import PageLine

_HEADING = re.compile(
    r"^(?:ANNEXES?\b|Annexes?\b|TITRE\b|Titre\s|CHAPITRE\b|Chapitre\s|SECTION\b|Section\s|PARTIE\b|Partie\s|Article\s+\S+|ARTICLE\s+\S+"
    r"|Art\.\s|Tableau\s|TABLEAU\s|[0-9]{1,2}(?:\.[0-9]{1,2}){0,4}\.?\s+[^\W\d_]|[IVX]{1,5}\s?[.–—-]\s)"
)
_DEEP = (
    (1, r"^annexe"),
    (1, r"^titre"),
    (2, r"^(?:chapitre|partie)"),
    (3, r"^section"),
    (4, r"^art"),
    (5, r"^tableau"),
)
LONGEST_HEADING = 200


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph or heading of one page: its lines, its outline; `level` 0 for a paragraph."""

    page: int
    lines: tuple[str, ...]
    box: Box
    level: int = 0


def body_size(lines: Sequence[PageLine]) -> float:
    """The font size of most characters, to half a point."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def texts(page: int, lines: Sequence[PageLine], usual: float) -> list[Text]:
    """Lines in reading order as paragraphs and headings. `usual` is the document's body size in points."""
    groups: list[list[PageLine]] = []
    for line in lines:
        if groups and _goes_on(groups[-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_text(page, group, usual) for group in groups]


def _goes_on(group: Sequence[PageLine], line: PageLine) -> bool:
    before = group[-1]
    step = line.box[1] - before.box[3]
    if (
        not -0.5 * line.size <= step <= 0.6 * line.size
        or abs(before.size - line.size) > 1.0
        or before.bold != line.bold
    ):
        return False
    if line.box[0] > before.box[2] or line.box[2] < before.box[0]:
        return False
    return not _HEADING.match(line.text) and not line.text.startswith(("•", "–", "—", "- "))


def _text(page: int, group: Sequence[PageLine], usual: float) -> Text:
    boxes = [line.box for line in group]
    outline = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    return Text(page, tuple(line.text for line in group), outline, _level(group, usual))


def _level(group: Sequence[PageLine], usual: float) -> int:
    """1 for the highest heading, 0 for a paragraph: a heading is short and says so by its words, face or size."""
    first = group[0].text
    length = sum(len(line.text) for line in group)
    if length > LONGEST_HEADING or not any(c.isalpha() for c in first):
        return 0
    if first.rstrip().endswith((";", ",")):
        return 0
    bold, big = all(line.bold for line in group), min(line.size for line in group) > usual + 1.0
    named = _HEADING.match(first)
    if not (bold or big) and not (named and len(group) == 1 and length < 80 and re.match(r"(?i)annexe", first)):
        return 0
    lowered = first.lower()
    for level, pattern in _DEEP:
        if re.match(pattern, lowered):
            return level
    numbered = re.match(r"^([0-9]{1,2}(?:\.[0-9]{1,2})*)", first)
    if numbered:
        return min(2 + numbered[1].count("."), 6)
    return 2 if big else 5
