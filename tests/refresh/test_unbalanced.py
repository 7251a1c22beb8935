"""The first promise: a printed cell without exactly one fate is never published around. Readers made faulty here are
read as the refresh reads them, through the gate to the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.contract.dataset import Context
from pipeline.contract.rows import Ignored, Rows
from pipeline.datasets.prix_psla import PRIX_PSLA
from pipeline.extract.model import Reading
from pipeline.refresh import read as readers
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from tests.production import read_document
from tests.refresh.small import DOCUMENT, PRICES, project

Fault = Callable[[Rows], Rows]


def loses_a_row(rows: Rows) -> Rows:
    return replace(rows, rows=rows.rows[1:])


def loses_a_citation(rows: Rows) -> Rows:
    """The price stays, the place that prints it is not said."""
    first = dict(rows.rows[0])
    first["prix_max_euros_m2_su"] = replace(first["prix_max_euros_m2_su"], cites=())
    return replace(rows, rows=[first, *rows.rows[1:]])


def ignores_what_it_publishes(rows: Rows) -> Rows:
    (zone,) = rows.rows[0]["zone"].cites
    return replace(rows, ignored=[Ignored(zone, "note")])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return project(tmp_path / "project")


def make_faulty(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader of the prices now has this fault."""

    def read(reading: Reading, context: Context) -> Rows:
        return fault(PRIX_PSLA.read(reading, context))

    monkeypatch.setattr(readers, "all_datasets", lambda: (replace(PRIX_PSLA, read=read),))


@pytest.mark.parametrize(
    ("fault", "rule", "cells"),
    [
        (loses_a_row, "cellule_sans_destin", 2),
        (loses_a_citation, "cellule_sans_destin", 1),
        (ignores_what_it_publishes, "cellule_a_deux_destins", 1),
    ],
)
def test_an_unbalanced_ledger_refuses_the_edition_and_names_each_cell(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, fault: Fault, rule: str, cells: int
) -> None:
    make_faulty(fault, monkeypatch)
    done = read_document(settings, DOCUMENT)
    (edition,) = done.editions
    assert edition.status == "refused"
    assert edition.reasons == (f"le registre ne tombe pas juste : {cells} cellules sans destin unique",)
    assert VersionStore(settings.versions).records() == []
    named = [f for f in done.findings if f.rule == rule]
    assert len(named) == cells
    assert {(f.severity, f.rendition, f.place) for f in named} == {("error", "annexe.md", "ligne 7")}
    assert {f.id for f in named} <= set(done.new_errors)
    assert {line.fate for line in done.ledger if line.dataset} == {"quarantined"}


def test_what_was_published_before_the_fault_stays(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_document(settings, DOCUMENT).editions[0].status == "accepted"
    make_faulty(loses_a_citation, monkeypatch)
    (edition,) = read_document(settings, DOCUMENT).editions
    assert (edition.status, edition.version_no) == ("refused", 1)
    assert [r.version_no for r in VersionStore(settings.versions).records()] == [1]


def test_a_sound_reader_counts_every_printed_cell_of_the_table_once(settings: Settings) -> None:
    done = read_document(settings, DOCUMENT)
    counted = [(line.fate, line.reason, line.cells) for line in done.ledger]
    assert counted == [("ignored", "entete", 2), ("published", "", 2 * len(PRICES))]
    assert done.editions[0].status == "accepted"
