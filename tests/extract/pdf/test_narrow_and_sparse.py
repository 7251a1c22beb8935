"""Tables that leave little to go by: columns a space and a half apart, few rows half blank, a header far from its rows,
a table inside a cell. Each drawn by three makers of PDF."""

from __future__ import annotations

from pathlib import Path

from tests.extract.pdf.printed import tables_of
from tests.extract.pdf.producers import Sheet, every_producer, grid, write_rows

RATES = [("15,5", "(13,8-17,1)"), ("46,5", "(44,8-48,1)"), ("77,5", "(75,8-79,1)"), ("98,5", "(106,8-110,1)")]


@every_producer
def test_a_figure_and_its_interval_are_two_columns(tmp_path: Path, producer: type[Sheet]) -> None:
    """Less than half a letter's height apart, all in the same two places."""
    sheet = producer()
    rows = [["Ans", "Taux", "(IC 95 %)"], *([f"{45 + 10 * k}", *rate] for k, rate in enumerate(RATES))]
    for y in (98, 110, 100 + 12 * len(rows)):
        sheet.line(60, y, 300, y)
    for r, (age, rate, interval) in enumerate(rows):
        y = 108 + 12 * r
        sheet.text(62, y, age, 8)
        sheet.text(168, y, rate, 8)
        sheet.text(187, y, interval, 8)
    (found,) = tables_of(sheet.save(tmp_path / "rates.pdf"))
    assert found[1:] == rows[1:]


@every_producer
def test_short_texts_far_under_each_other_are_rows(tmp_path: Path, producer: type[Sheet]) -> None:
    """No text had to go on: each would have had room on the line above."""
    sheet = producer()
    rows = [
        ["Site", "Zone", "Longueur", "Pente"],
        ["A1", "B1", "C1", "D1"],
        *(["", "", f"C{k}", f"D{k}"] for k in (2, 3, 4)),
    ]
    write_rows(sheet, rows, [70, 160, 250, 350], 90, 18, 11)
    assert tables_of(sheet.save(tmp_path / "sites.pdf")) == [rows]


@every_producer
def test_texts_far_under_each_other_that_had_no_room_are_one(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    rows = [["Nom", "Objet", "Reste", "Part"]]
    for k in range(4):
        rows += [[f"A{k}", "Aide aux communes", f"{k}12", f"{k},5"], ["", "de montagne", "", ""]]
    write_rows(sheet, rows, [70, 160, 300, 400], 90, 18, 11)
    (found,) = tables_of(sheet.save(tmp_path / "double.pdf"))
    assert [row[1] for row in found[1:]] == ["Aide aux communes de montagne"] * 4


@every_producer
def test_a_header_stands_at_its_rule_however_far_its_rows_are(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    rows = [["Revenu", "0,459", "0,460"], ["Inégalité", "0,529", "0,530"], ["Accès", "0,739", "0,740"]]
    sheet.text(240, 84, "Année", 8)
    write_rows(sheet, [["Indicateur", "2018", "2019"]], [62, 200, 280], 87, 12, 8)
    for y, x0 in ((87, 180), (100, 60), (188, 60)):
        sheet.line(x0, y, 330, y)
    write_rows(sheet, rows, [62, 200, 280], 114, 24, 8)
    (found,) = tables_of(sheet.save(tmp_path / "far.pdf"))
    assert found == [["", "Année", None], ["Indicateur", "2018", "2019"], *rows]


@every_producer
def test_a_table_inside_a_cell_is_one_of_its_own(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    grid(sheet, [60, 160, 460], [100, 120, 200, 220])
    grid(sheet, [170, 300, 400], [130, 150, 170, 190])
    write_rows(sheet, [["Lot", "Détail"]], [66, 166], 102, 20)
    write_rows(sheet, [["Lot 1"], [], [], ["Lot 2", "sans objet"]], [66, 166], 132, 23.5)
    inner = [["Poste", "Montant"], ["Étude", "1 200"], ["Travaux", "8 900"]]
    write_rows(sheet, inner, [176, 306], 132, 20)
    outer = [["Lot", "Détail"], ["Lot 1", ""], ["Lot 2", "sans objet"]]
    assert tables_of(sheet.save(tmp_path / "nested.pdf")) == [outer, inner]
