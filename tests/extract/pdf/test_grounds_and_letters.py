"""Grounds that shade every other row, frames around bodies of texts, headers over groups; and what only looks like a
table: an index, the head of a letter, a table of contents. Each drawn by three makers of PDF."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.extract.pdf.printed import tables_of
from tests.extract.pdf.producers import Sheet, every_producer, write_rows

XS = [60.0, 220.0, 300.0, 380.0]


@every_producer
def test_every_other_row_shaded_line_by_line_is_one_table(tmp_path: Path, producer: type[Sheet]) -> None:
    """The header and every other row: a ground for the cell, one more behind its text; nothing else is drawn."""
    sheet = producer()
    rows = [["", "2018", "2019"], *([f"Aide {k}\naux communes", f"{k}8,2 %", f"{k}1,7 %"] for k in range(1, 7))]
    for r in range(0, len(rows), 2):
        for x0, x1 in pairwise(XS):
            sheet.fill((x0, 100 + 30 * r, x1, 130 + 30 * r), 0.93)
            sheet.fill((x0 + 6, 104 + 30 * r, x1 - 6, 126 + 30 * r), 0.78)
    write_rows(sheet, rows, [x + 7 for x in XS[:3]], 104, 30)
    (found,) = tables_of(sheet.save(tmp_path / "shaded.pdf"))
    assert found == [[text.replace("\n", " ") for text in row] for row in rows]


@every_producer
def test_records_of_texts_in_one_frame_are_told_by_their_spacing(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    texts = ["Aide aux communes de montagne\net du littoral", "Prêt social de location\net d'accession"]
    rows = [["Objet", "Contenu"], *([f"Objet {k}", texts[k % 2]] for k in range(4))]
    sheet.fill((60, 100, 220, 116), 0.85)
    sheet.fill((220, 100, 440, 116), 0.85)
    for y in (100, 116, 260):
        sheet.line(60, y, 440, y)
    for x in (60, 440):
        sheet.line(x, 100, x, 260)
    write_rows(sheet, rows[:1], [66, 226], 101, 16)
    write_rows(sheet, rows[1:], [66, 226], 120, 35)
    (found,) = tables_of(sheet.save(tmp_path / "frame.pdf"))
    assert found == [[text.replace("\n", " ") for text in row] for row in rows]


@every_producer
def test_labels_share_out_the_columns_below_them(tmp_path: Path, producer: type[Sheet]) -> None:
    """The first label stands right over the middle one of its three columns, the second is as wide as its own."""
    sheet = producer()
    xs = [62.0, 170.0, 220.0, 270.0, 320.0, 370.0, 420.0]
    years = ["2000", "2001", "2002"]
    rows = [["", *years, *years], *([f"Zone {k}", *(f"{k}{c},4" for c in range(6))] for k in range(5))]
    for y in (98, 124, 200):
        sheet.line(60, y, 450, y)
    sheet.text(220, 108, "Prêt", 8)
    sheet.text(326, 108, "Logement ancien et neuf", 8)
    write_rows(sheet, rows, xs, 111, 14, 8)
    (found,) = tables_of(sheet.save(tmp_path / "groups.pdf"))
    assert found[0] == ["", "Prêt", None, None, "Logement ancien et neuf", None, None]


@every_producer
def test_an_index_in_two_columns_is_no_table(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    words = [
        "Aide",
        "Bail",
        "Charges",
        "Commune",
        "Foncier",
        "Indice",
        "Loyer",
        "Parc",
        "Prêt",
        "Rente",
        "Zone",
        "Zonage",
    ]
    entries = [f"{word}, {7 * k + 3}, {9 * k + 40}" for k, word in enumerate(words)]
    write_rows(sheet, list(zip(entries[:6], entries[6:], strict=True)), [60, 300], 100, 14)
    assert tables_of(sheet.save(tmp_path / "index.pdf")) == []


@every_producer
def test_the_head_of_a_letter_is_no_table(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    head = [
        ["Préfecture de région", "Lyon, le 22 mars 2021"],
        ["Direction du logement", "Le préfet"],
        ["Service des aides", "à"],
        ["Bureau des zones", "Mesdames et messieurs les maires"],
    ]
    write_rows(sheet, head, [60, 330], 60, 14)
    assert tables_of(sheet.save(tmp_path / "letter.pdf")) == []


@every_producer
def test_contents_whose_dots_touch_the_page_number_are_no_table(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    titles = ["Service du logement", "Aides aux communes", "Zones et plafonds", "Prêts", "Charges"]
    rows = [[f"1.{k}", f"{title} {'.' * 60}{3 * k + 2}"] for k, title in enumerate(titles)]
    write_rows(sheet, rows, [60, 95], 100, 14)
    assert tables_of(sheet.save(tmp_path / "contents.pdf")) == []


@every_producer
def test_a_telephone_number_is_one_cell(tmp_path: Path, producer: type[Sheet]) -> None:
    """Its pairs of figures stand as far apart in every row, as columns of figures would."""
    sheet = producer()
    rows = [["Nom", "Ville", "Appel"], *([f"Petit {k}", "Lyon", f"05 55 {30 + k} 40 12"] for k in range(6))]
    for r, (name, town, number) in enumerate(rows):
        for x, text in ((60.0, name), (200.0, town)):
            sheet.text(x, 110 + 14 * r, text, 8)
        for k, pair in enumerate(number.split()):
            sheet.text(300 + 12.1 * k, 110 + 14 * r, pair, 8)
    (found,) = tables_of(sheet.save(tmp_path / "people.pdf"))
    assert found == rows
