"""Signs of a table against itself: what a right reading seldom shows, and a wrong one mostly does.

They change nothing that is read; a person is to look at the page.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import pairwise

from pipeline.extract.model import Box
from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.results import PageSign, PageTable
from pipeline.extract.pdf.stitch import numeric
from pipeline.extract.pdf.words import Word, thousands


def of_cells(cells: Iterable[tuple[Box, Sequence[Word]]], inferred: bool = False) -> list[PageSign]:
    """Signs of cells, each given as its box and its words in the order they are drawn: figures apart in one cell (any
    pieces, where no rules make the cells), words that lie elsewhere than in the cell they were put into."""
    found: list[PageSign] = []
    for box, words in cells:
        if not words:
            continue
        if len(words) == 1:
            x0, x1 = words[0].x0, words[0].x1
        else:
            if _figures_apart(words) or (inferred and _pieces_apart(words)):
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
        level = abs(a.mid - b.mid) < 0.3 * a.size
        if (level and b.x0 - a.x1 <= thresholds.CELL_GAP * a.size) or not (_figure(a) and _figure(b)):
            continue
        if level and not thousands(a.text, b.text):
            return True
        lines += not level
    return lines >= thresholds.RECORD_FIGURES


def _pieces_apart(words: Sequence[Word]) -> bool:
    """Whether a line of a few words is parted by a gap that only columns leave, and no dots lead over it."""
    if len(words) > thresholds.FEW_WORDS:
        return False
    return any(
        abs(a.mid - b.mid) < 0.3 * a.size
        and b.x0 - a.x1 > thresholds.PIECES_GAP * a.size
        and any(map(str.isalnum, a.text))
        and any(map(str.isalnum, b.text))
        for a, b in pairwise(words)
    )


def _figure(word: Word) -> bool:
    return numeric(word.text)


def _outside(word: Word, box: Box) -> bool:
    """Whether as much of a word lies left or right of the box as tells."""
    width = max(word.x1 - word.x0, 0.1)
    return max(box[0] - word.x0, 0.0) + max(word.x1 - box[2], 0.0) > thresholds.ASTRIDE * width


def of_columns(table: PageTable) -> list[PageSign]:
    """Signs of a table's columns: several print now figures and now text, one prints next to nothing under no label, or
    figures that are no groups of one number stand beside each other in most of its cells."""
    held: list[list[str]] = [[] for _ in range(table.n_cols)]
    labelled: set[int] = set()
    for cell in table.cells:
        if not cell.lines:
            continue
        if cell.row > 0 and cell.col_end == cell.col + 1:
            held[cell.col].append(cell.lines[0] if len(cell.lines) == 1 else " ".join(cell.lines))
        if cell.row < thresholds.LABEL_ROWS:
            labelled.update(range(cell.col, cell.col_end))
    return [*_mixed(table, held), *_poor(table, held, labelled), *_beside(table, held)]


def _mixed(table: PageTable, held: Sequence[Sequence[str]]) -> Iterator[PageSign]:
    low, high = thresholds.MIXED, 1 - thresholds.MIXED
    shares = [sum(map(numeric, texts)) / len(texts) for texts in held if len(texts) >= thresholds.MIXED_CELLS]
    mixed = sum(low <= share <= high for share in shares)
    if mixed >= 2:
        yield PageSign("genres_meles", table.box, f"{mixed} colonnes sur {table.n_cols}")


def _poor(table: PageTable, held: Sequence[Sequence[str]], labelled: Set[int]) -> Iterator[PageSign]:
    """A column of an unlabelled few cells: gaps or grounds were taken for its sides."""
    poor = [
        c
        for c, texts in enumerate(held)
        if c not in labelled and thresholds.POOR_COLUMN * len(texts) < table.n_rows - thresholds.LABEL_ROWS
    ]
    if poor and table.n_rows > thresholds.LABEL_ROWS:
        yield PageSign("colonne_vide", table.box, ", ".join(str(c + 1) for c in poor))


_PIECES = re.compile(r"^\(?[-–−]?[0-9][0-9.,]*%?\)?$")


def _beside(table: PageTable, held: Sequence[Sequence[str]]) -> Iterator[PageSign]:
    """Two figures in one cell, row after row: two columns read as one."""
    if table.how == "ruled":
        return
    for c, texts in enumerate(held):
        several = sum(" " in text and _two_figures(text.split()) for text in texts)
        if several >= thresholds.RECORD_FIGURES and 2 * several >= len(texts):
            yield PageSign("cellules_melees", table.box, f"colonne {c + 1}")


def _two_figures(pieces: Sequence[str]) -> bool:
    """Whether a text is of figures only, two of which cannot be one number; pairs of figures may be a telephone's."""
    if not all(map(_PIECES.match, pieces)) or all(len(piece) == 2 for piece in pieces):
        return False
    return any(not thousands(a, b) and len(a) + len(b) > 2 for a, b in pairwise(pieces))


def of_surroundings(table: PageTable, rest: Sequence[Word], height: float) -> list[PageSign]:
    """Signs of what stands around a table, and of its first row: words left in several of its columns (in most, where
    rules enclose it) right above or below it; or a first row of figures under no label, unless it may go on from a page
    before.
    """
    x0, top, x1, bottom = table.box
    found: list[PageSign] = []
    fewest = max(2, table.n_cols // 2 + 1 if table.how == "ruled" else 2)
    for low, high in ((top - thresholds.NEAR_LINE, top), (bottom, bottom + thresholds.NEAR_LINE)):
        near = [w for w in rest if low < w.mid < high and x0 <= w.at_x <= x1 and not w.turn]
        columns = {bisect_right(table.edges, w.at_x) for w in near}
        over = any(w.x0 < edge - 1 < w.x1 - 2 for w in near for edge in table.edges[1:-1])
        if len(columns) >= fewest and not over and _parted(near):
            found.append(PageSign("lignes_au_bord", table.box, " ".join(w.text for w in near)[:60]))
    if table.how == "ruled":
        return found
    first = [c for c in table.cells if c.row == 0 and c.lines and c.col > 0]
    figures = all(numeric(" ".join(c.lines)) and not _YEAR.match(c.lines[0]) for c in first)
    if first and figures and top > thresholds.OUTER_BAND * height:
        found.append(PageSign("sans_en_tete", table.box, " ".join(c.lines[0] for c in first)[:60]))
    return found


_YEAR = re.compile(r"^(?:19|20)[0-9]{2}\b")


def _parted(words: Sequence[Word]) -> bool:
    """Whether a gap wider than one between words parts some of them."""
    ordered = sorted(words, key=lambda w: w.x0)
    return any(b.x0 - a.x1 > thresholds.WIDE_GAP * a.size for a, b in pairwise(ordered))
