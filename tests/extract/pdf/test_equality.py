"""Our engines and geometry against pdfplumber's over the printed corpus: the same characters, places and cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pdfplumber
import pytest

from pipeline.extract.pdf import fast, pdfium, rules
from pipeline.extract.pdf.chars import PageChars, without_overprint
from pipeline.extract.pdf.exact import Exact
from pipeline.extract.pdf.fills import evidence
from pipeline.extract.pdf.lattice import cell_boxes
from pipeline.extract.pdf.limits import DEFAULT
from pipeline.extract.pdf.pages import agree, content
from tests.extract.pdf.corpus.tables import KINDS, make

ROWS = tuple(
    (f"{n:02d}", "Loire-Atlantique", f"CA du Bassin n° {n}", f"20007{n:04d}", f"{8 + n % 3} {n:03d} €")
    for n in range(8)
)
# pdfplumber leaves sides open, and finds nothing where rules do not enclose: the subject of other tests.
ENCLOSED = [kind for kind, style in KINDS.items() if style.rules in ("lines", "rectangles")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("equality")


@cache
def printed(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.pdf"
    path.write_bytes(make(ROWS, KINDS[kind]).pdf)
    return path


@contextmanager
def first_page(path: Path) -> Iterator[tuple[pdfium.Page, pdfium.Drawn, PageChars, PageChars]]:
    """The first page opened, with its characters as both engines read them."""
    with pdfium.document(str(path)) as doc, Exact(str(path)) as exact, pdfium.page(doc, 0) as page:
        assert page is not None
        drawn = pdfium.drawn(page, DEFAULT.page_objects)
        assert drawn is not None
        quick = fast.read_chars(page, drawn, DEFAULT.page_chars)
        assert quick is not None
        slow = exact.read(page, 1, quick)
        assert slow is not None
        yield page, drawn, quick, slow


def seen_rules(page: pdfium.Page, drawn: pdfium.Drawn) -> rules.Rules:
    drawing = fast.read_drawing(page, drawn, DEFAULT.page_edges)
    assert drawing is not None
    return evidence(drawing, []).rules


@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_read_the_same_letters(folder: Path, kind: str) -> None:
    with first_page(printed(folder, kind)) as (_, _, quick, slow):
        if not quick.doubts:
            letters = [Counter(without_overprint(read.visible).text.replace(" ", "")) for read in (quick, slow)]
            assert {k: n for k, n in letters[0].items() if k.strip()} == {
                k: n for k, n in letters[1].items() if k.strip()
            }


@pytest.mark.parametrize("kind", ["ruled", "rotated_90", "rotated_270", "no_rules"])
def test_both_engines_put_letters_in_the_same_places(folder: Path, kind: str) -> None:
    with first_page(printed(folder, kind)) as (_, _, quick, slow):
        one, other = (read.visible.take(~read.visible.blank) for read in (quick, slow))
        assert one.text == other.text
        # Where a letter begins: pdfminer has no width for some letters of fonts that are not embedded.
        assert np.abs(one.box[:, 0] - other.box[:, 0]).max() < 0.5
        assert np.abs(one.box[:, [1, 3]] - other.box[:, [1, 3]]).max() < 1.5


@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_give_the_same_reading(folder: Path, kind: str) -> None:
    with first_page(printed(folder, kind)) as (page, drawn, quick, slow):
        drawing = fast.read_drawing(page, drawn, DEFAULT.page_edges)
        assert drawing is not None
        if not quick.doubts:
            assert agree(content(1, page.size, quick, drawing), content(1, page.size, slow, drawing))


@pytest.mark.parametrize("kind", ENCLOSED)
def test_cells_are_those_of_pdfplumber(folder: Path, kind: str) -> None:
    path = printed(folder, kind)
    with first_page(path) as (page, drawn, _, _):
        ours = sorted(cell_boxes(seen_rules(page, drawn)))
    with pdfplumber.open(path) as plumbed:
        theirs = sorted(cell for table in plumbed.pages[0].find_tables() for cell in table.cells)
    assert len(ours) == len(theirs)
    # Its origin is that of the sheet, ours that of the part of it which is seen.
    shift = np.array(theirs)[0, [0, 1, 0, 1]] - np.array(ours)[0, [0, 1, 0, 1]]
    assert np.abs(np.array(ours) + shift - np.array(theirs)).max() < 0.01


@pytest.mark.parametrize("kind", ENCLOSED)
def test_both_engines_find_the_same_cells_in_the_same_rules(folder: Path, kind: str) -> None:
    path = printed(folder, kind)
    with first_page(path) as (page, drawn, _, _), Exact(str(path)) as exact:
        ruled = seen_rules(page, drawn)
        cells = exact.cells(1, ruled)
    assert cells
    assert np.array(cells) == pytest.approx(np.array(sorted(cell_boxes(ruled))))


def test_rules_by_the_thousand_are_not_left_to_the_slow_finder(folder: Path) -> None:
    lines = np.array([(10.0 * k, 0.0, 5000.0) for k in range(500)])
    with Exact(str(printed(folder, "ruled"))) as exact:
        assert exact.cells(1, rules.Rules(lines, lines)) is None
