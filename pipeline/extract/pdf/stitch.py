"""Tables of successive pages joined into one: headers told from data, repeated ones dropped, cut rows put together.

Works on page tables; the model's Grid is made in `assemble`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile
from operator import attrgetter

from pipeline.extract.model import Box
from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.results import PageCell, PageTable

_NUMERIC = re.compile(r"^[-–−+(]?\s*[€$£]?\s*[0-9][0-9\s.,/:%€$£)*-]*(?:[a-zA-Zµ²³]{0,3})$")


def numeric(text: str) -> bool:
    """Whether a cell prints a figure, a code of digits, a date in digits or a dash that stands for one."""
    return bool(_NUMERIC.match(text)) or text in {"-", "–", "—", "n.d.", "NA", "N/A", "ns"}


def header_rows(cells: Sequence[PageCell], n_rows: int, n_cols: int) -> int:
    """How many leading rows are header: all that a spanning label covers, then what looks unlike the rows below."""
    if n_rows < 2:
        return 0
    rows: list[list[PageCell]] = [[] for _ in range(n_rows)]
    for cell in cells:
        rows[cell.row].append(cell)
    body = body_kinds(rows, n_cols)
    deep = 0
    for r in range(min(thresholds.HEADER_ROWS, n_rows - 1)):
        printed = [c for c in rows[r] if not c.blank]
        if r >= deep and not _is_header(printed, rows, r, body):
            break
        deep = max(deep, r + 1, *(c.row_end for c in printed if c.col_end - c.col < n_cols), 0)
    return deep if deep < n_rows else 0


def body_kinds(rows: Sequence[Sequence[PageCell]], n_cols: int) -> list[float]:
    """For each column, the share of its printed cells below the first row that are numeric."""
    texts: list[list[tuple[str, ...]]] = [[] for _ in range(n_cols)]
    for row in rows[1:]:
        for cell in row:
            if cell.lines:
                texts[cell.col].append(cell.lines)
    return [_numeric_share(column) if column else 0.0 for column in texts]


def _numeric_share(column: Sequence[tuple[str, ...]]) -> float:
    """The share of texts, given in lines, that are numeric; one that recurs is looked at once."""
    return sum(n for lines, n in Counter(column).items() if numeric(" ".join(lines))) / len(column)


def _is_header(printed: Sequence[PageCell], rows: Sequence[Sequence[PageCell]], r: int, body: Sequence[float]) -> bool:
    if not printed or (r > 0 and len(printed) == 1 and printed[0].col == 0 and printed[0].col_end == 1):
        # A lone label in the first column below the header is the title of a section.
        return False
    figures = [c for c in printed if numeric(" ".join(c.lines)) and not _year(" ".join(c.lines))]
    if any(c.col_end - c.col == 1 and body[c.col] > 0.7 for c in figures) or len(figures) > len(printed) / 2:
        return False
    below = [c for row in rows[r + 1 :] for c in row if c.lines]
    if not below:
        return False
    if all(c.bold for c in printed) and sum(c.bold for c in below) < 0.3 * len(below):
        return True
    if any(body[c.col] > 0.7 for c in printed if c.col_end - c.col == 1):
        return True
    if any(c.col_end - c.col > 1 or c.row_end - c.row > 1 for c in printed) and r == 0:
        return len(printed) > 1
    if r > 0:
        return False
    return _labels(printed, below, len(body))


def _labels(printed: Sequence[PageCell], below: Sequence[PageCell], n_cols: int) -> bool:
    """A first row with one distinct label a column, none of them found again below, without figures."""
    texts = [" ".join(c.lines) for c in printed]
    if len(printed) < max(2, n_cols) or len(set(texts)) < len(texts):
        return False
    return set(texts).isdisjoint(" ".join(c.lines) for c in below)


def _year(text: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)[0-9]{2}", text))


def title_rows(cells: Sequence[PageCell], n_rows: int, n_cols: int) -> int:
    """How many leading rows hold one cell over all columns: a title printed inside the table."""
    n = 0
    while n < n_rows - 1 and n_cols > 1:
        row = [c for c in cells if c.row == n]
        printed = [c for c in row if not c.blank]
        if len(printed) != 1 or printed[0].col != 0 or printed[0].col_end != n_cols or printed[0].row_end != n + 1:
            break
        n += 1
    return n


# The texts of a row by column, spaces and hyphens left out: wraps may fall elsewhere on another page.
RowText = tuple[tuple[int, str], ...]
Shape = frozenset[int]

# Cells come in the order of their rows.
_row = attrgetter("row")


@dataclass(slots=True)
class Piece:
    """The part of a table that stands on one page: `shift` more than a cell's own row is its row in the whole table."""

    page: int
    shift: int
    cells: list[PageCell]

    def placed(self) -> Iterator[PageCell]:
        """The cells with their rows in the whole table."""
        return (c.moved(self.shift) for c in self.cells)

    @property
    def box(self) -> Box | None:
        return outline(self.cells)


