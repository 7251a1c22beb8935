"""Characters into words, runs and lines of text. Nothing here knows about cells or rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np

from pipeline.extract.model import Box
from pipeline.extract.pdf.chars import Bools, Chars, Floats, Ints
from pipeline.extract.pdf.results import PageLine

N = TypeVar("N", float, Floats)

# A gap of 0.15 of the font size ends a word: a fixed tolerance glues words at 8 points when the file has no space
# glyphs; a run goes on over normal spaces (0.25 to 0.35 of the size, more when justified) and ends at wider gaps.
WORD_GAP = 0.15
RUN_GAP = 0.6
OVERLAP = 0.5
BASELINE = 0.12
# Words smaller than this share of a line's height are set in another size; lines that a word may still belong to.
OTHER_SIZE, RECENT = 0.8, 4
# Printed as one glyph, read as letters.
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# Fonts whose hyphen says it is a soft one still print it.
LIGATURES[0xAD] = "-"
UNUSUAL = frozenset(map(chr, LIGATURES))


class Word(NamedTuple):
    """Letters without a space, drawn one after the other on one baseline; a named tuple, quick to make by thousands.

    `run` numbers what was drawn in one go; `glued` says that no space parts the word from the one before in its run
    (another operator began there: a cell's text may touch its neighbour's); (`at_x`, `at_y`) is the middle of its first
    letter; `turn` is that of its characters.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    run: int
    bold: bool
    at_x: float
    at_y: float
    glued: bool = False
    turn: int = 0

    @property
    def mid(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def box(self) -> Box:
        return self.x0, self.top, self.x1, self.bottom


def words_of(chars: Chars) -> list[Word]:
    """Words in drawing order, those that do not stand upright last. Oblique characters make no words."""
    if not chars.turn.any():
        return _upright(chars)
    words = _upright(chars.take(chars.turn == 0))
    for turn in (1, 2, 3):
        turned = chars.take(chars.turn == turn)
        first = words[-1].run + 1 if words else 0
        words += [_turned_back(w, turn, first) for w in _upright(replace(turned, box=_faced(turned.box, turn)))]
    return words


def _faced(box: Floats, turn: int) -> Floats:
    """Boxes (n, 4) as they would stand if the text of that turn were upright."""
    x0, top, x1, bottom = faced((box[:, 0], box[:, 1], box[:, 2], box[:, 3]), turn)
    return np.column_stack((x0, top, x1, bottom))


def faced(box: tuple[N, N, N, N], turn: int) -> tuple[N, N, N, N]:
    """A box (or columns of boxes) as it would stand if the text of that turn were upright."""
    x0, top, x1, bottom = box
    return (box, (-bottom, x0, -top, x1), (-x1, -bottom, -x0, -top), (top, -x1, bottom, -x0))[turn]


def _turned_back(w: Word, turn: int, first_run: int) -> Word:
    back = (4 - turn) % 4
    x0, top, x1, bottom = faced(w.box, back)
    at_x, at_y, _, _ = faced((w.at_x, w.at_y, w.at_x, w.at_y), back)
    run = w.run + first_run
    return w._replace(x0=x0, top=top, x1=x1, bottom=bottom, at_x=at_x, at_y=at_y, turn=turn, run=run)


def _upright(chars: Chars) -> list[Word]:
    if not len(chars):
        return []
    box, size = chars.box, chars.size
    solid = ~chars.blank
    where = np.flatnonzero(solid)
    if not len(where):
        return []
    b, s = box[where], np.maximum(size[where], 0.1)
    unit = np.maximum(s[1:], s[:-1])
    gap = b[1:, 0] - b[:-1, 2]
    apart = np.abs(b[1:, 3] - b[:-1, 3]) > BASELINE * unit
    spaced = np.diff(where) > 1
    new_run = apart | (gap > RUN_GAP * unit) | (gap < -OVERLAP * unit)
    new_word = new_run | spaced | (gap > WORD_GAP * unit)
    # One operator a glyph says nothing; a change between longer ones may be where another cell begins.
    operator = chars.drawn[where]
    several = np.bincount(operator)[operator] > 1
    new_piece = new_word | ((operator[1:] != operator[:-1]) & several[1:] & several[:-1])
    starts = np.concatenate([[0], np.flatnonzero(new_piece) + 1])
    glued = np.concatenate([[False], ~new_word])[starts]
    runs = np.concatenate([[0], np.cumsum(new_run)])[starts]
    return _build(chars.text, where, starts, b, s, chars.bold[where], runs, glued)


def _build(
    text: str, where: Ints, starts: Ints, b: Floats, s: Floats, bold: Bools, runs: Ints, glued: Bools
) -> list[Word]:
    low = np.minimum.reduceat(b, starts, axis=0)
    high = np.maximum.reduceat(b, starts, axis=0)
    x0, top = low[:, 0].tolist(), low[:, 1].tolist()
    x1, bottom = high[:, 2].tolist(), high[:, 3].tolist()
    at_x, at_y = ((b[starts, 0] + b[starts, 2]) / 2).tolist(), ((b[starts, 1] + b[starts, 3]) / 2).tolist()
    ends = np.append(starts[1:], len(where))
    first, last = where[starts].tolist(), (where[ends - 1] + 1).tolist()
    sizes, faces = s[starts].tolist(), bold[starts].tolist()
    columns = (first, last, x0, top, x1, bottom, sizes, runs.tolist(), faces, at_x, at_y, glued.tolist())
    if not UNUSUAL.isdisjoint(text):
        return [Word(text[i:j].translate(LIGATURES), *rest) for i, j, *rest in zip(*columns, strict=True)]
    return [Word(text[i:j], *rest) for i, j, *rest in zip(*columns, strict=True)]


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand on one line, from left to right."""

    words: tuple[Word, ...]

    @property
    def box(self) -> Box:
        return bounds(self.words)

    @property
    def text(self) -> str:
        return line_text(self.words)

    @property
    def size(self) -> float:
        return max(w.size for w in self.words)

    @property
    def bold(self) -> bool:
        return all(w.bold for w in self.words)


def bounds(words: Iterable[Word]) -> Box:
    """The smallest box around words."""
    boxes = [w.box for w in words]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def text_lines(words: Sequence[Word]) -> list[PageLine]:
    """Lines of words of any turn: upright ones first, then each other turn's, read in its own direction."""
    made = [_page_line(line, 0) for line in lines_of([w for w in words if not w.turn])]
    for turn in (1, 2, 3):
        # Turned by what is left of a full turn they stand upright; the lines' boxes are turned back.
        upright = [_turned_back(w, 4 - turn, 0) for w in words if w.turn == turn]
        made += [_page_line(line, 4 - turn) for line in lines_of(upright)]
    return made


def _page_line(line: Line, turn: int) -> PageLine:
    return PageLine(line.text, faced(line.box, turn), line.size, line.bold)


def lines_of(words: Sequence[Word]) -> list[Line]:
    """Lines from top to bottom: words that overlap by half the height of the smaller stand on one line.

    Superscripts and subscripts stay with the line they are set on, and a word much smaller or larger than a line only
    where it touches it or shares its baseline: the lines of a column in small print are not one with their neighbour's.
    """
    lines: list[_Gathered] = []
    for word in sorted(words, key=lambda w: (w.mid, w.x0)):
        own = _Gathered([word], word.top, word.bottom)
        line = next((line for line in reversed(lines[-RECENT:]) if line.takes(own)), None)
        if line is None:
            lines.append(own)
        else:
            line.join(own)
    return [Line(tuple(sorted(line.words, key=lambda w: w.x0))) for line in _with_raised(lines)]


@dataclass(slots=True)
class _Gathered:
    """A line in the making, as high as its highest word."""

    words: list[Word]
    top: float
    bottom: float

    def takes(self, other: _Gathered) -> bool:
        low, high = sorted((self.bottom - self.top, other.bottom - other.top))
        if min(self.bottom, other.bottom) - max(self.top, other.top) <= 0.5 * low:
            return False
        return low > OTHER_SIZE * high or abs(self.bottom - other.bottom) <= BASELINE * high or self._touches(other)

    def _touches(self, other: _Gathered) -> bool:
        return any(
            a.x0 - RUN_GAP * b.size < b.x1 and b.x0 < a.x1 + RUN_GAP * b.size for b in other.words for a in self.words
        )

    def join(self, other: _Gathered) -> None:
        self.words += other.words
        if other.bottom - other.top > self.bottom - self.top:
            self.top, self.bottom = other.top, other.bottom


def _with_raised(lines: Sequence[_Gathered]) -> list[_Gathered]:
    """Lines in order, those set higher or lower than a line they turned out to touch joined to it."""
    kept: list[_Gathered] = []
    for line in lines:
        for above in reversed(kept[-RECENT:]):
            if above.takes(line):
                above.join(line)
                break
        else:
            kept.append(line)
    return kept


def _spaced(before: Word, word: Word) -> bool:
    if word.run == before.run:
        return not word.glued
    return word.x0 - before.x1 > WORD_GAP * min(before.size, word.size)


def line_text(words: Sequence[Word]) -> str:
    """The words of one line with the spaces that stand between them."""
    parts: list[str] = []
    for before, word in zip((None, *words), words, strict=False):
        if before is not None and _spaced(before, word):
            parts.append(" ")
        parts.append(word.text)
    return "".join(parts)
