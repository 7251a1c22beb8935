"""The page behind an explanation, with what it rests on framed: for `annexes why --picture`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.common import Refusal
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.extract.model import Source
    from pipeline.products.why import Explanation, ReadingOf


@dataclass(frozen=True)
class Framed:
    """A place to frame on a page of a file; `note` says what the file is when the values are not read from it."""

    document: str
    file: str
    source: Source
    note: str = ""


def draw(settings: Settings, explained: Explanation, columns: Sequence[str], reading_of: ReadingOf, out: Path) -> str:
    """Write the picture of the first page cited, the cells of `columns` (all: the row) framed; says what it shows.

    When the values are read from a file without pages, the PDF of the same document that prints the same row is shown
    instead, and said. Refuses when there is none.
    """
    from pipeline.extract.model import ExtractError
    from pipeline.extract.pdf import picture

    framed = _cited(explained.only(columns)) or _elsewhere(settings, explained, columns, reading_of)
    if framed is None or framed.source.page is None or framed.source.box is None:
        file = explained.version["rendition"]
        raise Refusal(
            f"pas d'image : ces valeurs sont lues dans {file}, qui n'a pas de pages, et aucun PDF de "
            f"{explained.version['document']} n'imprime la même ligne ; `annexes why` donne le lieu"
        )
    path = settings.raw / framed.document / framed.file
    try:
        picture.draw(path, framed.source.page, framed.source.box, out)
    except (ExtractError, OSError) as error:
        raise Refusal(f"{framed.file}, {framed.source.label} : {error}") from error
    return f"{out} : {framed.source.label} de {framed.file}{framed.note}"


def _cited(explained: Explanation) -> Framed | None:
    from pipeline.extract.model import joined

    cites = [c for value in explained.values for c in value.cites if c.source.box and not c.whole_version]
    if not cites:
        return None
    first = min(cites, key=lambda c: c.source.page or 0)
    same = [c.source for c in cites if (c.file, c.source.page) == (first.file, first.source.page)]
    return Framed(first.document, first.file, joined(same))


def _elsewhere(
    settings: Settings, explained: Explanation, columns: Sequence[str], reading_of: ReadingOf
) -> Framed | None:
    """The row as a PDF of the same document prints it."""
    from pipeline.cleaning.labels import squeeze
    from pipeline.documents.declaration import read_document_leniently
    from pipeline.documents.model import DocumentError
    from pipeline.extract.model import joined
    from pipeline.products.picture import same_row

    try:
        document, _ = read_document_leniently(settings.raw / explained.version["document"])
    except DocumentError:
        return None  # the refusal that follows says that no page is at hand
    cites = [c for value in explained.values for c in value.cites if c.printed and c.place and not c.whole_version]
    chosen = {c.printed for value in explained.only(columns).values for c in value.cites}
    for rendition in document.current:
        reading = reading_of(document.id, rendition.file) if rendition.media == "pdf" else None
        row = same_row(reading, {c.printed for c in cites}) if reading else ()
        wanted = [cell.source for cell in row if squeeze(cell.text) in {squeeze(text) for text in chosen}]
        if wanted:
            made = ", composé par ce projet à partir des chiffres" if rendition.role == "typeset" else ""
            note = f" (même ligne{made} ; les valeurs sont lues dans {explained.version['rendition']})"
            return Framed(document.id, rendition.file, joined(wanted), note)
    return None
