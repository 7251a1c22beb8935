"""One table, cell by cell, to a Grid: where cells fall under spans, what unclosed rows and cells become.

It is told of rows and cells by `flow`; it does not read tags and does not decide what a merged cell means.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.extract.markup.limits import Limits, RepairLog
from pipeline.extract.markup.text import BREAK, printed
from pipeline.extract.model import Cell, ExtractError, Grid, Source


@dataclass(slots=True)
class RowStyle:
    """How a row was marked: in a <thead>, how many printed cells, of which <th> and wholly bold."""

    in_head: bool = False
    printed: int = 0
    th: int = 0
    bold: int = 0


@dataclass(slots=True)
class _OpenCell:
    source: Source
    th: bool
    row_span: int
    col_span: int
    needs_close: bool
    parts: list[str]
    bold: bool = True  # until a letter is seen outside <b>


class SpanWork:
    """Grid positions that spans make one document's reading visit: the budget that absurd spans run out of."""

    def __init__(self, limits: Limits) -> None:
        self._left = limits.span_work

    def spend(self, positions: int, source: Source) -> None:
        self._left -= positions
        if self._left < 0:
            raise ExtractError("Les étendues de cellules sont hors de toute mesure.", "vérifier le fichier", source)


class TableBuilder:
    """Cells in printed order. `styles` has one RowStyle a row, for telling headers once the grid is whole."""

    def __init__(self, source: Source, limits: Limits, log: RepairLog, work: SpanWork) -> None:
        self.source = source
        self.caption: list[str] = []
        self.styles: list[RowStyle] = []
        self.in_head = False
        self._limits, self._log, self._work = limits, log, work
        self._cells: list[Cell] = []
        self._texts: dict[str, str] = {}
        self._until: dict[int, int] = {}  # column -> first row that no span from above covers
        self._lowest = 0  # the greatest of those rows
        self._row: Source | None = None
        self._row_tagged = True
        self._col = 0
        self._cell: _OpenCell | None = None

    @property
    def in_cell(self) -> bool:
        return self._cell is not None

    def open_row(self, source: Source, *, tagged: bool = True) -> None:
        """A row begins; one still open is closed and counted. `tagged` is false for a row that has no tag."""
        self.close_row(tagged=False)
        self._row, self._col, self._row_tagged = source, 0, tagged
        self.styles.append(RowStyle(self.in_head))

    def close_row(self, *, tagged: bool = True) -> None:
        """The row ends, with the cell still open in it; `tagged` is false when no tag says so.

        A row with no cell, under no span, is no row.
        """
        if self._cell:
            self._count_unclosed(self._cell)
            self.close_cell()
        if not self._row:
            return
        if not tagged and self._row_tagged:
            self._log.add("ligne_non_fermee", self._row)
        row = len(self.styles) - 1
        if not self._col and self._lowest <= row:
            self.styles.pop()
        self._row = None

    def open_cell(self, source: Source, *, th: bool, spans: tuple[int, int], needs_close: bool) -> None:
        """A cell begins, `spans` as declared (rows, columns); a missing row is opened, an open cell closed."""
        if self._cell:
            self._count_unclosed(self._cell)
            self.close_cell()
        if not self._row:
            self._log.add("cellule_sans_ligne", source)
            self.open_row(source, tagged=False)
        row_span, col_span = spans if spans == (1, 1) else self._bounded(spans, source)
        self._cell = _OpenCell(source, th, row_span, col_span, needs_close, [])

    def text(self, raw: str, *, bold: bool) -> None:
        """Raw text of the open cell; white space before its first word is layout of the file."""
        cell = self._cell
        assert cell
        blank = raw.isspace()
        if cell.parts or not blank:
            cell.parts.append(raw)
        if not bold and not blank:
            cell.bold = False

    def line_break(self) -> None:
        if self._cell and self._cell.parts:
            self._cell.parts.append(BREAK)

    def close_cell(self) -> None:
        """Place the open cell in the first column that no span from above covers."""
        draft, self._cell = self._cell, None
        if not draft:
            return
        row, until = len(self.styles) - 1, self._until
        col = self._col
        while until and until.get(col, 0) > row:
            col += 1
        if col > self._col or draft.col_span > 1:
            self._work.spend(col - self._col + draft.col_span, draft.source)
        self._col = col + draft.col_span
        if draft.row_span > 1:
            for c in range(col, self._col):
                until[c] = max(until.get(c, 0), row + draft.row_span)
            self._lowest = max(self._lowest, row + draft.row_span)
        text = printed("".join(draft.parts), draft.source, self._log) if draft.parts else ""
        text = self._texts.setdefault(text, text)
        self._cells.append(Cell(row, col, text, draft.source, draft.row_span, draft.col_span, draft.th))
        if text:
            style = self.styles[row]
            style.printed += 1
            style.th += draft.th
            style.bold += draft.bold
        if len(self._cells) > self._limits.table_cells:
            raise ExtractError(
                f"Un tableau a plus de {self._limits.table_cells} cellules.", "découper le fichier", self.source
            )

    def grid(self, under: tuple[str, ...]) -> Grid:
        """The table as printed, spans cut at its edges. Header marks are those of the tags (<th>)."""
        self.close_row(tagged=False)
        n_rows = len(self.styles)
        width = self._width()
        cells = [self._cut(cell, n_rows, width) for cell in self._cells]
        area = sum(cell.row_span * cell.col_span for cell in cells)
        if area > self._limits.span_work // 2:
            raise ExtractError(
                "Les étendues de cellules sont hors de toute mesure.", "vérifier le fichier", self.source
            )
        n_cols = max((cell.col + cell.col_span for cell in cells), default=0)
        title = printed("".join(self.caption), self.source, self._log)
        return Grid(n_rows, n_cols, tuple(cells), self.source, title, under)

    def _count_unclosed(self, cell: _OpenCell) -> None:
        if cell.needs_close:
            self._log.add("cellule_non_fermee", cell.source)

    def _bounded(self, spans: tuple[int, int], source: Source) -> tuple[int, int]:
        """Spans inside the bounds; rowspan 0 is "to the end", as browsers read it, and is cut with the table."""
        rows, cols = spans[0] or self._limits.row_span, max(spans[1], 1)
        bounded = min(rows, self._limits.row_span), min(cols, self._limits.col_span)
        if bounded != (rows, cols):
            self._log.add("etendue_bornee", source, f"{rows} × {cols}", f"{bounded[0]} × {bounded[1]}")
        return bounded

    def _width(self) -> int:
        """Columns of the table. A title row often claims more than there are: a cell alone in its row has no say."""
        alone: dict[int, bool] = {}
        for cell in self._cells:
            alone[cell.row] = cell.row not in alone and cell.col == 0
        voices = [cell.col + cell.col_span for cell in self._cells if not alone[cell.row]]
        return max(voices, default=1_000_000)

    def _cut(self, cell: Cell, n_rows: int, width: int) -> Cell:
        """The cell with its spans inside the table. A span past the last row is common and changes nothing."""
        cols = min(cell.col_span, width - cell.col) if cell.col < width else cell.col_span
        rows = min(cell.row_span, n_rows - cell.row)
        if cols < cell.col_span:
            self._log.add("etendue_bornee", cell.source, f"{cell.col_span} colonnes", f"{cols} colonnes")
        if rows == cell.row_span and cols == cell.col_span:
            return cell
        return replace(cell, row_span=rows, col_span=cols)
