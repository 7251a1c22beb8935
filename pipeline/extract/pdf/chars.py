"""The characters of one page as parallel arrays, whichever engine read them, and what both engines must clean.

Nothing here calls pdfium or pdfminer, and nothing knows about tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

OBLIQUE = 4

SPACES = frozenset(" \t\r\n\x0b\x0c\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff") | {
    chr(c) for c in range(0x2000, 0x200C)
}


@dataclass(frozen=True, slots=True)
class Chars:
    """Characters in drawing order.

    `text[i]` is one character; `box` (n, 4) is (x0, top, x1, bottom) in points of the page as seen, from origin to
    advance and as high as the font size (never the ink); `size` the font size in points; `bold` the face; `turn` how
    the text reads on the page as seen: 0 upright, 1 upwards, 2 upside down, 3 downwards, OBLIQUE otherwise; `drawn`
    numbers the text operator that drew it.
    """

    text: str
    box: Floats
    size: Floats
    bold: Bools
    turn: Ints
    drawn: Ints

    def __len__(self) -> int:
        return len(self.text)

    def take(self, keep: npt.NDArray[np.bool_] | Ints) -> Chars:
        """The characters at these positions (a mask or indices), in that order."""
        where = np.flatnonzero(keep) if keep.dtype == np.bool_ else keep
        text = self.text
        return Chars(
            "".join([text[i] for i in where.tolist()]),
            self.box[where],
            self.size[where],
            self.bold[where],
            self.turn[where],
            self.drawn[where],
        )

    @property
    def blank(self) -> Bools:
        """Where a character is a space of any kind."""
        return np.fromiter((c in SPACES for c in self.text), np.bool_, len(self.text))


@dataclass(frozen=True, slots=True)
class PageChars:
    """What an engine read: visible characters, hidden ones, and why the other engine should read this page instead."""

    visible: Chars
    hidden: Chars
    doubts: tuple[str, ...] = ()


EMPTY = Chars("", np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.bool_), np.zeros(0, np.int64), np.zeros(0, np.int64))


def without_overprint(chars: Chars) -> Chars:
    """Drop a character printed again over itself (fake bold): same character, moved by less than 0.15 of its size.

    Two equal letters side by side stand at least 0.2 of the size apart in any usual font ('ll', 'ii').
    """
    if len(chars) < 2:
        return chars
    codes = np.frombuffer(chars.text.encode("utf-32-le"), np.uint32)
    x, y, near = chars.box[:, 0], chars.box[:, 3], 0.15 * chars.size
    drop = np.zeros(len(chars), np.bool_)
    # Two passes with shifted bins: a pair that straddles a bin border in one falls inside a bin in the other.
    for shift in (0.0, 0.5):
        row = np.floor(y / 4.0 + shift)
        order = np.lexsort((np.arange(len(chars)), x, codes, row))
        a, b = order[:-1], order[1:]
        same = (codes[a] == codes[b]) & (np.abs(x[b] - x[a]) < near[a]) & (np.abs(y[b] - y[a]) < near[a])
        same &= np.abs(chars.size[a] - chars.size[b]) < 0.1 * chars.size[a]
        drop[np.maximum(a, b)[same]] = True
    drop &= ~chars.blank
    return chars.take(~drop) if drop.any() else chars
