"""Lines cut where wide gaps part them: the pieces of text that a table without rules may hold in separate cells."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from statistics import median

from pipeline.extract.pdf.words import Line, Word, line_text, lines_of

# Within a cell, words stand a space apart (0.25 to 0.35 of the size); columns at least this share of the size apart.
CELL_GAP = 0.55
# In a monospaced font a space is as wide as a letter: columns stand two of them apart.
MONOSPACED_GAP = 0.9
SAME_ADVANCE = 0.01
# Two figures a space apart are two cells, unless they are groups of thousands.
FIGURE_GAP, LONG_GAP = 0.35, 0.2
_FIGURE = re.compile(r"^[-–−+(]?[$€£]?[0-9][0-9.,/]*[%)*]?$")
_LONG = re.compile(r"[0-9][0-9.,]{3}")
_GROUP = re.compile(r"^[-–−+(]?[$€£]?[0-9]{1,3}$")
_LAST_GROUP = re.compile(r"^[0-9]{3}(?:[.,][0-9]+)?[%)]?(?:[*†‡]+|[a-z]|\([a-z0-9]\))?$")
_CURRENCY = frozenset("$€£¥") | {"US$", "$(", "€(", "("}
_AFTER = frozenset({"%", ")", "pp", "*", "**", "***", "€", "k€", "M€", "bp", ")%"})
_LEADER = re.compile(r"^(?:[.…·_]\s?){3,}$")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Words of one line that stand together."""

    words: tuple[Word, ...]

    @property
    def x0(self) -> float:
        return self.words[0].x0

    @property
    def x1(self) -> float:
        return max(w.x1 for w in self.words)

    @property
    def text(self) -> str:
        return line_text(self.words)

    @property
    def figure(self) -> bool:
        """Whether most of its letters and digits are digits."""
        solid = [c for w in self.words for c in w.text if c.isalnum()]
        if not solid:
            return all(c in "-–—−" for w in self.words for c in w.text)
        return sum(c.isdigit() for c in solid) * 2 > len(solid)


@dataclass(frozen=True, slots=True)
class Strip:
    """One line as chunks from left to right; `leader` where dots lead from one to the next (a table of contents)."""

    chunks: tuple[Chunk, ...]
    top: float
    bottom: float
    size: float
    leader: bool = False

    @property
    def x0(self) -> float:
        return self.chunks[0].x0

    @property
    def x1(self) -> float:
        return max(c.x1 for c in self.chunks)

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(w for c in self.chunks for w in c.words)

    @property
    def bold(self) -> bool:
        return all(w.bold for w in self.words)


def strips(words: Sequence[Word]) -> list[Strip]:
    """Words as lines of chunks, from top to bottom."""
    lines = lines_of(words)
    advances = frozenset(advance for line in lines if (advance := _advance(line)))
    return [_strip(line, advances) for line in lines]


def _advance(line: Line) -> float:
    """The width of every letter of a monospaced line, as a share of the size; 0 for any other.

    Words of letters are as wide as they are long in such a font only, if there are several of them.
    """
    shares = [_letter_share(w) for w in line.words if len(w.text) >= 3 and w.text.isalpha()]
    if len(shares) < 3 or max(shares) - min(shares) > 2 * SAME_ADVANCE:
        return 0.0
    return round(median(shares), 2)


def _letter_share(word: Word) -> float:
    return (word.x1 - word.x0) / len(word.text) / word.size


def _monospaced(line: Line, advances: AbstractSet[float]) -> bool:
    """Whether all of a line's words have one of the page's monospaced advances."""
    shares = [_letter_share(w) for w in line.words]
    return any(all(abs(share - advance) <= SAME_ADVANCE for share in shares) for advance in advances)


def _strip(line: Line, advances: AbstractSet[float]) -> Strip:
    words = line.words
    size = median(w.size for w in words)
    leader = any(map(_leads, words))
    gaps = [b.x0 - a.x1 for a, b in itertools.pairwise(words)]
    widest = MONOSPACED_GAP if _monospaced(line, advances) else CELL_GAP
    chunks: list[list[Word]] = [[words[0]]]
    if justified(gaps, size) and not _prints_figures(words):
        return Strip((Chunk(words),), line.box[1], line.box[3], size, leader)
    for before, word, gap in zip(words, words[1:], gaps, strict=False):
        if _parts(before, word, gap, max(before.size, word.size), widest):
            chunks.append([word])
        else:
            chunks[-1].append(word)
    return Strip(tuple(Chunk(tuple(c)) for c in chunks), line.box[1], line.box[3], size, leader)


def _prints_figures(words: Sequence[Word]) -> bool:
    """Whether figures are what a line is about, or what it ends in: no sentence does."""
    figures = [bool(_FIGURE.match(w.text)) for w in words]
    return 2 * sum(figures) >= len(words) or all(figures[-2:])


def justified(gaps: Sequence[float], size: float) -> bool:
    """Whether a line's spaces are stretched alike: prose set to the margin, however wide its spaces."""
    return len(gaps) >= 5 and max(gaps) <= 1.6 * size and max(gaps) <= 1.6 * median(gaps)


def _parts(before: Word, word: Word, gap: float, size: float, widest: float) -> bool:
    """Whether a gap between two words of a line may be one between two cells; within a cell it is `widest` at most."""
    if _leads(before) and not _leads(word):
        return True
    if before.text in _CURRENCY and (_FIGURE.match(word.text) or gap <= widest * size):
        return False
    if word.text in _AFTER:
        return gap > 1.5 * size
    if gap > widest * size:
        return True
    if not _FIGURE.match(before.text) or not _FIGURE.match(word.text) or thousands(before.text, word.text):
        return False
    # Long figures are no parts of one number, of a telephone's or of a date.
    long = _LONG.search(before.text) and _LONG.search(word.text)
    return gap > (LONG_GAP if long else FIGURE_GAP) * size


def _leads(word: Word) -> bool:
    """Whether a word is, or ends in, the dots that lead the eye to the next column."""
    return bool(_LEADER.match(word.text)) or word.text.endswith("....")


def thousands(before: str, word: str) -> bool:
    """Whether two figures a space apart are groups of one number, a mark of a note after the last aside."""
    return bool(_GROUP.match(before) and _LAST_GROUP.match(word))