@dataclass(slots=True)
class Stitched:
    """One table over one or more pages: a piece for each page, and what joining them changed.

    A row cut by a page end is one row of the upper piece, its lines in order. `head` is what the first page's first
    rows print: joining a page looks at this and at the last piece, never at all that came before.
    """

    table: PageTable
    pieces: list[Piece]
    n_rows: int
    last_table: PageTable
    last_page: int
    head: dict[int, RowText]
    dropped: list[Piece] = field(default_factory=list)
    joined_rows: list[tuple[int, int, Box | None]] = field(default_factory=list)
    heads: list[tuple[int, Box, str]] = field(default_factory=list)
    _shapes: set[Shape] = field(default_factory=set)
    _shaped: int = 0

    @classmethod
    def of(cls, page: int, table: PageTable) -> Stitched:
        piece = Piece(page, 0, list(table.cells))
        head = {row: _row_text(table.cells, row) for row in range(min(table.n_rows, thresholds.HEADER_ROWS))}
        return cls(table, [piece], table.n_rows, table, page, head)

    def leading(self, rows: int) -> list[PageCell]:
        """The cells that begin in the first `rows` rows."""
        cells = (c for piece in self.pieces for c in piece.placed())
        return list(takewhile(lambda c: c.row < rows, cells))

    def shapes(self) -> set[Shape]:
        """Which columns any row fills. Few tables have a row that may be cut, and nothing else asks."""
        for piece in self.pieces[self._shaped :]:
            self._shapes |= set(_shapes(piece.cells).values())
        self._shaped = len(self.pieces)
        return self._shapes


def continues(above: Stitched, page: int, table: PageTable) -> bool:
    """Whether a table at the top of the next page goes on with the one at the foot of this page: the same columns.

    Columns are the same when there are as many and their edges agree once one page's shift (a gutter, left and right
    pages) is taken off.
    """
    if page != above.last_page + 1 or table.n_cols != above.table.n_cols:
        return False
    if above.table.how != table.how:
        return False
    same = _same_edges if table.how == "ruled" else _same_columns
    return same(above.last_table.edges, table.edges) or same(above.table.edges, table.edges)


def _same_edges(a: Sequence[float], b: Sequence[float]) -> bool:
    shift = b[0] - a[0]
    return all(abs(q - p - shift) <= thresholds.PAGE_SHIFT for p, q in zip(a, b, strict=True))


def _same_columns(a: Sequence[float], b: Sequence[float]) -> bool:
    """Inferred edges follow the text of their page: each column must share most of the narrower one's width."""
    pairs = zip(pairwise(a), pairwise(b), strict=True)
    return all(min(p1, q1) - max(p0, q0) > 0.5 * min(p1 - p0, q1 - q0) for (p0, p1), (q0, q1) in pairs)


