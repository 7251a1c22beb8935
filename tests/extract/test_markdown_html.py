"""Markdown that holds tables of HTML, note calls, stacked numbers, and lines that no person wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.markdown import bold_runs, read_markdown
from pipeline.extract.model import ExtractError, Grid, Heading, Paragraph, Reading

PAGE = """# Article Annexe 3

Loyers par zone

<table>
<tbody>
<tr>
<td align="center">ZONE</td>
<td align="center">LOYER<br/>mensuel</td>
</tr>
<tr><td rowspan="2">A</td><td>
<p>12,5</p></td></tr>
<tr><td>11</td></tr>
<tr><td>C</td><td>9</td></tr></tbody>
</table>

Fin de l'annexe.
"""


def read(text: str) -> Reading:
    return read_markdown(text.encode())


def rows(grid: Grid) -> list[list[str]]:
    return [[cell.text if cell else "" for cell in row] for row in grid.rows()]


def test_a_table_of_html_is_read_as_in_a_page_and_placed_in_the_file() -> None:
    reading = read(PAGE)
    (grid,) = reading.grids
    assert rows(grid) == [["ZONE", "LOYER mensuel"], ["A", "12,5"], ["A", "11"], ["C", "9"]]
    assert (grid.under, grid.title) == (("Article Annexe 3",), "Loyers par zone")
    twelve = next(cell for cell in grid.cells if cell.text == "12,5")
    assert twelve.source.line == 11
    assert PAGE[twelve.source.offset or 0 :].startswith("<td>\n<p>12,5")
    assert isinstance(reading.blocks[-1], Paragraph)


def test_blocks_keep_their_order_around_tables_on_one_line() -> None:
    reading = read("Avant <table><tr><td>a<td>b</table> après\n\n# Titre\n\n<table><tr><td>c<td>d</table>\n")
    kinds = [type(block).__name__ for block in reading.blocks]
    assert kinds == ["Paragraph", "Grid", "Heading", "Grid"]
    assert [cell.source.path for grid in reading.grids for cell in grid.cells][::2] == [
        "/table[1]/tr[1]/td[1]",
        "/table[2]/tr[1]/td[1]",
    ]


def test_a_table_in_a_table_is_one_more_table() -> None:
    reading = read("<table><tr><td>x<table><tr><td>1<td>2</table></td><td>y</td></tr></table>\n")
    assert sorted(len(grid.cells) for grid in reading.grids) == [2, 2]


def test_hidden_text_of_a_table_of_html_is_set_aside() -> None:
    reading = read("<table><tr><td>a<td><span hidden>9</span>1</table>\n")
    assert [(aside.reason, aside.text) for aside in reading.asides] == [("texte_masque", "9")]


def test_an_open_table_at_the_end_is_a_cut_file() -> None:
    assert [gap.kind for gap in read("Texte\n\n<table><tr><td>a</td><td>b").unread] == ["fichier_tronque"]


@pytest.mark.parametrize("cell", ["950<sup>1</sup>", "950[^1]", "950[(1)](#note-1)", "950 €<sup>(a)</sup>"])
def test_a_note_call_leaves_the_number_of_a_pipe_table(cell: str) -> None:
    reading = read(f"| Nom | Seuil |\n|---|---|\n| Lot | {cell} |\n")
    assert rows(reading.grids[0])[1][1] in ("950", "950 €")
    assert [aside.reason for aside in reading.asides] == ["note"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [("35<br>120", "35\n120"), ("prix<br/>moyen", "prix moyen"), ("m<sup>2</sup>", "m²"), ("A &amp; B", "A & B")],
)
def test_a_cell_of_a_pipe_table_is_as_printed(cell: str, text: str) -> None:
    assert rows(read(f"| Nom | x |\n|---|---|\n| {cell} | 1 |\n").grids[0])[1][0] == text


@pytest.mark.parametrize(
    ("text", "runs", "rest"),
    [
        ("**a****b**", ["a", "b"], ""),
        ("**a** <b>b</b>", ["a", "b"], " "),
        ("**a", [], "**a"),
        ("<b>a**b</b>", ["a**b"], ""),
        ("a ** b", [], "a ** b"),
    ],
)
def test_runs_in_bold(text: str, runs: list[str], rest: str) -> None:
    found, outside = bold_runs(text)
    assert ([run for _, run in found], outside) == (runs, rest)


@pytest.mark.parametrize(
    "line",
    [
        "** " * 100_000,
        "<b>" * 100_000,
        "**x** " * 50_000 + "y",
        "# " + "#" * 200_000 + "x",
        "# " + " " * 200_000 + "x",
        "|" + " " * 200_000 + "x",
        "| - " * 100_000 + "x",
        "|" + "-" * 200_000 + "x",
        "- " * 100_000 + "x",
        "(" + " " * 200_000 + "x",
        "<input" * 50_000,
        "<sup>" * 50_000,
        "[^" * 100_000,
        "[1](#" * 50_000,
        "| a[^" * 30_000,
        "<table" * 50_000,
        "<table>" * 20,
        "\\|" * 100_000,
        "&" * 200_000,
    ],
)
def test_lines_that_no_person_wrote_are_read_in_time(line: str) -> None:
    read(f"{line}\n\nfin\n")


@given(st.text("*<b>/|-#` \n[^]()1a.&tabler\\", max_size=120))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        reading = read(text)
    except ExtractError:
        return
    assert all(grid.own(cell.row, cell.col) is cell for grid in reading.grids for cell in grid.cells)
    lines = text.split("\n")
    for block in reading.blocks:
        if isinstance(block, Heading | Paragraph) and block.source.line and block.source.offset is None:
            assert block.source.line <= len(lines)
