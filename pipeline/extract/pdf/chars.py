"""The characters of one page as parallel arrays, whichever engine read them, and what both engines must clean.

Nothing here calls an engine, and nothing knows about tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

OBLIQUE = 4

# Spaces above U+0020, of any width: no-break ones, typographic ones, zero-width ones.
_WIDE_SPACES = np.array([0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF])


@dataclass(frozen=True, slots=True)
class Chars:
    """Characters in drawing order.

    `codes[i]` is one Unicode code point; `box` (n, 4) is (x0, top, x1, bottom) in points of the page as seen, from
    origin to advance and as high as the font size (never the ink, see `on_baselines`); `size` the font size in points;
    `bold` the face; `turn` how the text reads on the page as seen: 0 upright, 1 upwards, 2 upside down, 3 downwards,
    OBLIQUE otherwise;
    `drawn` numbers the text operator that drew it.
    """

    codes: Ints
    box: Floats
    size: Floats
    bold: Bools
    turn: Ints
    drawn: Ints

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def text(self) -> str:
        """The characters as one string, one of them each."""
        return self.codes.astype("<u4").tobytes().decode("utf-32-le")

    def take(self, where: Bools | Ints) -> Chars:
        """The characters at these positions (a mask or indices), in that order."""
        return Chars(
            self.codes[where], self.box[where], self.size[where], self.bold[where], self.turn[where], self.drawn[where]
        )

    @property
    def blank(self) -> Bools:
        """Where a character is a space of any kind."""
        blank = self.codes <= 0x20
        wide = np.flatnonzero(self.codes >= 0xA0)
        blank[wide] = np.isin(self.codes[wide], _WIDE_SPACES)
        return blank


@dataclass(frozen=True, slots=True)
class PageChars:
    """What an engine read: visible characters, hidden ones, and why the other engine should read this page instead.

    `unseen` are those of the hidden ones that were drawn to be seen, and are not.
    """

    visible: Chars
    hidden: Chars
    doubts: tuple[str, ...] = ()
    unseen: Chars | None = None


EMPTY = Chars(
    np.zeros(0, np.int64),
    np.zeros((0, 4)),
    np.zeros(0),
    np.zeros(0, np.bool_),
    np.zeros(0, np.int64),
    np.zeros(0, np.int64),
)


def on_baselines(box: Floats, base: Floats, size: Floats) -> Floats:
    """Boxes (n, 4) of upright characters, as high as the font size and a quarter of it below their baseline `base`.

    Fonts differ in the ascent and descent they declare: placed by those, a minus sign from a font of symbols or the
    dots of a leader stand on another line than the figures beside them. A baseline that is far from the box (vertical
    writing) is not believed; boxes without height are left so, as a reason for doubt.
    """
    middle = (box[:, 1] + box[:, 3]) / 2
    by_base = base - size / 4
    middle = np.where(np.abs(by_base - middle) < 2 * size, by_base, middle)
    half = np.where(box[:, 3] > box[:, 1], size / 2, 0.0)
    return np.column_stack([box[:, 0], middle - half, box[:, 2], middle + half])


def without_overprint(chars: Chars) -> Chars:
    """Drop a character printed again over itself (fake bold): same character, moved by less than 0.15 of its size.

    Two equal letters side by side stand at least 0.2 of the size apart in any usual font ('ll', 'ii').
    """
    if len(chars) < 2:
        return chars
    x, y, near = chars.box[:, 0], chars.box[:, 3], 0.15 * chars.size
    drop = np.zeros(len(chars), np.bool_)
    # Two passes with shifted bins: a pair that straddles a bin border in one falls inside a bin in the other.
    for shift in (0.0, 0.5):
        # The row, the code, which has 21 bits, and the place in eighths of a point, as one number to sort by.
        where = (np.floor(y / 4.0 + shift).astype(np.int64) << 21) | chars.codes
        order = np.argsort((where << 20) + np.round(x * 8).astype(np.int64), kind="stable")
        a, b = order[:-1], order[1:]
        same = (chars.codes[a] == chars.codes[b]) & (np.abs(x[b] - x[a]) < near[a]) & (np.abs(y[b] - y[a]) < near[a])
        same &= np.abs(chars.size[a] - chars.size[b]) < 0.1 * chars.size[a]
        # The letters of a ligature stand on one another too, drawn at once.
        at_once = (np.abs(a - b) == 1) & (chars.drawn[a] == chars.drawn[b])
        same &= ~(at_once & (np.abs(chars.box[a] - chars.box[b]).max(axis=1) < 0.01))
        if not same.any():
            continue
        # Of all that are printed on one another, the first is kept.
        group = np.concatenate([[0], np.cumsum(~same)])
        first = np.full(group[-1] + 1, len(chars))
        np.minimum.at(first, group, order)
        drop[order[order != first[group]]] = True
    drop &= ~chars.blank
    return chars.take(~drop) if drop.any() else chars
