"""Characters into words, words into lines of text, and lines cut where wide gaps part them.

Nothing here knows about cells or rules.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from statistics import median
from typing import NamedTuple, TypeVar

import numpy as np

from pipeline.extract.model import Box
from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.chars import Bools, Chars, Floats, Ints
from pipeline.extract.pdf.results import PageLine

N = TypeVar("N", float, Floats)

# Printed as one glyph, read as letters.
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# Fonts whose hyphen says it is a soft one still print it.
LIGATURES[0xAD] = "-"
# Accents that are drawn as letters of their own.
_ACCENTS = np.array([*map(ord, "`^~´¨¯¸˘˙˚˝ˆ˜ˇ"), *range(0x300, 0x370)])
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_RTL_RUN = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc](?:[^A-Za-z0-9]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])*"
)
_LTR_RUN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.,:/%  -]*[A-Za-z0-9%])?")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
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
        words += [_turned_back(w, turn, first) for w in _upright(replace(turned, box=faced_boxes(turned.box, turn)))]
    return words


def faced_boxes(box: Floats, turn: int) -> Floats:
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
    apart = np.abs(b[1:, 3] - b[:-1, 3]) > thresholds.BASELINE * unit
    spaced = np.diff(where) > 1
    accent = np.isin(chars.codes[where], _ACCENTS)
    back = np.where(accent[1:] | accent[:-1], thresholds.ACCENT_BACKWARD, thresholds.BACKWARD)
    new_run = apart | (gap > thresholds.RUN_GAP * unit) | (gap < -back * unit)
    new_word = new_run | spaced | (gap > thresholds.WORD_GAP * unit)
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
        line = next((line for line in reversed(lines[-thresholds.RECENT_LINES :]) if line.takes(own)), None)
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
        return (
            low > thresholds.OTHER_SIZE * high
            or abs(self.bottom - other.bottom) <= thresholds.BASELINE * high
            or self._touches(other)
        )

    def _touches(self, other: _Gathered) -> bool:
        return any(
            a.x0 - thresholds.RUN_GAP * b.size < b.x1 and b.x0 < a.x1 + thresholds.RUN_GAP * b.size
            for b in other.words
            for a in self.words
        )

    def join(self, other: _Gathered) -> None:
        self.words += other.words
        if other.bottom - other.top > self.bottom - self.top:
            self.top, self.bottom = other.top, other.bottom


def _with_raised(lines: Sequence[_Gathered]) -> list[_Gathered]:
    """Lines in order, those set higher or lower than a line they turned out to touch joined to it."""
    kept: list[_Gathered] = []
    for line in lines:
        for above in reversed(kept[-thresholds.RECENT_LINES :]):
            if above.takes(line):
                above.join(line)
                break
        else:
            kept.append(line)
    return kept


def _spaced(before: Word, word: Word) -> bool:
    if word.run == before.run:
        return not word.glued
    return word.x0 - before.x1 > thresholds.WORD_GAP * min(before.size, word.size)


def line_text(words: Sequence[Word]) -> str:
    """The words of one line with the spaces that stand between them."""
    if len(words) == 1 and words[0].text.isascii():
        return words[0].text
    parts: list[str] = []
    for before, word in zip((None, *words), words, strict=False):
        if before is not None and _spaced(before, word):
            parts.append(" ")
        parts.append(word.text)
    text = "".join(parts)
    return in_reading_order(text) if _RIGHT_TO_LEFT.search(text) else text


def in_reading_order(text: str) -> str:
    """A line as it is read, from one as it stands on the page from left to right: letters of Hebrew and Arabic turned
    round, figures and Latin words among them as they were."""
    rtl = len(_RIGHT_TO_LEFT.findall(text))
    if 2 * rtl < sum(c.isalpha() for c in text):
        return _RTL_RUN.sub(lambda run: run[0][::-1].translate(_MIRRORED), text)
    return _LTR_RUN.sub(lambda run: run[0][::-1], text[::-1].translate(_MIRRORED))


_FIGURE = re.compile(r"^[-–−+(]?[$€£]?[0-9][0-9.,/]*[%)*]?$")
_PAIR = re.compile(r"^[0-9]{2}[.,;]?$")
_LONG = re.compile(r"[0-9][0-9.,]{3}")
_GROUP = re.compile(r"^[-–−+(]?[$€£]?[0-9]{1,3}$")
_LAST_GROUP = re.compile(r"^[0-9]{3}(?:[.,][0-9]+)?[%)]?(?:[*†‡]+|[a-z]|\([a-z0-9]\))?$")
# Letters that are narrower or wider than most in any font but a monospaced one.
_UNEVEN = frozenset("fijlrstmwIMW")
_CURRENCY = frozenset("$€£¥") | {"US$", "$(", "€(", "("}
_AFTER = frozenset({"%", ")", "pp", "*", "**", "***", "€", "k€", "M€", "bp", ")%"})
_LEADER = re.compile(r"^(?:[.…·_]\s?){3,}$")
# What ends a sentence, or a part of one.
_ENDS = re.compile(r"[^\W\d_]{2}[)\]”»\"’]?[.!?:;][)\]”»\"’]?$")
# Dots that lead on, with nothing but the page's number behind them.
_LED = re.compile(r"\.{4,}[0-9]{0,4}$")


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
    def leads(self) -> bool:
        """Whether it is, or ends in, dots that lead the eye on."""
        last = self.words[-thresholds.LEADER_DOTS :]
        return _leads(last[-1]) or (len(last) == thresholds.LEADER_DOTS and all(map(_dots, last)))

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

    Words of letters are as wide as they are long in such a font only, if there are several of them, or one with letters
    that are narrow or wide elsewhere beside figures of the same advance.
    """
    letters = [_letter_share(w) for w in line.words if len(w.text) >= 3 and w.text.isalpha()]
    if len(letters) >= 3:
        return round(median(letters), 2) if max(letters) - min(letters) <= 2 * thresholds.SAME_ADVANCE else 0.0
    telling = any(not _UNEVEN.isdisjoint(w.text) for w in line.words if len(w.text) >= 3 and w.text.isalpha())
    shares = [_letter_share(w) for w in line.words if len(w.text) >= 3 and w.text.isalnum()]
    if not telling or len(shares) < 3 or max(shares) - min(shares) > thresholds.SAME_ADVANCE:
        return 0.0
    return round(median(shares), 2)


