"""The picture of a page with a cell framed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pipeline.extract.model import ExtractError
from pipeline.extract.pdf.picture import FRAME, MARGIN, SCALE, draw
from tests.extract.pdf.corpus.paper import Page, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    page = Page(width=200, height=300)
    page.text(60, 90, "8 861", 9)
    file = tmp_path / "page.pdf"
    file.write_bytes(write([page]))
    return file


def test_the_cell_is_framed_where_it_is_printed(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "cell.png"
    draw(path, 1, (50, 80, 100, 95), out)
    with Image.open(out) as picture:
        assert picture.size == (round(200 * SCALE), round(300 * SCALE))
        assert picture.getpixel((round((50 - MARGIN) * SCALE), round(87 * SCALE))) == FRAME
        assert picture.getpixel((round(150 * SCALE), round(200 * SCALE))) == (255, 255, 255)


def test_a_page_that_is_not_there_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="page 2"):
        draw(path, 2, (0, 0, 10, 10), tmp_path / "cell.png")
