"""Pictures of places of a scanned page, for a person to read what no check confirms. Drawn in confined children."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from itertools import groupby
from pathlib import Path

from pipeline.extract.confined import confine
from pipeline.extract.model import Box, Source
from pipeline.extract.ocr.child import DOTS, MODULES, drawn
from pipeline.extract.pdf.limits import DEFAULT
from pipeline.parallel import Child, WorkerLost, using

MARGIN = 3.0
"""Points around a place."""


def crops(path: Path, places: Sequence[Source]) -> list[bytes]:
    """Each place (page and box) as a PNG, empty for one that cannot be drawn; a page is drawn once."""
    order = sorted(range(len(places)), key=lambda n: places[n].page or 0)
    pages = [(page, list(each)) for page, each in groupby(order, key=lambda n: places[n].page or 0)]
    tasks = [(page, [places[n].box for n in mine]) for page, mine in pages]
    made: list[bytes] = [b""] * len(places)
    child = Child(partial(confine, DEFAULT.memory_bytes, MODULES), apart=True)
    with using() as engine:
        results = engine.map(partial(_page_crops, str(path.absolute())), tasks, DEFAULT.wall_seconds, child=child)
        for (_, mine), result in zip(pages, results, strict=True):
            if not isinstance(result, WorkerLost):
                for n, png in zip(mine, result, strict=True):
                    made[n] = png
    return made


def _page_crops(path: str, task: tuple[int, list[Box | None]]) -> list[bytes]:
    """The places of one page as PNG. Runs in the child."""
    from PIL import Image

    number, boxes = task
    picture, size = drawn(path, number)
    page = Image.fromarray(picture)
    scale = picture.shape[1] / size[0] if size[0] else DOTS / 72
    made: list[bytes] = []
    for box in boxes:
        x0, top, x1, bottom = box or (0.0, 0.0, *size)
        corners = (x0 - MARGIN, top - MARGIN, x1 + MARGIN, bottom + MARGIN)
        written = BytesIO()
        left, upper, right, lower = (round(side * scale) for side in corners)
        page.crop((max(0, left), max(0, upper), min(page.width, right), min(page.height, lower))).save(written, "PNG")
        made.append(written.getvalue())
    return made
