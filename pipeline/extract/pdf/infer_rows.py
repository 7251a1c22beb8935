"""Rows of a table without row rules: which of its lines print one row, told from rules, from spacing, from content.

Works on lines already parted into columns (`infer_pieces`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.extract.pdf.chunks import Chunk, Strip
from pipeline.extract.pdf.infer_pieces import Piece

YEAR = re.compile(r"^(?:FY|H[12]|[QT][1-4]|30|31)?\s?(?:19|20)[0-9]{2}(?:[/–-](?:19|20)?[0-9]{2})?\W*$")


# Two lines of labels, each wrapped three times.
MAX_HEADER_LINES = 8
# Between the lines of one label there is no more than this share of the font size.
WRAP_GAP = 0.5
# Lines that stand this far into each other are one row: one cell is set between the lines of another.
OVERLAP = 0.2


@dataclass(frozen=True, slots=True)
class Laid:
    """A line of a table, its pieces by column; `band` counts the row rules above it."""

    strip: Strip
    pieces: tuple[Piece, ...]
    band: int

    @property
    def filled(self) -> frozenset[int]:
        return frozenset(c for first, last, _ in self.pieces for c in range(first, last))

    @property
    def figures(self) -> frozenset[int]:
        """Columns with a figure (a year alone is more often a label)."""
        return frozenset(first for first, _, words in self.pieces if Chunk(words).figure)

    @property
    def years(self) -> bool:
        shown = [Chunk(words).text for _, _, words in self.pieces if Chunk(words).figure]
        return bool(shown) and all(YEAR.match(t) for t in shown)


def rows_of(lines: Sequence[Laid], header: int) -> list[list[Laid]]:
    """Lines grouped into rows. The first `header` lines are header and never share a row with the others."""
    by_rules = _ruled_rows(lines[header:])
    pitch = _pitch(lines[header:])
    rows: list[list[Laid]] = []
    for i, line in enumerate(lines):
        if i == 0 or i == header or line.band != lines[i - 1].band:
            rows.append([line])
        elif i < header:
            gap = line.strip.top - lines[i - 1].strip.bottom
            _put(rows, line, gap <= WRAP_GAP * line.strip.size and not _header_row_ends(rows[-1], line))
        elif _between_lines(rows[-1], line) or (
            by_rules and _one_record([ln for ln in lines[header:] if ln.band == line.band])
        ):
            rows[-1].append(line)
        elif pitch:
            _put(rows, line, line.strip.top - lines[i - 1].strip.bottom < pitch and not _another_record(rows[-1], line))
        else:
            _put(rows, line, _goes_on(rows[-1], line, lines))
    return rows


def _between_lines(row: Sequence[Laid], line: Laid) -> bool:
    """Whether a line is set between those of the cells beside it; lines of one column only stand close.

    Figures under figures are another record, whatever label is centred beside them.
    """
    return _overlaps(row[-1], line) and not row[-1].filled & line.filled and not _another_record(row, line)


def _overlaps(above: Laid, line: Laid) -> bool:
    return line.strip.top < above.strip.bottom - OVERLAP * line.strip.size


def _another_record(row: Sequence[Laid], line: Laid) -> bool:
    """Whether a line that stands into the one above prints figures under the row's own."""
    return _overlaps(row[-1], line) and any(line.figures & before.figures for before in row)


def header_lines(lines: Sequence[Laid], ruled: int) -> int:
    """How many leading lines are header, told by figures: those above the first figure in a column of figures.

    A lone label just above the figures is a section's title, not header, unless a rule below it says otherwise: `ruled`
    is how many lines stand above that rule, -1 without one. 0 when no column prints figures, or only below the rule.
    """
    columns = {c for line in lines for c in line.filled}
    numeric = set()
    for c in columns:
        filled = [line for line in lines if c in line.filled]
        figures = sum(c in line.figures and not line.years for line in filled)
        if figures >= 2 and figures * 2 >= len(filled):
            numeric.add(c)
    first = next((i for i, line in enumerate(lines) if line.figures & numeric and not line.years), 0)
    while first != ruled and first > 1 and lines[first - 1].filled == {0}:
        first -= 1
    return first if first <= (MAX_HEADER_LINES if ruled < 0 else ruled) else 0


def _put(rows: list[list[Laid]], line: Laid, same: bool) -> None:
    if same:
        rows[-1].append(line)
    else:
        rows.append([line])


