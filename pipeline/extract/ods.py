"""ODS: sheets to grids, each cell with the text that the file says it displays, at its letter and number.

Hidden sheets, rows and columns are not printed: left out, and said. Repetitions of empty cells cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from pipeline.extract.limits import Limits, RepairLog
from pipeline.extract.model import Aside, Block, Cell, ExtractError, Heading, Reading, Source
from pipeline.extract.office import Package, attribute, local
from pipeline.extract.sheets import Sheet, blocks_of, place

_CONTENT = "content.xml"
_KIND = b"application/vnd.oasis.opendocument.spreadsheet"
_NOT_PRINTED = frozenset({"annotation", "note", "ruby-text", "tracked-changes"})
_READ = tuple(f"{{*}}{name}" for name in ("style", "table-column", "table-row", "table"))
_HIDDEN = frozenset({"collapse", "filter"})
_Printed = tuple[int, int, etree._Element, str]
"""Column, how many times, element, text."""
_MOST_COLUMNS, _MOST_ROWS = 16_384, 1_048_576


def read_ods(data: bytes, limits: Limits | None = None) -> Reading:
    """The tables of every sheet that is shown, under its name. ExtractError for what is no such file, or past the
    limits."""
    limits = limits or Limits()
    package = Package(data, limits)
    if "mimetype" in package.names and not package.part("mimetype").startswith(_KIND):
        raise ExtractError("Le fichier n'est pas un classeur ODS.", "l'enregistrer en .ods, .xlsx ou .csv")
    book = _Book(limits)
    for element in package.elements(_CONTENT, *_READ):
        book.take(element)
    log = book.log
    return Reading(tuple(book.blocks), (*log.drain(), *log.rest()), asides=tuple(book.asides))


class _Book:
    """The sheets of one file, from their elements as they end: styles, then each table's columns and rows."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.log = RepairLog(limits.repairs_per_kind)
        self.blocks: list[Block] = []
        self.asides: list[Aside] = []
        self._bold: set[str] = set()
        self._hidden_tables: set[str] = set()
        self._sheet: _SheetReader | None = None
        self._rank = 0

    def take(self, element: etree._Element) -> None:
        name = local(element)
        if name == "style":
            self._style(element)
            return
        table = (
            element if name == "table" else next((up for up in element.iterancestors() if local(up) == "table"), None)
        )
        above = table.getparent() if table is not None else None
        if table is None or above is None or local(above) != "spreadsheet":
            return
        if self._sheet is None or self._sheet.table is not table:
            self._sheet = _SheetReader(table, self._bold, self.limits, self._rank)
        if name == "table-column":
            self._sheet.column(element)
        elif name == "table-row":
            self._sheet.row(element)
            element.clear()
        else:
            self._end(self._sheet)
            table.clear()

    def _style(self, style: etree._Element) -> None:
        name = attribute(style, "name") or ""
        for properties in style:
            if (attribute(properties, "font-weight") or "") in ("bold", "600", "700", "800", "900"):
                self._bold.add(name)
            if local(properties) == "table-properties" and attribute(properties, "display") == "false":
                self._hidden_tables.add(name)

    def _end(self, sheet: _SheetReader) -> None:
        self._sheet, self._rank = None, sheet.rank
        where = Source(path=f"feuille « {sheet.name} »", offset=sheet.first)
        if sheet.style in self._hidden_tables:
            if sheet.cells:
                text = f"feuille masquée « {sheet.name} » : {len(sheet.cells)} cellules"
                self.asides.append(Aside("texte_masque", text, where))
            return
        self.asides += sheet.asides
        if sheet.cells:
            self.blocks.append(Heading(1, sheet.name, where))
            self.blocks += blocks_of(Sheet(sheet.cells, sheet.bold, (sheet.name,)), self.log)


