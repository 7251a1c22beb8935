"""Signs of a table against itself: shown where a reading is likely wrong, and not where it is right."""

from __future__ import annotations

from pathlib import Path

from pipeline.extract.pdf.signs import of_cells, of_columns
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


def test_figures_one_below_the_other_in_one_cell() -> None:
    assert kinds((0, 0, 90, 80), *((10, 5 + 15 * k, f"88{k}") for k in range(5))) == ["cellules_melees"]


def test_a_word_outside_its_cell() -> None:
    assert kinds((50, 0, 200, 20), (25, 5, "Châtillon")) == ["texte_a_cheval"]
    assert kinds((50, 0, 200, 20), (45, 5, "Châtillon")) == []


def test_columns_whose_kinds_change_from_row_to_row() -> None:
    rows = [["Nom", "Code", "Part"], *([["Ain", "01", "x"], ["02", "Aisne", "3,5"]] * 4)]
    assert [sign.kind for sign in of_columns(page_table(rows))] == ["genres_meles"]
    assert of_columns(page_table([["Nom", "Code", "Part"], *([["Ain", "01", "2,5"]] * 8)])) == []


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
