"""The bulletin's names against the answers written by hand in gold_2009.csv.

The gold file holds every name that no look-up finds and a random sample of the others, with the code judged by
hand from the neighbours in the list and the map; an empty code would be a name no one could decide.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.resolver.printed import printed_lists
from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.resolver import ListResolution, Resolution, resolve_lists

GOLD = Path(__file__).parent / "gold_2009.csv"


@dataclass(frozen=True)
class Answer:
    """One line of the gold file; `rang` counts from 1 in the list, `code` is "" where the answer is open."""

    zone: str
    departement: str
    rang: int
    label: str
    code: str
    damaged: bool


def read_gold() -> list[Answer]:
    with GOLD.open(encoding="utf-8", newline="") as lines:
        return [
            Answer(
                row["zone"],
                row["code_departement"],
                int(row["rang"]),
                row["libelle_imprime"],
                row["code_attendu"],
                row["tirage"] == "non_exact",
            )
            for row in csv.DictReader(lines)
        ]


def resolve_bulletin(text: str, gazetteer: Gazetteer) -> dict[tuple[str, str], ListResolution]:
    """(zone, département) → its list resolved, all lists of the bulletin together."""
    lists = printed_lists(text)
    return dict(zip(lists, resolve_lists(list(lists.values()), gazetteer), strict=True))


def verdict(resolved: dict[tuple[str, str], ListResolution]) -> tuple[Counter[tuple[bool, str]], list[str]]:
    """Counts by (damaged, outcome), outcome "right", "undecided" or "wrong", and a line for each wrong code."""
    counts: Counter[tuple[bool, str]] = Counter()
    wrong: list[str] = []
    for answer in read_gold():
        found: Resolution = resolved[answer.zone, answer.departement][answer.rang - 1]
        if found.label != answer.label:
            raise ValueError(
                f"gold_2009.csv: {answer.label} is not at {answer.zone} {answer.departement} {answer.rang}"
            )
        outcome = "undecided" if not found.code else "right" if found.code == answer.code else "wrong"
        counts[answer.damaged, outcome] += 1
        if outcome == "wrong":
            wrong.append(f"{answer.zone} {answer.departement} {answer.label}: {found.code}, expected {answer.code}")
    return counts, wrong
