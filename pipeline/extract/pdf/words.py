"""Characters into words, runs and lines of text. Nothing here knows about cells or rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.extract.model import Box
from pipeline.extract.pdf.chars import Bools, Chars, Floats, Ints

# A gap of 0.15 of the font size ends a word: a fixed tolerance glues words at 8 points when the file has no space
# glyphs; a run goes on over normal spaces (0.25 to 0.35 of the size, more when justified) and ends at wider gaps.
WORD_GAP = 0.15
RUN_GAP = 0.6
OVERLAP = 0.5
BASELINE = 0.12


@dataclass(frozen=True, slots=True)
class Word:
    """Letters without a space, drawn one after the other on one baseline.

    `run` numbers what was drawn in one go; `glued` says that no space parts the word from the one before in its run
    (another operator began there: a cell's text may touch its neighbour's). `first_mid` is the middle of its first
    letter.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    run: int
    bold: bool
    first_mid: float
    glued: bool = False

    @property
    def mid(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def box(self) -> Box:
        return self.x0, self.top, self.x1, self.bottom


def words_of(chars: Chars) -> list[Word]:
    """Words of upright characters, in drawing order."""
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
    mids = ((b[starts, 0] + b[starts, 2]) / 2).tolist()
    ends = np.append(starts[1:], len(where))
    first, last = where[starts].tolist(), (where[ends - 1] + 1).tolist()
    sizes, faces = s[starts].tolist(), bold[starts].tolist()
    columns = (first, last, x0, top, x1, bottom, sizes, runs.tolist(), faces, mids, glued.tolist())
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


def lines_of(words: Sequence[Word]) -> list[Line]:
    """Lines from top to bottom: words that overlap by half the height of the smaller stand on one line.

    Superscripts and subscripts stay with the line they are set on.
    """
    lines: list[list[Word]] = []
    spans: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda w: (w.mid, w.x0)):
        if lines:
            top, bottom = spans[-1]
            overlap = min(bottom, word.bottom) - max(top, word.top)
            if overlap > 0.5 * min(bottom - top, word.bottom - word.top):
                lines[-1].append(word)
                if word.bottom - word.top > bottom - top:
                    spans[-1] = (word.top, word.bottom)
                continue
        lines.append([word])
        spans.append((word.top, word.bottom))
    return [Line(tuple(sorted(line, key=lambda w: w.x0))) for line in lines]


def line_text(words: Sequence[Word]) -> str:
    """The words of one line with the spaces that stand between them."""
    parts: list[str] = []
    for before, word in zip((None, *words), words, strict=False):
        if before is not None and (
            word.x0 - before.x1 > WORD_GAP * min(before.size, word.size) or word.run == before.run
        ):
            parts.append(" ")
        parts.append(word.text)
    return "".join(parts)
