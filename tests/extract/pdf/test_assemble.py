"""Pages into one reading: margins, tables over pages, rows cut by a page, texts and headings."""

from __future__ import annotations

import pickle
from dataclasses import replace

from pipeline.extract.model import Grid, Heading, Paragraph
from pipeline.extract.pdf.assemble import assemble
from pipeline.extract.pdf.results import PageCell, PageLine, PageRead, PageResults, PageTable
from tests.extract.pdf.printed import page_table

HEADER = ["Code", "Nom", "Seuil", "Note"]


def line(text: str, top: float, size: float = 10, bold: bool = False, x: float = 50) -> PageLine:
    return PageLine(text, (x, top, x + 5 * len(text), top + size), size, bold)


def page(number: int, *tables: PageTable, lines: tuple[PageLine, ...] = (), margins: bool = True) -> PageRead:
    head = (line("JOURNAL OFFICIEL – texte 23", 20), line(str(number), 815)) if margins else ()
    return PageRead(number, 595, 842, (*head[:1], *lines, *head[1:]), tables)


def rows(first: int, last: int) -> list[list[str]]:
    return [[f"{n:02d}", f"Commune {n}", str(100 * n), "x"] for n in range(first, last + 1)]


def grid_of(*pages: PageRead) -> Grid:
    (grid,) = assemble([PageResults(1, len(pages), pages)]).grids
    return grid


def test_a_table_over_pages_is_one_grid_and_its_repeated_headers_are_declared() -> None:
    reading = assemble(
        [PageResults(1, 2, (page(1, page_table([HEADER, *rows(1, 3)])), page(2, page_table([HEADER, *rows(4, 6)]))))]
    )
    (grid,) = reading.grids
    assert (grid.n_rows, grid.header_rows) == (7, 1)
    assert [cell.text for cell in grid.cells if cell.col == 0] == ["Code", "01", "02", "03", "04", "05", "06"]
    assert [repair.kind for repair in reading.repairs] == ["entete_repete"]
    repeated = [aside for aside in reading.asides if aside.reason == "entete_repete"]
    assert [(aside.text, aside.source.page) for aside in repeated] == [(label, 2) for label in HEADER]
    assert grid.own(4, 1).source.page == 2  # type: ignore[union-attr]


def test_a_table_that_goes_on_without_a_header_is_still_one() -> None:
    assert grid_of(page(1, page_table([HEADER, *rows(1, 3)])), page(2, page_table(rows(4, 6)))).n_rows == 7


def test_text_between_two_tables_keeps_them_apart() -> None:
    second = page(2, page_table([HEADER, *rows(4, 6)]), lines=(line("Une phrase entre deux.", 60),))
    assert len(assemble([PageResults(1, 2, (page(1, page_table([HEADER, *rows(1, 3)])), second))]).grids) == 2


def test_tables_of_other_columns_stay_apart() -> None:
    narrow = page_table([["Code", "Nom"], ["01", "Ain"]])
    assert len(assemble([PageResults(1, 2, (page(1, page_table([HEADER, *rows(1, 3)])), page(2, narrow)))]).grids) == 2


def test_columns_moved_by_a_gutter_are_the_same() -> None:
    moved = page_table([HEADER, *rows(4, 5)], edges=(30, 80, 130, 180, 230))
    assert grid_of(page(1, page_table([HEADER, *rows(1, 3)])), page(2, moved)).n_rows == 6


def test_a_row_cut_by_the_end_of_a_page_is_put_together() -> None:
    above = page_table([HEADER, *rows(1, 2), ["03", "CA du Bassin de", "300", "x"]])
    below = page_table([["", "Bourg-en-Bresse", "", ""], *rows(4, 5)])
    reading = assemble([PageResults(1, 2, (page(1, above), page(2, below)))])
    (grid,) = reading.grids
    assert grid.own(3, 1).text == "CA du Bassin de Bourg-en-Bresse"  # type: ignore[union-attr]
    assert grid.n_rows == 6
    assert [repair.kind for repair in reading.repairs] == ["ligne_reprise"]


def test_blank_first_cells_under_a_label_are_rows_of_their_own() -> None:
    above = page_table([HEADER, ["01", "Ain", "", ""], ["", "Gex", "", ""]])
    below = page_table([["", "Thoiry", "", ""], ["02", "Laon", "5", ""]])
    assert grid_of(page(1, above), page(2, below)).n_rows == 5


def test_running_heads_and_page_numbers_are_asides() -> None:
    pages = tuple(page(n, lines=(line(f"Un paragraphe de la page {n}.", 300),)) for n in range(1, 5))
    reading = assemble([PageResults(1, 4, pages)])
    assert [aside.reason for aside in reading.asides].count("titre_courant") == 4
    assert [aside.reason for aside in reading.asides].count("numero_de_page") == 4
    assert [p.text for p in reading.paragraphs] == [f"Un paragraphe de la page {n}." for n in range(1, 5)]


def test_headings_make_the_path_of_what_stands_under_them() -> None:
    lines = (
        line("ANNEXE II", 80, size=14, bold=True),
        line("Article 3", 120, bold=True),
        line("Les communes sont classées comme suit, dans l'ordre de leur code.", 150),
    )
    first, second, text = assemble([PageResults(1, 1, (page(1, lines=lines, margins=False),))]).blocks
    assert isinstance(first, Heading)
    assert isinstance(second, Heading)
    assert isinstance(text, Paragraph)
    assert text.under == ("ANNEXE II", "Article 3")


def test_chunks_may_come_in_any_order_and_travel() -> None:
    one = PageResults(1, 1, (page(1, page_table([HEADER, *rows(1, 3)])),))
    two = PageResults(2, 2, (page(2, page_table([HEADER, *rows(4, 6)])),))
    assert pickle.loads(pickle.dumps(two)) == two
    assert assemble([two, one]) == assemble([one, two])


def test_results_travel_unchanged_whatever_their_cells() -> None:
    cells = (
        PageCell(0, 0, 1, 2, (10.5, 20.25, 30.1, 40.7), ("Région Île-de-", "France"), bold=True),
        PageCell(1, 0, 70_000, 1, (10.5, 40.7, 20.3, 60.9), ()),
        PageCell(1, 1, 2, 2, (20.3, 40.7, 30.1, 50.8), ("12,5",)),
    )
    table = PageTable(70_000, 2, cells, (10.5, 20.25, 30.1, 60.9), (10.5, 20.3, 30.1), "inferred")
    results = PageResults.of(3, 3, [page(3, table, replace(table, cells=()))])
    assert pickle.loads(pickle.dumps(results)) == results


def test_the_words_of_one_chunk_decide_in_another() -> None:
    cut = page(1, lines=(line("des plate-", 200), line("formes et", 212)), margins=False)
    chunks = [PageResults.of(1, 1, [cut]), PageResults.of(2, 2, [page(2, lines=(line("une plate-formes", 200),))])]
    assert assemble(chunks).paragraphs[0].text == "des plate-formes et"
    assert assemble(chunks[:1]).paragraphs[0].text == "des plateformes et"


def test_every_cell_ends_in_the_grid_or_in_an_aside() -> None:
    pages = [page(n, page_table([HEADER, *rows(3 * n, 3 * n + 2)])) for n in range(1, 6)]
    reading = assemble([PageResults(1, 5, tuple(pages))])
    printed = sum(not c.blank for p in pages for t in p.tables for c in t.cells)
    kept = sum(bool(c.text) for grid in reading.grids for c in grid.cells)
    assert kept + sum(aside.reason == "entete_repete" for aside in reading.asides) == printed
