"""The picture of a page with one cell framed, for a reader who wants to see where a value is printed.

Drawn in a confined child like every other look into a PDF.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline.extract.model import Box, ExtractError, Source
from pipeline.extract.pdf.limits import DEFAULT, Limits
from pipeline.parallel import WorkerLost, using

if TYPE_CHECKING:
    from PIL import Image

T = TypeVar("T")

# Two pixels a point: small print stays legible, and a page of A4 weighs some 200 kB.
SCALE = 2.0
FRAME = (200, 30, 30)
MARGIN = 2.0
# A page larger than this, in pixels a side, is drawn smaller.
LARGEST = 4000
# Shades of a page without a frame: print needs few, and weighs a third.
GREYS = 16


@dataclass(frozen=True)
class PagePicture:
    """A page as a PNG, with its size in points: places on it are told in points."""

    png: bytes
    width: float
    height: float


def draw(path: Path, page: int, box: Box, out_png: Path, limits: Limits = DEFAULT) -> None:
    """Writes page `page` (from 1) to `out_png`, `box` (points from the top left, as in `Source`) framed in red.

    Raises ExtractError when the page cannot be drawn, OSError when the picture cannot be written.
    """
    (drawn,) = _in_child(path, partial(framed, str(path.absolute()), box=box), [page], limits)
    if isinstance(drawn, WorkerLost):
        raise _undrawable(Source(page=page, box=box))
    out_png.write_bytes(drawn)


def pages(path: Path, wanted: Sequence[int], limits: Limits = DEFAULT) -> dict[int, PagePicture]:
    """Pages (from 1) as small pictures without a frame, to draw frames upon; pages that cannot be drawn are not there.

    Raises ExtractError when the file is not one to look into, OSError."""
    found = _in_child(path, partial(plain, str(path.absolute())), wanted, limits)
    return {page: made for page, made in zip(wanted, found, strict=True) if not isinstance(made, WorkerLost)}


def framed(path: str, page: int, box: Box) -> bytes:
    """The page as PNG bytes with the box framed. Runs in the child; raises ExtractError when there is no such page."""
    from PIL import ImageDraw

    picture, scale = _rendered(path, page)
    x0, top, x1, bottom = box
    corners = ((x0 - MARGIN) * scale, (top - MARGIN) * scale, (x1 + MARGIN) * scale, (bottom + MARGIN) * scale)
    ImageDraw.Draw(picture).rectangle(corners, outline=FRAME, width=round(2 * scale))
    written = BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def plain(path: str, page: int) -> PagePicture:
    """The page in few shades of grey, or of colour where it has some. Runs in the child, as `framed`."""
    from PIL import Image

    picture, scale = _rendered(path, page)
    width, height = picture.width / scale, picture.height / scale
    written = BytesIO()
    picture.quantize(GREYS, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return PagePicture(written.getvalue(), round(width, 2), round(height, 2))


def _rendered(path: str, page: int) -> tuple[Image.Image, float]:
    """The page as a picture, and how many of its pixels make a point. Raises ExtractError."""
    from pdfplumber.display import get_page_image
    from pdfplumber.utils.exceptions import MalformedPDFException

    scale = min(SCALE, LARGEST / max(_size(path, page)))
    try:
        # What `Page.to_image` draws with; asked directly, it also draws pages that pdfminer does not find.
        return get_page_image(BytesIO(), Path(path), page - 1, 72 * scale, password=None, antialias=True), scale
    except MalformedPDFException as error:
        raise _undrawable(Source(page=page)) from error


def _size(path: str, page: int) -> tuple[float, float]:
    """Width and height of the page as seen, in points. Raises ExtractError when there is no such page."""
    from pipeline.extract.pdf import pdfium

    with pdfium.document(path) as document:
        if not 1 <= page <= pdfium.page_count(document):
            raise ExtractError(f"ce PDF n'a pas de page {page}", "vérifier le numéro de page", Source(page=page))
        with pdfium.page(document, page - 1) as opened:
            return opened.size if opened else (1.0, 1.0)


def _in_child(path: Path, job: Callable[[int], T], wanted: Sequence[int], limits: Limits) -> list[T | WorkerLost]:
    """What the job makes of each page of the file, in one confined child."""
    from pipeline.extract.pdf.worker import check_file, confined

    check_file(path, limits)
    seconds = limits.wall_seconds * max(1, len(wanted))
    with using() as engine:
        return list(engine.map(job, list(wanted), seconds, child=confined(limits)))


def _undrawable(place: Source) -> ExtractError:
    return ExtractError("la page ne peut pas être dessinée", "ouvrir le PDF à cette page", place)
