"""Cells as a reader sees them: numbers one above the other, hidden text, note calls, row groups."""

from __future__ import annotations

import pytest

from pipeline.extract.html import read_html
from pipeline.extract.model import Reading


def page(body: str) -> Reading:
    return read_html(f"<!DOCTYPE html><html><head><title>t</title></head><body>{body}</body></html>".encode())


def texts(reading: Reading) -> list[list[str | None]]:
    (grid,) = reading.grids
    return [[own.text if (own := grid.own(r, c)) else None for c in range(grid.n_cols)] for r in range(grid.n_rows)]


def cell(content: str) -> tuple[str | None, list[tuple[str, str]]]:
    """The text of one cell beside a label, and what was set aside of it."""
    reading = page(f"<table><tr><td>Lyon</td><td>{content}</td></tr></table>")
    return texts(reading)[0][1], [(aside.reason, aside.text) for aside in reading.asides]


@pytest.mark.parametrize(
    "content",
    [
        *("35<br>120", "35<br/>\n 120", "<p>35</p><p>120</p>", "<div>35</div><div>120</div>", "<pre>35\n120</pre>"),
        '<span style="display:block">35</span><span style="display:block">120</span>',
        "<details><summary>35</summary>120</details>",
    ],
)
def test_two_numbers_one_above_the_other_are_two_lines(content: str) -> None:
    assert cell(content)[0] == "35\n120"


def test_a_number_and_its_unit_below_are_one_line() -> None:
    assert cell("12 500<br>euros")[0] == "12 500 euros"


@pytest.mark.parametrize(
    "hidden",
    [
        '<span style="display:none">00012</span>',
        '<span style="color:red; DISPLAY : NONE">00012</span>',
        "<span hidden>00012</span>",
        '<b hidden="until-found">00012</b>',
        '<span style="visibility:hidden">00012</span>',
        "<template>00012</template>",
        "<noscript>00012</noscript>",
        "<div hidden><div>00012</div></div>",
        '<span style="font-size:0">00012</span>',
        '<span style="position:absolute; left:-9999px">00012</span>',
        '<span style="position:absolute;clip:rect(0,0,0,0)">00012</span>',
        '<span style="text-indent:-9999px">00012</span>',
        '<span style="opacity: 0">00012</span>',
        '<span style="mso-hide:all">00012</span>',
        '<span class="note sr-only">00012</span>',
        "<dialog>00012</dialog>",
    ],
)
def test_hidden_text_of_a_cell_is_not_printed_and_is_said(hidden: str) -> None:
    assert cell(f"{hidden}740") == ("740", [("texte_masque", "00012")])


@pytest.mark.parametrize(
    "struck", ["<del>12</del>", "<s>12</s>", '<span style="text-decoration: line-through">12</span>']
)
def test_text_that_is_struck_out_is_set_aside(struck: str) -> None:
    assert cell(f"{struck}740") == ("740", [("texte_barre", "12")])


def test_a_style_sheet_hides_and_raises_by_class_id_and_name() -> None:
    sheet = "<style>/* .seen{display:none} */ tr.gone, #x { display : none } .up{vertical-align:super}</style>"
    rows = '<tr class="gone"><td>a<td>1</tr><tr id=x><td>b<td>2</tr><tr class=seen><td>c<td>35<i class=up>1</i></tr>'
    reading = page(f"{sheet}<table>{rows.replace('i class', 'span class').replace('</i>', '</span>')}</table>")
    assert texts(reading) == [["c", "35"]]


@pytest.mark.parametrize(
    "sheet", ["@media print{.t{display:none}}", ".t p{display:none}", ".t{display:none;display:inline}"]
)
def test_what_a_style_sheet_says_of_other_things_hides_nothing(sheet: str) -> None:
    assert cell(f'<style>{sheet}</style><span class="t">740</span>')[0] == "740"


def test_rows_of_a_template_in_a_table_are_no_rows() -> None:
    reading = page("<table><template><tr><td>x<td>1</td></tr></template><tr><td>z<td>3</tr></table>")
    assert texts(reading) == [["z", "3"]]


def test_a_comment_is_not_printed() -> None:
    assert cell("<!-- 12 -->740") == ("740", [])


@pytest.mark.parametrize("attribute", ['data-note="display:none"', 'class="hidden"', 'title="hidden"', "data-hidden-x"])
def test_an_attribute_that_only_looks_like_hiding_hides_nothing(attribute: str) -> None:
    assert cell(f"<span {attribute}>12</span>")[0] == "12"


def test_hidden_rows_and_cells_take_no_place() -> None:
    reading = page(
        "<table><tr><th>a<th>b</tr><tr style='display:none'><td>x<td>1</tr><tr hidden><td>y<td>2"
        "<tr><td>z<td hidden>9<td>3</tr></table>"
    )
    assert texts(reading) == [["a", "b"], ["z", "3"]]
    assert [aside.text for aside in reading.asides] == ["x 1", "y 2", "9"]


