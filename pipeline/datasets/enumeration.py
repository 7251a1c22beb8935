"""The names of a printed list, each with its place, out of the paragraphs that a printer or a scanner cut it into.

Nothing here knows what the names are, nor where a list begins: that is the dataset's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.extract.model import Cell, Paragraph

_PIECE = re.compile(r"[^,;]+")
_ARTICLE = re.compile(r"(?:.*\s)?(?:le|la|les|l['’])", re.IGNORECASE)
_HYPHENS = "-\u2010\u2011"


@dataclass(frozen=True)
class Enumeration:
    """The names in printed order. `finished`: the last paragraph ends with its full stop; `cut`: the last name is
    followed by no punctuation at all, or by a hyphen, so it may be the beginning of a longer one."""

    names: tuple[Cell, ...]
    finished: bool
    cut: bool


def enumerate_names(paragraphs: Sequence[Paragraph]) -> Enumeration:
    """The names of one list, which blank lines and page breaks may have cut anywhere, inside a name too.

    Each name is a Cell whose row is its rank in the list, from 0; its place runs over two lines when the cut went
    through it. A name cut after its hyphen, after an article or before a small letter goes on in the next paragraph.
    """
    names: list[Cell] = []
    before = ""
    for paragraph in paragraphs:
        for i, piece in enumerate(_pieces(paragraph)):
            if i == 0 and names and _goes_on(before, piece.text):
                names[-1] = _joined(names[-1], piece)
            else:
                names.append(piece)
        before = paragraph.text.rstrip()
    ranked = tuple(replace(name, row=rank) for rank, name in enumerate(names))
    return Enumeration(ranked, before.endswith("."), bool(before) and before[-1] not in ",;.")


def _pieces(paragraph: Paragraph) -> Iterator[Cell]:
    """What stands between two commas, without blanks around it, nor the full stop that ends the paragraph."""
    text = paragraph.text.rstrip()
    text = text.removesuffix(".")
    for match in _PIECE.finditer(text):
        name = match.group().strip()
        if name:
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            yield Cell(0, 0, name, paragraph.source.piece(start, start + len(name)))


def _goes_on(before: str, after: str) -> bool:
    """Whether the name that ends a paragraph goes on in the next one."""
    if not before or before[-1] in ",;.":
        return False
    last = re.split(r"[,;]", before)[-1].strip()
    return last[-1:] in _HYPHENS or bool(_ARTICLE.fullmatch(last)) or after[:1].islower()


def _joined(head: Cell, tail: Cell) -> Cell:
    glue = "" if head.text[-1] in _HYPHENS + "'’" else " "
    return replace(head, text=head.text + glue + tail.text, source=head.source | tail.source)