def typed(before: Word, word: Word) -> bool:
    """Whether two words stand one letter apart, all letters as wide as that: a space of a monospaced font."""
    near = 2 * thresholds.SAME_ADVANCE * word.size
    gap = word.x0 - before.x1
    return all(abs((w.x1 - w.x0) / len(w.text) - gap) <= near for w in (before, word))


def _letter_share(word: Word) -> float:
    return (word.x1 - word.x0) / len(word.text) / word.size


def _monospaced(line: Line, advances: AbstractSet[float]) -> bool:
    """Whether all of a line's words have one of the page's monospaced advances."""
    shares = [_letter_share(w) for w in line.words]
    return any(all(abs(share - advance) <= thresholds.SAME_ADVANCE for share in shares) for advance in advances)


def _strip(line: Line, advances: AbstractSet[float]) -> Strip:
    words = line.words
    size = median(w.size for w in words)
    leads = _led(words)
    leader = any(leads)
    gaps = [b.x0 - a.x1 for a, b in itertools.pairwise(words)]
    widest = thresholds.MONOSPACED_GAP if _monospaced(line, advances) else thresholds.CELL_GAP
    chunks: list[list[Word]] = [[words[0]]]
    if justified(gaps, size) and not _prints_figures(words):
        return Strip((Chunk(words),), line.box[1], line.box[3], size, leader)
    whole = _telephones(words, gaps) | _sentences(words, gaps, size) | _before_dots(words, gaps, leads)
    for k, (before, word, gap) in enumerate(zip(words, words[1:], gaps, strict=False)):
        wide = _parts(before, word, gap, max(before.size, word.size), widest)
        if k not in whole and (not leads[k + 1] if leads[k] else wide):
            chunks.append([word])
        else:
            chunks[-1].append(word)
    return Strip(tuple(Chunk(tuple(c)) for c in chunks), line.box[1], line.box[3], size, leader)