def append(above: Stitched, page: int, table: PageTable) -> None:
    """Put a continuation below: its repeated header dropped, its first row joined to the last when the page cut it."""
    skip = repeated_rows(above, table)
    again = [c for c in _leading(table.cells, skip) if not c.blank]
    if again:
        above.dropped.append(Piece(page, 0, again))
    rest = _cut_row(above, table, skip)
    if rest:
        _join(above, rest)
        above.joined_rows.append((page, above.n_rows - 1, outline(rest)))
        skip += 1
    kept = table.cells[bisect_left(table.cells, skip, key=_row) :]
    if kept:
        above.pieces.append(Piece(page, above.n_rows - skip, list(kept)))
    above.n_rows += table.n_rows - skip
    above.last_table, above.last_page = table, page


def repeated_rows(above: Stitched, table: PageTable) -> int:
    """How many leading rows print again what the table's own first rows print."""
    n = 0
    while n < table.n_rows and above.head.get(n) and above.head[n] == _row_text(table.cells, n):
        n += 1
    # A span that began in a dropped row must go with it.
    return max([n, *(c.row_end for c in _leading(table.cells, n))]) if n else 0


def _leading(cells: Sequence[PageCell], rows: int) -> Sequence[PageCell]:
    return cells[: bisect_left(cells, rows, key=_row)]


def _of_row(cells: Sequence[PageCell], row: int) -> Sequence[PageCell]:
    return cells[bisect_left(cells, row, key=_row) : bisect_left(cells, row + 1, key=_row)]


def _row_text(cells: Sequence[PageCell], row: int) -> RowText:
    """What a row prints."""
    return tuple((c.col, "".join("".join(c.lines).split()).replace("-", "")) for c in _of_row(cells, row) if c.lines)


def _shapes(cells: Sequence[PageCell]) -> dict[int, Shape]:
    """For each row that prints something, the columns where it does."""
    filled: dict[int, set[int]] = {}
    for c in cells:
        if c.lines:
            filled.setdefault(c.row, set()).add(c.col)
    return {row: frozenset(columns) for row, columns in filled.items()}


def _cut_row(above: Stitched, table: PageTable, row: int) -> Sequence[PageCell]:
    """The cells of the first row below when it continues the last row above, else none.

    It fills at most half of the columns, each of them printed above too, and no other row of the table has that shape:
    an empty first cell under a spanning label recurs, the rest of a cut row does not.
    """
    cells = _of_row(table.cells, row)
    printed = [c for c in cells if not c.blank]
    first = frozenset(c.col for c in printed)
    if not first or any(c.row_end > row + 1 for c in printed) or len(first) * 2 > table.n_cols:
        return ()
    piece = above.pieces[-1]
    if not first <= {piece.cells[i].col for i in _last_row(above) if not piece.cells[i].blank}:
        return ()
    others = above.shapes() | {shape for r, shape in _shapes(table.cells).items() if r > row}
    return () if any(shape <= first for shape in others) else cells


def _last_row(above: Stitched) -> list[int]:
    """The places in the last piece of the cells that reach the last row."""
    piece = above.pieces[-1]
    return [i for i, c in enumerate(piece.cells) if c.row_end + piece.shift == above.n_rows]


def _join(above: Stitched, rest: Sequence[PageCell]) -> None:
    lines = {c.col: c.lines for c in rest if not c.blank}
    cells = above.pieces[-1].cells
    for i in _last_row(above):
        c = cells[i]
        if c.col in lines:
            cells[i] = c._replace(lines=c.lines + lines[c.col])


def without_rows(pieces: Sequence[Piece], rows: int) -> list[Piece]:
    """The pieces without the table's first `rows` rows, those below counted from 0 again."""
    kept = [
        replace(p, shift=p.shift - rows, cells=p.cells[bisect_left(p.cells, rows - p.shift, key=_row) :])
        for p in pieces
    ]
    return [piece for piece in kept if piece.cells]


def outline(cells: Sequence[PageCell]) -> Box | None:
    """The smallest box around the cells of one page."""
    if not cells:
        return None
    x0, top, x1, bottom = zip(*(c.box for c in cells), strict=True)
    return min(x0), min(top), max(x1), max(bottom)
