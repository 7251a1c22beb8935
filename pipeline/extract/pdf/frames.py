"""Whether a filled lattice is a table by itself: no drawing, no text in boxes, no part of a table that is open.

What its cells hold is decided in `tables`, and cut further in `rows_split` and `columns_split`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from statistics import median

import numpy as np

from pipeline.extract.model import Box
from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.lattice import Filled, Lattice, Place, cell_lines, holds
from pipeline.extract.pdf.lattice_split import unparted
from pipeline.extract.pdf.results import PageTable
from pipeline.extract.pdf.rules import Rules
from pipeline.extract.pdf.words import Line, Word, lines_of


def is_table(filled: Filled, rest: Sequence[Word], lattices: Sequence[Lattice], drawn: Rules) -> bool:
    """Whether the lattice is a table by itself. `rest` are the words outside it, `lattices` all those of the page,
    `drawn` the rules that are drawn: grounds alone, in one row, are that of a table's header or of every other row."""
    printed = sum(map(bool, filled.inside))
    if printed < 2 or printed * thresholds.EMPTIEST < len(filled.inside):
        return False
    if filled.lattice.n_rows == 1 and not _ruled(filled.lattice, drawn):
        return False
    if filled.lattice.n_cols == 1:
        return _list(filled)
    if filled.lattice.n_rows == 1 and _rules_go_on(filled, drawn):
        return False
    return filled.lattice.n_rows > thresholds.PART_ROWS or not (
        _inline(filled, rest) or (_goes_on(filled, rest, lattices) and not unparted(filled))
    )


def _rules_go_on(filled: Filled, drawn: Rules) -> bool:
    """Whether the upright rules of a row go on well below it, where no level ones part what they hold."""
    lattice = filled.lattice
    bottom = lattice.box[3]
    size = max((w.size for words in filled.inside for w in words), default=0.0)
    below = drawn.v[
        (drawn.v[:, 1] < bottom + thresholds.FAR * size) & (drawn.v[:, 2] > bottom + 2 * thresholds.FAR * size)
    ]
    inner = [x for x in lattice.lefts[1:] if (np.abs(below[:, 0] - x) <= thresholds.SNAP).any()]
    return len(inner) > 1 and 2 * len(inner) >= lattice.n_cols - 1


def _ruled(lattice: Lattice, drawn: Rules) -> bool:
    """Whether a rule is drawn down between the columns."""
    x0, top, x1, bottom = lattice.box
    inside = (drawn.v[:, 0] > x0 + thresholds.SNAP) & (drawn.v[:, 0] < x1 - thresholds.SNAP)
    return bool((inside & (drawn.v[:, 1] < bottom) & (drawn.v[:, 2] > top)).any())


def is_drawing(table: PageTable, pictures: Floats) -> bool:
    """Whether what stands in lines belongs to a chart or a diagram: bars, curves or slanted lines stand among it."""
    x0, top, x1, bottom = table.box
    largest = np.maximum(pictures[:, 2] - pictures[:, 0], pictures[:, 3] - pictures[:, 1])
    high = (bottom - top) / max(table.n_rows, 1)
    near = (
        (pictures[:, 0] < x1) & (pictures[:, 2] > x0) & (pictures[:, 1] < bottom + high) & (pictures[:, 3] > top - high)
    )
    return int((near & (largest >= thresholds.PICTURE_SIZE * min(high, 12.0))).sum()) >= thresholds.PICTURES


def is_diagram(table: PageTable, words: Sequence[Word], frames: Sequence[Box]) -> bool:
    """Whether what stands in lines is text of boxes here and there, as a diagram has: `words` are the table's, `frames`
    the boxes drawn on the page. Boxes in rows and columns are cells, however far apart."""
    x0, top, x1, bottom = table.box
    inside = [f for f in frames if f[0] < x1 and f[2] > x0 and f[1] < bottom and f[3] > top]
    held = [f for f in inside if any(f[0] < w.at_x < f[2] and f[1] < w.at_y < f[3] for w in words)]
    # The innermost boxes say what belongs together.
    held = [f for f in held if not any(_within(other, f) for other in held)]
    if len(held) < thresholds.BOXES:
        return False
    aligned = sum(any(f is not other and _aligned(f, other) for other in held) for f in held)
    return 2 * aligned < len(held)


