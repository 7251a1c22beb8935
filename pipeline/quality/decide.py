"""The only gate: whether what was read of an edition may become a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.quality.pending import Change

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
