"""Whether two files print the same: their readings compared without places, for the evening delivery brings the same
text with other bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.documents.model import Media
from pipeline.extract.model import ExtractError, Grid, Heading, Reading


def same_content(stored: Path, data: bytes, media: Media) -> bool:
    """True when both read, and read the same. Only markup is parsed: another file is its bytes."""
    old = stored.read_bytes()
    if old == data:
        return True
    if media not in ("xml", "html"):
        return False
    return (mark := _mark(old, media)) is not None and mark == _mark(data, media)


def _mark(data: bytes, media: Media) -> str | None:
    """A hash of what is printed; None for what does not read."""
    try:
        if media == "xml":
            from pipeline.extract.xml import read_xml

            reading = read_xml(data)
        else:
            from pipeline.extract.html import read_html

            reading = read_html(data)
    except ExtractError:
        return None
    digest = hashlib.sha256()
    for piece in _printed(reading):
        digest.update(repr(piece).encode("utf-8", "replace"))
    return digest.hexdigest()


def _printed(reading: Reading) -> Iterator[tuple[object, ...]]:
    for block in reading.blocks:
        if isinstance(block, Grid):
            yield "grid", block.n_rows, block.n_cols, block.title, block.under
            for c in block.cells:
                yield c.row, c.col, c.row_span, c.col_span, c.header, c.text
        else:
            yield "heading" if isinstance(block, Heading) else "paragraph", block.text, block.under
    for part in reading.unread:
        yield part.kind, part.detail
