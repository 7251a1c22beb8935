"""Declarations and rows as Dagster shows them."""

from __future__ import annotations

from pipeline.datasets import dataset
from pipeline.orchestration.describe import markdown_table, table_schema


def test_a_preview_is_a_table_whatever_the_cells_hold() -> None:
    rows = [("Vitrolles|13", None), ("deux\nlignes", 2)]
    assert markdown_table(("nom", "places"), rows).splitlines() == [
        "| nom | places |",
        "| --- | --- |",
        "| Vitrolles\\|13 |  |",
        "| deux lignes | 2 |",
    ]


def test_a_preview_stops_and_says_what_it_leaves() -> None:
    shown = markdown_table(("n",), [(n,) for n in range(12)], limit=10)
    assert "| 9 |" in shown
    assert "| 10 |" not in shown
    assert shown.endswith("… et 2 de plus")


def test_the_column_schema_is_the_declaration() -> None:
    declared = dataset("prix_psla")
    schema = table_schema(declared)
    assert [(c.name, c.type) for c in schema.columns] == [(c.name, c.type) for c in declared.columns]
    assert [c.description for c in schema.columns] == [c.comment for c in declared.columns]
    assert {c.name for c in schema.columns if c.constraints.unique} == {"zone"}
    assert schema.constraints.other == ["clé : zone"]
