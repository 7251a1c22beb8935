"""How far a damaged label is from a name: an edit distance that knows what OCR and typists confuse.

Strings are expected folded (lower case, no accents, spaces between words): nothing here folds, filters or decides.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate, permutations
from math import inf

from rapidfuzz.distance import Levenshtein

SUBSTITUTION = 1.0
LOST = 0.6
ADDED = 0.9
SWAPPED = 0.8
DOUBLED = 0.4
ENDING = 0.5
SPACE = 0.3
LOOKALIKE = 0.4
NEAR = 0.7
# Any number of letters left out at the beginning or the end: "Clarafond" for Clarafond-Arcine.
SHORTENED = 1.0
# An article put, left out or changed: "Havre" for Le Havre.
ARTICLE = 0.2

# Letters that scanners take for one another.
_LOOKALIKE_GROUPS = ("lit1j", "ceo", "o0", "unv", "hb", "gq", "ft", "s5", "b8", "z2")
# Letters that typists and correcting programs exchange: vowels, and consonants that sound or look alike.
_NEAR_GROUPS = ("aeiouy", "szx", "cs", "cqk", "nr", "rt", "mn", "bd", "pb", "vw", "fl", "gy")
# Strings that look alike without having the same length, damaged and true, both ways.
_LOOKALIKE_STRINGS = (
    *(("rn", "m"), ("ni", "m"), ("in", "m"), ("iu", "m"), ("nn", "m")),
    *(("cl", "d"), ("ct", "d"), ("vv", "w"), ("ii", "u"), ("li", "u"), ("ri", "n"), ("li", "h"), ("lc", "k")),
)


def _pairs() -> dict[tuple[str, str], float]:
    pairs = {pair: NEAR for group in _NEAR_GROUPS for pair in permutations(group, 2)}
    pairs.update({pair: LOOKALIKE for group in _LOOKALIKE_GROUPS for pair in permutations(group, 2)})
    return pairs


_SUBSTITUTIONS = _pairs()
_STRINGS = {pair for seen, true in _LOOKALIKE_STRINGS for pair in ((seen, true), (true, seen))}
_STRING_ENDS = {(seen[-1], true[-1]) for seen, true in _STRINGS}


def edit_cost(label: str, name: str) -> float:
    """Weighted edits from `label` to `name`: 0 if equal, 1 for an arbitrary letter, less for a known confusion.

    A plain Levenshtein alignment finds where they differ; each difference, with the letters around it, is then
    priced by `_block_cost`. Differences one letter apart are priced together, so that "rn" read "m" or two swapped
    letters are one confusion whatever the alignment chose.
    """
    total = 0.0
    for a, b, i, j in _differences(label, name):
        total += _block_cost(f" {label} "[a : b + 2], f" {name} "[i : j + 2])
    return total


def _differences(label: str, name: str) -> list[tuple[int, int, int, int]]:
    """(start, end) in `label` and (start, end) in `name` of each difference, merged when at most one letter apart."""
    blocks: list[tuple[int, int, int, int]] = []
    for step in Levenshtein.opcodes(label, name):
        if step.tag == "equal":
            continue
        if blocks and step.src_start - blocks[-1][1] <= 1:
            blocks[-1] = (blocks[-1][0], step.src_end, blocks[-1][2], step.dest_end)
        else:
            blocks.append((step.src_start, step.src_end, step.dest_start, step.dest_end))
    return blocks


@lru_cache(maxsize=1 << 16)
def _block_cost(label: str, name: str) -> float:
    """Cheapest way from one short string to the other; both carry a letter on each side, to see doubling and ends."""
    added = [_single(label, i, ADDED) for i in range(len(label))]
    lost = [_single(name, j, LOST) for j in range(len(name))]
    rows = [list(accumulate(lost, initial=0.0))]
    for i, a in enumerate(label):
        above, row = rows[-1], [rows[-1][0] + added[i]]
        for j, b in enumerate(name):
            best = min(above[j + 1] + added[i], row[j] + lost[j])
            best = min(best, above[j] + (0.0 if a == b else _SUBSTITUTIONS.get((a, b), SUBSTITUTION)))
            if (a, b) in _STRING_ENDS or (i and j and a == name[j - 1]):
                best = min(best, _two_letters(rows, label[: i + 1], name[: j + 1]))
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def _two_letters(rows: list[list[float]], label: str, name: str) -> float:
    """The cheapest step that reads two letters at once to arrive at the ends of `label` and `name`, if any."""
    i, j = len(label), len(name)
    best = inf
    if i > 1 and j > 1 and label[-2:] == name[-1] + name[-2]:
        best = rows[i - 2][j - 2] + SWAPPED
    for m, n in ((2, 1), (1, 2)):
        if (label[-m:], name[-n:]) in _STRINGS:
            best = min(best, rows[i - m][j - n] + LOOKALIKE)
    return best


def _single(text: str, at: int, default: float) -> float:
    """Cost of one letter that the other string has not."""
    letter = text[at]
    if letter == " ":
        return SPACE
    if letter in (text[at - 1 : at], text[at + 1 : at + 2]):
        return DOUBLED
    if letter in "esxtz" and text[at + 1 : at + 2] == " ":
        return ENDING
    return default
