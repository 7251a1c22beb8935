"""Two readings of one dataset told apart key by key, for a person who decides: what is lost and won, and which values
are others, the largest difference first. Whether a person must look at all is decided in `gate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.contract.dataset import Dataset
from pipeline.quality.gate import Columns

LOST_KEY, LOST_VALUE, NEW_KEY, NEW_VALUE, OTHER_VALUE = (
    *("retire", "valeur_perdue", "ajoute", "valeur_trouvee", "modifie"),
)
KINDS = (LOST_KEY, LOST_VALUE, NEW_KEY, NEW_VALUE, OTHER_VALUE)
_NAMES = ("nom_officiel", "nom_commune", "nom", "libelle", "titre")


@dataclass(frozen=True)
class KeyChange:
    """One change: of a whole key (`column` is ''), or of a value. `percent` is told of numbers only."""

    kind: str
    key: tuple[object, ...]
    name: str
    column: str = ""
    before: object = None
    after: object = None
    percent: float | None = None


def name_column(dataset: Dataset) -> str | None:
    """The column by which people know a row: the first text that is a name and no key."""
    texts = [c.name for c in dataset.columns if c.type == "TEXT" and c.name not in dataset.key]
    known = [name for name in _NAMES if name in texts]
    return next(iter([*known, *(name for name in texts if name.startswith("nom"))]), None)


def key_changes(dataset: Dataset, before: Columns, after: Columns) -> list[KeyChange]:
    """Every change, lost coverage first, then coverage won, then other values by how much they differ."""
    key = [name for name in dataset.key if name in before and name in after]
    old, new = _rows(before, key), _rows(after, key)
    label = name_column(dataset)
    found: list[KeyChange] = []
    for kind, own, other, columns in ((LOST_KEY, old, new, before), (NEW_KEY, new, old, after)):
        found += [KeyChange(kind, k, _text(columns, label, row)) for k, row in own.items() if k not in other]
    values = [c.name for c in dataset.columns if c.name not in key and c.name in before and c.name in after]
    for k, row in old.items():
        if k in new:
            found += _values(k, _text(after, label, new[k]), [(n, before[n][row], after[n][new[k]]) for n in values])
    return sorted(found, key=lambda each: (KINDS.index(each.kind), -abs(each.percent or 0.0)))


def percent(before: object, after: object) -> float | None:
    """By how much a number differs, in per cent of what it was; None where that says nothing."""
    numbers = all(isinstance(v, int | float | Decimal) and not isinstance(v, bool) for v in (before, after))
    if not numbers or not before:
        return None
    return round(100 * (float(after) - float(before)) / abs(float(before)), 1)  # type: ignore[arg-type]


def _rows(columns: Columns, key: Sequence[str]) -> dict[tuple[object, ...], int]:
    return {values: row for row, values in enumerate(zip(*(columns[name] for name in key), strict=True))}


def _text(columns: Columns, label: str | None, row: int) -> str:
    value = columns[label][row] if label and label in columns else None
    return "" if value is None else str(value)


def _values(key: tuple[object, ...], name: str, pairs: Sequence[tuple[str, object, object]]) -> Iterator[KeyChange]:
    for column, was, now in pairs:
        if was == now:
            continue
        kind = LOST_VALUE if now is None else NEW_VALUE if was is None else OTHER_VALUE
        yield KeyChange(kind, key, name, column, was, now, percent(was, now))
