"""Pages that are pictures: read as tables by what Tesseract recognises, in a child that they may end."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.extract import read, reading_parquet
from pipeline.extract.model import ExtractError, Reading
from pipeline.extract.ocr import raster, tesseract
from pipeline.extract.ocr.cells import with_spaces
from pipeline.extract.ocr.picture import crops
from pipeline.extract.ocr.tesseract import Seen
from tests.extract.ocr.scan import scanned
from tests.extract.pdf.corpus.score import exact_share, rows_of
from tests.extract.pdf.corpus.tables import KINDS, make

needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="not installed: tesseract (Debian's tesseract-ocr, tesseract-ocr-fra)"
)
ROWS = [
    ("01", "Ain", "CA du Bassin de Bourg-en-Bresse", "200071751", "8 788 €"),
    ("02", "Aisne", "CA Chauny Tergnier la Fère", "200071785", "6 312 €"),
    ("02", "Aisne", "CA du Pays de Laon", "200043495", "6 108 €"),
]


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small page with a ruled table, laid a third of a degree askew."""
    path = tmp_path_factory.mktemp("scan") / "scan.pdf"
    path.write_bytes(scanned(make(ROWS, KINDS["ruled"], page_height=220).pdf, askew=0.3))
    return path


@pytest.fixture(scope="module")
def recognised(scan: Path) -> Reading:
    return read(scan, "pdf", language="fra")


@needs_tesseract
def test_a_scanned_table_is_read_with_its_places_and_how_sure_it_is(recognised: Reading) -> None:
    truth = make(ROWS, KINDS["ruled"], page_height=220).truth
    assert exact_share(truth, rows_of(recognised)) >= 0.9
    assert not recognised.unread
    (grid,) = recognised.grids
    sure = dict(recognised.recognised)
    found = [sure[cell.source] for cell in grid.cells if cell.text]
    assert all(0.0 <= each <= 1.0 for each in found) and max(found) > 0.9


@needs_tesseract
def test_it_is_staged_and_loaded_as_it_is(recognised: Reading, tmp_path: Path) -> None:
    reading_parquet.save(recognised, tmp_path / "r.parquet")
    assert reading_parquet.load(tmp_path / "r.parquet").recognised == recognised.recognised


def test_it_is_off_unless_asked_for(scan: Path) -> None:
    plain = read(scan, "pdf")
    assert [u.kind for u in plain.unread] == ["page_sans_texte"]
    assert not plain.recognised and not plain.grids


def test_without_the_program_the_file_is_refused_with_what_to_install(
    scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(tesseract, "PROGRAM", "no-such-tesseract")
    with pytest.raises(ExtractError, match="tesseract-ocr-fra"):
        tesseract.words(np.full((20, 20), 255, np.uint8), 300, "fra")


@needs_tesseract
def test_a_language_that_is_not_installed_is_named() -> None:
    with pytest.raises(ExtractError, match="xyz"):
        tesseract.words(np.full((20, 20), 255, np.uint8), 300, "xyz")


def test_a_place_is_cut_out_as_a_picture(scan: Path, recognised: Reading) -> None:
    from pipeline.extract.model import Source

    (png,) = crops(scan, [Source(page=1, box=(10.0, 10.0, 60.0, 40.0))])
    assert png.startswith(b"\x89PNG")


def _sheet() -> raster.Picture:
    """White with a frame of two by one cells, three pixels thick."""
    sheet = np.full((400, 900), 255, np.uint8)
    for y in (50, 350):
        sheet[y : y + 3, 100:800] = 0
    for x in (100, 450, 797):
        sheet[50:353, x : x + 3] = 0
    return sheet


def test_rules_are_found_and_taken_out_and_letters_stay() -> None:
    sheet = _sheet()
    sheet[200:230, 200:204] = 0  # the stroke of a letter
    found = raster.without_rules(sheet, 300)
    assert [(round(y), round(a), round(b)) for y, a, b in found.level] == [(51, 100, 799), (351, 100, 799)]
    assert sorted(round(x) for x, _, _ in found.upright) == [101, 451, 798]
    assert (found.picture < 255).sum() == 30 * 4


@pytest.mark.parametrize("degrees", [-0.7, 0.0, 0.4])
def test_a_sheet_laid_askew_is_seen(degrees: float) -> None:
    from PIL import Image

    turned = np.array(Image.fromarray(_sheet()).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255))
    assert abs(raster.askew(turned) - degrees) <= 0.1


def test_a_figure_is_cut_where_its_ink_shows_a_space() -> None:
    sheet = np.full((60, 300), 255, np.uint8)
    lefts = [10, 50, 72, 94]  # 9 019, figures 18 wide, 40 to a size
    for left in lefts:
        sheet[10:40, left : left + 18] = 0
    word = Seen("9019", (8, 8, 114, 42), 0.9)
    assert [piece.text for piece in with_spaces(word, sheet, 40)] == ["9", "019"]
    assert [piece.text for piece in with_spaces(Seen("abcd", word.box, 0.9), sheet, 40)] == ["abcd"]
