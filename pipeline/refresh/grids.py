"""The grids of documents that no dataset reads, from their staged readings, one document in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.acquisition import report
from pipeline.acquisition.texts import nominative
from pipeline.documents.model import Document, DocumentError
from pipeline.refresh import staging
from pipeline.refresh.read import feeds
from pipeline.settings import Settings
from pipeline.warehouse.catalogue import PrintedGrid


@dataclass(frozen=True)
class StagedGrids:
    """Iterates over the printed grids of `documents`, again each time it is asked."""

    settings: Settings
    documents: tuple[Document, ...]
    withheld: tuple[tuple[str, str, str], ...] = ()
    """(document, nature, reason) of archived documents about persons."""

    def __iter__(self) -> Iterator[PrintedGrid]:
        for document in self.documents:
            try:
                staged = staging.staged_readings(self.settings, document.id)
            except DocumentError:
                continue  # not read, or refused: its outcome says so
            if not staged.readings:
                continue  # its files are declared no more: it is read anew
            rendition, reading = staged.readings[0]
            for number, grid in enumerate(reading.grids, start=1):
                yield PrintedGrid(document.id, rendition.file, number, grid)

    @property
    def excluded(self) -> tuple[tuple[str, str, str], ...]:
        """Texts about persons: those left at the door, and those whose tables are not shown."""
        return (*((x.document, x.nature, x.reason) for x in report.exclusions(self.settings)), *self.withheld)


def undeclared(settings: Settings, documents: Sequence[Document]) -> StagedGrids:
    """The grids of the documents that feed no dataset and are not about persons."""
    kept: list[Document] = []
    withheld: list[tuple[str, str, str]] = []
    for document in documents:
        if any(feeds(document, act) for act in document.acts or (None,)):
            continue
        if reason := nominative(document.nature, document.title):
            withheld.append((document.id, document.nature, reason))
        else:
            kept.append(document)
    return StagedGrids(settings, tuple(kept), tuple(withheld))
