"""HTML pages: broken tables mended and counted, spans, nested tables, headings, what a Légifrance page says."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.extract.html import html_metadata, read_html
from pipeline.extract.model import ExtractError, Grid, Heading, Reading

PAGE = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>Arrêté - Légifrance</title>
<link rel="canonical" href="https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000099990001">
<script>var modele = "<table><tr><td>1</td></tr></table>";</script></head>
<body><nav><ul><li>Accueil<li>Recherche</ul></nav>
<h1>Arrêté du 1er février 2030 fixant des plafonds</h1>
<ul><li>NOR : ABCD3000001A</li>
<li>ELI : https://www.legifrance.gouv.fr/eli/arrete/2030/2/1/ABCD3000001A/jo/texte</li>
<li>JORF n°0031 du 6 février 2030</li><li>Texte n° 12</li></ul>
<h3>Article 1</h3><p>Les plafonds sont en annexe.</p>
<h3>Annexe</h3><p><strong>Plafonds par zone</strong></p>
<table><tr><th>Zone</th><th>Plafond</th></tr><tr><td>A</td><td>1&nbsp;200</td></tr></table>
</body></html>"""


def read(markup: str) -> Reading:
    return read_html(markup.encode())


def one_grid(markup: str) -> Grid:
    (grid,) = read(markup).grids
    return grid


def texts(grid: Grid) -> list[list[str]]:
    return [[cell.text if (cell := grid.at(r, c)) else "∅" for c in range(grid.n_cols)] for r in range(grid.n_rows)]


def test_a_page_says_which_text_it_shows() -> None:
    assert html_metadata(PAGE.encode()) == {
        "forme": "html",
        "titre": "Arrêté du 1er février 2030 fixant des plafonds",
        "url": "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000099990001",
        "id": "JORFTEXT000099990001",
        "nor": "ABCD3000001A",
        "eli": "https://www.legifrance.gouv.fr/eli/arrete/2030/2/1/ABCD3000001A/jo/texte",
        "nature": "ARRÊTÉ",
        "signe_le": "2030-02-01",
        "publie_le": "2030-02-06",
        "num_parution": "0031",
        "num_sequence": "12",
    }


def test_a_page_leads_by_its_headings_to_its_table_and_to_no_table_of_a_script() -> None:
    reading = read(PAGE)
    (grid,) = reading.grids
    assert texts(grid) == [["Zone", "Plafond"], ["A", "1\u00a0200"]]
    assert grid.under == ("Arrêté du 1er février 2030 fixant des plafonds", "Annexe", "Plafonds par zone")
    assert [b.level for b in reading.blocks if isinstance(b, Heading)][:3] == [1, 3, 3]
    assert not reading.repairs


def test_rows_and_cells_left_open_are_closed_and_each_is_counted_where_it_begins() -> None:
    markup = "<table><tr><td>a<td>b<tr><td>c</td><td>d</table>"
    reading = read(markup)
    assert texts(reading.grids[0]) == [["a", "b"], ["c", "d"]]
    assert {(repair.kind, repair.source.offset) for repair in reading.repairs} == {
        ("cellule_non_fermee", markup.index("<td>a")),
        ("cellule_non_fermee", markup.index("<td>b")),
        ("cellule_non_fermee", markup.index("<td>d")),
        ("ligne_non_fermee", markup.index("<tr>")),
        ("ligne_non_fermee", markup.rindex("<tr>")),
    }


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ("<table><td>a</td><td>b</td></tr></table>", "cellule_sans_ligne"),
        ("<tr><td>a</td><td>b</td></tr>", "ligne_sans_tableau"),
        ("<table><tr><td>a</td><td>b</td></tr>", "tableau_non_ferme"),
        ("<table><tr><td>a</td>perdu<td>b</td></tr></table>", "texte_hors_cellule"),
        ("<table><tr><td>a</td><td rowspan=x>b</td></tr></table>", "etendue_illisible"),
        ("<table><tr><td>a</td><td <b>b</b></td></tr></table>", "balise_inachevee"),
        ("<table><tr><td>a</td><td>b</td></tr></table><!-- fin", "construction_non_fermee"),
    ],
)
def test_what_is_mended_is_said_and_no_text_is_lost(markup: str, kind: str) -> None:
    reading = read(markup)
    assert [cell.text for cell in reading.grids[0].cells] == ["a", "b"]
    assert [repair.kind for repair in reading.repairs] == [kind]
    assert ("perdu" in markup) == ("perdu" in [paragraph.text for paragraph in reading.paragraphs])


