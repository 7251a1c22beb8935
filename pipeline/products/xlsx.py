"""Rows as a workbook that opens as people expect: codes stay text, dates are dates, numbers are numbers, nothing runs.

The first line is frozen and filters, columns are as wide as what they hold, and a last sheet is the dictionary of the
columns. Rows pass one at a time, and equal rows give equal files; nothing here reads the warehouse. The parts of the
package are those of ECMA-376 that such a book needs, written here because the rows of a table repeat themselves: a
value is made XML once a column, which takes a tenth of the time of a library that looks at each cell.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import IO, Any, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from pipeline.errors import AnnexesError

MOST_ROWS = 1_048_575
"""Lines of a sheet, without its header."""
LONGEST_TEXT = 32_767
_EXACT = 2**53
"""Integers up to here are kept exactly by a spreadsheet; greater ones are written as text."""
_FIRST_DAY = date(1900, 3, 1)
"""Spreadsheets disagree on days before; these are written as text."""
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - days of a spreadsheet have no zone
_WRITTEN = (2000, 1, 1, 0, 0, 0)
"""What a book says of its making: the same rows give the same file, whenever it is written."""
_WIDEST, _NARROWEST = 60, 6
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_ESCAPED = re.compile(r"_(?=x[0-9a-fA-F]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_REMEMBERED = 10_000
"""Values of one column whose XML is kept."""
DICTIONARY = "dictionnaire"


class SheetError(AnnexesError):
    """The rows do not fit into a sheet; the message is French."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet, and what the dictionary says of it."""

    name: str
    type: str
    unit: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Sheet:
    """A sheet to write: its title, its columns, and rows of as many Python values."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Any]]


def write(target: Path | BinaryIO, sheets: Sequence[Sheet]) -> None:
    """Write the sheets and a dictionary of their columns. Raises SheetError, and OSError where it cannot write."""
    titles = _titles([*(sheet.title for sheet in sheets), DICTIONARY])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
        filtered = []
        for number, sheet in enumerate([*sheets, _dictionary(sheets)], start=1):
            with book.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w", force_zip64=True) as stream:
                filtered.append(_write_sheet(stream, sheet))
        for name, text in _parts(titles, filtered):
            book.writestr(_entry(name), text)


def _write_sheet(stream: IO[bytes], sheet: Sheet) -> str:
    """Write one sheet; the cells that it filters are returned, '' for none. What stands before the rows is known only
    after them, so they wait in a file."""
    made = [_MadeColumn(_letters(n), len(column.name)) for n, column in enumerate(sheet.columns)]
    with tempfile.TemporaryFile() as waiting:
        count = 1
        header = "".join([c.header(column.name) for c, column in zip(made, sheet.columns, strict=True)])
        waiting.write(f'<row r="1">{header}</row>'.encode())
        for count, row in enumerate(sheet.rows, start=2):
            if count > MOST_ROWS + 1:
                raise SheetError(f"« {sheet.title} » a plus de {MOST_ROWS} lignes, ce qu'une feuille ne peut contenir")
            cells = "".join([c.cell(count, value) for c, value in zip(made, row, strict=True)])
            waiting.write(f'<row r="{count}">{cells}</row>'.encode())
        waiting.seek(0)
        stream.write(_before(made).encode())
        shutil.copyfileobj(waiting, stream, 1 << 20)
    filtered = f"A1:{made[-1].letters}{count}" if made else ""
    after = f'<autoFilter ref="{filtered}"/>' if filtered else ""
    stream.write(f"</sheetData>{after}</worksheet>".encode())
    return filtered


def _before(made: Sequence[_MadeColumn]) -> str:
    wide = "".join(
        f'<col min="{n}" max="{n}" width="{min(max(c.width + 2, _NARROWEST), _WIDEST)}" customWidth="1"/>'
        for n, c in enumerate(made, start=1)
    )
    frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    views = f'<sheetViews><sheetView workbookViewId="0">{frozen}</sheetView></sheetViews>'
    return f'{_XML}<worksheet xmlns="{_MAIN}">{views}{f"<cols>{wide}</cols>" if wide else ""}<sheetData>'


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _WRITTEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


@dataclass
class _MadeColumn:
    """The cells of one column as they are written, and how wide the widest of them shows."""

    letters: str
    width: int
    _known: dict[tuple[type, object], str] = field(default_factory=dict)

    def header(self, name: str) -> str:
        return f'<c r="{self.letters}1" s="1"{_text(name)[0]}'

    def cell(self, row: int, value: Any) -> str:
        """The cell of that line; '' for NULL, which is left empty."""
        if value is None:
            return ""
        if isinstance(value, list | tuple | dict):
            value = str(value) if isinstance(value, dict) else ", ".join(map(str, value))
        key = (type(value), value)
        rest = self._known.get(key)
        if rest is None:
            rest, width = _cell(value)
            self.width = max(self.width, width)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = rest
        return f'<c r="{self.letters}{row}"{rest}'


def _cell(value: Any) -> tuple[str, int]:
    """What a cell is after its place, and about how wide it shows."""
    if isinstance(value, bool):
        return f' t="b"><v>{int(value)}</v></c>', len("FAUX")
    if isinstance(value, int | float | Decimal) and isfinite(value) and -_EXACT <= value <= _EXACT:
        return f"><v>{value if isinstance(value, int) else float(value)!r}</v></c>", len(str(value))
    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        if value.date() >= _FIRST_DAY:
            days = (value - _DAY_ZERO).total_seconds() / 86400
            return f' s="4"><v>{days!r}</v></c>', len("01/01/2000 00:00:00")
    if type(value) is date and value >= _FIRST_DAY:
        return f' s="3"><v>{(value - _DAY_ZERO.date()).days}</v></c>', len("01/01/2000")
    rest, width = _text(str(value))
    return f' s="2"{rest}', width


def _text(text: str) -> tuple[str, int]:
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    plain = escape(_ESCAPED.sub(_escaped, text))
    return f' t="inlineStr"><is><t xml:space="preserve">{plain}</t></is></c>', max(map(len, text.split("\n")))


def _escaped(sign: re.Match[str]) -> str:
    """A sign that XML does not have, or that begins what looks like such an escape."""
    return f"_x{ord(sign[0]):04X}_"


def _letters(number: int) -> str:
    """The name of a column counted from 0: A … Z, AA …"""
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DAYS, _MOMENTS = 164, 165
_PLAIN, _BOLD = (
    '<font><sz val="11"/><name val="Calibri"/></font>',
    '<font><b/><sz val="11"/><name val="Calibri"/></font>',
)
_SIDES = "<left/><right/><top/>"
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}">
<numFmts count="2"><numFmt numFmtId="{_DAYS}" formatCode="dd/mm/yyyy"/>
<numFmt numFmtId="{_MOMENTS}" formatCode="dd/mm/yyyy\\ hh:mm:ss"/></numFmts>
<fonts count="2">{_PLAIN}{_BOLD}</fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="2"><border>{_SIDES}<bottom/><diagonal/></border>
<border>{_SIDES}<bottom style="thin"><color auto="1"/></bottom><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1"/>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="{_DAYS}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="{_MOMENTS}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""
"""Formats by number: 0 as it is, 1 header, 2 text, 3 day, 4 moment."""


def _parts(titles: Sequence[str], filtered: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What a book is besides its sheets."""
    numbers = range(1, len(titles) + 1)
    kinds = {"xl/workbook.xml": "sheet.main", "xl/styles.xml": "styles"}
    kinds |= {f"xl/worksheets/sheet{n}.xml": "worksheet" for n in numbers}
    parts = [f'<Override PartName="/{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in kinds.items()]
    relations = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    yield "[Content_Types].xml", f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{relations}{"".join(parts)}</Types>'
    yield "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])
    sheets = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    yield "xl/_rels/workbook.xml.rels", _relations([*sheets, (f"rId{len(titles) + 1}", "styles", "styles.xml")])
    yield "xl/styles.xml", _STYLES
    yield "xl/workbook.xml", _workbook(titles, filtered)


def _workbook(titles: Sequence[str], filtered: Sequence[str]) -> str:
    sheets = [f'<sheet name={quoteattr(t)} sheetId="{n}" r:id="rId{n}"/>' for n, t in enumerate(titles, start=1)]
    filters = "".join(map(_filter, range(len(titles)), titles, filtered))
    names = f"<definedNames>{filters}</definedNames>" if filters else ""
    opened = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
    return f"{_XML}{opened}<sheets>{''.join(sheets)}</sheets>{names}</workbook>"


def _filter(sheet: int, title: str, cells: str) -> str:
    """The hidden name that a spreadsheet gives to the cells of a filter."""
    if not cells:
        return ""
    fixed = re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", cells)
    named = escape("'" + title.replace("'", "''") + f"'!{fixed}")
    return f'<definedName name="_xlnm._FilterDatabase" localSheetId="{sheet}" hidden="1">{named}</definedName>'


def _relations(found: Iterable[tuple[str, str, str]]) -> str:
    listed = "".join(f'<Relationship Id="{i}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for i, kind, to in found)
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _dictionary(sheets: Sequence[Sheet]) -> Sheet:
    """One line a column: the sheet, the name, the type, the unit, what it means."""
    names = ("feuille", "colonne", "type", "unité", "définition")
    rows = ((sheet.title, c.name, c.type, c.unit, c.comment) for sheet in sheets for c in sheet.columns)
    return Sheet(DICTIONARY, tuple(Column(name, "TEXT") for name in names), rows)


def _titles(wanted: Sequence[str]) -> list[str]:
    """Titles that a spreadsheet takes: 31 characters, none of its own signs, no two alike."""
    found: list[str] = []
    for title in wanted:
        plain = _NO_SHEET_NAME.sub("_", title).strip("'")[:31] or "feuille"
        number = 1
        new = plain
        while new.lower() in {other.lower() for other in found}:
            number += 1
            new = f"{plain[: 30 - len(str(number))]}_{number}"
        found.append(new)
    return found