def _header_row_ends(row: Sequence[Laid], line: Laid) -> bool:
    """Whether a header's next line is a row of its own: under a label that spans, or under labels and not beside."""
    spans = [(first, last) for ln in row for first, last, _ in ln.pieces if last - first > 1]
    below = [first for first, _, _ in line.pieces]
    return any(sum(first <= c < last for c in below) > 1 for first, last in spans)


def _ruled_rows(lines: Sequence[Laid]) -> bool:
    """Whether rules part the rows: three bands or more, at most a fifth of which hold several records."""
    bands: dict[int, list[Laid]] = {}
    for line in lines:
        bands.setdefault(line.band, []).append(line)
    several = sum(not _one_record(band) for band in bands.values())
    return len(bands) >= 3 and several * 5 <= len(bands)


def _one_record(band: Sequence[Laid]) -> bool:
    """Whether the lines between two rules may be one row: no column prints two figures, one below the other."""
    if len(band) < 2:
        return True
    seen: set[int] = set()
    for line in band:
        if seen & line.figures:
            return False
        seen |= line.figures
    return True


def _pitch(lines: Sequence[Laid]) -> float:
    """The gap (points) from which a line begins a row, 0 when spacing does not tell.

    It tells when gaps fall in two groups, and lines after a small gap do not look like rows: most leave columns empty
    that the line above fills, and none repeats all of them.
    """
    gaps = [b.strip.top - a.strip.bottom for a, b in itertools.pairwise(lines) if a.band == b.band]
    if len(gaps) < 2:
        return 0.0
    size = median(line.strip.size for line in lines)
    ordered = sorted(gaps)
    step, at = max((b - a, i) for i, (a, b) in enumerate(itertools.pairwise(ordered)))
    if step < 0.2 * size or ordered[at] > 0.6 * size:
        return 0.0
    limit = (ordered[at] + ordered[at + 1]) / 2
    wrapped = [
        (a, b) for a, b in itertools.pairwise(lines) if a.band == b.band and b.strip.top - a.strip.bottom < limit
    ]
    rows = sum(len(b.filled) >= len(a.filled) > 1 and bool(a.figures & b.figures) for a, b in wrapped)
    starts = [b for a, b in itertools.pairwise(lines) if b.strip.top - a.strip.bottom >= limit]
    whole = sum(len(b.filled) > 1 for b in starts)
    return limit if rows * 10 <= len(wrapped) and 2 * whole >= len(starts) else 0.0


def _goes_on(row: Sequence[Laid], line: Laid, lines: Sequence[Laid]) -> bool:
    """Whether a line continues the row above it, by its content.

    It does when it stands close, holds no figure, fills fewer columns than the row, all of them filled above, and
    either leaves the first column empty or goes on with a text cut there.
    """
    last = row[-1]
    gap = line.strip.top - last.strip.bottom
    filled = frozenset().union(*(ln.filled for ln in row))
    if gap > _close(lines) or line.figures or not line.filled <= filled:
        return _label_above(row, line, lines)
    if 0 not in line.filled:
        return len(line.filled) < len(filled)
    if line.filled != {0} or len(filled) == 1:
        return len(filled) > 1 and len(line.filled) < len(filled) and _cut_text(last, line, lines)
    return _cut_text(last, line, lines)


def _close(lines: Sequence[Laid]) -> float:
    """How far apart (points) two lines of one cell may stand: as most lines do, however wide the leading."""
    gaps = [b.strip.top - a.strip.bottom for a, b in itertools.pairwise(lines)]
    return max(0.7 * median(line.strip.size for line in lines), 1.1 * median(gaps))


def _label_above(row: Sequence[Laid], line: Laid, lines: Sequence[Laid]) -> bool:
    """A label over two lines whose figures stand beside the second."""
    if len(row) != 1 or row[0].filled != {0} or 0 not in line.filled or len(line.filled) < 2:
        return False
    return line.strip.top - row[0].strip.bottom <= _close(lines) and _cut_text(row[0], line, lines)


def _cut_text(above: Laid, line: Laid, lines: Sequence[Laid]) -> bool:
    """Whether the first column's text was cut for want of room: it goes on in lower case, and had little room left."""
    first = next((words for c, _, words in line.pieces if c == 0), None)
    before = next((words for c, _, words in reversed(above.pieces) if c == 0), None)
    if not first or not before or Chunk(before).text.endswith((":", ".", ";")):
        return False
    widest = max(words[-1].x1 for ln in lines for c, last, words in ln.pieces if c == 0 and last == 1)
    room = widest - before[-1].x1
    return first[0].text[0].islower() and room < 3 * (first[0].x1 - first[0].x0) + 2 * line.strip.size
