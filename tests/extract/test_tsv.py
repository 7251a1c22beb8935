"""Sheets flattened to tab-separated lines: places as printed, unclosed rows, overflow, cut files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.markup.decode import decode_text
from pipeline.extract.model import ExtractError, Paragraph, Reading
from pipeline.extract.tsv import read_tsv

HEADER = "Région\tConnues\tPrévues\tDépartement\tCommune\tPlaces"
ROWS = [
    "Bretagne\t172\t348\tFinistère (29)\tQuimper\t172",
    "\t\t\tMorbihan (56)\tLorient\t",
    "Normandie\t196\t282\tCalvados (14)\tMondeville\t196",
    "\t\t\tOrne (61)\tCerisé\t",
    "<b>Total</b>\t<b>368</b>\t<b>630</b>",
]


def texts(reading: Reading) -> list[list[str]]:
    """The grid, one list of printed texts a row."""
    (grid,) = reading.grids
    return [[cell.text for cell in grid.cells if cell.row == row] for row in range(grid.n_rows)]


def sheet(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines]).encode()


def cells_of(*lines: str) -> str:
    """All that the lines print, as an unclosed row goes on with it."""
    return "\t".join(text for line in lines for text in line.split("\t") if text)


def test_a_cell_knows_its_line_and_its_characters() -> None:
    (grid,) = read_tsv(sheet("Centre\t107\t206\tLoiret (45)\tSaint Jean de Braye\t107")).grids
    cell = grid.at(1, 4)
    assert cell is not None
    assert (cell.text, cell.source.line) == ("Saint Jean de Braye", 2)
    assert (cell.source.start, cell.source.end) == (27, 46)


def test_nothing_is_stored_where_nothing_is_printed() -> None:
    (grid,) = read_tsv(sheet(*ROWS)).grids
    assert grid.at(2, 0) is None
    assert grid.headers == tuple(HEADER.split("\t"))
    assert all(cell.text for cell in grid.cells)


def test_prose_around_the_table_is_not_a_row() -> None:
    reading = read_tsv(b"Places en 2017\n\n" + sheet(*ROWS) + "\n\nSource : recensement des préfectures\n".encode())
    assert [block.text for block in reading.blocks if isinstance(block, Paragraph)] == [
        "Places en 2017",
        "Source : recensement des préfectures",
    ]
    assert reading.grids[0].n_rows == 6


def test_an_unclosed_row_ends_where_it_repeats_all_lines_below() -> None:
    unclosed = ROWS[1].rstrip("\t") + "\t" + cells_of(*ROWS[2:])
    reading = read_tsv(sheet(ROWS[0], unclosed, *ROWS[2:]))
    assert texts(reading) == texts(read_tsv(sheet(*ROWS)))
    (repair,) = reading.repairs
    assert (repair.kind, repair.source.label) == ("ligne_non_fermee", "ligne 3")
    assert repair.after.endswith("lignes 4 à 6")
    assert [aside.reason for aside in reading.asides] == ["debordement_verifie"] * 11


def test_an_unclosed_short_row_is_cut_though_it_stays_inside_the_sheet() -> None:
    reading = read_tsv(sheet(*ROWS[:2], "Normandie\t196\tTotal\t368\t630", ROWS[4]))
    assert texts(reading)[3:] == [["Normandie", "196"], ["<b>Total</b>", "<b>368</b>", "<b>630</b>"]]
    assert [(repair.kind, repair.source.line) for repair in reading.repairs] == [("ligne_non_fermee", 4)]


def test_overflow_inside_overflow_and_bold_marks_do_not_count_as_differences() -> None:
    last = ROWS[3].rstrip("\t") + "\t\t" + cells_of(ROWS[4])
    first = ROWS[1].rstrip("\t") + "\t\t" + cells_of(*ROWS[2:]).replace("<b>", "").replace("</b>", "")
    reading = read_tsv(sheet(ROWS[0], first, ROWS[2], last, ROWS[4]))
    assert texts(reading) == texts(read_tsv(sheet(*ROWS)))
    assert [repair.source.line for repair in reading.repairs] == [3, 5]


def test_positions_may_drift_inside_the_lines_below() -> None:
    drifted = "Normandie\t196\t\t\t\t282\tCalvados (14)\t\tMondeville\t196"
    unclosed = ROWS[1].rstrip("\t") + "\t" + cells_of(*ROWS[2:])
    reading = read_tsv(sheet(ROWS[0], unclosed, drifted, *ROWS[3:]))
    assert texts(reading) == texts(read_tsv(sheet(*ROWS)))


@pytest.mark.parametrize(
    ("printed", "wanted", "before", "after"),
    [("282", "283", "283", "282"), ("Orne (61)\t", "", "Cerisé", "Orne (61)"), ("Cerisé", "Cerisé\tX", "X", "Total")],
    ids=["a number differs", "a cell is missing", "a cell too many"],
)
def test_an_overflow_that_differs_is_kept_and_shown(printed: str, wanted: str, before: str, after: str) -> None:
    overflow = cells_of(*ROWS[2:]).replace(printed, wanted)
    reading = read_tsv(sheet(ROWS[0], ROWS[1].rstrip("\t") + "\t" + overflow, *ROWS[2:]))
    (repair,) = reading.repairs
    assert (repair.kind, repair.before, repair.after) == ("debordement_different", before, after)
    assert not reading.asides
    assert repair.source.start == len("\t\t\tMorbihan (56)\tLorient\t")
    own, kept = texts(reading)[2][:2], texts(reading)[2][2:]
    assert own == ["Morbihan (56)", "Lorient"]
    assert kept == [text.replace("\t", "") for text in overflow.split("\t")]


def test_a_row_printed_twice_is_no_overflow() -> None:
    twice = ["Bretagne\t172\t348\tFinistère (29)\tQuimper\t172", "\t\t\tFinistère (29)\tQuimper\t172"]
    reading = read_tsv(sheet(*twice))
    assert not reading.repairs
    assert texts(reading)[2] == ["Finistère (29)", "Quimper", "172"]


def test_a_sheet_cut_in_mid_line_says_so_and_keeps_what_is_there() -> None:
    padded = "\n".join(line + "\t" * (9 - line.count("\t")) for line in [HEADER, *ROWS]).encode()
    cut = padded[: padded.index(b"Orne") + 3]
    reading = read_tsv(cut)
    assert texts(reading)[-1] == ["Orn"]
    assert [(r.kind, r.before, r.source.line) for r in reading.repairs] == [("ligne_coupee", "Orn", 5)]


def test_a_sheet_cut_inside_a_character_loses_that_character_only() -> None:
    data = sheet(*ROWS)
    reading = read_tsv(data[: data.index("é\t\n<b>".encode()) + 1])
    assert texts(reading)[-1] == ["Orne (61)", "Ceris"]
    assert [repair.kind for repair in reading.repairs] == ["ligne_coupee"]


def test_a_cut_file_no_longer_proves_the_overflow_above() -> None:
    unclosed = ROWS[1].rstrip("\t") + "\t" + cells_of(*ROWS[2:])
    data = sheet(ROWS[0], unclosed, *ROWS[2:])
    reading = read_tsv(data[: data.rindex("Cerisé".encode())])
    assert [repair.kind for repair in reading.repairs] == ["debordement_different"]
    assert reading.repairs[0].before == "Cerisé"


def test_an_unclosed_row_above_shows_where_the_last_number_was_cut() -> None:
    unclosed = ROWS[1].rstrip("\t") + "\t" + cells_of(*ROWS[2:])
    reading = read_tsv(sheet(ROWS[0], unclosed, ROWS[2][:-1]))
    assert texts(reading)[-1][-1] == "19"
    assert [(r.kind, r.before, r.after) for r in reading.repairs] == [
        ("debordement_different", "196", "19"),
        ("ligne_coupee", "19", ""),
    ]


def test_a_mixture_of_encodings_is_refused_with_its_line() -> None:
    with pytest.raises(ExtractError, match="ligne 2 : le fichier mêle"):
        read_tsv("Région\tPlaces\nÎle\t3\n".encode("latin-1").replace(b"R\xe9gion", "Région".encode()))


def test_text_without_a_table_is_prose() -> None:
    reading = read_tsv(b"Rien ici.\nVraiment.\n")
    assert not reading.grids
    assert len(reading.blocks) == 2


WORDS = st.text("abcdeé-()", min_size=1, max_size=6)
SITES = st.lists(st.tuples(WORDS, WORDS, st.none() | st.integers(0, 999)), min_size=1, max_size=4)
REGIONS = st.lists(st.tuples(WORDS, st.integers(0, 999), st.integers(0, 999), SITES), min_size=1, max_size=5)


def lines_of(regions: list[tuple[str, int, int, list[tuple[str, str, int | None]]]]) -> list[list[str]]:
    lines = []
    for name, known, planned, sites in regions:
        head = [name, str(known), str(planned)]
        for department, commune, places in sites:
            lines.append([*head, department, commune, "" if places is None else str(places)])
            head = ["", "", ""]
    return [*lines, ["<b>Total</b>", "<b>1</b>", "<b>2</b>"]]


@settings(max_examples=60, deadline=None)
@given(REGIONS, st.data())
def test_any_table_flattened_with_any_unclosed_rows_comes_back_whole(
    regions: list[tuple[str, int, int, list[tuple[str, str, int | None]]]], data: st.DataObject
) -> None:
    lines = lines_of(regions)
    unclosed = data.draw(st.sets(st.integers(0, len(lines) - 2)))
    flat = []
    for i, line in enumerate(lines):
        overflow = [text for below in lines[i + 1 :] for text in below if text] if i in unclosed else []
        flat.append("\t".join([*line, *overflow]) + "\t" * data.draw(st.integers(0, 3)))
    reading = read_tsv(sheet(*flat) + b"\n")
    assert texts(reading)[1:] == [[text for text in line if text] for line in lines]
    assert sorted(r.source.line or 0 for r in reading.repairs) == [i + 2 for i in sorted(unclosed)]


def test_the_original_sheet_has_eight_unclosed_rows() -> None:
    original = Path(__file__).parents[2].parent / "shared" / "seeds" / "places_regionales.tsv.txt"
    if not original.is_file():
        pytest.skip("the original sheet is not beside this checkout")
    reading = read_tsv(original.read_bytes())
    assert [r.source.line for r in reading.repairs if r.kind == "ligne_non_fermee"] == [8, 20, 22, 28, 30, 35, 41, 43]
    assert len(reading.repairs) == 8
    assert len(reading.grids[0].cells) + len(reading.asides) == sum(
        1 for text in original.read_text(encoding="utf-8").replace("\n", "\t").split("\t") if text
    )


@settings(max_examples=200, deadline=None)
@given(st.text("ab1é\t\n\r <>/()\x00", max_size=80).map(str.encode) | st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_every_printed_cell_is_kept(data: bytes) -> None:
    try:
        reading = read_tsv(data)
    except ExtractError:
        return
    cells = [cell for grid in reading.grids for cell in grid.cells]
    lines = decode_text(data)[0].split("\n")
    for piece in [*cells, *reading.asides]:
        line = lines[(piece.source.line or 0) - 1]
        assert line[piece.source.start : piece.source.end] == piece.text
    kept = len(cells) + len(reading.asides)
    printed = sum(1 for line in lines if "\t" in line for text in line.split("\t") if text.strip())
    assert kept >= printed


def test_two_tables_below_each_other_are_two() -> None:
    text = "Annexe I\n\nZone\tPrix\nA\t12\nB\t9\n\nAnnexe II\nZone\tPrix\nA\t8\nB\t7\n"
    reading = read_tsv(text.encode())
    assert [[cell.text for cell in grid.cells][-1] for grid in reading.grids] == ["9", "7"]
    assert [grid.title for grid in reading.grids] == ["Annexe I", "Annexe II"]
    assert [block.text for block in reading.blocks if isinstance(block, Paragraph)] == ["Annexe I", "Annexe II"]


def test_a_blank_line_inside_a_table_parts_nothing() -> None:
    assert len(read_tsv(b"Zone\tPrix\tRang\nA\t12\t1\n\nB\tn.c.\n\nC\t7\t2\n").grids) == 1


def test_the_header_again_under_a_line_of_text_begins_another_table() -> None:
    reading = read_tsv(b"Zone\tPrix\nA\t12\nAnciens\nZone\tPrix\nA\t8\n")
    assert [grid.n_rows for grid in reading.grids] == [2, 2]
