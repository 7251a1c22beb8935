"""Values and declarations as Dagster metadata: Markdown tables, column schemas, counts. Reads nothing from disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dagster import (
    MetadataValue,
    TableColumn,
    TableColumnConstraints,
    TableConstraints,
    TableSchema,
)

from pipeline.contract.dataset import Column, Dataset

if TYPE_CHECKING:
    from pipeline.contract.findings import Finding
    from pipeline.extract.model import Grid
    from pipeline.refresh.read import StagedReadings
    from pipeline.refresh.state import EditionOutcome

PREVIEW_ROWS = 10
_CELL_CHARACTERS = 80


def markdown_table(headers: Sequence[str], rows: Iterable[Sequence[object]], limit: int = PREVIEW_ROWS) -> str:
    """A Markdown table of the first `limit` rows; NULL is blank, long cells are cut, pipes and line ends are kept out
    of the markup."""
    shown = list(rows)
    lines = ["| " + " | ".join(map(_cell, headers)) + " |", "|" + " --- |" * len(headers)]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in shown[:limit]]
    if len(shown) > limit:
        lines.append(f"\n… et {len(shown) - limit} de plus")
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = " ".join(str(value).split()).replace("\\", "\\\\").replace("|", "\\|")
    return text if len(text) <= _CELL_CHARACTERS else text[: _CELL_CHARACTERS - 1] + "…"


def table_schema(dataset: Dataset) -> TableSchema:
    """The columns of a dataset as Dagster shows them, from its declaration."""
    return TableSchema(
        columns=[_column(column, dataset) for column in dataset.columns],
        constraints=TableConstraints(other=[f"clé : {', '.join(dataset.key)}"]),
    )


def _column(column: Column, dataset: Dataset) -> TableColumn:
    rules = [check.label for check in column.checks]
    rules += [f"unité : {column.unit}"] if column.unit else []
    return TableColumn(
        name=column.name,
        type=column.type,
        description=column.comment,
        constraints=TableColumnConstraints(
            nullable=column.nullable, unique=dataset.key == (column.name,), other=rules or None
        ),
    )


def reading_metadata(staged: StagedReadings) -> Mapping[str, MetadataValue | int]:
    """Counts over the renditions that read, and the first rows of the widest table of the best one."""
    headers = ("fichier", "rôle", "tableaux", "cellules", "réparations", "non lu", "mis à part")
    rows = [
        (r.file, r.role, len(x.grids), sum(len(g.cells) for g in x.grids), len(x.repairs), len(x.unread), len(x.asides))
        for r, x in staged.readings
    ]
    grids = staged.readings[0][1].grids
    shown: dict[str, MetadataValue | int] = {
        "dagster/row_count": sum(g.n_rows for g in grids),
        "fichiers lus": len(staged.readings),
        "renditions": MetadataValue.md(markdown_table(headers, rows)),
    }
    if grids:
        shown["aperçu"] = MetadataValue.md(_grid_preview(max(grids, key=lambda g: len(g.cells))))
    return shown


def _grid_preview(grid: Grid) -> str:
    rows = [[cell.text if cell else None for cell in row] for row in grid.rows()]
    body = rows[grid.header_rows :]
    headers = [label or f"colonne {n}" for n, label in enumerate(grid.headers, start=1)]
    return markdown_table(headers, body)


def findings_table(findings: Sequence[Finding]) -> MetadataValue:
    """Findings as a person looks them up: place, message, id."""
    rows = [(f.severity, f.place, f.message, f.id) for f in findings]
    return MetadataValue.md(markdown_table(("gravité", "lieu", "message", "id"), rows))


def editions_table(editions: Sequence[EditionOutcome]) -> MetadataValue:
    """What became of each edition."""
    headers = ("acte", "état", "version", "lignes", "écartées", "lu dans")
    rows = [(e.edition, e.status, e.version_no, e.rows, e.quarantined, f"{e.rendition} ({e.role})") for e in editions]
    return MetadataValue.md(markdown_table(headers, rows))
