"""The words around a printed piece, in a table and in a sentence, and the same row found in another rendition."""

from __future__ import annotations

from dataclasses import replace

from pipeline.extract.model import Cell, Grid, Paragraph, Reading, Source
from pipeline.products.picture import same_row
from pipeline.products.why import CellContext, around_label, surroundings

PROSE = Paragraph(
    "Arbent, Noyal-Pontivy, Noyal ; Oyonnax.", Source(line=40, start=0, end=39), ("Zone B2", "56-Morbihan")
)


def cell(row: int, col: int, text: str, header: bool = False) -> Cell:
    left, top = 10.0 + 100 * col, 20.0 + 10 * row
    return Cell(row, col, text, Source(page=3, box=(left, top, left + 100, top + 10)), header=header)


def table(*rows: tuple[str, ...]) -> Grid:
    cells = [cell(r, c, text, header=r == 0) for r, row in enumerate(rows) for c, text in enumerate(row)]
    return Grid(len(rows), len(rows[0]), tuple(cells), title="Annexe")


GRID = table(("Code", "Nom", "Seuil"), ("01", "CC Bugey Sud", "8 788 €"), ("01", "CA du Pays de Gex", "8 788 €"))


def test_in_a_table_the_neighbours_are_the_row_and_the_column_its_header() -> None:
    found = surroundings(Reading((PROSE, GRID)), GRID.cells[4].source, "CC Bugey Sud")
    assert found == CellContext("01 | ", "CC Bugey Sud", " | 8 788 €", "Annexe", "Nom")
    assert found.line == "01 | «CC Bugey Sud» | 8 788 €"


def test_a_box_kept_as_32_bits_is_the_same_place() -> None:
    box = GRID.cells[5].source.box
    assert box is not None
    rounded = replace(GRID.cells[5].source, box=(box[0] + 0.004, box[1], box[2] - 0.004, box[3]))
    assert surroundings(Reading((GRID,)), rounded, "8 788 €") is not None


def test_another_text_at_the_place_is_not_taken_for_it() -> None:
    assert surroundings(Reading((GRID,)), GRID.cells[4].source, "CC Bugey Nord") is None


def test_a_short_row_says_no_column() -> None:
    short = replace(GRID, cells=tuple(c for c in GRID.cells if (c.row, c.col) != (1, 2)))
    found = surroundings(Reading((short,)), GRID.cells[4].source, "CC Bugey Sud")
    assert found is not None
    assert found.header == ""


def test_a_page_copied_one_cell_a_line_shows_the_lines_around() -> None:
    texts = ("01", "Ain", "CC Bugey Sud", "200040350", "8 788 €")
    grid = Grid(5, 1, tuple(Cell(n, 0, text, Source(line=40 + n)) for n, text in enumerate(texts)))
    found = surroundings(Reading((grid,)), Source(line=43), "200040350")
    assert found is not None
    assert found.line == "01 | Ain | CC Bugey Sud | «200040350» | 8 788 €"


def test_in_a_sentence_the_place_says_which_of_two_equal_words() -> None:
    found = surroundings(Reading((PROSE,)), PROSE.source.piece(23, 28), "Noyal")
    assert found == CellContext("Arbent, Noyal-Pontivy, ", "Noyal", " ; Oyonnax.", "56-Morbihan")


def test_a_name_cut_by_a_page_break_is_shown_whole() -> None:
    head = Paragraph("Bannost, La Chapelle-Saint-", Source(line=83, start=0, end=27), ("77-Seine-et-Marne",))
    tail = Paragraph("Sulpice, Chartronges.", Source(line=85, start=0, end=21))
    found = surroundings(
        Reading((head, tail)), Source(line=83, last_line=85, start=9, end=7), "La Chapelle-Saint-Sulpice"
    )
    assert found == CellContext("Bannost, ", "La Chapelle-Saint-Sulpice", ", Chartronges.", "77-Seine-et-Marne")
    assert surroundings(Reading((head, tail)), Source(line=83, last_line=85, start=9, end=7), "Saint-Sulpice") is None


def test_a_long_sentence_is_cut_between_words() -> None:
    long = Paragraph(f"{'Abbeville, ' * 20}Belley, {'Zutkerque, ' * 20}", Source(line=7, start=0, end=460))
    found = surroundings(Reading((long,)), long.source.piece(220, 226), "Belley")
    assert found is not None
    assert found.before.startswith("…Abbeville, ")
    assert found.after.endswith("Zutkerque, …")
    assert len(found.line) < 160


def test_a_label_is_enough_where_one_piece_has_the_text() -> None:
    reading = Reading((PROSE, GRID))
    found = around_label(reading, "p. 3", "CC Bugey Sud")
    assert found is not None
    assert found.before == "01 | "
    assert around_label(reading, "p. 3", "8 788 €") is None
    named = around_label(reading, "ligne 40", "Noyal")
    assert named is not None
    assert named.before.endswith("Noyal-Pontivy, ")
    assert around_label(reading, "ligne 41", "Noyal") is None


def test_the_same_row_is_found_by_all_its_words() -> None:
    row = same_row(Reading((GRID,)), {"CC Bugey Sud", "8\u00a0788 €"})
    assert [c.text for c in row] == ["01", "CC Bugey Sud", "8 788 €"]
    assert same_row(Reading((GRID,)), {"8 788 €"}) == ()
    assert same_row(Reading((GRID,)), {"CC Bugey Sud", "9 000 €"}) == ()
    assert same_row(Reading((GRID,)), ()) == ()
