"""What real reports print in columns that is no table: lists of terms, notes in the margin, contents, diagrams."""

from __future__ import annotations

from pathlib import Path

from tests.extract.pdf.printed import tables_of
from tests.extract.pdf.producers import Sheet, every_producer

FULL = "Le zonage distingue les communes selon la tension de leur marché du logement, jugée"
LAST = "sur les loyers et les prix."


def prose(sheet: Sheet, x: float, top: float, lines: int) -> float:
    """Running text from `top` on, its last line short; gives the height below it."""
    for k in range(lines):
        sheet.text(x, top + 12 * k, FULL if k < lines - 1 else LAST, 9)
    return top + 12 * lines


@every_producer
def test_numbers_in_the_margin_of_running_text_are_no_column(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    prose(sheet, 100, 100, 20)
    for k, line in enumerate((2, 6, 9, 13, 17)):
        sheet.text(55, 100 + 12 * line, f"v3.{k + 1}", 9)
    assert tables_of(sheet.save(tmp_path / "margin.pdf")) == []


@every_producer
def test_terms_explained_in_sentences_are_a_list(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    top = 100.0
    for k, term in enumerate(("Zone A", "Zone B1", "Zone B2", "Zone C", "Abis")):
        sheet.text(55, top, term, 9)
        top = prose(sheet, 120, top, 2 + k % 2) + 4
    assert tables_of(sheet.save(tmp_path / "terms.pdf")) == []


@every_producer
def test_texts_under_a_head_are_a_table(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    sheet.text(55, 82, "Zone", 9)
    sheet.text(120, 82, "Définition", 9)
    top = 100.0
    for k, term in enumerate(("Zone A", "Zone B1", "Zone B2", "Zone C", "Abis")):
        sheet.text(55, top, term, 9)
        top = prose(sheet, 120, top, 2 + k % 2) + 6
    (found,) = tables_of(sheet.save(tmp_path / "texts.pdf"))
    assert [row[0] for row in found] == ["Zone", "Zone A", "Zone B1", "Zone B2", "Zone C", "Abis"]


@every_producer
def test_terms_above_texts_set_further_in_are_no_table(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    top = 100.0
    for term in ("any", "left", "right", "none", "both"):
        sheet.text(55, top, term, 9)
        top = prose(sheet, 90, top + 12, 3)
    assert tables_of(sheet.save(tmp_path / "above.pdf")) == []


@every_producer
def test_contents_whose_dots_are_set_one_by_one_are_no_table(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    for k in range(12):
        sheet.text(60, 100 + 14 * k, f"{k + 1}", 9)
        sheet.text(80, 100 + 14 * k, f"Chapitre {k}", 9)
        for dot in range(30):
            sheet.text(160 + 7 * dot, 100 + 14 * k, ".", 9)
        sheet.text(400, 100 + 14 * k, f"{3 + 2 * k}", 9)
    assert tables_of(sheet.save(tmp_path / "dots.pdf")) == []


@every_producer
def test_dots_set_one_by_one_lead_to_the_figures_of_a_table(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    for x, label in ((300, "2019"), (360, "2020")):
        sheet.text(x, 86, label, 9)
    for k, name in enumerate(("Total", "Zone A", "Zone B", "Zone C")):
        sheet.text(60, 100 + 14 * k, name, 9)
        for dot in range(20):
            sheet.text(98 + 7 * dot, 100 + 14 * k, ".", 9)
        sheet.text(300, 100 + 14 * k, f"{412 + 7 * k}", 9)
        sheet.text(360, 100 + 14 * k, f"{530 - 9 * k}", 9)
    (found,) = tables_of(sheet.save(tmp_path / "led.pdf"))
    assert {len(row) for row in found} == {3}
    assert [row[-2:] for row in found] == [["2019", "2020"], *[[f"{412 + 7 * k}", f"{530 - 9 * k}"] for k in range(4)]]


@every_producer
def test_boxes_here_and_there_are_a_diagram(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    boxes = ((60, 100, 160, 150), (230, 112, 310, 180), (90, 200, 200, 240), (240, 230, 360, 300), (380, 120, 470, 260))
    for x0, top, x1, bottom in boxes:
        for y in (top, bottom):
            sheet.line(x0, y, x1, y)
        for x in (x0, x1):
            sheet.line(x, top, x, bottom)
        for k, text in enumerate(("Service", "de l'habitat")):
            sheet.text(x0 + 8, top + 6 + 13 * k, text, 9)
    assert tables_of(sheet.save(tmp_path / "diagram.pdf")) == []
