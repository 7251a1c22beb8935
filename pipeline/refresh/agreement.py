"""Lists that others make of the state of a dataset on a day, held against what its acts give that day: whether they
agree is said at each publish. Nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import Finding
from pipeline.store.records import VersionRecord
from pipeline.store.versions import StoreView, VersionStore
from pipeline.timeline.periods import Period, periods

_SHOWN = 10
_MOST = 0.98
"""Both sides have at least this share of the rows of the longer one, or they do not agree."""
Keyed = Mapping[tuple[Any, ...], Mapping[str, Any]]


def agreement(store: VersionStore, datasets: Sequence[Dataset]) -> list[Finding]:
    """One finding for each list held (its newest reading): agreed, contradicted, or of a day without a state."""
    witnesses = [dataset for dataset in datasets if dataset.witness_of]
    held = store.view(verify=False)
    if not any(record.dataset == dataset.name for dataset in witnesses for record in held.live):
        return []
    accumulates = {d.name for d in datasets if d.succession == "accumulates"}
    now = [p for p in periods(held.records, held.withdrawals, held.known_acts, accumulates) if p.known_to is None]
    return [
        _compared(store, held, witness, next(d for d in datasets if d.name == witness.witness_of[0]), record, now)
        for witness in witnesses
        if witness.witness_of
        for record in {r.edition: r for r in held.live if r.dataset == witness.name}.values()
    ]


def _compared(
    store: VersionStore,
    held: StoreView,
    witness: Dataset,
    target: Dataset,
    record: VersionRecord,
    now: Sequence[Period],
) -> Finding:
    assert witness.witness_of is not None, "only a witness is compared"
    rows = store.rows(record).to_pylist()
    day: date = rows[0][witness.witness_of[1]]
    listed = _by_key(rows, target)
    state: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for version_no in _stack(now, target.name, day):
        state |= _by_key(store.rows(next(r for r in held.live if r.version_no == version_no)).to_pylist(), target)
    told = (record.document, record.edition, f"{record.document} {day:%d/%m/%Y}")
    if not state:
        message = f"{record.document} : aucun état de {target.name} n'est détenu au {day:%d/%m/%Y} : rien à comparer"
        return _finding("liste_sans_etat", told, message, witness)
    shared = [
        c.name for c in target.columns if c.name in witness.by_name and c.name not in (*target.key, "nom_commune")
    ]
    wrong = list(_differences(listed, state, shared))
    both = len(listed.keys() & state.keys())
    alone = _alone(listed.keys() - state.keys(), "dans la liste") + _alone(
        state.keys() - listed.keys(), "dans les actes"
    )
    head = f"{record.document}, {target.name} au {day:%d/%m/%Y} : {both} lignes comparées"
    if not wrong and both > _MOST * max(len(listed), len(state)):
        return _finding("liste_concordante", told, f"{head}, toutes semblables{alone}", witness)
    message = f"{head}, {len(wrong)} différentes{_some(wrong)}{alone}"
    return _finding("liste_contredite", told, message, witness)


def _alone(keys: Collection[tuple[Any, ...]], where: str) -> str:
    """What one side alone has: communes that merged or came back between the dates of the two, most often."""
    return f" ; {len(keys)} seulement {where}{_some([' '.join(map(str, key)) for key in sorted(keys)])}" if keys else ""


def _some(shown: Sequence[str]) -> str:
    more = f" et {len(shown) - _SHOWN} autres" if len(shown) > _SHOWN else ""
    return f" ({', '.join(shown[:_SHOWN])}{more})" if shown else ""


def _finding(rule: str, told: tuple[str, str, str], message: str, witness: Dataset) -> Finding:
    document, edition, subject = told
    severity = "warning" if rule == "liste_contredite" else "info"
    return Finding(rule, severity, document, message, subject, witness.name, edition)  # type: ignore[arg-type]


def _stack(now: Sequence[Period], dataset: str, day: date) -> list[int]:
    """The versions that answer for that day, lowest rank first: later ones hide the rows of the same key."""
    covering = [
        p
        for p in now
        if p.dataset == dataset and p.valid_from and p.valid_from <= day and (p.valid_to is None or day < p.valid_to)
    ]
    return [p.version_no for p in sorted(covering, key=lambda p: p.rank)]


def _by_key(rows: Sequence[Mapping[str, Any]], dataset: Dataset) -> Keyed:
    return {tuple(row[name] for name in dataset.key): row for row in rows}


def _differences(listed: Keyed, state: Keyed, columns: Sequence[str]) -> Iterator[str]:
    for key in sorted(listed.keys() & state.keys()):
        one, other = listed[key], state[key]
        for column in columns:
            if one[column] != other[column]:
                yield f"{' '.join(map(str, key))} : {column} {one[column]} dans la liste, {other[column]} par les actes"