@dataclass
class _SheetReader:
    """The printed cells of one sheet, column by column and row by row."""

    table: etree._Element
    bold_styles: set[str]
    limits: Limits
    rank: int
    cells: list[Cell] = field(default_factory=list)
    bold: set[tuple[int, int]] = field(default_factory=set)
    asides: list[Aside] = field(default_factory=list)
    _hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    _columns: int = 0
    _rows: int = 0

    def __post_init__(self) -> None:
        self.first = self.rank
        self.rank += 1
        self.name = attribute(self.table, "name") or ""
        self.style = attribute(self.table, "style-name") or ""

    def column(self, element: etree._Element) -> None:
        count = _repeated(element, "number-columns-repeated")
        if attribute(element, "visibility") in _HIDDEN:
            self._hidden_columns.append((self._columns, self._columns + count - 1))
        self._columns += count

    def row(self, element: etree._Element) -> None:
        times = _repeated(element, "number-rows-repeated")
        if printed := list(self._printed(element)):
            self._add(element, printed, self._rows, times)
        self._rows += times

    def _printed(self, row: etree._Element) -> Iterator[_Printed]:
        """(column, how many times, element, text) of the cells of a row that hold text. What a merged cell covers is
        not seen."""
        col = 0
        for cell in row:
            if local(cell) not in ("table-cell", "covered-table-cell"):
                continue
            times = _repeated(cell, "number-columns-repeated")
            if len(cell) and (text := _text(cell)):
                if local(cell) == "table-cell":
                    yield col, times, cell, text
                else:
                    self.asides.append(Aside("texte_masque", text, self._covered(col)))
            col += times

    def _covered(self, col: int) -> Source:
        self.rank += 1
        return Source(path=f"feuille « {self.name} », colonne {col + 1}, couvert", offset=self.rank - 1)

    def _add(self, row: etree._Element, printed: list[_Printed], first: int, times: int) -> None:
        if first + times > _MOST_ROWS or sum(n for _, n, _, _ in printed) * times > self.limits.sheet_cells:
            reason = f"feuille « {self.name} » : des cellules répétées hors de toute mesure."
            raise ExtractError(reason, "vérifier le fichier")
        row_hidden = attribute(row, "visibility") in _HIDDEN
        for number in range(first, first + times):
            masked: list[str] = []
            for col, columns, cell, text in printed:
                for at in range(col, min(col + columns, _MOST_COLUMNS)):
                    if row_hidden or any(low <= at <= high for low, high in self._hidden_columns):
                        masked.append(text)
                        continue
                    self._cell(cell, number, at, text)
            if masked:
                where = Source(path=f"feuille « {self.name} », ligne {number + 1}, masqué", offset=self.rank)
                self.rank += 1
                self.asides.append(Aside("texte_masque", " | ".join(masked), where))
        if len(self.cells) > self.limits.sheet_cells:
            raise ExtractError(f"Une feuille a plus de {self.limits.sheet_cells} cellules.", "découper le fichier")

    def _cell(self, element: etree._Element, row: int, col: int, text: str) -> None:
        rows = min(_repeated(element, "number-rows-spanned"), _MOST_ROWS)
        cols = min(_repeated(element, "number-columns-spanned"), _MOST_COLUMNS)
        self.cells.append(Cell(row, col, text, place(self.name, row, col, self.rank), rows, cols))
        self.rank += 1
        if attribute(element, "style-name") in self.bold_styles:
            self.bold.add((row, col))


def _repeated(element: etree._Element, name: str) -> int:
    value = attribute(element, name) or "1"
    return max(int(value), 1) if value.isascii() and value.isdigit() and len(value) < 8 else 1


def _text(cell: etree._Element) -> str:
    """The displayed text of a cell: its paragraphs as lines."""
    lines = [line for child in cell if local(child) in ("p", "h") and (line := _line(child).strip())]
    return "\n".join(lines)


def _line(paragraph: etree._Element) -> str:
    """The text of a paragraph, without notes and comments; nested elements one after the other."""
    parts: list[str] = []
    stack: list[tuple[etree._Element, bool]] = [(paragraph, False)]
    while stack:
        element, done = stack.pop()
        if done:
            parts.append(element.tail or "")
            continue
        if element is not paragraph:
            stack.append((element, True))
        name = local(element)
        if not name or name in _NOT_PRINTED:
            continue
        if name == "s":
            parts.append(" " * min(_repeated(element, "c"), 100))
        elif name in ("tab", "line-break"):
            parts.append("\n" if name == "line-break" else " ")
        parts.append(element.text or "")
        stack += ((child, False) for child in reversed(element))
    return "".join(parts)
