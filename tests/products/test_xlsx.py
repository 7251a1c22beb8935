"""A workbook opens as people expect, whatever the values: nothing runs, nothing is silently another value."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.products import xlsx
from pipeline.products.xlsx import Column, Sheet, SheetError


def workbook(source: Path | io.BytesIO) -> dict[str, list[tuple[Any, ...]]]:
    """The sheets as a spreadsheet program reads them."""
    book = openpyxl.load_workbook(source)
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def written(*values: Any) -> tuple[Any, ...]:
    target = io.BytesIO()
    columns = tuple(Column(f"c{n}", "TEXT") for n in range(len(values) + 1))
    xlsx.write(target, [Sheet("données", columns, [(*values, "fin")])])
    return workbook(target)["données"][1][:-1]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("01", "01"),
        ("2E5", "2E5"),
        ('=HYPERLINK("http://exemple.fr")', '=HYPERLINK("http://exemple.fr")'),
        ("https://exemple.fr", "https://exemple.fr"),
        (None, None),
        (8788, 8788),
        (Decimal("14.25"), 14.25),
        (2**60, str(2**60)),
        (float("nan"), "nan"),
        (True, True),
        (date(2020, 6, 15), datetime.fromisoformat("2020-06-15")),
        (date(1850, 1, 2), "1850-01-02"),
        (datetime(2026, 11, 28, 9, 30, tzinfo=UTC), datetime.fromisoformat("2026-11-28T09:30")),
        (["01001", "01002"], "01001, 01002"),
    ],
)
def test_a_value_keeps_its_kind(value: Any, shown: Any) -> None:
    assert written(value) == (shown,)


def test_a_text_that_begins_like_a_formula_is_stored_as_text() -> None:
    target = io.BytesIO()
    xlsx.write(target, [Sheet("s", (Column("c", "TEXT"),), [("=1+1",)])])
    with zipfile.ZipFile(target) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "=1+1" in sheet
    assert "<f>" not in sheet


def test_two_columns_may_have_one_name_and_titles_are_made_fit() -> None:
    target = io.BytesIO()
    sheets = [Sheet("a" * 40, (Column("a", "INTEGER"), Column("a", "INTEGER")), [(1, 2)]), Sheet("A" * 40, (), [])]
    xlsx.write(target, sheets)
    found = workbook(target)
    assert list(found) == ["a" * 31, "A" * 29 + "_2", "dictionnaire"]
    assert found["a" * 31] == [("a", "a"), (1, 2)]


def test_the_header_is_frozen_and_columns_are_as_wide_as_their_values() -> None:
    target = io.BytesIO()
    xlsx.write(target, [Sheet("s", (Column("nom", "TEXT"),), [("CA du Bassin de Bourg-en-Bresse",)])])
    sheet = openpyxl.load_workbook(target)["s"]
    assert sheet.freeze_panes == "A2"
    assert 31 <= sheet.column_dimensions["A"].width <= 36


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 2)
    with pytest.raises(SheetError, match="plus de 2 lignes"):
        xlsx.write(io.BytesIO(), [Sheet("s", (Column("c", "INTEGER"),), [(1,), (2,), (3,)])])
