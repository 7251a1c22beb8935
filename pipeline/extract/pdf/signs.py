"""Signs of a table against itself: what a right reading seldom shows, and a wrong one mostly does.

They change nothing that is read; a person is to look at the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from pipeline.extract.model import Box
from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.results import PageSign, PageTable
from pipeline.extract.pdf.stitch import numeric
from pipeline.extract.pdf.words import Word, thousands


def of_cells(cells: Iterable[tuple[Box, Sequence[Word]]]) -> list[PageSign]:
    """Signs of cells, each given as its box and its words in the order they are drawn: figures apart in one cell, words
    that lie elsewhere than in the cell they were put into."""
    found: list[PageSign] = []
    for box, words in cells:
        if not words:
            continue
        if len(words) > 1 and _figures_apart(words):
            found.append(PageSign("cellules_melees", box, " ".join(w.text for w in words)[:60]))
        x0, x1 = min(w.x0 for w in words), max(w.x1 for w in words)
        if (x0 < box[0] or x1 > box[2]) and any(_outside(w, box) for w in words if not w.turn):
            found.append(PageSign("texte_a_cheval", box, " ".join(w.text for w in words)[:60]))
    return found


def _figures_apart(words: Sequence[Word]) -> bool:
    """Whether two figures of one line stand further apart than the words of a cell do, or more than two lines of one
    cell are a figure each."""
    lines = 0
    for a, b in pairwise(words):
        if not (_figure(a) and _figure(b)):
            continue
        level = abs(a.mid - b.mid) < 0.3 * a.size
        if level and b.x0 - a.x1 > thresholds.CELL_GAP * a.size and not thousands(a.text, b.text):
            return True
        lines += not level
    return lines >= thresholds.RECORD_FIGURES


def _figure(word: Word) -> bool:
    return numeric(word.text)


def _outside(word: Word, box: Box) -> bool:
    """Whether as much of a word lies left or right of the box as tells."""
    width = max(word.x1 - word.x0, 0.1)
    return max(box[0] - word.x0, 0.0) + max(word.x1 - box[2], 0.0) > thresholds.ASTRIDE * width


def of_columns(table: PageTable) -> list[PageSign]:
    """A sign where several columns print now figures and now text: columns that the rows do not share."""
    kinds: list[list[bool]] = [[] for _ in range(table.n_cols)]
    for cell in table.cells:
        if cell.lines and cell.row > 0 and cell.col_end == cell.col + 1:
            kinds[cell.col].append(numeric(" ".join(cell.lines)))
    low, high = thresholds.MIXED, 1 - thresholds.MIXED
    mixed = [k for k in kinds if len(k) >= thresholds.MIXED_CELLS and low <= sum(k) / len(k) <= high]
    if len(mixed) < 2:
        return []
    return [PageSign("genres_meles", table.box, f"{len(mixed)} colonnes sur {table.n_cols}")]
