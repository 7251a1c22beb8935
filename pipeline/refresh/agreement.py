"""Lists that others make of the state of a dataset on a day, held against what its acts give that day: whether they
agree is said at each publish. Nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import Finding
from pipeline.store.records import VersionRecord
from pipeline.store.versions import StoreView, VersionStore
from pipeline.timeline.periods import Period, periods

_SHOWN = 10
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
    if not wrong:
        message = f"{record.document} : {len(listed)} lignes, toutes comme {target.name} au {day:%d/%m/%Y}"
        return _finding("liste_concordante", told, message, witness)
    more = f" ; et {len(wrong) - _SHOWN} autres" if len(wrong) > _SHOWN else ""
    message = (
        f"{record.document} : {len(wrong)} lignes sur {len(listed)} ne sont pas comme {target.name} au "
        f"{day:%d/%m/%Y} : {' ; '.join(wrong[:_SHOWN])}{more}"
    )
    return _finding("liste_contredite", told, message, witness)


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
    for key in sorted(listed.keys() | state.keys()):
        label = " ".join(map(str, key))
        one, other = listed.get(key), state.get(key)
        if one is None or other is None:
            yield f"{label} absent {'de la liste' if one is None else 'des actes'}"
            continue
        for column in columns:
            if one[column] != other[column]:
                yield f"{label} {column} {one[column]} dans la liste, {other[column]} par les actes"