def _telephones(words: Sequence[Word], gaps: Sequence[float]) -> set[int]:
    """The gaps within telephone numbers, by number: between pairs of figures, all as wide, in a run of several."""
    found: set[int] = set()
    run: list[int] = []
    for k, gap in enumerate(gaps):
        pairs = _PAIR.match(words[k].text) and _PAIR.match(words[k + 1].text)
        alike = not run or abs(gap - gaps[run[0]]) <= thresholds.NARROW_SPACE / 2 * words[k].size
        if not pairs or gap > thresholds.CELL_GAP * words[k].size or not alike:
            run = []
            continue
        run.append(k)
        if len(run) >= thresholds.TELEPHONE - 1:
            found.update(run)
    return found


def _sentences(words: Sequence[Word], gaps: Sequence[float], size: float) -> set[int]:
    """The gaps after sentences of running text, by number, somewhat wider than the line's others."""
    if len(words) < thresholds.SENTENCE_WORDS:
        return set()
    widest = min(thresholds.SENTENCE_GAP * median(gaps), thresholds.WIDE_GAP * size)
    return {
        k
        for k, gap in enumerate(gaps)
        if gap <= widest and _ENDS.search(words[k].text) and not _FIGURE.match(words[k + 1].text)
    }


def _prints_figures(words: Sequence[Word]) -> bool:
    """Whether figures are what a line is about, or what it ends in: no sentence does."""
    figures = [bool(_FIGURE.match(w.text)) for w in words]
    return 2 * sum(figures) >= len(words) or all(figures[-2:])


def justified(gaps: Sequence[float], size: float) -> bool:
    """Whether a line's spaces are stretched alike: prose set to the margin, however wide its spaces."""
    return len(gaps) >= 5 and max(gaps) <= 1.6 * size and max(gaps) <= 1.6 * median(gaps)


def _parts(before: Word, word: Word, gap: float, size: float, widest: float) -> bool:
    """Whether a gap between two words of a line may be one between two cells; within a cell it is `widest` at most."""
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
    return gap > (thresholds.LONG_FIGURE_GAP if long else thresholds.FIGURE_GAP) * size


def _leads(word: Word) -> bool:
    """Whether a word is, or ends in, the dots that lead the eye to the next column."""
    return bool(_LEADER.match(word.text) or _LED.search(word.text))


def _dots(word: Word) -> bool:
    return not word.text.strip(".…·")


def _before_dots(words: Sequence[Word], gaps: Sequence[float], leads: Sequence[bool]) -> set[int]:
    """The gaps between a label and the dots that lead on from it, by number; few dots may say that there is nothing."""
    return {
        k
        for k, gap in enumerate(gaps)
        if leads[k + 1]
        and not leads[k]
        and gap <= thresholds.LEADER_NEAR * words[k].size
        and not _FIGURE.match(words[k].text)
        and sum(len(w.text) for w in itertools.takewhile(_leads_or_dots, words[k + 1 :])) >= 2 * thresholds.LEADER_DOTS
    }


def _leads_or_dots(word: Word) -> bool:
    return _leads(word) or _dots(word)


def _led(words: Sequence[Word]) -> list[bool]:
    """For each word of a line, whether it leads the eye on: by itself, or as one of several dots set one by one."""
    found = list(map(_leads, words))
    at = 0
    for dots, run in itertools.groupby(words, _dots):
        n = len(list(run))
        if dots and n >= thresholds.LEADER_DOTS:
            found[at : at + n] = [True] * n
        at += n
    return found


def thousands(before: str, word: str) -> bool:
    """Whether two figures a space apart are groups of one number, a mark of a note after the last aside."""
    return bool(_GROUP.match(before) and _LAST_GROUP.match(word))
