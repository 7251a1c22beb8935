"""Pages of PDFs for the value pages: one picture a page, and the boxes to frame upon it.

The values of a text copy have no page: the PDF of the same document that prints the same row is shown instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from pipeline.cleaning.labels import squeeze
from pipeline.documents.declaration import read_document_leniently
from pipeline.documents.model import ROLE_WORDS, DocumentError, Rendition
from pipeline.extract.model import ExtractError
from pipeline.extract.pdf import picture
from pipeline.extract.pdf.picture import PagePicture
from pipeline.products.addresses import slug
from pipeline.products.picture import PrintedRows
from pipeline.products.why import Cited
from pipeline.site.source import SiteSource


class Frames:
    """Where the PDFs of one document print what the rows of another of its files cite."""

    def __init__(self, source: SiteSource, document: str) -> None:
        self._source, self._document = source, document

    @cached_property
    def _printed(self) -> Sequence[tuple[Rendition, PrintedRows]]:
        try:
            declared, _ = read_document_leniently(self._source.settings.raw / self._document)
        except DocumentError:
            return ()  # the documents that cannot be read are told by the refresh
        found = [(r, self._source.reading_of(declared.id, r.file)) for r in declared.current if r.media == "pdf"]
        return [(rendition, PrintedRows(reading)) for rendition, reading in found if reading]

    def of(self, cited: Mapping[str, Sequence[Cited]]) -> Mapping[str, Any] | None:
        """For a row that is cited without boxes: the PDF, its page, and by column the box of what is printed there;
        None when no PDF prints this row, and that row alone."""
        pieces = [c for cites in cited.values() for c in cites if c.printed and c.place]
        if not pieces or any(c.source.box for c in pieces):
            return None
        for rendition, rows in self._printed:
            cells = rows.same_row({c.printed for c in pieces})
            boxes = {squeeze(cell.text): cell.source for cell in cells if cell.source.box}
            if not boxes:
                continue
            places = {
                name: [place for c in cites if (place := boxes.get(squeeze(c.printed)))]
                for name, cites in cited.items()
            }
            return {
                "fichier": rendition.file,
                "role": dict(ROLE_WORDS)[rendition.role],
                "boites": {
                    name: [[p.page, *(round(v, 1) for v in p.box or ())] for p in found]
                    for name, found in places.items()
                    if found
                },
            }
        return None


def picture_name(document: str, file: str, page: int) -> str:
    return f"images/{slug(document)}/{slug(file)}/{page}.png"


def cited_pages(source: SiteSource) -> dict[tuple[str, str], list[int]]:
    """The pages to draw: those cited, and all pages of the PDFs beside the files that are cited."""
    found: dict[tuple[str, str], set[int]] = {}
    for row in source.rows(
        "SELECT DISTINCT r.document, r.file, c.page FROM meta.cells c JOIN meta.renditions r USING (rendition_no) "
        "WHERE c.page IS NOT NULL AND r.media = 'pdf'"
    ):
        found.setdefault((row["document"], row["file"]), set()).add(row["page"])
    for row in source.rows(
        "SELECT document, file FROM meta.renditions r WHERE media = 'pdf' AND NOT replaced "
        "AND document IN (SELECT document FROM meta.versions)"
    ):
        key = (row["document"], row["file"])
        reading = source.reading_of(*key) if key not in found else None
        if reading:
            found[key] = {c.source.page for grid in reading.grids for c in grid.cells if c.source.page}
    return {key: sorted(pages) for key, pages in found.items()}


def drawn(source: SiteSource, document: str, file: str, pages: Iterable[int]) -> dict[int, PagePicture]:
    """The pictures of these pages; none of a file that is gone or cannot be looked into."""
    try:
        return picture.pages(source.settings.raw / document / file, list(pages))
    except (ExtractError, OSError):
        return {}
