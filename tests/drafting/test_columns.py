"""What a column seems to hold, from its title and its cells."""

from __future__ import annotations

import re

import pytest

from pipeline.cleaning.labels import fold
from pipeline.drafting import columns
from pipeline.drafting.columns import guessed, pattern, proposed
from pipeline.extract.model import Cell, Grid, Source


def grid(*rows: tuple[str, ...]) -> Grid:
    cells = tuple(
        Cell(r, c, text, Source(page=1), header=r == 0) for r, row in enumerate(rows) for c, text in enumerate(row)
    )
    return Grid(len(rows), len(rows[0]), cells)


@pytest.mark.parametrize(
    ("title", "texts", "kind"),
    [
        ("SIRET", ("200071751", "200 066 793"), columns.SIREN),
        ("Code INSEE", ("01053", "2A004"), columns.COMMUNE),
        ("Nombre de logements", ("10010", "75056"), columns.COUNT),
        ("Département", ("01", "2A"), columns.DEPARTEMENT),
        ("Rang", ("01", "02"), columns.TEXT),
        ("Zone", ("A bis", "B1"), columns.ZONE),
        ("Note", ("A", "C"), columns.TEXT),
        ("Plafond de loyer", ("8 861", "9 168"), columns.EUROS),
        ("Loyer en euros par m²", ("8,35", "12"), columns.DECIMAL_EUROS_M2),
        ("Prévision", ("8 861 €", "9 168 €"), columns.EUROS),
        ("Part (%)", ("12,5", "8"), columns.SHARE),
        ("Taux", ("19,6 %", "5,5 %"), columns.PERCENT),
        ("Date", ("16/11/2025", "1er janvier 2025"), columns.DAY),
        ("Surface", ("12,5", "1 234,567"), columns.DECIMAL),
        ("Remarque", ("12", "voir note"), columns.TEXT),
    ],
)
def test_a_column_is_the_narrowest_kind_that_reads_its_cells(
    title: str, texts: tuple[str, ...], kind: columns.Kind
) -> None:
    assert guessed(fold(title), "", texts) is kind


def test_the_unit_of_the_table_is_that_of_its_amounts_and_of_no_count() -> None:
    assert guessed("nombre de logements", "euros", ("412", "288")) is columns.COUNT
    assert guessed("paris", "euros", ("412", "288")) is columns.EUROS


def test_one_cell_in_many_that_does_not_read_is_told_and_changes_no_type() -> None:
    table = grid(("Commune", "Nombre de lots"), *(("x", "12"),) * 30, ("y", "n. c."))
    (_, lots) = proposed([table], ("commune", "nombre de lots"), {0: range(1, 32)})
    assert lots.kind is columns.COUNT
    assert any("« n. c. »" in doubt for doubt in lots.doubts)


def test_names_are_french_snake_case_with_the_unit_and_never_twice() -> None:
    table = grid(
        ("Code commune", "Commune", "Loyer (en €)", "Loyer (en €)", "Edition", "2024"),
        ("01053", "Bourg", "8 €", "9 €", "x", "y"),
    )
    labels = tuple(fold(label) for label in table.headers)
    named = [column.name for column in proposed([table], labels, {0: [1]})]
    assert named == ["code_commune", "nom_commune", "loyer_euros", "loyer_euros_2", "edition_2", "colonne_6"]


@pytest.mark.parametrize(
    "title", ["Loyer (en €/m²) [1]", "Seuil 2024", "Part (%)", "Nom \\ prénom", "a" * 20 + " b" * 60]
)
def test_a_title_is_known_again_by_its_pattern(title: str) -> None:
    assert re.match(pattern(fold(title)), fold(title))


def test_the_pattern_of_a_year_is_that_of_any_year_and_of_no_other_title() -> None:
    assert re.match(pattern("seuil 2024"), "seuil 2025")
    assert not re.match(pattern("seuil 2024"), "seuil 2024 corrige")
