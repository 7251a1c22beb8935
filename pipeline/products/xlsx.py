"""Rows as a workbook that opens as people expect: codes stay text, dates are dates, numbers are numbers, nothing runs.

The first line is frozen and filters, columns are as wide as what they hold, and a last sheet is the dictionary of the
columns. Rows pass one at a time; nothing here reads the warehouse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline.errors import AnnexesError

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_575
"""Lines of a sheet, without its header."""
LONGEST_TEXT = 32_767
_EXACT = 2**53
"""Integers up to here are kept exactly by a spreadsheet; greater ones are written as text."""
_FIRST_DAY = date(1900, 3, 1)
"""Spreadsheets disagree on days before; these are written as text."""
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
"""What a book says of its making: the same rows give the same file, whenever it is written."""
_WIDEST, _NARROWEST = 60, 6
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
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
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    book = xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), options)
    book.set_properties({"created": _CREATED})
    formats = {
        "header": book.add_format({"bold": True, "bottom": 1}),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "dd/mm/yyyy"}),
        "moment": book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}),
    }
    titles = _titles([*(sheet.title for sheet in sheets), DICTIONARY])
    try:
        for title, sheet in zip(titles, [*sheets, _dictionary(sheets)], strict=True):
            _fill(book.add_worksheet(title), sheet, formats)
        book.close()
    except FileCreateError as error:
        raise OSError(str(error)) from error


def _fill(worksheet: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    widths = [len(column.name) for column in sheet.columns]
    for c, column in enumerate(sheet.columns):
        worksheet.write_string(0, c, column.name, formats["header"])
    count = 0
    for count, row in enumerate(sheet.rows, start=1):
        if count > MOST_ROWS:
            raise SheetError(f"« {sheet.title} » a plus de {MOST_ROWS} lignes, ce qu'une feuille ne peut contenir")
        for c, value in enumerate(row):
            widths[c] = max(widths[c], _put(worksheet, count, c, value, formats))
    for c, wide in enumerate(widths):
        worksheet.set_column(c, c, min(max(wide + 2, _NARROWEST), _WIDEST))
    worksheet.freeze_panes(1, 0)
    if sheet.columns:
        worksheet.autofilter(0, 0, count, len(sheet.columns) - 1)


def _put(worksheet: Worksheet, row: int, col: int, value: Any, formats: dict[str, Format]) -> int:
    """Write one value and return about how wide it shows. NULL leaves the cell empty."""
    if value is None:
        return 0
    if isinstance(value, bool):
        worksheet.write_boolean(row, col, value)
        return len("FAUX")
    if isinstance(value, int | float | Decimal) and isfinite(value) and -_EXACT <= value <= _EXACT:
        worksheet.write_number(row, col, float(value))
        return len(str(value))
    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, datetime) and value.date() >= _FIRST_DAY:
        worksheet.write_datetime(row, col, value, formats["moment"])
        return len("01/01/2000 00:00:00")
    if type(value) is date and value >= _FIRST_DAY:
        worksheet.write_datetime(row, col, value, formats["date"])
        return len("01/01/2000")
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    worksheet.write_string(row, col, text, formats["text"])
    return max(map(len, text.split("\n")))


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
