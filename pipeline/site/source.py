"""What every page is made from: the published file, opened once, and the readings behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.contract.dataset import Dataset
from pipeline.datasets import all_datasets
from pipeline.products.addresses import digest
from pipeline.products.export import REFERENCE, Origin, PublishedTable, published_tables
from pipeline.products.lookup import records
from pipeline.refresh.review import ReadingOf, reader
from pipeline.settings import Settings
from pipeline.warehouse.access import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]
PACKAGE = Path(__file__).resolve().parent


@dataclass
class SiteSource:
    """One snapshot of a project. `live`: pages that need a server (SQL) are among those made."""

    settings: Settings
    connection: DuckDBPyConnection
    reading_of: ReadingOf
    live: bool = False

    def rows(self, sql: str, *values: object) -> list[Row]:
        """The rows of a query of this project, each by column name."""
        return records(self.connection, sql, values)

    @cached_property
    def datasets(self) -> Mapping[str, Dataset]:
        """The datasets of which a version is held, in the order of their declaration."""
        held = {row["dataset"] for row in self.rows("SELECT DISTINCT dataset FROM meta.versions")}
        return {d.name: d for d in all_datasets() if d.name in held}

    @cached_property
    def tables(self) -> Mapping[str, PublishedTable]:
        """What is published of each dataset, as the export knows it."""
        found = published_tables(self.connection, list(self.datasets.values()), Origin(REFERENCE, "", "", "", ""))
        return {table.name: table for table in found}

    @cached_property
    def versions(self) -> Sequence[Row]:
        """meta.versions, oldest first, without those withdrawn."""
        return self.rows("SELECT * FROM meta.versions WHERE withdrawn_at IS NULL ORDER BY version_no")

    @cached_property
    def published(self) -> str:
        """A word that changes with the published file."""
        return publication(self.settings)

    @cached_property
    def held(self) -> str:
        """A word that changes when a version comes or goes, or a period moves; not when only findings do."""
        parts = self.rows(
            "SELECT v.version_no, v.content_sha256, v.withdrawn_at, p.valid_from, p.valid_to, p.valid_to_base "
            "FROM meta.versions v LEFT JOIN meta.periods p ON p.version_no = v.version_no AND p.known_to IS NULL "
            "ORDER BY ALL"
        )
        return digest(*(str(part) for part in parts))

    def held_of(self, dataset: str) -> str:
        """The same for one dataset."""
        return digest(
            *(
                str(part)
                for part in self.rows(
                    "SELECT v.version_no, v.content_sha256, v.withdrawn_at, p.valid_from, p.valid_to, p.latest "
                    "FROM meta.versions v "
                    "LEFT JOIN meta.periods p ON p.version_no = v.version_no AND p.known_to IS NULL "
                    "WHERE v.dataset = ? "
                    "ORDER BY ALL",
                    dataset,
                )
            )
        )

    @cached_property
    def said(self) -> str:
        """A word that changes with acts, titles of documents and rows in quarantine."""
        tables = ("meta.acts", "meta.coverage", "meta.documents", "meta.quarantine")
        return digest(*(str(row) for table in tables for row in self.rows(f"SELECT * FROM {table} ORDER BY ALL")))

    def declared_word(self, document: str) -> str:
        """A word that changes with what raw/ says of a document, and with its files."""
        files = sorted(p for p in (self.settings.raw / document).glob("*") if p.is_file())
        return digest(*(f"{p.name} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in files))

    @cached_property
    def published_at(self) -> datetime:
        """When the file was published (UTC)."""
        return datetime.fromtimestamp(self.settings.database.stat().st_mtime, UTC)

    @cached_property
    def reference(self) -> str:
        """A word that changes with the reference snapshots."""
        files = sorted(self.settings.reference.rglob("*.parquet"))
        return digest(*(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files))


@contextmanager
def opened(settings: Settings, live: bool = False) -> Iterator[SiteSource]:
    """The project's published file opened for pages. Raises QueryError when nothing is published."""
    with connect(settings) as connection:
        yield SiteSource(settings, connection, reader(settings), live)


def publication(settings: Settings) -> str:
    """A word that changes when another file is published; '' when none is."""
    try:
        stat = settings.database.stat()
    except OSError:
        return ""
    return f"{stat.st_size} {stat.st_mtime_ns}"
