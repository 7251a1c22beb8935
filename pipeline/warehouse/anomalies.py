"""Findings and quarantine of the published file, filtered, as plain rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.warehouse.lookup import Record, records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Filter:
    """What to keep; an empty field keeps all."""

    severities: Collection[str] = ()
    document: str = ""
    dataset: str = ""
    rule: str = ""
    only: Collection[str] | None = None
    """Ids; None: any."""

    def keeps(self, row: Record) -> bool:
        return (
            (not self.severities or row.get("severity") in self.severities)
            and (not self.document or row["document"] == self.document)
            and (not self.dataset or row["dataset"] == self.dataset)
            and (not self.rule or row["rule"] == self.rule)
            and (self.only is None or row["id"] in self.only)
        )


def findings(connection: DuckDBPyConnection, kept: Filter) -> list[Record]:
    """Rows of meta.findings, most severe first, the id as `id`."""
    rows = records(
        connection,
        """SELECT finding AS id, * EXCLUDE (finding) FROM meta.findings
        ORDER BY list_position(['error', 'warning', 'info'], severity), document, dataset, rule, subject""",
    )
    return [row for row in rows if kept.keeps(row)]


def quarantine(connection: DuckDBPyConnection, kept: Filter) -> list[Record]:
    """Rows of meta.quarantine in the order of the documents, the id as `id`: also that of the finding about it."""
    rows = records(
        connection,
        """SELECT quarantine_id AS id, * EXCLUDE (quarantine_id) FROM meta.quarantine
        ORDER BY document, dataset, edition, page, line, raw""",
    )
    return [row for row in rows if kept.keeps(row)]
