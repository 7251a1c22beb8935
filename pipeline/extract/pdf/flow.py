"""Lines of text joined into flowing text: spaces between lines, words cut by a line's end put together.

The evidence is the document's own words; what it does not decide is decided by the shape of the two halves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.extract.pdf import thresholds

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_LAST = re.compile(r"([^\W\d_]+(?:[-'’][^\W\d_]+)*)[-\u00ad\u2010]$")
_ALONE = re.compile(r"[^\W\d_]+$")
_HYPHENS = ("-", "\u00ad", "\u2010")
_FIRST = re.compile(r"^[^\W\d_]+(?:[-'’][^\W\d_]+)*")


# First halves that French and English write with a hyphen before a lower-case word.
_KEEP = frozenset(
    [
        *("ci", "là", "au", "sous", "sus", "non", "vice", "demi", "semi", "ex", "avant", "après", "arrière", "entre"),
        *("contre", "outre", "porte", "celui", "celle", "ceux", "celles", "quelques", "soi", "lui", "elle", "eux"),
        *("nous", "vous", "moi", "même", "peut", "haut", "bas", "mi", "grand", "self", "well", "all"),
    ]
)


def vocabulary(lines: Iterable[str]) -> frozenset[str]:
    """The words these lines print in one piece, lower-cased; those at a line's end before a hyphen are left out."""
    # Columns of labels print the same text again and again.
    whole = "\n".join(_LAST.sub("", text) if text.endswith(_HYPHENS) else text for text in set(lines))
    return frozenset(map(str.lower, set(_WORD.findall(whole))))


@dataclass(frozen=True, slots=True)
class Flowed:
    """Joined text, and each cut undone as (before, after)."""

    text: str
    undone: tuple[tuple[str, str], ...] = ()


def flow(lines: Sequence[str], words: frozenset[str]) -> Flowed:
    """Lines joined by a space, or by nothing after a line-end hyphen, which goes when both halves are one word.

    `words` is the document's vocabulary.
    """
    if len(lines) < 2:
        return Flowed(lines[0] if lines else "")
    text = lines[0]
    undone: list[tuple[str, str]] = []
    widest = max(map(len, lines))
    for above, line in pairwise(lines):
        last, first = _LAST.search(text), _FIRST.match(line)
        if first and len(above) + thresholds.LETTERS_WIDER >= widest and _cut_for_room(above, first[0], words):
            undone.append((f"{above} {first[0]}", above + first[0]))
            text = text + line
            continue
        if not last or not first:
            glue = "" if text.endswith(("-", "\u2010")) and line[:1].isalpha() and text[-2:-1].isalpha() else " "
            text = f"{text}{glue}{line}"
            continue
        if _one_word(last[1], first[0], text[-1], words):
            undone.append((f"{last[0]} {first[0]}", last[1] + first[0]))
            text = text[:-1] + line
        else:
            text = text + line
    return Flowed(text, tuple(undone))


def _cut_for_room(above: str, first: str, words: frozenset[str]) -> bool:
    """Whether a line is the beginning of a word wider than its cell, cut without a hyphen: it stands alone, and the
    document prints the whole word elsewhere."""
    whole = (above + first).lower()
    return (
        len(whole) >= thresholds.SHORTEST_CUT
        and first[0].islower()
        and whole in words
        and _ALONE.match(above) is not None
    )


def _one_word(left: str, right: str, mark: str, words: frozenset[str]) -> bool:
    """Whether a hyphen at a line's end was only put there to break the line."""
    if mark == "\u00ad":
        return True
    whole, hyphened = (left + right).lower(), f"{left}-{right}".lower()
    if hyphened in words:
        return False
    if whole in words:
        return True
    if right[0].isupper() and not (left.isupper() and len(left) > 1):
        return False
    # 'Chalon-sur-' / 'saône': a compound goes on; 'ci-' / 'dessus': so does a prefix that is never cut from its word.
    return "-" not in left and "-" not in right and len(left) > 1 and left.lower() not in _KEEP
