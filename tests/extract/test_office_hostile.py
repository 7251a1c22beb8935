"""Office documents that were made to harm, or that were damaged: refused by name, within bounds."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.documents.media import MediaError, tell
from pipeline.extract.docx import read_docx
from pipeline.extract.limits import Limits
from pipeline.extract.model import ExtractError, Reading
from pipeline.extract.ods import read_ods
from pipeline.extract.xlsx import read_xlsx
from tests.extract.office_made import box, cell, docx, ods, row, sheet, text_table, xlsx, zipped

Read = Callable[[bytes], Reading]

BOOK = xlsx({"F": sheet(*(row(n, cell(f"A{n}", "x"), cell(f"B{n}", n)) for n in range(1, 40)))})
CALC = ods(
    '<table:table table:name="F"><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>'
    "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
)
TEXT = docx(text_table((box("a"), box("b"))))
ALL: list[tuple[Read, bytes]] = [(read_xlsx, BOOK), (read_ods, CALC), (read_docx, TEXT)]


@pytest.mark.parametrize(("read", "data"), ALL)
def test_a_package_cut_anywhere_is_refused(read: Read, data: bytes) -> None:
    for share in (0.1, 0.5, 0.9, 0.999):
        with pytest.raises(ExtractError):
            read(data[: int(len(data) * share)])


@pytest.mark.parametrize(("read", "data"), ALL)
@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255))
def test_a_package_with_a_wrong_byte_is_read_or_refused(read: Read, data: bytes, place: float, value: int) -> None:
    at = int(place * len(data))
    try:
        reading = read(data[:at] + bytes([value]) + data[at + 1 :])
    except ExtractError:
        return
    assert all(grid.own(c.row, c.col) is c for grid in reading.grids for c in grid.cells)


def test_a_bomb_in_a_package_is_refused() -> None:
    bomb = sheet(row(1, cell("A1", "x" * 200_000_000)))
    with pytest.raises(ExtractError, match="hors de toute mesure"):
        read_xlsx(xlsx({"F": bomb}))


def test_a_package_that_lies_about_its_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = zipfile.ZipFile.infolist

    def lying(self: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        infos = whole(self)
        for info in infos:
            info.compress_size = info.file_size = max(info.file_size // 1000, 1)
        return infos

    data = xlsx({"F": sheet(*(row(n, cell(f"A{n}", "y" * 200)) for n in range(1, 4000)))})
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lying)
    with pytest.raises(ExtractError):
        read_xlsx(data, Limits(unpacked_bytes=100_000))


def test_entities_of_a_part_are_not_expanded() -> None:
    levels = "".join(f'<!ENTITY a{n} "' + f"&a{n - 1};" * 10 + '">' for n in range(1, 12))
    part = f'<!DOCTYPE x [<!ENTITY a0 "boum">{levels}]>' + sheet(row(1, cell("A1", "@"), cell("B1", "c"))).replace(
        "@", "&a11;"
    )
    try:
        found = [c.text for grid in read_xlsx(xlsx({"F": part})).grids for c in grid.cells]
    except ExtractError:
        return
    assert "boum" not in "".join(found)


def test_a_link_to_a_file_outside_is_not_followed() -> None:
    book = xlsx({"F": sheet(row(1, cell("A1", "x"), cell("B1", 1)))})
    outside = '<!DOCTYPE x SYSTEM "file:///etc/hostname" [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    part = outside + sheet(row(1, cell("A1", "@"), cell("B1", "c"))).replace("@", "&e;")
    assert read_xlsx(book).blocks
    try:
        found = [c.text for grid in read_xlsx(xlsx({"F": part})).grids for c in grid.cells]
    except ExtractError:
        return
    assert found in ([], ["c"])


def test_a_macro_is_not_looked_at() -> None:
    data = xlsx(
        {"F": sheet(row(1, cell("A1", "x"), cell("B1", "y")))}, more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0boum"}
    )
    assert [c.text for c in read_xlsx(data).grids[0].cells] == ["x", "y"]


def test_a_million_empty_cells_of_a_sheet_are_no_cells() -> None:
    empty = "".join(f"<row r='{n}'>" + "<c s='1'/>" * 1000 + "</row>" for n in range(3, 1003))
    data = xlsx({"F": sheet(row(1, cell("A1", "x"), cell("B1", "y")), empty)})
    assert len(read_xlsx(data).grids[0].cells) == 2


@pytest.mark.parametrize("ref", ["A1:XFD1048576", "B2:A1", "A0:B9", "A1:ZZZ9", "nonsense"])
def test_an_absurd_merged_area_is_bounded(ref: str) -> None:
    reading = read_xlsx(
        xlsx({"F": sheet(row(1, cell("A1", "x"), cell("B1", "y")), row(2, cell("A2", "z")), merged=(ref,))})
    )
    assert reading.blocks


def test_cells_repeated_out_of_all_measure_are_refused() -> None:
    repeated = (
        '<table:table table:name="F"><table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        'table:number-columns-repeated="9999"><text:p>a</text:p></table:table-cell></table:table-row></table:table>'
    )
    with pytest.raises(ExtractError, match="répétées"):
        read_ods(ods(repeated))


def test_tables_nested_without_end_are_refused() -> None:
    nested = text_table((box("fond"),))
    for _ in range(60):
        nested = text_table((box(nested),))
    with pytest.raises(ExtractError):
        read_docx(docx(nested))


def test_a_protected_package_is_refused_by_name() -> None:
    with pytest.raises(ExtractError, match="mot de passe"):
        read_xlsx(zipped({"EncryptedPackage": b"x", "EncryptionInfo": b"y"}))


@pytest.mark.parametrize(
    ("name", "head", "way_out"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"enregistrer en \.xlsx"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"enregistrer en \.docx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sans mot de passe"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "image PNG"),
        ("scan.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "image JPEG"),
        ("a.tif", b"II*\x00\x08\x00", "image TIFF"),
        ("a.rtf", b"{\\rtf1\\ansi", "RTF"),
        ("a.zip", b"PK\x03\x04\x14\x00", "archive zip"),
        ("a.odt", zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), r"\.docx"),
        ("a.gz", b"\x1f\x8b\x08", "gzip"),
    ],
)
def test_kinds_that_are_not_read_are_named_with_the_way_out(name: str, head: bytes, way_out: str) -> None:
    with pytest.raises(MediaError, match=way_out):
        tell(name, head)


@pytest.mark.parametrize(
    ("name", "data", "media"),
    [
        ("a.xlsx", BOOK, "xlsx"),
        ("a.XLSM", BOOK, "xlsx"),
        ("a.ods", CALC, "ods"),
        ("a.docx", TEXT, "docx"),
        ("a.csv", b"a;b\n", "csv"),
    ],
)
def test_kinds_that_are_read_are_told(name: str, data: bytes, media: str) -> None:
    assert tell(name, data[:4096]) == media


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_utf_16_is_text(encoding: str) -> None:
    assert tell("a.txt", "ANNEXE\nDrôme\n".encode(encoding)) == "cells"


def test_a_workbook_under_the_name_of_a_text_is_refused() -> None:
    with pytest.raises(MediaError, match="le contenu est un fichier xlsx"):
        tell("a.txt", BOOK[:4096])
