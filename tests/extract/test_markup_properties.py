"""Any table comes back whole however its tags are left open; any bytes give a reading or the declared error."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pipeline.extract.html import html_metadata, read_html
from pipeline.extract.markup.decode import CHUNK
from pipeline.extract.model import ExtractError
from pipeline.extract.xml import read_xml, xml_metadata
from tests.extract.jorf_made import article, jorf_text, table
from tests.extract.markup_made import WORDS, Truth, tables

SEED = jorf_text(article("<p>ANNEXE I<br/>Titre</p>" + table([["Zone", "Prix"], ["A&amp;eacute;", "12"]]), "1"))
SPLICES = st.sampled_from(
    [
        *(b"<table>", b"</table>", b"<tr>", b"</tr>", b"<td rowspan=3>", b"<td colspan='x", b"</td>", b"<!--", b"-->"),
        *(
            b"<![CDATA[",
            b"]]>",
            b"<CONTENU>",
            b"</CONTENU>",
            b"</ARTICLE>",
            b"<caption>",
            b"<thead>",
            b"<br/>",
            b"<sup>",
        ),
        *(b"&#x1F;", b"&amp;amp;", b"\x00", b"\xe9", b"\xc3", b"<", b">", b'"', b"<!DOCTYPE a>", b"<script>", b"<img>"),
    ]
)


@given(tables())
def test_a_table_comes_back_whole_whatever_is_left_open(truth: Truth) -> None:
    if not any(text for *_, text in truth.cells):
        return
    (grid,) = read_html(truth.markup.encode()).grids
    assert (grid.n_rows, grid.n_cols) == (truth.n_rows, truth.n_cols)
    assert [(c.row, c.col, c.row_span, c.col_span, c.text) for c in grid.cells] == truth.cells
    assert all(truth.markup[cell.source.offset :].lower().startswith("<td") for cell in grid.cells)


@given(tables())
def test_what_is_left_open_is_counted_once(truth: Truth) -> None:
    if not any(text for *_, text in truth.cells):
        return
    kinds = [repair.kind for repair in read_html(truth.markup.encode()).repairs]
    assert kinds.count("cellule_non_fermee") == len(truth.cells) - truth.markup.count("</td>")
    assert kinds.count("ligne_non_fermee") == truth.n_rows - truth.markup.count("</tr>")
    assert kinds.count("tableau_non_ferme") == 1 - truth.markup.count("</table>")


@given(st.lists(st.lists(WORDS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_cells_of_well_formed_xml_are_those_lxml_sees(rows: list[list[str]]) -> None:
    escaped = [[text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in row] for row in rows]
    data = jorf_text(article(table(escaped)))
    seen = ["".join(cell.itertext()).strip() for cell in etree.fromstring(data).iter("td", "th")]
    cells = [cell for grid in read_xml(data).grids for cell in grid.cells]
    assert [cell.text for cell in cells] == (seen if any(seen) else [])


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_reading_or_the_declared_error(data: bytes) -> None:
    for read in (read_xml, read_html, xml_metadata, html_metadata):
        with contextlib.suppress(ExtractError):
            read(data)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(SEED)), st.integers(0, 30), SPLICES), min_size=1, max_size=6))
def test_a_damaged_text_gives_a_reading_or_the_declared_error(damage: list[tuple[int, int, bytes]]) -> None:
    data = SEED
    for at, lost, put in damage:
        data = data[:at] + put + data[at + lost :]
    for read in (read_xml, read_html):
        with contextlib.suppress(ExtractError):
            reading = read(data)
            assert all(
                cell.row < grid.n_rows and cell.col < grid.n_cols for grid in reading.grids for cell in grid.cells
            )
            assert all(grid.own(cell.row, cell.col) == cell for grid in reading.grids for cell in grid.cells)


@pytest.mark.parametrize("shift", [0, 1, 5, 9])
def test_a_table_over_the_border_of_two_chunks_is_whole(shift: int) -> None:
    rows = "<table><tr><td>Is&egrave;re</td><td>é</td></tr></table>"
    data = b"<p>" + b"x" * (CHUNK - shift - 20) + rows.encode()
    assert [cell.text for cell in read_html(data).grids[0].cells] == ["Isère", "é"]