def _aligned(a: Box, b: Box) -> bool:
    """Whether two boxes begin and end at the same places across, or down: cells of one column, or of one row."""
    near = thresholds.SNAP
    return any(abs(a[i] - b[i]) <= near and abs(a[i + 2] - b[i + 2]) <= near for i in (0, 1))


def _within(inner: Box, outer: Box) -> bool:
    """Whether a box stands in another, larger one."""
    return inner != outer and (
        inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]
    )


def _list(filled: Filled) -> bool:
    """Whether boxes one above the other are rows: not stacked text boxes, nor lines of a listing on a ground."""
    lattice = filled.lattice
    printed = [(place, words) for place, words in zip(lattice.places, filled.inside, strict=True) if words]
    if lattice.n_rows <= 2 or sum(len(cell_lines(words)) for _, words in printed) >= 2 * len(printed):
        return False
    return median((p.box[3] - p.box[1]) / max(w.size for w in words) for p, words in printed) > thresholds.LINE_HEIGHT


def _inline(filled: Filled, rest: Sequence[Word]) -> bool:
    """Whether the cells of most rows are frames around words of a text that goes on beside them."""
    rows: dict[int, list[tuple[Place, tuple[Word, ...]]]] = {}
    for place, words in zip(filled.lattice.places, filled.inside, strict=True):
        if words:
            rows.setdefault(place.row, []).append((place, words))
    return 2 * sum(_beside(row, rest) for row in rows.values()) >= len(rows)


def _beside(row: Sequence[tuple[Place, tuple[Word, ...]]], rest: Sequence[Word]) -> bool:
    left, right = min(place.box[0] for place, _ in row), max(place.box[2] for place, _ in row)
    words = [w for _, inside in row for w in inside]
    top, bottom, size = min(w.top for w in words), max(w.bottom for w in words), max(w.size for w in words)
    return any(
        top < w.mid < bottom
        and (-1 < left - w.x1 < thresholds.BESIDE * size or -1 < w.x0 - right < thresholds.BESIDE * size)
        for w in rest
        if not w.turn
    )


def _goes_on(filled: Filled, rest: Sequence[Word], lattices: Sequence[Lattice]) -> bool:
    """Whether a lattice of a few rows is part of a table that goes on above or below it without rules: its header in a
    frame, or rows set on a ground (browsers paint one a cell).

    It is when two of the lines that follow it closely, or stand closely above, print something in two of its columns
    or more, outside any other lattice.
    """
    lattice = filled.lattice
    x0, top, x1, bottom = lattice.box
    size = max((w.size for words in filled.inside for w in words), default=0.0)
    over = [w for w in rest if x0 - thresholds.SLACK <= w.at_x <= x1 + thresholds.SLACK and not w.turn]
    over = [w for w in over if not any(holds(other.box, w.at_x, w.at_y) for other in lattices)]
    below = lines_of([w for w in over if bottom - size < w.mid < bottom + 6 * size])[: thresholds.NEAREST_LINES]
    above = lines_of([w for w in over if top - 6 * size < w.mid < top + size])[-thresholds.NEAREST_LINES :]
    near = below if below and below[0].box[1] - bottom < 1.5 * size else []
    near = [*near, *(above if above and top - above[-1].box[3] < 1.5 * size else [])]
    return sum(_in_columns(line, (*lattice.lefts, x1)) for line in near) >= 2


def _in_columns(line: Line, edges: Sequence[float]) -> bool:
    """Whether a line stands in two columns or more and runs over no edge between them."""
    columns = {bisect_right(edges, w.at_x) for w in line.words}
    over = any(w.x0 < edge - 1 and w.x1 > edge + 1 for w in line.words for edge in edges)
    return len(columns) > 1 and not over
