"""Which datasets are late: what nobody declared. Pure; `status` shows it, `acquisition.expected` has the calendar.

What a person declared is known, and rings no bell: an act listed in actes.toml and not held is *expected*, an edition
whose end document.toml states is *ended*. Late is what nobody has seen: a year without any known act between two known
ones, or the act of a new year that has not been heard of two months after the usual day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipeline.acquisition.expected import overdue
from pipeline.contract.dataset import Dataset
from pipeline.documents.model import KnownAct
from pipeline.warehouse.coverage import CoverageLine, coverage
from pipeline.warehouse.editions import names_of, only_ends
from pipeline.warehouse.records import VersionRecord
from pipeline.warehouse.store import Store

State = Literal["held", "expected", "ended", "late", "empty"]


@dataclass(frozen=True)
class DatasetState:
    """`held`: nothing newer is known; `expected`: a later act is known and not held; `ended`: its text says until when,
    and nothing is known of what follows; `late`: nobody knows; `empty`: no version."""

    name: str
    rhythm: str
    versions: int
    year: int | None
    """Year of the newest edition held, where it has one."""
    state: State
    detail: str = ""

    @property
    def late(self) -> bool:
        return self.state == "late"


def dataset_states(
    datasets: Sequence[Dataset], held: Store, known: Sequence[KnownAct], today: date
) -> tuple[DatasetState, ...]:
    """One line a dataset, in their order; versions withdrawn do not count."""
    gone = {w.version_no for w in held.withdrawals}
    live = [r for r in held.records if r.version_no not in gone]
    return tuple(_state(d, [r for r in live if r.dataset == d.name], known, today) for d in datasets)


def _state(dataset: Dataset, records: Sequence[VersionRecord], known: Sequence[KnownAct], today: date) -> DatasetState:
    lines = coverage([dataset], records, known)
    years = [line.annee for line in lines if line.etat == "detenu" and line.annee]
    year = max(years, default=None)
    state, detail = _verdict(dataset, records, lines, known, today)
    return DatasetState(dataset.name, dataset.rhythm, len(records), year, state, detail)


def _verdict(
    dataset: Dataset,
    records: Sequence[VersionRecord],
    lines: Sequence[CoverageLine],
    known: Sequence[KnownAct],
    today: date,
) -> tuple[State, str]:
    if not records:
        return "empty", "aucune version"
    silent = [line.annee for line in lines if line.etat == "aucun_acte_connu" and line.annee]
    if silent:
        return "late", f"aucun acte connu pour {', '.join(map(str, silent))}"
    ends = _stated_end(records)
    late = [] if ends else list(overdue([dataset], known, _as_known(lines, records), today))
    if late:
        return "late", late[0].message.removeprefix(f"{dataset.name} : ")
    absent = [line for line in lines if line.etat == "connu_non_detenu"]
    if absent:
        named = ", ".join(str(line.annee) for line in absent if line.annee)
        return "expected", f"actes connus et non détenus : {named or len(absent)}"
    if ends and ends <= today:
        return "ended", f"fin le {ends:%d/%m/%Y}, d'après les textes ; aucun acte connu ensuite"
    return "held", ""


def _stated_end(records: Sequence[VersionRecord]) -> date | None:
    """Until when the newest edition is in force, if its text says so, or an act that ends it."""
    editions = [r for r in records if not only_ends(r)]
    newest = max(editions, key=lambda r: (r.valid_from or date.min, r.version_no), default=None)
    if newest is None:
        return None
    ends = [newest.valid_to]
    for record in records:
        if record.relation and record.relation.ends and record.relation.act in names_of(newest):
            ends.append(record.relation.date_effet or record.valid_from)
    return min((day for day in ends if day), default=None)


def _as_known(lines: Sequence[CoverageLine], records: Sequence[VersionRecord]) -> list[KnownAct]:
    """The acts held, with the year that coverage gives them."""
    years = {line.act_id: line.annee for line in lines}
    acts = {r.act.id: r.act for r in records if r.act}
    dataset = records[0].dataset
    return [
        KnownAct(a.id, dataset, a.title, signed=a.signed, published=a.published, year=years.get(a.id))
        for a in acts.values()
    ]
