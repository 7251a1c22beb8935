"""Workbooks: values as displayed, merged cells, what is hidden, places, tables below each other."""

from __future__ import annotations

import io
from datetime import date

import pytest

from pipeline.extract.displayed import displayed, general
from pipeline.extract.model import Grid, Reading
from pipeline.extract.xlsx import read_xlsx
from tests.extract.office_made import cell, row, sheet, xlsx


def rows(grid: Grid) -> list[list[str]]:
    return [[own.text if (own := grid.own(r, c)) else "" for c in range(grid.n_cols)] for r in range(grid.n_rows)]


HEAD = row(1, cell("A1", "Code"), cell("B1", "Nom"), cell("C1", "Prix"))
FORMATS = ("00", '#,##0.00 "€"', "d mmmm yyyy")


def read(*body: str, merged: tuple[str, ...] = (), columns: str = "") -> Reading:
    return read_xlsx(xlsx({"Annexe I": sheet(*body, merged=merged, columns=columns)}, formats=FORMATS))


def lines(*codes: float) -> tuple[str, ...]:
    return tuple(
        row(n, cell(f"A{n}", code, 1), cell(f"B{n}", f"Nom {code}"), cell(f"C{n}", 8861.5 + n, 2))
        for n, code in enumerate(codes, start=2)
    )


def test_cells_are_as_displayed_and_placed_by_sheet_and_letter() -> None:
    reading = read(HEAD, *lines(1, 2, 26))
    (grid,) = reading.grids
    assert rows(grid)[1] == ["01", "Nom 1", "8\u202f863,50 €"]
    assert (grid.header_rows, grid.under) == (1, ("Annexe I",))
    places = [found.source.label for found in grid.cells[:4]]
    assert places == [f"feuille « Annexe I », {ref}" for ref in ("A1", "B1", "C1", "A2")]


def test_a_merged_area_is_one_cell_with_its_spans_and_what_lies_under_it_is_not_printed() -> None:
    reading = read(HEAD, *lines(1, 2, 3), merged=("B2:B4",))
    (grid,) = reading.grids
    assert [(c.text, c.row_span) for c in grid.cells if c.col == 1 and not c.header] == [("Nom 1", 3)]
    assert [aside.text for aside in reading.asides] == ["Nom 2", "Nom 3"]


def test_hidden_rows_columns_and_sheets_are_left_out_and_said() -> None:
    body = sheet(HEAD, *lines(1), row(3, cell("A3", "9"), cell("B3", "caché"), hidden=True), *lines(1, 2, 3)[2:])
    columns = '<cols><col min="2" max="2" hidden="1"/></cols>'
    data = xlsx(
        {"Vue": body.replace("<sheetData>", columns + "<sheetData>"), "Liste": sheet(row(1, cell("A1", "x")))},
        hidden=("Liste",),
    )
    reading = read_xlsx(data)
    assert [found.text for found in reading.grids[0].cells] == ["Code", "Prix", "1", "8863,5", "3", "8865,5"]
    assert [aside.text for aside in reading.asides] == [
        *("Nom", "Nom 1", "9 | caché", "Nom 3"),
        "feuille masquée « Liste » : 1 cellules",
    ]


def test_the_value_of_a_formula_is_read_and_one_without_value_is_said() -> None:
    reading = read(HEAD, row(2, cell("A2", 3, formula="1+2"), cell("B2", None, formula="NOW()"), cell("C2", "x")))
    assert rows(reading.grids[0])[1] == ["3", "", "x"]
    (repair,) = [r for r in reading.repairs if r.kind == "formule_sans_valeur"]
    assert (repair.before, repair.source.label) == ("=NOW()", "feuille « Annexe I », B2")


def test_two_tables_below_each_other_are_two() -> None:
    second = (
        row(7, cell("A7", "Annexe II")),
        row(8, cell("A8", "Code"), cell("B8", "Nom"), cell("C8", "Prix")),
        *(row(n, cell(f"A{n}", n), cell(f"B{n}", "x"), cell(f"C{n}", 4)) for n in (9, 10)),
    )
    reading = read(HEAD, *lines(1, 2, 3), *second)
    assert [(grid.title, grid.n_rows) for grid in reading.grids] == [("Annexe I", 4), ("Annexe II", 3)]


def test_numbers_one_above_the_other_stay_two_lines() -> None:
    assert rows(read(HEAD, row(2, cell("A2", 1), cell("B2", "35\n120"), cell("C2", 2))).grids[0])[1][1] == "35\n120"


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1, "00", "01"),
        (8861, "General", "8861"),
        (8.5, "General", "8,5"),
        (8861, "#,##0", "8\u202f861"),
        (8861, "# ##0", "8\u202f861"),
        (8861.005, '#,##0.00\\ "€"', "8\u202f861,01 €"),
        (-12, "0;(0)", "(12)"),
        (0, '0;-0;"néant"', "néant"),
        (0.055, "0.0%", "5,5%"),
        (45977, "dd/mm/yyyy", "16/11/2025"),
        (45977, "d mmmm yyyy", "16 novembre 2025"),
        (45977, "[$-40C]d\\ mmm\\ yy;@", "16 nov 25"),
        (0.5, "h:mm", "12:00"),
        (45977.75, "dd/mm/yyyy hh:mm", "16/11/2025 18:00"),
        (59, "d/m/yyyy", "28/2/1900"),
        (12500, "0.0,", "12,5"),
        (75001, "00000", "75001"),
        (1234567, "[Red]#,##0_);[Blue](#,##0)", "1\u202f234\u202f567"),
        (5, '"Zone "0', "Zone 5"),
        (200071751, "### ### ###", "200\u202f071\u202f751"),
        (-45, "dd/mm/yyyy", "-45"),
    ],
)
def test_a_number_is_shown_as_its_format_says(value: float, code: str, text: str) -> None:
    assert displayed(value, code) == text if code != "General" else general(value) == text


def test_dates_of_workbooks_that_count_from_1904() -> None:
    assert displayed(0, "dd/mm/yyyy", since_1904=True) == "01/01/1904"


def test_a_workbook_of_another_writer_reads_the_same() -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl writes this workbook")
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Zones"
    table = [["Zone", "Effet", "Loyer"], ["A", date(2031, 3, 9), 12.5], ["B1", date(2031, 4, 1), 9], ["C", None, 7]]
    for line in table:
        page.append(line)
    page.merge_cells("A5:C5")
    page["A5"] = "(1) Note sur toute la largeur"
    buffer = io.BytesIO()
    book.save(buffer)
    (grid,) = read_xlsx(buffer.getvalue()).grids
    assert rows(grid)[1:4] == [["A", "2031-03-09", "12,5"], ["B1", "2031-04-01", "9"], ["C", "", "7"]]
    assert grid.cells[-1].col_span == 3
