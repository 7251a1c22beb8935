"""Running heads, running feet and page numbers, told from content by what repeats at the same height.

Only page lines are looked at; tables are never taken for margins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pipeline.extract.pdf.results import PageLine, PageRead

Margin = Literal["titre_courant", "numero_de_page"]

_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"^\W*(?:page|p\.)?\W*[0-9]{1,4}(?:\s*(?:/|sur|of|de)\s*[0-9]{1,4})?\W*$", re.IGNORECASE)
# A margin stands in the outer 12 % of the page's height.
_OUTER = 0.12
_SAME_HEIGHT = 6.0


def margins(pages: Sequence[PageRead]) -> dict[tuple[int, int], Margin]:
    """(page number, line index) -> reason, for each line that is a margin.

    A running line recurs, its digits aside, in the outer band at the same height on at least half of the pages where it
    could (and on two or more). A page number is a lone number there, the same step from its page's rank as others.
    """
    recurring = Counter(
        key for page in pages for key in {_key(page, line) for line in page.lines if _outer(page, line)}
    )
    found: dict[tuple[int, int], Margin] = {}
    for page in pages:
        for i, line in enumerate(page.lines):
            if not _outer(page, line):
                continue
            lone = _NUMBER.match(line.text) is not None
            near = sum(recurring[_key(page, line, shift)] for shift in (-1, 0, 1))
            if near >= max(2, min(3, len(pages) // 2)) or (lone and len(pages) == 1):
                found[page.number, i] = "numero_de_page" if lone else "titre_courant"
    return found


def _outer(page: PageRead, line: PageLine) -> bool:
    return line.box[3] < _OUTER * page.height or line.box[1] > (1 - _OUTER) * page.height


def _key(page: PageRead, line: PageLine, shift: int = 0) -> tuple[str, int]:
    text = "#" if _NUMBER.match(line.text) else _DIGITS.sub("#", line.text).casefold()
    return text, round(
        (line.box[1] if line.box[1] < page.height / 2 else line.box[1] - page.height) / _SAME_HEIGHT
    ) + shift
