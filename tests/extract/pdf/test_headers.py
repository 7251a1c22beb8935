"""Header rows told from data."""

from __future__ import annotations

import pytest

from pipeline.extract.pdf.stitch import header_rows, numeric, title_rows
from tests.extract.pdf.printed import page_table


def headers_of(*rows: list[str]) -> int:
    table = page_table(list(rows))
    return header_rows(table.cells, table.n_rows, table.n_cols)


@pytest.mark.parametrize("text", ["8 861 €", "-12,5", "(120)", "19.6 %", "200071751", "–", "n.d.", "01", "12/05/2020"])
def test_figures(text: str) -> None:
    assert numeric(text)


@pytest.mark.parametrize("text", ["Ain", "2A ou 2B", "Zone A", "1er quartile", ""])
def test_labels(text: str) -> None:
    assert not numeric(text)


def test_labels_above_figures_are_header() -> None:
    assert headers_of(["Nom", "Seuil"], ["Ain", "8 861"], ["Aisne", "7 061"]) == 1


def test_a_table_that_begins_with_data_has_no_header() -> None:
    assert headers_of(["Ain", "8 861"], ["Aisne", "7 061"], ["Allier", "7 191"]) == 0


def test_years_above_figures_are_header() -> None:
    assert headers_of(["Région", "2019", "2020"], ["Ain", "12", "13"], ["Aisne", "14", "15"]) == 1


def test_distinct_labels_above_text_are_header_unless_they_come_again() -> None:
    assert headers_of(["Commune", "Zone"], ["Annecy", "A"], ["Gex", "B1"]) == 1
    assert headers_of(["Annecy", "A"], ["Gex", "B1"], ["Thoiry", "A"]) == 0


def test_what_a_spanning_label_covers_is_header() -> None:
    table = page_table([["Établissement", "", "Seuil"], ["Nom", "SIREN", ""], ["CA", "200071751", "8 861"]])
    cells = [c for c in table.cells if (c.row, c.col) not in {(0, 1), (1, 2)}]
    spans = {(0, 0): {"col_end": 2}, (0, 2): {"row_end": 2}}
    cells = [c._replace(**spans.get((c.row, c.col), {})) for c in cells]
    assert header_rows(cells, 3, 3) == 2


def test_the_title_of_a_section_below_the_header_is_no_header() -> None:
    assert headers_of(["Poste", "2019"], ["Actif", ""], ["Stocks", "890"], ["Caisse", "120"]) == 1


def test_a_first_row_in_one_cell_is_a_title() -> None:
    table = page_table([["Réseaux lauréats", "", ""], ["Nom", "Réseau", "N°"], ["Ain", "x", "1"]])
    cells = [c._replace(col_end=3) if (c.row, c.col) == (0, 0) else c for c in table.cells if c.row or not c.col]
    assert title_rows(cells, 3, 3) == 1
    assert title_rows(table.cells, 3, 3) == 0
