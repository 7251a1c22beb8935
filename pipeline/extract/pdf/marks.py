"""Raised marks of notes, told by size and rise and set apart: joined to a figure, a mark would change it.

Units (m²), ordinals (1ᵉʳ) and raised letters of abbreviations stay in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.words import Word

_MARK = re.compile(r"^[(\[]?(?:[0-9]{1,2}(?:[,;–-][0-9]{1,2})*|[a-zA-Z]|\*{1,3}|[†‡§])[)\]]?[.,;:]?$")
_UNIT = re.compile(r"(?:^|[^a-zA-Z])[kcdmhµ]?m$|^s$")
_POWERS = frozenset({"2", "3", "²", "³"})
_ORDINALS = frozenset("eoad")


def set_apart(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """The words without marks of notes, and the marks. Words are in drawing order."""
    sizes = [w.size for w in words if not w.turn]
    if not sizes or min(sizes) > thresholds.MARK_SIZE * max(sizes):
        return list(words), []
    kept: list[Word] = []
    marks: list[Word] = []
    for i, word in enumerate(words):
        base = _base(words, i) if _MARK.match(word.text) and not word.turn else None
        if base is not None and not _belongs(base.text, word.text):
            marks.append(word)
        else:
            kept.append(word)
    return kept, marks


def _base(words: Sequence[Word], i: int) -> Word | None:
    """The word behind which a word stands raised, in smaller print; most are drawn one after the other."""
    near = (words[i - 1], *words[i + 1 : i + 2]) if i else words[1:2]
    found = next((w for w in near if _raised(words[i], w)), None)
    return found or next((w for w in words if _raised(words[i], w)), None)


def _raised(mark: Word, base: Word) -> bool:
    """Whether the mark stands close behind the base, in smaller print and above its baseline."""
    if base.turn or mark.size > thresholds.MARK_SIZE * base.size:
        return False
    if not -thresholds.MARK_NEAR < (mark.x0 - base.x1) / base.size < thresholds.MARK_NEAR:
        return False
    rise = (base.bottom - base.size / 4) - (mark.bottom - mark.size / 4)
    return thresholds.LEAST_RISE * base.size <= rise <= thresholds.MOST_RISE * base.size


def _belongs(base: str, mark: str) -> bool:
    """Whether what is raised is part of the word: a power of a unit, the ending of an ordinal or an abbreviation."""
    if mark in _POWERS and _UNIT.search(base):
        return True
    return (mark.isalpha() and base[-1:].isdigit() and mark in _ORDINALS) or (mark.isalpha() and base[-1:].isalpha())
