"""What a published value was read from, looked at again: the staged reading of a file, or the file itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from pipeline.documents import corrections
from pipeline.documents.corrections import Correction
from pipeline.documents.declaration import read_document_leniently
from pipeline.documents.model import DocumentError, Rendition
from pipeline.extract.model import ExtractError, Reading
from pipeline.refresh import readings
from pipeline.settings import Settings

ReadingOf = Callable[[str, str], Reading | None]
"""(document, file) → its reading before corrections; None when the file is gone or no longer reads."""


def reader(settings: Settings) -> ReadingOf:
    """A function that gives each reading once: staged if it is there, else extracted again."""

    @cache
    def reading_of(document: str, file: str) -> Reading | None:
        from pipeline.extract import read, reading_parquet

        staged = readings.folder(settings, document) / f"{file}.parquet"
        if staged.is_file():
            return reading_parquet.load(staged)
        rendition = rendition_of(settings, document, file)
        if rendition is None:
            return None
        try:
            return read(settings.raw / document / file, rendition.media, rendition.line_offset)
        except (ExtractError, OSError):
            return None  # said by the refresh that refused it; here the words around are left out

    return reading_of


def rendition_of(settings: Settings, document: str, file: str) -> Rendition | None:
    """The rendition as document.toml declares it now; None when it no longer does."""
    try:
        declared, _ = read_document_leniently(settings.raw / document)
    except DocumentError:
        return None
    return next((r for r in declared.renditions if r.file == file), None)


def annex_of(settings: Settings, document: str, act: str | None) -> str:
    """The heading where the act begins in its document, as document.toml names it; '' when it names none."""
    try:
        declared, _ = read_document_leniently(settings.raw / document)
    except DocumentError:
        return ""
    return next((a.begins or "" for a in declared.acts if a.id == act), "")


def corrections_of(settings: Settings, document: str) -> tuple[Correction, ...]:
    """The rules of its corrections.toml as they stand; none when they cannot be read (the refresh says so)."""
    try:
        return corrections.read(settings.raw / document)
    except DocumentError:
        return ()
