"""Amounts that stand far from the others of their edition, and from what the edition before makes expect: a figure too
many or one too few is seldom refused by a rule, and seldom right. Robust: a few wrong values move no median.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import exp, log
from statistics import median
from typing import Any

from pipeline.contract.dataset import Column, Dataset
from pipeline.contract.rows import Observation

LEAST = log(1.25)
"""An amount that changes by less than a quarter more, or less, than the others is never far."""
FAR = 6.0
"""Median absolute deviations (of logarithms, as standard deviations) from which an amount is far."""
_SCALE = 1.4826
_ENOUGH = 8
"""Amounts under which nothing can be said of one."""

Columns = Mapping[str, Sequence[Any]]
Key = tuple[Any, ...]


def deviations(dataset: Dataset, after: Columns, before: Columns | None, edition_before: str = "") -> list[Observation]:
    """A warning for each amount far from what its edition does to the amounts before it; where there are none before,
    for each amount far from all others. Amounts are the columns whose unit begins with €."""
    found: list[Observation] = []
    for column in dataset.columns:
        if is_amount(column):
            own = _amounts(after, dataset.diff_key, column.name)
            held = before is not None and column.name in before and set(dataset.diff_key) <= before.keys()
            old = _amounts(before, dataset.diff_key, column.name) if before is not None and held else {}
            found += _against_before(column.name, own, old, edition_before) if old else _alone(column.name, own)
    return found


def is_amount(column: Column) -> bool:
    """Whether the column holds sums of money, which can stand far from each other."""
    return column.unit is not None and column.unit.startswith("€")


def _amounts(columns: Columns, key: Sequence[str], name: str) -> dict[Key, float]:
    keys = zip(*(columns[k] for k in key), strict=True)
    return {k: float(v) for k, v in zip(keys, columns[name], strict=True) if v is not None and v > 0}


def _against_before(
    name: str, own: Mapping[Key, float], old: Mapping[Key, float], edition: str
) -> Iterator[Observation]:
    rises = {key: log(own[key] / old[key]) for key in own if key in old}
    for key in _far(rises):
        usual = 100 * (exp(median(rises.values())) - 1)
        message = (
            f"{_shown(key)} : {name} {own[key]:g}, {old[key]:g} dans l'édition d'avant ({edition}), quand la variation "
            f"médiane est de {usual:+.1f} % et la médiane de l'édition {median(own.values()):g}"
        )
        yield _said(message.replace(".", ","), name, key, own[key])


def _alone(name: str, own: Mapping[Key, float]) -> Iterator[Observation]:
    for key in _far({key: log(value) for key, value in own.items()}):
        message = f"{_shown(key)} : {name} {own[key]:g}, loin de la médiane de l'édition, {median(own.values()):g}"
        yield _said(message.replace(".", ","), name, key, own[key])


def _said(message: str, name: str, key: Key, value: float) -> Observation:
    return Observation("montant_ecarte", "warning", message, f"{name} {_shown(key)}", printed=f"{value:g}")


def _shown(key: Key) -> str:
    return ", ".join(map(str, key))


def _far(logs: Mapping[Key, float]) -> list[Key]:
    if len(logs) < _ENOUGH:
        return []
    middle = median(logs.values())
    spread = _SCALE * median(abs(value - middle) for value in logs.values())
    most = max(LEAST, FAR * spread)
    return [key for key, value in logs.items() if abs(value - middle) > most]
