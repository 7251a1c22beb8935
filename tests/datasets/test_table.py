"""A table read as its columns are declared: what is refused costs no other row, totals are held against the sum."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.cleaning import values
from pipeline.contract.dataset import Column, Context, Expect
from pipeline.contract.rows import Rows
from pipeline.datasets.toolkit import Total, table
from pipeline.documents.model import Document, Rendition
from pipeline.extract.model import Cell, Grid, Reading, Source

ANNEX = Expect("aides")
COLUMNS = (
    Column("code_commune", "TEXT", "Code INSEE", printed=0, parse=values.commune),
    Column("nom", "TEXT", "Nom imprimé", printed=1, nullable=True),
    Column("aide_euros", "DECIMAL(9,2)", "Aide", unit="€", printed=2, parse=values.decimal_euros),
)


def read(*printed: tuple[str, ...], total: Total | None = None) -> Rows:
    lines = (("Code", "Commune", "Aide"), *printed)
    cells = tuple(
        Cell(r, c, text, Source(line=r + 1), header=r == 0)
        for r, line in enumerate(lines)
        for c, text in enumerate(line)
    )
    grid = Grid(len(lines), 3, cells, Source(line=1))
    rendition = Rendition("aides.csv", "published", "tsv", "0" * 64)
    document = Document("d", "Aides", "", "feuille", Path(), (rendition,))
    context = Context(document, rendition, None, Path(), {"aides": (grid,)})
    return table(ANNEX, COLUMNS, total)(Reading("aides.csv", (grid,)), context)


def test_each_column_is_read_by_its_parser_and_cites_its_cell() -> None:
    (row,) = read(("01004", "Ambérieu", "8,50 €")).rows
    assert {name: value.value for name, value in row.items()} == {
        "code_commune": "01004",
        "nom": "Ambérieu",
        "aide_euros": Decimal("8.50"),
    }
    assert [(value.cites[0].source.line, value.how) for value in row.values()] == [
        (2, "printed"),
        (2, "printed"),
        (2, "parsed"),
    ]


def test_a_blank_is_null_where_the_column_allows_it_and_a_line_without_text_is_no_row() -> None:
    rows = read(("01004", "", "8 €"), ("", "", "")).rows
    assert [row["nom"].value for row in rows] == [None]


@pytest.mark.parametrize(
    ("printed", "rule", "column"),
    [
        (("01004", "Ambérieu", ""), "cellule_manquante", "aide_euros"),
        (("O1004", "Ambérieu", "8 €"), "code_commune_inconnu", "code_commune"),
        (("01004", "Ambérieu", "8.5 €"), "montant_illisible", "aide_euros"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_column_and_costs_no_other_row(
    printed: tuple[str, ...], rule: str, column: str
) -> None:
    made = read(printed, ("01005", "Ambérieux", "9 €"))
    assert [(r.rule, r.column, tuple(c.text for c in r.cells)) for r in made.refused] == [
        (rule, column, tuple(text for text in printed if text))
    ]
    assert [row["code_commune"].value for row in made.rows] == ["01005"]


@pytest.mark.parametrize(
    ("printed", "said"), [("17,50 €", []), ("17 €", ["total_contradictoire"]), ("17.5", ["total_illisible"])]
)
def test_a_row_of_totals_is_held_against_the_sum_and_is_no_row(printed: str, said: list[str]) -> None:
    total = Total(r"total", "aide_euros")
    made = read(("01004", "A", "8,50 €"), ("01005", "B", "9 €"), ("TOTAL", "", printed), total=total)
    assert len(made.rows) == 2
    assert made.refused == []
    assert {i.cell.text for i in made.ignored} == {"TOTAL", printed}
    assert [o.rule for o in made.observations] == said
