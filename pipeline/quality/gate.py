"""The only gate: what a new reading of an edition changes against the one published, and whether it may become a
version.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

MOST = 0.5
"""A column in which more than this share of the values are no longer the same makes the reading wait."""

Columns = Mapping[str, Sequence[object]]


@dataclass(frozen=True)
class Total:
    """The sum of a numeric column before and after."""

    column: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class Changed:
    """How many values of a column, printed for the same keys before, are now others or gone."""

    column: str
    values: int
    of: int


@dataclass(frozen=True)
class Change:
    """One reading against the one before it, key by key."""

    keys_before: int
    keys_lost: int
    keys_added: int
    totals: tuple[Total, ...] = ()
    changed: tuple[Changed, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why a person should look before this is published; empty when nothing calls for it."""
        found: list[str] = []
        if self.keys_lost:
            found.append(f"clés perdues : {self.keys_lost} sur {self.keys_before}")
        for total in self.totals:
            if total.before and 2 * abs(total.after) <= abs(total.before):
                found.append(f"total de {total.column} divisé par deux ou plus : {total.before} → {total.after}")
        for column in self.changed:
            if column.of and column.values > MOST * column.of:
                found.append(f"valeurs changées dans {column.column} : {column.values} sur {column.of}")
        return tuple(found)


def compare_readings(before: Columns, after: Columns, key: Sequence[str], numeric: Collection[str]) -> Change:
    """The change from `before` to `after`: columns of equal length, by name; `key` names a row in both.

    Columns that only one of the two has are left out, the key too. `numeric` names the columns whose totals are
    compared; a total counts the values that are there.
    """
    rows_before, rows_after = _by_key(before, key), _by_key(after, key)
    shared = [name for name in after if name in before and name not in key]
    kept = rows_before.keys() & rows_after.keys()
    pairs = [(rows_before[k], rows_after[k]) for k in kept]
    return Change(
        keys_before=len(rows_before),
        keys_lost=len(rows_before) - len(kept),
        keys_added=len(rows_after) - len(kept),
        totals=tuple(Total(n, _sum(before[n]), _sum(after[n])) for n in shared if n in numeric),
        changed=tuple(_changed(name, before[name], after[name], pairs) for name in shared),
    )


def _by_key(columns: Columns, key: Sequence[str]) -> dict[tuple[object, ...], int]:
    """Key → position of its row."""
    named = zip(*(columns[name] for name in key), strict=True)
    return {values: position for position, values in enumerate(named)}


def _sum(values: Sequence[object]) -> Decimal:
    """Exact for what is printed: floats by their shortest writing."""
    return sum((Decimal(str(v)) for v in values if isinstance(v, int | float | Decimal)), Decimal())


def _changed(name: str, before: Sequence[object], after: Sequence[object], pairs: Sequence[tuple[int, int]]) -> Changed:
    held = [(before[i], after[j]) for i, j in pairs if before[i] is not None]
    return Changed(name, sum(1 for old, new in held if old != new), len(held))


KEPT_KEYS = 0.9
"""An edition keeps at least this share of the keys of the one before, or says why not."""


@dataclass(frozen=True)
class Evidence:
    """What the decision rests on, gathered by the caller. Keys are tuples of the dataset's key columns."""

    rows: int
    quarantined: int
    tolerance: float
    missing_grids: Sequence[str] = ()
    unknown_grids: Sequence[str] = ()
    unbalanced: int = 0
    failed_checks: Sequence[str] = ()
    keys: frozenset[tuple[object, ...]] = frozenset()
    previous_keys: frozenset[tuple[object, ...]] | None = None
    partial: bool = False
    """The act changes some keys only: it is not held to the keys of the edition before."""
    loss_declared: bool = False
    """The act itself drops keys, as document.toml says (`cles_perdues`, with the reason)."""
    change: Change | None = None
    """Against the reading of the same edition that is published; None for a first one, or the same content."""


@dataclass(frozen=True)
class Accepted:
    pass


@dataclass(frozen=True)
class Pending:
    """Nothing is wrong with the edition, but it is not what was read of it before: a person decides."""

    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """Why the edition is refused whole; the one before stays."""

    reasons: tuple[str, ...] = field(default=())


Decision = Accepted | Pending | Refused


def decide(evidence: Evidence) -> Decision:
    """Refused or Pending with every reason that holds (French sentences), else Accepted."""
    reasons: list[str] = [f"annexe attendue et absente : {name}" for name in evidence.missing_grids]
    reasons += [f"annexe inconnue : {name}" for name in evidence.unknown_grids]
    if evidence.unbalanced:
        reasons.append(f"le registre ne tombe pas juste : {evidence.unbalanced} cellules sans destin unique")
    reasons += [f"contrôle en échec : {name}" for name in evidence.failed_checks]
    if not evidence.rows:
        reasons.append("aucune ligne publiable")
    total = evidence.rows + evidence.quarantined
    if total and evidence.quarantined / total > evidence.tolerance:
        share = 100 * evidence.quarantined / total
        reasons.append(f"{evidence.quarantined} lignes écartées sur {total} ({share:.1f} %)")
    before = evidence.previous_keys
    if before and not evidence.partial and not evidence.loss_declared:
        kept = len(before & evidence.keys) / len(before)
        if kept < KEPT_KEYS:
            reasons.append(f"{100 * kept:.0f} % seulement des clés de l'édition précédente")
    if reasons:
        return Refused(tuple(reasons))
    waits = evidence.change.reasons if evidence.change else ()
    return Pending(waits) if waits else Accepted()
