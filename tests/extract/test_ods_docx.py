"""Sheets of ODS and texts of DOCX: spans, headings, places, and what their reader does not see."""

from __future__ import annotations

from pipeline.extract.docx import read_docx
from pipeline.extract.model import Grid, Heading, Paragraph
from pipeline.extract.ods import read_ods
from tests.extract.office_made import box, docx, ods, paragraph, text_table


def rows(grid: Grid) -> list[list[str]]:
    return [[own.text if (own := grid.own(r, c)) else "" for c in range(grid.n_cols)] for r in range(grid.n_rows)]


def ods_row(*texts: str, more: str = "") -> str:
    cells = "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in texts)
    return f"<table:table-row{more}>{cells}</table:table-row>"


def table(*content: str, name: str = "Feuille1", style: str = "") -> str:
    return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(content)}</table:table>'


NUMBERS = (ods_row("Zone", "Loyer"), ods_row("A", "12,5"), ods_row("B", "9"), ods_row("C", "7"))


def test_a_sheet_of_ods_is_read_as_displayed_with_its_places() -> None:
    (grid,) = read_ods(ods(table(*NUMBERS))).grids
    assert rows(grid) == [["Zone", "Loyer"], ["A", "12,5"], ["B", "9"], ["C", "7"]]
    assert grid.header_rows == 1
    assert grid.cells[3].source.label == "feuille « Feuille1 », B2"


def test_spans_and_repetitions_of_ods() -> None:
    spanned = (
        '<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>A</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="2"><text:p>1</text:p></table:table-cell></table:table-row>'
        "<table:table-row><table:covered-table-cell><text:p>sous A</text:p></table:covered-table-cell>"
        "<table:table-cell><text:p>2</text:p></table:table-cell></table:table-row>"
    )
    reading = read_ods(ods(table(spanned)))
    (grid,) = reading.grids
    assert rows(grid) == [["A", "1", "1"], ["", "2", ""]]
    assert grid.cells[0].row_span == 2
    assert [aside.text for aside in reading.asides] == ["sous A"]


def test_what_is_hidden_in_ods_is_left_out_and_said() -> None:
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    styles = (
        '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    shown = table(columns, ods_row("a", "1"), ods_row("b", "2", more=' table:visibility="filter"'), ods_row("c", "3"))
    reading = read_ods(ods(shown, table(*NUMBERS, name="Listes", style="h"), styles=styles))
    assert [b.text for b in reading.blocks if isinstance(b, Paragraph)] == ["a", "c"]
    assert [aside.text for aside in reading.asides] == ["1", "b | 2", "3", "feuille masquée « Listes » : 8 cellules"]


def test_a_million_empty_cells_cost_nothing() -> None:
    empty = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert len(read_ods(ods(table(*NUMBERS, empty))).grids[0].cells) == 8


def test_comments_and_notes_of_a_cell_are_not_its_text() -> None:
    noted = (
        "<table:table-row><table:table-cell><office:annotation><text:p>remarque</text:p></office:annotation>"
        "<text:p>9<text:s/>50<text:span>0</text:span></text:p></table:table-cell>"
        "<table:table-cell><text:p>x</text:p><text:p>y</text:p></table:table-cell></table:table-row>"
    )
    assert rows(read_ods(ods(table(noted))).grids[0]) == [["9 500", "x\ny"]]


STYLES = '<w:style w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>'


def test_a_text_keeps_its_headings_and_the_order_of_its_blocks() -> None:
    body = (
        paragraph("Annexe II", "Titre1")
        + paragraph("En francs.")
        + text_table((box("Zone"), box("Loyer")), (box("A"), box("12")))
    )
    reading = read_docx(docx(body, STYLES))
    assert [type(b).__name__ for b in reading.blocks] == ["Heading", "Paragraph", "Grid"]
    assert isinstance(reading.blocks[0], Heading) and reading.blocks[0].level == 1
    assert reading.blocks[1].source.label == "paragraphe 2"
    assert reading.grids[0].under == ("Annexe II",)
    assert reading.grids[0].cells[3].source.label == "tableau 1, ligne 2, colonne 2"


def test_merged_cells_of_a_text_are_spans() -> None:
    body = text_table(
        (box("Titre", '<w:gridSpan w:val="2"/>'), box("N")),
        (box("A", '<w:vMerge w:val="restart"/>'), box("1"), box("2")),
        (box("", "<w:vMerge/>"), box("3"), box("4")),
    )
    (grid,) = read_docx(docx(body)).grids
    assert [(c.text, c.row, c.col, c.row_span, c.col_span) for c in grid.cells][:3] == [
        ("Titre", 0, 0, 1, 2),
        ("N", 0, 2, 1, 1),
        ("A", 1, 0, 2, 1),
    ]
    assert rows(grid)[2] == ["", "3", "4"]


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def test_deleted_hidden_and_raised_text_of_a_cell() -> None:
    inside = (
        "<w:p>"
        + run("950")
        + run("1", '<w:vertAlign w:val="superscript"/>')
        + run("secret", "<w:vanish/>")
        + "<w:del><w:r><w:delText>800</w:delText></w:r></w:del></w:p>"
    )
    reading = read_docx(docx(text_table((box("m"), box(inside)))))
    assert rows(reading.grids[0]) == [["m", "950"]]
    assert sorted((a.reason, a.text) for a in reading.asides) == [
        ("note", "1"),
        ("texte_masque", "800"),
        ("texte_masque", "secret"),
    ]


def test_two_paragraphs_of_figures_in_a_cell_are_two_lines_and_a_table_inside_is_one_more() -> None:
    stacked = paragraph("35") + paragraph("120")
    inner = text_table((box("x"), box("y")))
    reading = read_docx(docx(text_table((box("a & b"), box(stacked + inner)))))
    assert [rows(grid) for grid in reading.grids] == [[["a & b", "35\n120"]], [["x", "y"]]]


def test_inserted_text_and_controls_are_printed() -> None:
    body = f"<w:sdt><w:sdtContent><w:p><w:ins>{run('ajouté')}</w:ins></w:p></w:sdtContent></w:sdt>"
    assert [b.text for b in read_docx(docx(body)).paragraphs] == ["ajouté"]


def test_a_picture_is_a_gap() -> None:
    assert [gap.kind for gap in read_docx(docx("<w:p><w:r><w:drawing/></w:r></w:p>")).unread] == ["image_non_lue"]
