"""What looks like a table and is none: charts, contents; and labels that stand outside the frame of one."""

from __future__ import annotations

from pathlib import Path

from tests.extract.pdf.printed import tables_of
from tests.extract.pdf.producers import Sheet, every_producer, grid, write_rows


@every_producer
def test_a_bar_chart_is_no_table(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    for k in range(6):
        sheet.text(60, 200 - 20 * k, f"{10 * k}", 8)
    for group in range(5):
        for bar, grey in ((0, 0.3), (1, 0.7)):
            height = 25 + 17 * ((3 * group + 2 * bar) % 5)
            x = 90 + 60 * group + 22 * bar
            sheet.fill((x, 200 - height, x + 18, 200), grey)
            sheet.text(x + 3, 196 - height, f"{height}", 8)
        sheet.text(95 + 60 * group, 212, f"{2018 + group}", 8)
    sheet.line(85, 200, 400, 200)
    assert tables_of(sheet.save(tmp_path / "bars.pdf")) == []


@every_producer
def test_contents_with_numbers_before_and_behind_are_no_table(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    for k in range(16):
        level = "1.2.3"[: 1 + 2 * (k % 3)]
        dots = "." * (60 - 6 * (k % 3))
        sheet.text(60, 100 + 14 * k, level, 9)
        sheet.text(100, 100 + 14 * k, f"Conditions générales {dots}", 9)
        sheet.text(430, 100 + 14 * k, f"{4 + 2 * k}", 9)
    assert tables_of(sheet.save(tmp_path / "contents.pdf")) == []


@every_producer
def test_labels_left_of_the_frame_are_its_first_column(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    xs = [200.0, 280.0, 360.0]
    grid(sheet, xs, [100 + 18 * k for k in range(7)])
    rows = [["", "2023", "2024"], *([f"Commune {k}", f"{k}00", f"{k}50"] for k in range(1, 6))]
    write_rows(sheet, rows, [110, 206, 286], 101, 18)
    assert tables_of(sheet.save(tmp_path / "outside.pdf")) == [rows]


@every_producer
def test_prose_beside_a_frame_stays_out_of_it(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    xs = [300.0, 380.0, 460.0]
    grid(sheet, xs, [100 + 18 * k for k in range(7)])
    rows = [["Année", "Part"], *([f"20{k}", f"{k}0"] for k in range(11, 16))]
    write_rows(sheet, rows, [306, 386], 101, 18)
    for k in range(10):
        sheet.text(60, 108 + 11.5 * k, "Le présent arrêté fixe pour chaque commune de la liste", 9)
    assert tables_of(sheet.save(tmp_path / "beside.pdf")) == [rows]
