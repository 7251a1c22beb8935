"""Text that nobody sees is not read: painted over, clipped away, in a layer that is off, too small; and it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extract.pdf.corpus.paper import Page, file_of, stream, write
from tests.extract.pdf.printed import reading_of, tables_of
from tests.extract.pdf.producers import Sheet, every_producer, grid, write_rows

XS, ROWS = [60.0, 200.0, 300.0], [["Commune", "Plafond"], ["Châtillon", "8 988"], ["Divonne", "9 000"]]


def page_of(producer: type[Sheet]) -> Sheet:
    sheet = producer()
    grid(sheet, XS, [100, 120, 140, 160])
    return sheet


@every_producer
def test_a_figure_painted_over_and_typed_again_is_the_one_on_top(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = page_of(producer)
    write_rows(sheet, [[row[0] for row in ROWS[k : k + 1]][:1] for k in range(3)], [66], 102, 20)
    sheet.text(206, 112.8, "Plafond", 9)
    sheet.text(206, 132.8, "8 788", 9)
    sheet.fill((202, 122, 298, 138), 1)
    sheet.text(206, 132.8, "8 988", 9)
    sheet.text(206, 152.8, "9 000", 9)
    path = sheet.save(tmp_path / "over.pdf")
    assert tables_of(path) == [ROWS]
    signs = [(s.kind, s.detail) for s in reading_of(path).signs]
    assert signs == [("texte_non_visible", "8 788")]


@every_producer
def test_text_on_a_ground_is_seen(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    sheet.fill((60, 100, 300, 160), 0.8)
    grid(sheet, XS, [100, 120, 140, 160])
    write_rows(sheet, ROWS, [66, 206], 102, 20)
    path = sheet.save(tmp_path / "ground.pdf")
    assert tables_of(path) == [ROWS]
    assert reading_of(path).signs == ()


@every_producer
def test_print_that_is_too_small_to_read_is_left_out(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = page_of(producer)
    write_rows(sheet, ROWS, [66, 206], 102, 20)
    sheet.text(250, 132, "12 345", 0.8)
    path = sheet.save(tmp_path / "tiny.pdf")
    assert tables_of(path) == [ROWS]
    assert [s.kind for s in reading_of(path).signs] == ["texte_non_visible"]


def on_paper() -> Page:
    sheet = Page()
    for y in (100, 120, 140, 160):
        sheet.line(60, y, 300, y)
    for x in XS:
        sheet.line(x, 100, x, 160)
    for r, row in enumerate(ROWS):
        for x, text in zip((66, 206), row, strict=True):
            sheet.text(x, 112.8 + 20 * r, text, 9)
    return sheet


@pytest.mark.parametrize("nested", [False, True])
def test_text_outside_its_clipping_path_is_left_out(tmp_path: Path, nested: bool) -> None:
    page = on_paper()
    bottom = page.height - 140
    inner = "300 0 10 10 re W n " if nested else ""
    page.operators.append(f"q 0 0 250 800 re W n {inner}0 {bottom:g} 250 20 re W n")
    page.text(255, 132.8, "CACHE", 9)
    page.operators.append("Q")
    path = tmp_path / "clipped.pdf"
    path.write_bytes(write([page]))
    assert tables_of(path) == [ROWS]
    assert [s.detail for s in reading_of(path).signs] == ["CACHE"]


def with_layer(path: Path, off: bool) -> None:
    """The table, and a figure in a layer that is shown, or not."""
    page = on_paper()
    page.operators.append("/OC /L1 BDC")
    page.text(250, 132.8, "7 777", 9)
    page.operators.append("EMC")
    config = "/D << /OFF [6 0 R] >>" if off else "/D << >>"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [6 0 R] {config} >> >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.width:g} {page.height:g}] /Contents 4 0 R "
        f"/Resources << /Font << /F1 5 0 R /F2 5 0 R >> /Properties << /L1 6 0 R >> >> >>".encode(),
        stream(page.content()),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /OCG /Name (Anciens montants) >>",
    ]
    path.write_bytes(file_of(objects))


def test_a_layer_that_is_off_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "layer.pdf"
    with_layer(path, off=True)
    assert tables_of(path) == [ROWS]
    assert [s.detail for s in reading_of(path).signs] == ["7 777"]


def test_a_layer_that_is_shown_is_read(tmp_path: Path) -> None:
    path = tmp_path / "layer.pdf"
    with_layer(path, off=False)
    assert tables_of(path)[0][1] == ["Châtillon", "8 988 7 777"]
    assert "texte_non_visible" not in {sign.kind for sign in reading_of(path).signs}
