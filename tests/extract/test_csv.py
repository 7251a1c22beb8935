"""CSV as it is really written: separators, encodings, quotes, cells of several lines, tables below each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.csv import read_csv
from pipeline.extract.model import ExtractError, Grid, Paragraph, Reading

TEXT = "Nom;Prix;Code\nÎle;8,5;01\nDrôme;12 500;26\nHérault;7;34\n"


def rows(grid: Grid) -> list[list[str]]:
    return [[cell.text if cell else "" for cell in row] for row in grid.rows()]


def read(text: str) -> Reading:
    return read_csv(text.encode())


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separator_and_encoding_are_told_by_the_content_and_said(separator: str, encoding: str) -> None:
    reading = read_csv(TEXT.replace(";", separator).encode(encoding))
    (grid,) = reading.grids
    assert rows(grid)[1:3] == [["Île", "8,5", "01"], ["Drôme", "12 500", "26"]]
    assert (grid.header_rows, grid.n_cols) == (1, 3)
    assert reading.meta["lecture"].startswith("séparateur : ")


def test_commas_part_cells_where_nothing_else_does() -> None:
    assert rows(read("a,b\nx,1\ny,2\nz,3\n").grids[0])[0] == ["a", "b"]


def test_the_first_line_may_say_the_separator() -> None:
    reading = read('sep=,\na,b\n"x;y;z",1\n')
    assert rows(reading.grids[0]) == [["a", "b"], ["x;y;z", "1"]]
    assert reading.grids[0].cells[0].source.line == 2


def test_quotes_hold_separators_quotes_and_line_breaks() -> None:
    (grid,) = read('Nom;Note\r\n"a ""b"" ; c";"ligne 1\r\nligne  2"\r\nd;e\r\n').grids
    assert rows(grid) == [["Nom", "Note"], ['a "b" ; c', "ligne 1\nligne 2"], ["d", "e"]]
    place = next(cell.source for cell in grid.cells if cell.text.startswith("ligne"))
    assert (place.line, place.last_line, place.start, place.end, place.label) == (2, 3, 14, 9, "lignes 2 à 3")


def test_a_quote_inside_a_cell_is_a_sign_like_others() -> None:
    assert rows(read('a;b\ntube 12";3\n').grids[0])[1] == ['tube 12"', "3"]


def test_a_quote_that_nothing_closes_is_a_cut_file() -> None:
    (gap,) = read('a;b\nx;"1\ny;2\n').unread
    assert (gap.kind, gap.source.line, gap.detail) == ("fichier_tronque", 2, "un guillemet ouvert n'est jamais fermé")


def test_two_tables_below_each_other_are_two_with_their_titles() -> None:
    reading = read("Annexe I\nZone;Prix\nA;1 200\nB;900\n\nAnnexe II\nZone;Prix\nA;800\nB;700\n\n;Total\n")
    assert [(grid.title, grid.n_rows) for grid in reading.grids] == [("Annexe I", 3), ("Annexe II", 3)]
    assert [block.text for block in reading.blocks if isinstance(block, Paragraph)] == [
        "Annexe I",
        "Annexe II",
        "Total",
    ]


def test_a_blank_line_in_a_table_parts_nothing() -> None:
    (grid,) = read("Zone;Prix;Rang\nA;1 200;1\n\nB;900;2\nC;800;3\n").grids
    assert grid.n_rows == 4


def test_the_header_again_after_a_line_of_text_begins_another_table() -> None:
    reading = read("Zone;Prix\nA;1\nB;2\nLogements anciens\nZone;Prix\nA;3\nB;4\n")
    assert [[cell.text for cell in grid.cells][-1] for grid in reading.grids] == ["2", "4"]
    assert reading.grids[1].title == "Logements anciens"


def test_an_empty_file_has_no_table() -> None:
    assert not read("\n\n;;\n").blocks


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(ExtractError):
        read_csv(b"a;b\n\0\0;1\n")


@given(st.lists(st.lists(st.text('ab;,"\n é1', max_size=6), min_size=2, max_size=4), min_size=1, max_size=6))
def test_every_printed_cell_is_there_once_with_its_place(table: list[list[str]]) -> None:
    text = "\n".join(";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table) + "\n"
    reading = read("sep=;\n" + text)
    found = [cell.text for grid in reading.grids for cell in grid.cells]
    found += [block.text for block in reading.blocks if isinstance(block, Paragraph)]
    wanted = ["\n".join(" ".join(line.split()) for line in cell.strip().split("\n")) for row in table for cell in row]
    assert sorted(" ".join(text.split()) for text in found) == sorted(" ".join(t.split()) for t in wanted if t.strip())


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        grids = read_csv(text.encode("utf-8", "replace")).grids
    except ExtractError:
        return
    assert all(grid.own(cell.row, cell.col) is cell for grid in grids for cell in grid.cells)


def test_a_file_of_open_quotes_is_read_in_time() -> None:
    read_csv(b"a;b\n" + b'"a""' * 300_000)
    read_csv(b'"\n' * 300_000)
