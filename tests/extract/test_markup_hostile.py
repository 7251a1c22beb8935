"""Files made to harm or broken on the way: a clear error or a reading that says what it lacks, in bounded memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from pipeline.extract.html import read_html
from pipeline.extract.model import ExtractError, Reading
from pipeline.extract.xml import read_xml, xml_metadata
from tests.extract.jorf_made import article, jorf_text, table

READERS = [read_xml, read_html]
TEXT = jorf_text(article(table([["Zone", "Prix"], ["A", "12"], ["B", "13"]]), "1"))


def with_doctype(doctype: str, content: str = "&a;") -> bytes:
    return TEXT.replace(b"<TEXTE>", doctype.encode() + b"<TEXTE>").replace(b"La ministre,", content.encode())


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE TEXTE [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE TEXTE [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE TEXTE [<!ELEMENT TEXTE ANY>\n<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]>',
        f'<!-- {"x" * 70_000} --><!DOCTYPE TEXTE [<!ENTITY a "b">]>',
    ],
)
@pytest.mark.parametrize("read", [read_xml, xml_metadata])
def test_a_file_that_declares_entities_is_refused(doctype: str, read: Callable[[bytes], object]) -> None:
    with pytest.raises(ExtractError, match="entités"):
        read(with_doctype(doctype))


def test_a_dtd_that_is_only_named_is_not_fetched() -> None:
    reading = read_xml(with_doctype('<!DOCTYPE TEXTE SYSTEM "http://127.0.0.1:9/jorf.dtd">', "La ministre,"))
    assert len(reading.grids) == 1


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95, 0.999])
def test_a_truncated_text_is_an_error_or_says_so(share: float) -> None:
    try:
        reading = read_xml(TEXT[: int(len(TEXT) * share)])
    except ExtractError:
        return
    assert "xml_mal_forme" in {repair.kind for repair in reading.repairs}


def test_a_text_cut_inside_its_table_keeps_the_cells_it_has() -> None:
    reading = read_xml(TEXT[: TEXT.index(b"13")])
    assert [cell.text for cell in reading.grids[0].cells] == ["Zone", "Prix", "A", "12", "B", ""]
    assert "tableau_non_ferme" in {repair.kind for repair in reading.repairs}


def test_accents_in_another_encoding_than_declared_are_read_and_said() -> None:
    reading = read_xml(jorf_text(article("<p>Isère</p>")).decode().encode("cp1252"))
    assert "Isère" in [paragraph.text for paragraph in reading.paragraphs]
    assert [repair.kind for repair in reading.repairs] == ["encodage_errone"]


@pytest.mark.parametrize("read", READERS)
def test_nuls_are_dropped_and_said(read: Callable[[bytes], Reading]) -> None:
    reading = read(TEXT.replace(b">\n<br/>12", b">1\x002\x00"))
    assert "12" in [cell.text for cell in reading.grids[0].cells]
    assert "caractere_de_controle" in {repair.kind for repair in reading.repairs}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "data",
    [
        b"\x00" * 1000,
        b"<" * 200_000,
        b"<!--" * 50_000,
        b"<script>" * 50_000,
        b"<TEXTE><![CDATA[" * 20_000,
        b"&#" + b"9" * 100_000 + b";",
        b'<td "' * 20_000,
        b"<a b='" * 50_000,
        b"<div>" * 10_000,
        b"<TEXTE>" * 10_000,
        b"<table><tr><td>" * 10_000,
        b"<div>" * 400 + b"</p>" * 200_000,
        b"<TEXTE><ARTICLE><BLOC_TEXTUEL><CONTENU>" + b"<table><tr><td>" * 10_000,
        b"<table><tr>" + b"<td colspan=1000 rowspan=65534>x" * 2_000,
        b"<table><tr>" + b"<td rowspan=65000>x" * 2_000 + b"<tr>" * 50_000,
        b"<table>" + b"<tr><td colspan=1000 rowspan=9999999999>x" * 5_000,
    ],
)
def test_only_the_declared_error_escapes(read: Callable[[bytes], Reading], data: bytes) -> None:
    try:
        reading = read(data)
    except ExtractError:
        return
    assert reading.blocks or reading.unread


def test_a_row_of_a_hundred_thousand_cells_is_read_whole() -> None:
    (grid,) = read_html(b"<table><tr>" + b"<td>x</td>" * 100_000 + b"</tr></table>").grids
    assert (grid.n_rows, grid.n_cols, len(grid.cells)) == (1, 100_000, 100_000)


def test_a_large_page_without_a_table_takes_memory_like_its_size() -> None:
    data = b"<p>" + b"mot " * 500_000 + b"</p>" + b"<div></div>" * 20_000
    tracemalloc.start()
    reading = read_html(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not reading.grids
    assert peak < 10 * len(data)
