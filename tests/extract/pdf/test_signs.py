"""Signs of a table against itself: shown where a reading is likely wrong, and not where it is right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.extract.pdf.results import PageTable
from pipeline.extract.pdf.signs import of_cells, of_columns, of_surroundings
from tests.extract.pdf.printed import page_table, reading_of, words
from tests.extract.pdf.producers import Sheet, every_producer, grid, write_rows


def kinds(box: tuple[float, float, float, float], *texts: tuple[float, float, str]) -> list[str]:
    return [sign.kind for sign in of_cells([(box, words(*texts))])]


def test_two_figures_apart_in_one_cell() -> None:
    assert kinds((0, 0, 200, 20), (10, 5, "8861"), (120, 5, "9000")) == ["cellules_melees"]


def test_groups_of_thousands_a_label_and_lines_of_text_are_one_cell() -> None:
    assert kinds((0, 0, 200, 20), (10, 5, "8"), (20, 5, "861")) == []
    assert kinds((0, 0, 200, 20), (10, 5, "Article"), (120, 5, "9")) == []
    assert kinds((0, 0, 200, 40), (10, 5, "Saint-Jean"), (10, 20, "de Maurienne")) == []


def test_pieces_apart_in_a_cell_that_no_rules_make() -> None:
    cell = ((0.0, 0.0, 300.0, 20.0), words((10, 5, "Article"), (120, 5, "Annexe")))
    assert [sign.kind for sign in of_cells([cell], inferred=True)] == ["cellules_melees"]
    near = ((0.0, 0.0, 300.0, 20.0), words((10, 5, "Article"), (52, 5, "Annexe")))
    assert of_cells([near], inferred=True) == []


def test_labels_left_above_a_frame() -> None:
    ruled_table = page_table([["Ain", "01", "2,5"], ["Aude", "11", "3,5"]], (0.0, 100.0, 200.0, 300.0), top=200.0)
    labels = words((10, 186, "Nom"), (110, 186, "Code"), (210, 186, "Part"))
    assert [sign.kind for sign in of_surroundings(ruled_table, labels, 800.0)] == ["lignes_au_bord"]
    assert of_surroundings(ruled_table, labels[:1], 800.0) == []


def test_figures_one_below_the_other_in_one_cell() -> None:
    assert kinds((0, 0, 90, 80), *((10, 5 + 15 * k, f"88{k}") for k in range(5))) == ["cellules_melees"]


def test_a_word_outside_its_cell() -> None:
    assert kinds((50, 0, 200, 20), (25, 5, "Châtillon")) == ["texte_a_cheval"]
    assert kinds((50, 0, 200, 20), (45, 5, "Châtillon")) == []


def test_columns_whose_kinds_change_from_row_to_row() -> None:
    rows = [["Nom", "Code", "Part"], *([["Ain", "01", "x"], ["02", "Aisne", "3,5"]] * 4)]
    assert [sign.kind for sign in of_columns(page_table(rows))] == ["genres_meles"]
    assert of_columns(page_table([["Nom", "Code", "Part"], *([["Ain", "01", "2,5"]] * 8)])) == []


def inferred(rows: list[list[str]], top: float = 200.0) -> PageTable:
    return replace(page_table(rows, (0.0, 100.0, 200.0, 300.0), top), how="inferred")


def column_kinds(rows: list[list[str]]) -> list[str]:
    return [sign.kind for sign in of_columns(inferred(rows))]


def test_a_column_without_label_that_prints_next_to_nothing() -> None:
    rows = [["Nom", "", "Part"], *([["Ain", "", "2,5"]] * 8), ["Var", "x", "1,5"]]
    assert column_kinds(rows) == ["colonne_vide"]
    assert column_kinds([["Nom", "Note", "Part"], *rows[1:]]) == []


def test_two_figures_in_each_cell_of_a_column() -> None:
    rows = [["Nom", "Code", "Part"], *([["Ain", "01", "28,7 (27,9)"]] * 4)]
    assert column_kinds(rows) == ["cellules_melees"]


def test_thousands_and_telephone_numbers_are_one_value() -> None:
    assert column_kinds([["Nom", "Montant", "Appel"], *([["Ain", "1 208", "05 55 30 40 12"]] * 4)]) == []


ROWS = [["Nom", "Code", "Part"], *([["Ain", "01", "2,5"]] * 4)]


def around(rows: list[list[str]], *printed: tuple[float, float, str], top: float = 200.0) -> list[str]:
    return [sign.kind for sign in of_surroundings(inferred(rows, top), words(*printed), 842.0)]


def test_labels_left_above_the_columns_of_a_table() -> None:
    top = inferred(ROWS).box[1]
    assert around(ROWS, (10, top - 14, "Lieu"), (210, top - 14, "Taux")) == ["lignes_au_bord"]
    assert around(ROWS, (10, top - 14, "Une phrase qui va de bord en bord")) == []
    assert around(ROWS, (10, top - 60, "Lieu"), (210, top - 60, "Taux")) == []


def test_a_table_that_begins_with_figures_in_the_middle_of_a_page() -> None:
    lower = [["Ain", "861", "2,5"], *ROWS[1:]]
    assert around(lower, top=200.0) == ["sans_en_tete"]
    assert around(lower, top=40.0) == []
    assert around([["Ain", "2019", "2020"], *ROWS[1:]]) == []


@every_producer
def test_the_signs_of_a_table_stand_at_its_cells(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    grid(sheet, [60.0, 260.0, 360.0], [100, 120, 140])
    write_rows(sheet, [["Commune", "Taux"]], [66, 266], 102, 20)
    write_rows(sheet, [["8861", "2,5"]], [66, 266], 122, 20)
    sheet.text(180, 132.8, "9000", 9)
    reading = reading_of(sheet.save(tmp_path / "mixed.pdf"))
    (sign,) = reading.signs_of(reading.grids[0])
    assert (sign.kind, sign.source.page) == ("cellules_melees", 1)
    assert reading.grids[0].own(1, 0).source.touches(sign.source)  # type: ignore[union-attr]
