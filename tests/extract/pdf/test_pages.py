"""Which engine reads a page, what is hidden, and what a page lacks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.extract.model import ExtractError
from pipeline.extract.pdf import exact, pages
from pipeline.extract.pdf.assemble import assemble
from pipeline.extract.pdf.chars import EMPTY, PageChars
from pipeline.extract.pdf.limits import DEFAULT
from pipeline.extract.pdf.pages import read_pages
from pipeline.extract.pdf.pdfium import Page
from tests.extract.pdf.corpus.paper import Page as Paper
from tests.extract.pdf.corpus.paper import Pen, write


def table(page: Paper, rows: int = 4) -> Paper:
    """A ruled table of two columns on a page."""
    for r in range(rows + 1):
        page.line(50, 100 + 20 * r, 250, 100 + 20 * r)
    for x in (50, 150, 250):
        page.line(x, 100, x, 100 + 20 * rows)
    for r in range(rows):
        page.text(54, 114 + 20 * r, f"Commune {r}", 9)
        page.text(154, 114 + 20 * r, f"{r}00", 9)
    return page


def saved(tmp_path: Path, *papers: Paper) -> str:
    path = tmp_path / "page.pdf"
    path.write_bytes(write(list(papers)))
    return str(path)


def test_pages_count_from_one_and_stop_at_the_last(tmp_path: Path) -> None:
    results = read_pages(saved(tmp_path, table(Paper()), table(Paper())), 2, 9, DEFAULT)
    assert (results.first, results.last) == (2, 2)
    assert [page.number for page in results.pages] == [2]


def test_each_value_carries_the_place_it_was_printed(tmp_path: Path) -> None:
    (grid,) = assemble([read_pages(saved(tmp_path, table(Paper())), 1, 1, DEFAULT)]).grids
    cell = grid.own(1, 0)
    assert cell is not None
    assert cell.text == "Commune 1"
    assert cell.source.page == 1
    assert cell.source.box == pytest.approx((50, 120, 150, 140), abs=0.01)


@pytest.mark.parametrize("pen", [Pen(mode=3), Pen(grey=1)])
def test_invisible_text_is_an_aside_and_no_content(tmp_path: Path, pen: Pen) -> None:
    page = table(Paper())
    page.text(90, 114, "CACHE", 9, pen=pen)
    reading = assemble([read_pages(saved(tmp_path, page), 1, 1, DEFAULT)])
    assert [(aside.reason, aside.text) for aside in reading.asides] == [("texte_masque", "CACHE")]
    assert reading.grids[0].own(0, 0).text == "Commune 0"  # type: ignore[union-attr]


def test_text_outside_the_page_is_an_aside(tmp_path: Path) -> None:
    page = table(Paper())
    page.text(-90, 114, "DEHORS", 9)
    assert [a.reason for a in assemble([read_pages(saved(tmp_path, page), 1, 1, DEFAULT)]).asides] == ["texte_masque"]


def test_a_page_without_text_is_said_to_need_transcription(tmp_path: Path) -> None:
    blank = Paper()
    blank.line(50, 50, 200, 50)
    reading = assemble([read_pages(saved(tmp_path, table(Paper()), blank), 1, 2, DEFAULT)])
    assert [(lacks.kind, lacks.source.page) for lacks in reading.unread] == [("page_sans_texte", 2)]


@pytest.mark.parametrize("cap", [{"page_objects": 3}, {"page_chars": 3}, {"page_edges": 0}])
def test_a_page_beyond_the_limits_is_left_out_and_the_rest_goes_on(tmp_path: Path, cap: dict[str, int]) -> None:
    small = Paper()
    small.text(50, 50, "ok", 9)
    limits = replace(DEFAULT, **cap)
    reading = assemble([read_pages(saved(tmp_path, table(Paper()), small), 1, 2, limits)])
    assert [(lacks.kind, lacks.source.page) for lacks in reading.unread] == [("hors_limites", 1)]
    assert [p.text for p in reading.paragraphs] == ["ok"]


def test_the_first_page_with_a_table_is_checked_by_the_exact_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    read = exact.Exact.read

    def spied(self: exact.Exact, page: Page, number: int, fast: PageChars) -> PageChars | None:
        asked.append(number)
        return read(self, page, number, fast)

    monkeypatch.setattr(exact.Exact, "read", spied)
    text = Paper()
    text.text(50, 50, "Une page de texte.", 9)
    read_pages(saved(tmp_path, text, *(table(Paper()) for _ in range(4))), 1, 5, DEFAULT)
    assert asked == [2]


def test_engines_that_disagree_leave_the_block_of_pages_to_the_exact_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "agree", lambda _a, _b: False)
    results = read_pages(saved(tmp_path, *(table(Paper()) for _ in range(3))), 1, 3, DEFAULT)
    assert [page.engine for page in results.pages] == ["pdfplumber"] * 3


def test_a_page_of_other_letters_does_not_agree(tmp_path: Path) -> None:
    one = read_pages(saved(tmp_path, table(Paper())), 1, 1, DEFAULT).pages[0]
    other = read_pages(saved(tmp_path, table(Paper(), rows=5)), 1, 1, DEFAULT).pages[0]
    assert pages.agree(one, one)
    assert not pages.agree(one, other)


def test_what_is_no_pdf_is_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "no.pdf"
    path.write_bytes(b"rien")
    with pytest.raises(ExtractError, match="PDF"):
        read_pages(str(path), 1, 1, DEFAULT)


def test_an_engine_that_reads_next_to_nothing_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact.Exact, "read", lambda *_: PageChars(EMPTY, EMPTY))
    reading = assemble([read_pages(saved(tmp_path, table(Paper())), 1, 1, DEFAULT)])
    assert reading.grids[0].n_rows == 4
    assert [sign.kind for sign in reading.signs] == ["moteurs_en_desaccord"]


def test_a_page_read_by_the_exact_engine_because_the_two_disagree_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "agree", lambda _a, _b: False)
    reading = assemble([read_pages(saved(tmp_path, table(Paper())), 1, 1, DEFAULT)])
    assert [(s.kind, s.source.page, s.detail) for s in reading.signs] == [
        ("moteurs_en_desaccord", 1, "lue par pdfplumber, contre pdfium")
    ]
    assert reading.signs_of(reading.grids[0]) == reading.signs


def test_a_file_whose_page_tree_only_pdfium_finds_is_read(tmp_path: Path) -> None:
    """The table of objects gives a wrong place for the page tree, as after a careless edit."""
    path = Path(saved(tmp_path, table(Paper())))
    data = path.read_bytes()
    start = data.index(b"xref")
    entries = data[start:].split(b"\n")
    wrong = b"%010d" % 999_999
    entries[4] = wrong + entries[4][10:]
    path.write_bytes(data[:start] + b"\n".join(entries))
    reading = assemble([read_pages(str(path), 1, 1, DEFAULT)])
    assert [grid.n_rows for grid in reading.grids] == [4]
    assert not reading.unread
