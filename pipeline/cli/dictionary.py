"""docs/tables.md and docs/fr/tables.md: the published tables, marts and macros with their columns, written from the
declarations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.contract.dataset import Dataset
from pipeline.warehouse.marts import Described, Mart, described


@dataclass(frozen=True)
class _Words:
    """What frames the declarations, in one language; what they say themselves is French."""

    head: str
    marts: str
    key: str
    columns: tuple[str, str, str, str]


_ENGLISH = _Words(
    """# The published tables

Written by `annexes datasets --markdown` from the declarations (`make docs`); a test holds the two equal. In `main`,
each dataset also has `edition`, `nor`, `source_url`, `source_lieu`, `valid_from`, `valid_to`, `vigueur`, `version_no`
and `row_no`. ([En français](fr/tables.md))
""",
    """# Marts and macros

What is computed from the datasets. A mart is there when what it needs is held; a macro is called with its arguments,
those of tables after `from`.
""",
    "Key: {key}.",
    ("column", "type", "unit", "meaning"),
)
_FRENCH = _Words(
    """# Les tables publiées

Page écrite par `annexes datasets --markdown` d'après les déclarations (`make docs`) ; un test tient les deux égales.
Dans `main`, chaque jeu de données a de plus `edition`, `nor`, `source_url`, `source_lieu`, `valid_from`, `valid_to`,
`vigueur`, `version_no` et `row_no`. ([In English](../tables.md))
""",
    """# Croisements et macros

Ce qui est calculé à partir des jeux de données. Un croisement est là quand ce qu'il lui faut est détenu ; une macro
s'appelle avec ses arguments, celles qui rendent une table après `from`.
""",
    "Clé : {key}.",
    ("colonne", "type", "unité", "ce que c'est"),
)
PAGES = {"docs/tables.md": "en", "docs/fr/tables.md": "fr"}
"""The pages of a checkout, and their language."""


def stale_pages(root: Path, datasets: Sequence[Dataset], marts: Sequence[Mart]) -> list[str]:
    """The pages of the tables in this checkout that are not what is declared; none where there is no such page."""
    held = {name: root / name for name in PAGES if (root / name).is_file()}
    return [n for n, p in held.items() if p.read_text(encoding="utf-8") != page(n, datasets, marts)]


def page(name: str, datasets: Sequence[Dataset], marts: Sequence[Mart]) -> str:
    """The text of one of PAGES."""
    return as_markdown(datasets, marts, PAGES[name]) + "\n"


def as_markdown(datasets: Sequence[Dataset], marts: Sequence[Mart], language: str = "en") -> str:
    """One section a dataset: what a row is, the key, and a table of columns; then one a view or macro of the marts."""
    words = _FRENCH if language == "fr" else _ENGLISH
    computed = [_computed(item, words) for mart in marts for item in described(mart)]
    sections = [_section(dataset, words) for dataset in datasets]
    return "\n".join([words.head, *sections, words.marts, *computed]).rstrip("\n")


def _computed(item: Described, words: _Words) -> str:
    call = "" if item.arguments is None else f"({item.arguments})"
    lines = [f"## {item.name}{call}", "", item.comment, ""]
    if item.columns:
        lines += [f"| {words.columns[0]} | {words.columns[3]} |", "| --- | --- |"]
        lines += [f"| `{name}` | {_plain(text)} |" for name, text in item.columns]
        lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("..", ".")


def _section(dataset: Dataset, words: _Words) -> str:
    lines = [
        f"## {dataset.name}",
        "",
        f"{dataset.title}. {dataset.description}",
        "",
        words.key.format(key=", ".join(f"`{name}`" for name in dataset.key)),
        "",
        f"| {' | '.join(words.columns)} |",
        "| --- | --- | --- | --- |",
    ]
    for column in dataset.columns:
        checks = "".join(f" ({check.label})" for check in column.published_checks)
        null = " Peut être NULL." if column.nullable else ""
        text = _plain(f"{column.comment}{checks}.{null}")
        lines.append(f"| `{column.name}` | {column.type} | {column.unit or ''} | {text} |")
    return "\n".join([*lines, ""])