def test_spans_place_the_cells_around_them() -> None:
    grid = one_grid("<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<tr><td colspan=3>e</table>")
    assert texts(grid) == [["a", "b", "b"], ["a", "c", "d"], ["e", "e", "e"]]
    assert [(cell.row_span, cell.col_span) for cell in grid.cells] == [(2, 1), (1, 2), (1, 1), (1, 1), (1, 3)]


def test_rowspan_zero_goes_to_the_end() -> None:
    assert texts(one_grid("<table><tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d</table>")) == [
        ["a", "b"],
        ["a", "c"],
        ["a", "d"],
    ]


def test_a_title_row_wider_than_the_table_takes_its_width() -> None:
    reading = read("<table><tr><td colspan=50>Titre<tr><th>a<th>b<tr><td>1<td>2</table>")
    (grid,) = reading.grids
    assert (grid.n_cols, grid.title, grid.header_rows) == (2, "Titre", 2)
    assert Counter(repair.kind for repair in reading.repairs)["etendue_bornee"] == 1


def test_a_table_inside_a_cell_is_a_grid_of_its_own() -> None:
    outer, inner = read("<table><tr><td>a<table><tr><td>b</td></tr></table>c</td><td>d</td></tr></table>").grids
    assert texts(outer) == [["a c", "d"]]
    assert texts(inner) == [["b"]]
    assert (inner.source.path or "").startswith(outer.source.path or "-")


def test_a_caption_is_the_title() -> None:
    grid = one_grid("<table><caption>Plafonds <b>2030</b></caption><tr><td>a</td></tr></table>")
    assert grid.title == "Plafonds 2030"


def test_a_row_label_is_data_and_a_row_of_labels_is_header() -> None:
    grid = one_grid("<table><tr><td></td><th>2029</th><th>2030</th><tr><th>A</th><td>1</td><td>2</td></table>")
    assert [cell.text for cell in grid.cells if cell.header] == ["", "2029", "2030"]


def test_a_label_of_a_group_is_data_and_a_repeated_header_is_header() -> None:
    head, group = "<tr><th>Zone<th>Prix", "<tr><th colspan=2>Loire"
    grid = one_grid(f"<table>{head}{group}<tr><td>A<td>1{head}<tr><td>B<td>2</table>")
    assert [cell.text for cell in grid.cells if cell.header] == ["Zone", "Prix", "Zone", "Prix"]
    assert grid.header_rows == 1


def test_a_thead_of_plain_cells_is_header() -> None:
    grid = one_grid("<table><thead><tr><td>Zone<td>Prix</thead><tbody><tr><td>A<td>1</tbody></table>")
    assert (grid.header_rows, grid.headers) == (1, ("Zone", "Prix"))


def test_a_bold_first_row_is_header() -> None:
    grid = one_grid("<table><tr><td><b>Zone</b><td><b>Nom</b><tr><td>A<td>Ain<tr><td>B<td>Var</table>")
    assert grid.header_rows == 1


def test_entities_escaped_twice_are_read_as_printed() -> None:
    reading = read("<table><tr><td>Is&amp;egrave;re</td><td>R&amp;D</td></tr></table>")
    assert texts(reading.grids[0]) == [["Isère", "R&D"]]
    assert [(repair.before, repair.after) for repair in reading.repairs] == [("Is&egrave;re", "Isère")]


def test_a_note_call_never_becomes_a_digit_of_the_amount() -> None:
    assert texts(one_grid("<table><tr><td>1 200<sup>1</sup></td><td>m<sup>2</sup></td></tr></table>")) == [
        ["1 200", "m²"]
    ]


def test_a_raised_mark_left_open_ends_with_its_block() -> None:
    reading = read("<p>Voir note<sup>1</p><p>2030</p>")
    assert [paragraph.text for paragraph in reading.paragraphs] == ["Voir note¹", "2030"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<br>Ain<br>", "Ain"),
        ("Ain<br>Aisne", "Ain\nAisne"),
        ("<p>Ain</p><p>Aisne</p>", "Ain\nAisne"),
        ("période<br> de reconnaissance", "période de reconnaissance"),
        ("&nbsp;", ""),
    ],
)
def test_line_breaks_of_a_cell(cell: str, text: str) -> None:
    assert one_grid(f"<table><tr><td>x</td><td>{cell}</td></tr></table>").cells[1].text == text


def test_an_empty_page_is_an_error() -> None:
    with pytest.raises(ExtractError, match="vide"):
        read_html(b"")
    with pytest.raises(ExtractError, match="aucun texte"):
        read_html(b"<html><body></body></html>")
