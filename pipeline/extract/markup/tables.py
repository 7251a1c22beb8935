"""Table tags to grids: nested, unclosed, misplaced and implied tables, and where cells fall under spans.

Running text is for `lines`, what row is a header for `headers`. What HTML leaves to the reader is done as browsers do;
what a merged cell means is not decided here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pipeline.extract.headers import RowStyle, mark_headers
from pipeline.extract.limits import Limits, RepairLog
from pipeline.extract.markup.lines import BREAK, TITLE, Outline, Printed, missing, printed
from pipeline.extract.markup.marks import CALL, without_calls
from pipeline.extract.markup.scan import Tag, Tree, attribute
from pipeline.extract.markup.styles import is_heavy
from pipeline.extract.model import Aside, Cell, ExtractError, Grid, Paragraph, Source, Unread

# Where a row stands in print (see `RowStyle.place`).
_HEAD, _BODY, _FOOT = range(3)


@dataclass(slots=True)
class _OpenCell:
    source: Source
    th: bool
    row_span: int
    col_span: int
    needs_close: bool
    parts: list[str]
    bold: bool = True  # until a letter is seen outside <b>
    heavy: bool = False  # bold by the style of its own element or row
    twins: list[tuple[int, str, Source]] = field(default_factory=list)  # rank among parts, text said elsewhere too


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
        self.asides: list[Aside] = []
        self._in_head = False
        self._place = _BODY
        self._heavy_row = False
        self._group_start = 0  # first cell of the open row group
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

    def start_group(self, key: str) -> None:
        """A row group begins, and ends the one before. The first <thead> stands first, the first <tfoot> last."""
        self.end_group()
        place = {"thead": _HEAD, "tfoot": _FOOT}.get(key, _BODY)
        again = place != _BODY and any(style.place == place for style in self.styles)
        self._place, self._in_head = _BODY if again else place, key == "thead"

    def end_group(self) -> None:
        """The rows since the last group began are a group: no span goes past it."""
        self.close_row(tagged=False)
        end = len(self.styles)
        if self._lowest > end:
            for i in range(self._group_start, len(self._cells)):
                cell = self._cells[i]
                if cell.row + cell.row_span > end:
                    self._cells[i] = replace(cell, row_span=end - cell.row)
                    if cell.row_span < self._limits.row_span:
                        after = f"{end - cell.row}, fin du groupe de lignes"
                        self._log.add("etendue_bornee", cell.source, f"{cell.row_span} lignes", after)
            self._until.clear()
            self._lowest = end
        self._group_start = len(self._cells)
        self._place, self._in_head = _BODY, False

    def open_row(self, source: Source, *, tagged: bool = True, heavy: bool = False) -> None:
        """A row begins; one still open is closed and counted. `tagged` is false for a row that has no tag."""
        self.close_row(tagged=False)
        self._row, self._col, self._row_tagged, self._heavy_row = source, 0, tagged, heavy
        self.styles.append(RowStyle(self._in_head, place=self._place))

    def close_row(self, *, tagged: bool = True) -> None:
        """The row ends, with the cell still open in it; `tagged` is false when no tag says so.

        A row with no cell, under no span, is no row.
        """
        self.close_open_cell()
        if not self._row:
            return
        if not tagged and self._row_tagged:
            self._log.add("ligne_non_fermee", self._row)
        row = len(self.styles) - 1
        if not self._col and self._lowest <= row:
            self.styles.pop()
        self._row = None

    def open_cell(
        self, source: Source, *, th: bool, spans: tuple[int, int], needs_close: bool, heavy: bool = False
    ) -> None:
        """A cell begins, `spans` as declared (rows, columns); a missing row is opened, an open cell closed."""
        self.close_open_cell()
        if not self._row:
            self._log.add("cellule_sans_ligne", source)
            self.open_row(source, tagged=False)
        row_span, col_span = spans if spans == (1, 1) else self._bounded(spans, source)
        self._cell = _OpenCell(source, th, row_span, col_span, needs_close, [], heavy=heavy or self._heavy_row)

    def text(self, raw: str, *, bold: bool) -> None:
        """Raw text of the open cell; white space before its first word is layout of the file."""
        cell = self._cell
        assert cell
        blank = raw.isspace()
        if cell.parts or not blank:
            cell.parts.append(raw)
        if not bold and not blank and not cell.heavy:
            cell.bold = False

    def twin(self, text: str, source: Source) -> None:
        """Text of the open cell that is hidden from some of its readers: printed, unless the cell says it again."""
        if self._cell:
            self._cell.twins.append((len(self._cell.parts), text, source))

    def line_break(self) -> None:
        if self._cell and self._cell.parts:
            self._cell.parts.append(BREAK)

    def close_open_cell(self) -> None:
        """A cell that nothing closed ends, and is counted."""
        if self._cell:
            self._count_unclosed(self._cell)
            self.close_cell()

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
        text = self._text_of(draft) if draft.parts or draft.twins else ""
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

    def _text_of(self, draft: _OpenCell) -> str:
        """The printed text of a cell: without note calls behind a number, and with each thing said once."""
        source, parts = draft.source, draft.parts
        said = _letters("".join(parts).replace(BREAK, " ")) if draft.twins else ""
        for rank, text, place in reversed(draft.twins):
            if _letters(text) == said:
                self.asides.append(Aside("texte_masque", text, place))
            else:
                parts.insert(rank, html.escape(text, quote=False))
        raw = "".join(parts)
        if CALL in raw:
            raw, calls = without_calls(raw)
            self.asides += [
                Aside("note", call, Source(line=source.line, path=source.path, offset=at)) for call, at in calls
            ]
        return printed(raw, source, self._log)

    def grid(self, under: tuple[str, ...]) -> Grid:
        """The table as printed, spans cut at its edges. Header marks are those of the tags (<th>)."""
        self.close_row(tagged=False)
        n_rows = len(self.styles)
        width = self._width()
        cells = [self._cut(cell, n_rows, width) for cell in self._in_order()]
        area = sum(cell.row_span * cell.col_span for cell in cells)
        if area > self._limits.span_work // 2:
            raise ExtractError(
                "Les étendues de cellules sont hors de toute mesure.", "vérifier le fichier", self.source
            )
        n_cols = max((cell.col + cell.col_span for cell in cells), default=0)
        title = printed("".join(self.caption), self.source, self._log)
        return Grid(n_rows, n_cols, tuple(cells), self.source, title, under, caption=title)

    def _in_order(self) -> list[Cell]:
        """The cells with the head's rows first and the foot's last, wherever the file has them."""
        order = sorted(range(len(self.styles)), key=lambda row: self.styles[row].place)
        if order == list(range(len(order))):
            return self._cells
        moved = {row: new for new, row in enumerate(order)}
        self.styles = [self.styles[row] for row in order]
        return sorted((replace(cell, row=moved[cell.row]) for cell in self._cells), key=lambda cell: cell.row)

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


TABLE_PARTS = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup"})
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_ROW_PARENTS = _GROUPS | {"table"}
_CELL_PARENTS = _ROW_PARENTS | {"tr"}
_SPAN = re.compile(r"\s*([0-9]{1,9})")


@dataclass(slots=True)
class _Open:
    """A table being read: the title found above it; `tagged` is false where rows stand in no table."""

    builder: TableBuilder
    title: str
    tagged: bool
    in_caption: bool = False


@dataclass(slots=True)
class Tables:
    """The open tables of a document, innermost last. Grids go to `emit` once the outermost is whole, in order."""

    html: bool
    limits: Limits
    log: RepairLog
    tree: Tree
    outline: Outline
    emit: Callable[[Printed | Aside], None]
    _open: list[_Open] = field(default_factory=list)
    _inner: list[Grid] = field(default_factory=list)
    _work: SpanWork = field(init=False)

    def __post_init__(self) -> None:
        self._work = SpanWork(self.limits)

    @property
    def any_open(self) -> bool:
        return bool(self._open)

    def text(self, raw: str, tag: Tag, *, bold: bool) -> None:
        """Raw text before `tag`, inside a table: of its open cell, of its caption, or astray between two cells."""
        table = self._open[-1]
        if table.builder.in_cell:
            table.builder.text(raw, bold=bold)
        elif table.in_caption:
            table.builder.caption.append(raw)
        elif not raw.isspace():
            if not table.tagged:
                self._close()
                self.outline.add(raw, tag, bold=bold)
                return
            self.log.add("texte_hors_cellule", tag.text_source(self.tree.path), raw.strip())
            self.outline.add(raw, tag, bold=False)
            self.outline.settle()

    def line_break(self) -> None:
        self._open[-1].builder.line_break()

    @property
    def any_tagged(self) -> bool:
        """Whether a table that its own tag began is open."""
        return any(table.tagged for table in self._open)

    @property
    def in_cell(self) -> bool:
        return bool(self._open) and self._open[-1].builder.in_cell

    def twin(self, text: str, source: Source) -> None:
        """Text of the open cell that some of its readers do not get (see `TableBuilder.twin`)."""
        self._open[-1].builder.twin(text, source)

    def pass_over(self, key: str, tag: Tag) -> Source:
        """A hidden part of a table: what was left open before it ends, nothing of it is read; its place."""
        if key == "table" or not self._open:
            path = self.tree.push(tag, key)
            self.tree.pop(key)
            return Source(line=tag.line, path=path, offset=tag.offset)
        builder = self._open[-1].builder
        if key in ("td", "th"):
            builder.close_open_cell()
            source = self._enter(key, tag, _CELL_PARENTS)
        elif key == "tr":
            builder.close_row(tagged=False)
            source = self._enter(key, tag, _ROW_PARENTS)
        else:
            builder.end_group()
            source = self._enter(key, tag, frozenset({"table"}))
        self.tree.pop(key)
        return source

    def start(self, key: str, tag: Tag) -> None:
        """An opening tag among `TABLE_PARTS`."""
        if key == "table":
            self._start_table(tag)
            return
        if not self._open:
            if key not in ("tr", "td", "th"):
                return
            self.log.add("ligne_sans_tableau", tag.source)
            self._start_table(tag._replace(name="table", empty=False), tagged=False)
        table = self._open[-1]
        table.in_caption = key == "caption" and not table.builder.in_cell and not tag.empty
        if key in ("td", "th"):
            self._start_cell(table.builder, key, tag)
        elif key == "tr":
            table.builder.open_row(self._enter(key, tag, _ROW_PARENTS), heavy=is_heavy(tag.attrs))
            if tag.empty and not self.html:
                self.end(key)
        elif key in _GROUPS:
            table.builder.start_group(key)
            self._enter(key, tag, frozenset({"table"}))

    def end(self, key: str) -> None:
        """A closing tag among `TABLE_PARTS`; without its opening it is ignored."""
        if not self._open:
            return
        table = self._open[-1]
        if key == "table":
            self._close()
        elif key in ("td", "th"):
            table.builder.close_cell()
            self.tree.pop_to(_CELL_PARENTS)
        elif key == "tr":
            table.builder.close_row()
            self.tree.pop(key)
        elif key == "caption":
            table.in_caption = False
        elif key in _GROUPS:
            table.builder.end_group()
            self.tree.pop(key)

    def end_all(self) -> None:
        """What held the tables ends: those still open are closed, and counted."""
        while self._open:
            self._close_unclosed()

    def _start_table(self, tag: Tag, *, tagged: bool = True) -> None:
        if self._open and not self._open[-1].builder.in_cell:
            self._close_unclosed()
        if len(self._open) >= self.limits.nested_tables:
            reason = f"Plus de {self.limits.nested_tables} tableaux imbriqués."
            raise ExtractError(reason, "vérifier le fichier", tag.source)
        title = ""
        if self._open:
            self.line_break()
        else:
            title = self.outline.before_table()
        if self.html and self.tree.parent == "p":
            self.tree.pop("p")  # a table ends the paragraph it stands in
        path = self.tree.push(tag, "table")
        source = replace(tag.source, path=path)
        self._open.append(_Open(TableBuilder(source, self.limits, self.log, self._work), title, tagged))
        if tag.empty and not self.html:
            self._close()

    def _start_cell(self, builder: TableBuilder, key: str, tag: Tag) -> None:
        source = self._enter(key, tag, _CELL_PARENTS)
        spans = (1, 1)
        if "span" in tag.attrs.lower():
            spans = self._span(tag, "rowspan"), self._span(tag, "colspan")
        builder.open_cell(source, th=key == "th", spans=spans, needs_close=not tag.empty, heavy=is_heavy(tag.attrs))
        if tag.empty and not self.html:
            self.end(key)

    def _enter(self, key: str, tag: Tag, parents: frozenset[str]) -> Source:
        """Enter an element under the nearest of `parents`, leaving what was left open there; its place."""
        self.tree.pop_to(parents)
        path = self.tree.push(tag, key)
        return Source(line=tag.line, path=path, offset=tag.offset)

    def _span(self, tag: Tag, name: str) -> int:
        value = attribute(tag.attrs, name)
        if value is None:
            return 1
        found = _SPAN.match(value)
        if not found:
            self.log.add("etendue_illisible", tag.source, f"{name}={value}", "1")
        return int(found[1]) if found else 1

    def _close_unclosed(self) -> None:
        if self._open[-1].tagged:
            self.log.add("tableau_non_ferme", self._open[-1].builder.source)
        self._close()

    def _close(self) -> None:
        table = self._open.pop()
        self.tree.pop("table")
        for aside in table.builder.asides:
            self.emit(aside)
        grid = mark_headers(table.builder.grid(self.outline.under), table.builder.styles, self.log)
        if table.title and not grid.title:
            grid = replace(grid, title=table.title)
        if self._open:
            self.line_break()
            self._inner.append(grid)
            return
        inner, self._inner = sorted(self._inner, key=lambda g: g.source.offset or 0), []
        self._emit(grid, layout=bool(inner))
        for one in inner:
            self._emit(one, layout=False)
        self.outline.leave(TITLE)

    def _emit(self, grid: Grid, *, layout: bool) -> None:
        """A grid, unless nothing is printed in it or its only words say that a table is missing."""
        texts = [cell.text for cell in grid.cells if cell.text]
        if not texts:
            if not layout:
                self.emit(Unread("tableau_non_reproduit", grid.source, grid.title or "tableau sans aucun texte"))
            return
        kind = missing(" ".join(texts), grid.under) if len(texts) <= 2 else None
        if kind is None:
            self.emit(grid)
            return
        for text in texts:
            self.emit(Paragraph(text, grid.source, grid.under))
        self.emit(Unread(kind, grid.source, " ".join(texts)))


def _letters(raw: str) -> str:
    """Text without its spaces, which two ways to say one thing part otherwise."""
    return "".join(html.unescape(raw).split())