def test_an_invisible_cell_keeps_its_place() -> None:
    reading = page("<table><tr><td>a<td style='visibility: hidden'>12<td>b</tr></table>")
    assert texts(reading) == [["a", "", "b"]]


def test_a_hidden_table_is_no_table() -> None:
    reading = page("<p>Texte.</p><table hidden><tr><td>1</td></tr></table><table><tr><td>a<td>2</table>")
    assert texts(reading) == [["a", "2"]]


def test_text_said_twice_for_two_kinds_of_readers_is_printed_once() -> None:
    for other in ('class="sr-only">8 100', 'class="sr-only">8100', ">8\u202f100"):
        text, asides = cell(f'<span aria-hidden="true">8 100</span><span {other}</span>')
        assert text is not None and "".join(text.split()) == "8100"
        assert [reason for reason, _ in asides] == ["texte_masque"]


def test_text_hidden_from_screen_readers_only_is_printed() -> None:
    assert cell('<span aria-hidden="true">8 100</span>') == ("8 100", [])
    assert cell('8 <span aria-hidden="true">&lt;100</span>')[0] == "8 <100"


def test_the_place_of_what_follows_a_hidden_part_counts_it() -> None:
    (grid,) = page("<table><tr hidden><td>x</tr><tr><td hidden>y</td><td>z</td></tr></table>").grids
    assert grid.cells[0].source.path == "/html[1]/body[1]/table[1]/tr[2]/td[2]"


@pytest.mark.parametrize(
    "call",
    [
        '<a href="#note2">2</a>',
        "<sup>2</sup>",
        "<sup>(2)</sup>",
        '<sup><a href="#n">(</a></sup><sup>2</sup><sup>)</sup>',
        '<span style="vertical-align: super; font-size:8px">2</span>',
        "<sup>*</sup>",
        '<a href="#n">(a)</a>',
        '<span style="vertical-align:4pt">2</span>',
        '<span style="position:relative;top:-0.5em">2</span>',
        '<span style="position: relative; bottom: 4px">2</span>',
        '<span class="exposant">2</span>',
    ],
)
def test_a_note_call_leaves_the_number(call: str) -> None:
    text, asides = cell(f"1 340&nbsp;€{call}")
    assert (text, [reason for reason, _ in asides]) == ("1 340\u00a0€", ["note"])


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("m<sup>2</sup>", "m²"),
        ("2<sup>e</sup>", "2e"),
        ("1<sup>er</sup>", "1er"),
        ("3 × 10<sup>6</sup>", "3 × 10⁶"),
        ('Zone A<a href="#n1">1</a>', "Zone A¹"),
        ('<a href="#c12">12</a>', "12"),
        ('12<a href="#c">345</a>', "12345"),
    ],
)
def test_what_is_no_note_call_stays(content: str, text: str) -> None:
    assert cell(content) == (text, [])


@pytest.mark.parametrize("small", ['<font size="1"><b>3</b></font>', "<small>3</small>", '<font size="-2">3</font>'])
def test_small_digits_do_not_join_a_number(small: str) -> None:
    assert cell(f"720{small}")[0] == "720 3"


def test_marks_of_ours_in_a_file_are_control_characters_like_others() -> None:
    text, asides = cell("9\x1cs1:5\x1d0\x1f1")
    assert (text, asides) == ("9s1:501", [])


def test_a_rowspan_ends_with_its_row_group_and_says_so() -> None:
    reading = page(
        "<table><thead><tr><td rowspan=4>Zone<td>Loyer</thead><tbody><tr><td>A<td>12</tr></tbody>"
        "<tbody><tr><td rowspan=9>B<td>7<tr><td>8</tbody><tr><td>C<td>5</table>"
    )
    assert texts(reading) == [["Zone", "Loyer"], ["A", "12"], ["B", "7"], [None, "8"], ["C", "5"]]
    assert [r.kind for r in reading.repairs if r.kind == "etendue_bornee"] == ["etendue_bornee"] * 2


def test_rowspan_zero_goes_to_the_end_of_its_group() -> None:
    (grid,) = page("<table><tbody><tr><td rowspan=0>A<td>1<tr><td>2</tbody><tbody><tr><td>B<td>3</table>").grids
    assert [(c.text, c.row, c.row_span) for c in grid.cells if c.col == 0] == [("A", 0, 2), ("B", 2, 1)]


def test_the_foot_stands_last_and_the_head_first_wherever_the_file_has_them() -> None:
    reading = page(
        "<table><tfoot><tr><td>Total<td>9</tfoot><tbody><tr><td>a<td>4<tr><td>b<td>5</tbody>"
        "<thead><tr><th>n<th>v</thead></table>"
    )
    assert texts(reading) == [["n", "v"], ["a", "4"], ["b", "5"], ["Total", "9"]]
    assert reading.grids[0].header_rows == 1


def test_a_header_is_told_by_the_style_of_its_row() -> None:
    (grid,) = page(
        '<table><tr style="font-weight:bold"><td>Nom<td>Rang</tr><tr><td>a<td>x</tr><tr><td>b<td>y</tr></table>'
    ).grids
    assert grid.headers == ("Nom", "Rang")
