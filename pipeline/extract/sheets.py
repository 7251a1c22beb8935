"""Rows of a sheet told apart: the tables that stand one below the other, and the lines of text around them.

What CSV, XLSX and ODS share. A cell comes with its absolute row and column; a grid's begin at its own corner.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.cleaning.labels import fold
from pipeline.extract.headers import FIGURE, RowStyle, mark_headers
from pipeline.extract.limits import RepairLog
from pipeline.extract.model import Block, Cell, Grid, Heading, Paragraph, Source, joined

# A line of text this long, or one that ends as a sentence does, is no cell of a list.
_LONGEST_LABEL = 80


@dataclass
class Sheet:
    """One sheet: its printed cells in order of rows, which of them are bold, and how to name a range of it."""

    cells: Sequence[Cell]
    bold: Collection[tuple[int, int]] = ()
    under: tuple[str, ...] = ()
    rows: list[list[Cell]] = field(init=False)

    def __post_init__(self) -> None:
        by_row: dict[int, list[Cell]] = {}
        for cell in self.cells:
            by_row.setdefault(cell.row, []).append(cell)
        self.rows = [sorted(by_row[row], key=lambda cell: cell.col) for row in sorted(by_row)]


Rows = list[list[Cell]]


def blocks_of(sheet: Sheet, log: RepairLog) -> list[Block]:
    """The blocks of one sheet. Lines of one cell over a table are paragraphs, the last one its title."""
    blocks: list[Block] = []
    for lines, table in _tables(sheet):
        blocks += [Paragraph(cell.text, cell.source, sheet.under) for row in lines for cell in row]
        if table:
            title = lines[-1][0].text if lines else sheet.under[-1] if sheet.under else ""
            blocks.append(_grid(sheet, table, title, log))
    return blocks


def begins_table(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row behind a blank one is the header of another table: labels only, as many as the rows below have
    cells, and figures below them."""
    labels = [text for text in first if text]
    if len(labels) < 2 or len(set(labels)) < len(labels) or any(map(FIGURE.fullmatch, labels)) or not below:
        return False
    widest = max(sum(map(bool, row)) for row in below)
    return len(labels) >= widest and any(FIGURE.fullmatch(text) for row in below for text in row if text)


def _tables(sheet: Sheet) -> Iterator[tuple[Rows, Rows]]:
    """(lines of text, table below them), in order; the lines at the end stand over no table."""
    lines: Rows = []
    table: Rows = []
    for band in _bands(sheet.rows):
        alone, rows = _leading_lines(band)
        if rows and table and not alone and not lines and not _is_another(sheet, table, rows):
            table += rows
            continue
        if table:
            yield lines, table
            lines, table = [], []
        lines += alone
        table = rows
        if table and (cut := _repeated_header(table)):
            yield lines, table[: cut[0]]
            lines, table = table[cut[0] : cut[1]], table[cut[1] :]
    yield lines, table


def _bands(rows: Rows) -> Iterator[Rows]:
    """Rows that follow each other without a blank one; a row that a span from above covers is not blank."""
    band: Rows = []
    reach = 0
    for row in rows:
        if band and row[0].row > reach:
            yield band
            band = []
        band.append(row)
        reach = max(reach if len(band) > 1 else 0, *(cell.row + cell.row_span for cell in row))
    if band:
        yield band


def _leading_lines(band: Rows) -> tuple[Rows, Rows]:
    """The rows of one cell at the head of a band, and the table below; a band of single cells is a list or text."""
    first = next((i for i, row in enumerate(band) if len(row) > 1), None)
    if first is not None:
        return band[:first], band[first:]
    if len(band) >= 3 and not any(_is_prose(row[0].text) for row in band):
        return [], band
    return band, []


def _is_prose(text: str) -> bool:
    return len(text) > _LONGEST_LABEL or text.endswith((".", ";", ":"))


def _is_another(sheet: Sheet, table: Rows, rows: Rows) -> bool:
    """Whether a band is another table than the one above it."""
    texts = [[cell.text for cell in row] for row in rows]
    if rows[0][0].col > max(row[-1].col for row in table) or rows[0][-1].col < min(row[0].col for row in table):
        return True
    bold = [all((cell.row, cell.col) in sheet.bold for cell in row) for row in rows[:2]]
    if len(bold) == 2 and bold[0] and not bold[1] and len(texts[0]) > 1:
        return True
    return begins_table(texts[0], texts[1:])


def _repeated_header(table: Rows) -> tuple[int, int] | None:
    """Where a line of text, then the table's own header again, begin another table: (line, header)."""
    header = [(cell.col, fold(cell.text)) for cell in table[0]]
    for i in range(2, len(table) - 1):
        if len(table[i - 1]) == 1 and [(cell.col, fold(cell.text)) for cell in table[i]] == header:
            first = i - 1
            while first > 1 and len(table[first - 1]) == 1:
                first -= 1
            return first, i
    return None


def _grid(sheet: Sheet, rows: Rows, title: str, log: RepairLog) -> Grid:
    """A grid whose rows are those printed, in order, and whose columns begin at the leftmost printed one."""
    printed_rows = [row[0].row for row in rows]
    rank = {row: r for r, row in enumerate(printed_rows)}
    left = min(row[0].col for row in rows)
    cells: list[Cell] = []
    for row in rows:
        for cell in row:
            height = 1
            if cell.row_span > 1:
                height += bisect_left(printed_rows, cell.row + cell.row_span) - rank[cell.row] - 1
            cells.append(Cell(rank[cell.row], cell.col - left, cell.text, cell.source, height, cell.col_span))
    width = max(cell.col + cell.col_span for cell in cells)
    bold = sheet.bold
    styles = [RowStyle(printed=len(row), bold=sum((c.row, c.col) in bold for c in row) if bold else 0) for row in rows]
    source = joined([cells[0].source, cells[-1].source])
    return mark_headers(Grid(len(rows), width, tuple(cells), source, title, sheet.under), styles, log)


def columns_named(number: int) -> str:
    """The letters of a column counted from 0: A, Z, AA."""
    name = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(65 + letter) + name
    return name


def place(sheet: str, row: int, col: int, rank: int) -> Source:
    """The place of a cell as its reader finds it: the sheet, then its letter and number; `rank` orders the places."""
    return Source(path=f"feuille « {sheet} », {columns_named(col)}{row + 1}", offset=rank)


def sheet_heading(name: str, source: Source) -> Heading:
    """A sheet's name as the heading of what it holds."""
    return Heading(1, name, source)
