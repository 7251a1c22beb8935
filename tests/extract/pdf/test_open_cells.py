"""Ruled tables in which rules are missing: cells over several columns or rows are cut by what they hold."""

from __future__ import annotations

from pathlib import Path

from tests.extract.pdf.printed import tables_of
from tests.extract.pdf.producers import Sheet, every_producer, grid, write_rows

XS = [60.0, 220.0, 290.0, 360.0, 430.0]
HEAD = ["Commune", "Logements", "Aides", "Taux"]
BODY = [
    ["Ambérieu", "23 316", "41,5", "69,3"],
    ["Bourg-en-Bresse", "26 840", "57,2", "47,2"],
    ["Châtillon", "93 996", "74,1", "95,0"],
    ["Divonne", "44 080", "84,5", "68,0"],
]


def texts(xs: list[float]) -> list[float]:
    return [x + 6 for x in xs]


@every_producer
def test_upright_rules_that_stop_below_the_header_go_on(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    rows = [HEAD, *BODY]
    for k in range(len(rows) + 1):
        sheet.line(XS[0], 100 + 20 * k, XS[-1], 100 + 20 * k)
    for x in XS:
        sheet.line(x, 100, x, 120)
    for x in (XS[0], XS[-1]):
        sheet.line(x, 100, x, 100 + 20 * len(rows))
    write_rows(sheet, rows, texts(XS), 102, 20)
    assert tables_of(sheet.save(tmp_path / "head.pdf")) == [rows]


@every_producer
def test_bands_between_rows_without_rules(tmp_path: Path, producer: type[Sheet]) -> None:
    """A framed sheet of indicators: titles on grounds over all columns, rows between them with no rule at all."""
    sheet = producer()
    rows = [HEAD, ["Première zone"], *BODY, ["Seconde zone"], *BODY[:3]]
    for k in (0, 1, 6):
        sheet.fill((XS[0], 100 + 16 * k, XS[-1], 116 + 16 * k), 0.85)
    grid(sheet, [XS[0], XS[-1]], [100, 100 + 16 * len(rows)])
    for x in XS:
        sheet.line(x, 100, x, 116)
    write_rows(sheet, rows, texts(XS), 101, 16)
    (found,) = tables_of(sheet.save(tmp_path / "bands.pdf"))
    assert [[text for text in row if text] for row in found] == rows
    assert all(len(row) == len(HEAD) for row in found)


@every_producer
def test_framed_blocks_beside_each_other_hold_two_columns_each(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    blocks = [60.0, 200.0, 340.0]
    rows = [[f"{r + 10 * b} ans", f"{900 - 7 * r - 60 * b} 778"] * 1 for r in range(7) for b in range(3)]
    lines = [["Âge", "Effectif"] * 3, *([*rows[3 * r], *rows[3 * r + 1], *rows[3 * r + 2]] for r in range(7))]
    grid(sheet, [*blocks, 480.0], [100, 116, 100 + 16 * len(lines)])
    write_rows(sheet, lines, [x for b in blocks for x in (b + 5, b + 85)], 101, 16)
    assert tables_of(sheet.save(tmp_path / "blocks.pdf")) == [lines]


@every_producer
def test_a_sentence_over_all_columns_stays_whole(tmp_path: Path, producer: type[Sheet]) -> None:
    """A note inside the table, in a cell over all columns: no piece of it stands in columns."""
    sheet = producer()
    note = "Les communes de moins de 2 000 habitants relèvent du barème de leur département"
    rows = [HEAD, *BODY[:2], [note], *BODY[2:]]
    grid(sheet, [XS[0], XS[-1]], [100 + 20 * k for k in range(len(rows) + 1)])
    for x in XS[1:-1]:
        sheet.line(x, 100, x, 160)
        sheet.line(x, 180, x, 220)
    write_rows(sheet, rows, texts(XS), 102, 20)
    (found,) = tables_of(sheet.save(tmp_path / "note.pdf"))
    assert found == [HEAD, *BODY[:2], [note, None, None, None], *BODY[2:]]
