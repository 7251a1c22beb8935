"""The picture of a page with one cell framed, for a reader who wants to see where a value is printed.

Drawn in a confined child like every other look into a PDF.
"""

from __future__ import annotations

from functools import partial
from io import BytesIO
from pathlib import Path

from pipeline.extract.model import Box, ExtractError, Source
from pipeline.extract.pdf.limits import DEFAULT, Limits
from pipeline.parallel import WorkerLost, using

# Two pixels a point: small print stays legible, and a page of A4 weighs some 200 kB.
SCALE = 2.0
FRAME = (200, 30, 30)
MARGIN = 2.0
# A page larger than this, in pixels a side, is drawn smaller.
LARGEST = 4000


def draw(path: Path, page: int, box: Box, out_png: Path, limits: Limits = DEFAULT) -> None:
    """Writes page `page` (from 1) to `out_png`, `box` (points from the top left, as in `Source`) framed in red.

    Raises ExtractError when the page cannot be drawn, OSError when the picture cannot be written.
    """
    from pipeline.extract.pdf.worker import check_file, confined

    check_file(path, limits)
    draw_page = partial(framed, page=page, box=box)
    with using() as engine:
        (drawn,) = engine.map(draw_page, [str(path.absolute())], limits.wall_seconds, child=confined(limits))
    if isinstance(drawn, WorkerLost):
        raise ExtractError(
            "la page ne peut pas être dessinée", "ouvrir le PDF à cette page", Source(page=page, box=box)
        )
    out_png.write_bytes(drawn)


def framed(path: str, page: int, box: Box) -> bytes:
    """The page as PNG bytes with the box framed. Runs in the child; raises ExtractError when there is no such page."""
    from pdfplumber.display import get_page_image
    from pdfplumber.utils.exceptions import MalformedPDFException
    from PIL import ImageDraw

    scale = min(SCALE, LARGEST / max(_size(path, page)))
    try:
        # What `Page.to_image` draws with; asked directly, it also draws pages that pdfminer does not find.
        picture = get_page_image(BytesIO(), Path(path), page - 1, 72 * scale, password=None, antialias=True)
    except MalformedPDFException as error:
        raise ExtractError(
            "la page ne peut pas être dessinée", "ouvrir le PDF à cette page", Source(page=page)
        ) from error
    x0, top, x1, bottom = box
    corners = ((x0 - MARGIN) * scale, (top - MARGIN) * scale, (x1 + MARGIN) * scale, (bottom + MARGIN) * scale)
    ImageDraw.Draw(picture).rectangle(corners, outline=FRAME, width=round(2 * scale))
    written = BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def _size(path: str, page: int) -> tuple[float, float]:
    """Width and height of the page as seen, in points. Raises ExtractError when there is no such page."""
    from pipeline.extract.pdf import pdfium

    with pdfium.document(path) as document:
        if not 1 <= page <= pdfium.page_count(document):
            raise ExtractError(f"ce PDF n'a pas de page {page}", "vérifier le numéro de page", Source(page=page))
        with pdfium.page(document, page - 1) as opened:
            return opened.size if opened else (1.0, 1.0)
