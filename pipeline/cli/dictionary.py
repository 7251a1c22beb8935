"""docs/tables.md: the published tables and their columns, written from the declarations."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.contract.dataset import Dataset

_HEAD = """# The published tables

Written by `annexes datasets --markdown` from the declarations; a test holds the two equal. In `main`, every table also
has `edition`, `nor`, `source_url`, `source_lieu`, `valid_from`, `valid_to`, `vigueur`, `version_no` and `row_no`.
"""


def as_markdown(datasets: Sequence[Dataset]) -> str:
    """One section a dataset: what a row is, the key, and a table of columns."""
    return "\n".join([_HEAD, *(_section(dataset) for dataset in datasets)]).rstrip("\n")


def _section(dataset: Dataset) -> str:
    lines = [
        f"## {dataset.name}",
        "",
        f"{dataset.title}. {dataset.description}",
        "",
        f"Key: {', '.join(f'`{name}`' for name in dataset.key)}.",
        "",
        "| column | type | unit | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for column in dataset.columns:
        checks = "".join(f" ({check.label})" for check in column.checks)
        null = " Peut être NULL." if column.nullable else ""
        text = f"{column.comment}{checks}.{null}".replace("|", "\\|").replace("..", ".")
        lines.append(f"| `{column.name}` | {column.type} | {column.unit or ''} | {text} |")
    return "\n".join([*lines, ""])
