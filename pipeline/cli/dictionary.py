"""docs/tables.md: the published tables, marts and macros with their columns, written from the declarations."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.contract.dataset import Dataset
from pipeline.warehouse.marts import Described, Mart, described

_HEAD = """# The published tables

Written by `annexes datasets --markdown` from the declarations; a test holds the two equal. In `main`, each dataset also
has `edition`, `nor`, `source_url`, `source_lieu`, `valid_from`, `valid_to`, `vigueur`, `version_no` and `row_no`.
"""
_MARTS = """# Marts and macros

What is computed from the datasets. A mart is there when what it needs is held; a macro is called with its arguments,
those of tables after `from`.
"""


def as_markdown(datasets: Sequence[Dataset], marts: Sequence[Mart]) -> str:
    """One section a dataset: what a row is, the key, and a table of columns; then one a view or macro of the marts."""
    computed = [_computed(item) for mart in marts for item in described(mart)]
    return "\n".join([_HEAD, *map(_section, datasets), _MARTS, *computed]).rstrip("\n")


def _computed(item: Described) -> str:
    call = "" if item.arguments is None else f"({item.arguments})"
    lines = [f"## {item.name}{call}", "", item.comment, ""]
    if item.columns:
        lines += ["| column | meaning |", "| --- | --- |"]
        lines += [f"| `{name}` | {_plain(text)} |" for name, text in item.columns]
        lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("..", ".")


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
        text = _plain(f"{column.comment}{checks}.{null}")
        lines.append(f"| `{column.name}` | {column.type} | {column.unit or ''} | {text} |")
    return "\n".join([*lines, ""])
