"""Documents through the job `rafraichir`, on the project's own instance: published, what fails, what stays."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    AssetCheckEvaluation,
    AssetCheckKey,
    AssetKey,
    DagsterEventType,
    DagsterExecutionInterruptedError,
    DagsterInstance,
    DagsterRunStatus,
)

from pipeline.contract.rules import CHECKS
from pipeline.datasets import all_datasets
from pipeline.orchestration import record, run
from pipeline.orchestration.definitions import build_defs
from pipeline.orchestration.instance import ORIGIN, RunError, begin, close_dead_runs, open_instance, was_interrupted
from pipeline.orchestration.partitions import of_dataset
from pipeline.orchestration.results import Executed
from pipeline.orchestration.run import execute, finish
from pipeline.refresh import decide
from pipeline.refresh import publish as publishing
from pipeline.refresh.plan import plan
from pipeline.refresh.propose import Proposal
from pipeline.refresh.state import DocumentOutcome
from pipeline.settings import Settings
from pipeline.store.lock import refresh_lock
from pipeline.store.versions import VersionStore
from pipeline.warehouse import access
from pipeline.warehouse.publish import Published
from tests.bulletin import BULLETIN, without_zoning
from tests.orchestration.conftest import REFUSED, add_refused, project

DATASETS = [d.name for d in all_datasets()]
FED = {"plafonds_plus": 21, "prix_psla": 4, "taux_tva_logement": 6}
"""Datasets that the tables of the bulletin feed, with their rows; its zoning lists feed others."""


def evaluations(instance: DagsterInstance, asset: str) -> list[AssetCheckEvaluation]:
    """Every evaluation of the checks of this asset, oldest first."""
    keys = [AssetCheckKey(AssetKey(asset), name) for name in ("fichiers_lus", "a_jour", *CHECKS)]
    found = [r for key in keys for r in instance.event_log_storage.get_asset_check_execution_history(key, limit=100)]
    events = [r.event for r in sorted(found, key=lambda r: r.id) if r.event]
    return [e.dagster_event.asset_check_evaluation_data for e in events if e.dagster_event]


def rows(settings: Settings, table: str, schema: str = "main") -> int:
    with access.connect(settings) as connection:
        found = connection.execute(f"SELECT count(*) FROM {schema}.{table}").fetchone()
    assert found
    return int(found[0])


@pytest.fixture(scope="module")
def opened() -> list[Path]:
    """The folders of the stores that `refreshed` opened, filled by it."""
    return []


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory, opened: list[Path]) -> tuple[Settings, Executed, list[str]]:
    """A refresh of the bulletin and of a document that cannot be read."""
    settings = without_zoning(project(tmp_path_factory.mktemp("projet")))
    add_refused(settings)
    said: list[str] = []
    open_store = VersionStore.__init__

    def counted(store: VersionStore, folder: Path, *options: Any, **named: Any) -> None:
        opened.append(folder)
        open_store(store, folder, *options, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(VersionStore, "__init__", counted)
        executed = execute(settings, plan(settings), said.append)
    return settings, executed, said


def test_each_store_is_opened_once(refreshed: tuple[Settings, Executed, list[str]], opened: list[Path]) -> None:
    settings, _, _ = refreshed
    assert Counter(opened) == {settings.versions: 1, settings.pending: 1}


def test_one_document_that_feeds_three_datasets_fills_them_all(
    refreshed: tuple[Settings, Executed, list[str]],
) -> None:
    settings, executed, said = refreshed
    assert said == [f"{REFUSED} : lecture (1/2)", f"{BULLETIN} : lecture (2/2)", "publication de la base"]
    accepted = {e.dataset: e.rows for o in executed.outcomes for e in o.editions if e.status == "accepted"}
    assert accepted.items() >= FED.items()
    assert executed.published and not executed.published.error
    assert {table: rows(settings, table) for table in FED} == FED
    with open_instance(settings) as instance:
        for name in FED:
            assert instance.get_materialized_partitions(AssetKey(name)) == {BULLETIN}


def test_one_run_holds_the_whole_plan_and_fails_for_what_was_refused(
    refreshed: tuple[Settings, Executed, list[str]],
) -> None:
    settings, executed, _ = refreshed
    refusal = next(o for o in executed.outcomes if o.document == REFUSED)
    assert "annexe.pdf" in refusal.error
    assert not executed.crashed
    with open_instance(settings) as instance:
        runs = instance.get_runs()
        events = instance.all_logs(runs[0].run_id, of_type=DagsterEventType.STEP_FAILURE)
    assert [(run.job_name, run.status) for run in runs] == [("rafraichir", DagsterRunStatus.FAILURE)]
    shown = [e.dagster_event.step_failure_data.user_failure_data for e in events if e.dagster_event]
    assert [failure and failure.description for failure in shown] == [refusal.error]


def test_each_dataset_is_complete_with_the_documents_that_feed_it(
    refreshed: tuple[Settings, Executed, list[str]],
) -> None:
    settings, _, _ = refreshed
    with open_instance(settings) as instance:
        for name in ("prix_psla", "premier_quartile", "places_sites"):
            partitions = set(instance.get_dynamic_partitions(str(of_dataset(name).name)))
            assert partitions == instance.get_materialized_partitions(AssetKey(name)), name
        assert set(instance.get_dynamic_partitions("documents_de_raw")) == {BULLETIN, REFUSED}


def test_the_published_file_its_marts_and_what_they_are_made_of_are_counted(
    refreshed: tuple[Settings, Executed, list[str]],
) -> None:
    settings, _, _ = refreshed
    with open_instance(settings) as instance:
        base = instance.get_latest_materialization_event(AssetKey("base"))
        mart = instance.get_latest_materialization_event(AssetKey("plafonds_par_commune"))
        reference = instance.get_latest_materialization_event(AssetKey("ref"))
        acts = instance.get_latest_materialization_event(AssetKey("actes_connus"))
    assert base and base.asset_materialization and mart and mart.asset_materialization
    shown = base.asset_materialization.metadata
    assert shown["dagster/row_count"].value == sum(rows(settings, name, "data") for name in DATASETS)
    assert shown["lignes écartées"].value == rows(settings, "quarantine", "meta")
    assert mart.asset_materialization.metadata["dagster/row_count"].value == rows(settings, "plafonds_par_commune")
    assert reference and reference.asset_materialization and acts and acts.asset_materialization
    assert "| communes |" in str(reference.asset_materialization.metadata["aperçu"].value)
    known = str(acts.asset_materialization.metadata["actes"].value)
    assert "(https://www.legifrance.gouv.fr/jorf/id/JORFTEXT" in known


def test_materialisations_show_counts_versions_and_a_preview(refreshed: tuple[Settings, Executed, list[str]]) -> None:
    settings, _, _ = refreshed
    with open_instance(settings) as instance:
        event = instance.get_latest_materialization_event(AssetKey("prix_psla"))
        assert event and event.asset_materialization
        shown, tags = event.asset_materialization.metadata, event.asset_materialization.tags or {}
    assert shown["dagster/row_count"].value == 4
    assert "| zone |" in str(shown["aperçu"].value)
    assert tags["dagster/data_version"] == VersionStore(settings.versions).records("prix_psla")[-1].content_sha256


def test_checks_are_kept_per_document(refreshed: tuple[Settings, Executed, list[str]]) -> None:
    settings, _, _ = refreshed
    with open_instance(settings) as instance:
        of_prices, of_readings = evaluations(instance, "prix_psla"), evaluations(instance, "lecture")
    assert {(e.check_name, e.partition) for e in of_prices} == {
        ("a_jour", None),
        *((name, BULLETIN) for name in CHECKS),
    }
    assert all(e.passed for e in of_prices)
    assert {(e.check_name, e.partition, e.passed) for e in of_readings} == {
        ("fichiers_lus", BULLETIN, True),
        ("fichiers_lus", REFUSED, False),
    }


def test_a_document_read_again_is_recorded_for_the_datasets_that_it_says_something_else_for(
    settings: Settings, progress: Callable[[str], None]
) -> None:
    bulletin = settings.raw / BULLETIN / "bulletin.md"
    execute(settings, plan(settings), progress)
    bulletin.write_text(bulletin.read_text(encoding="utf-8").replace("| 4 100", "| quatre mille"), encoding="utf-8")
    execute(settings, plan(settings), progress)
    with open_instance(settings) as instance:
        prices, ceilings = evaluations(instance, "prix_psla"), evaluations(instance, "plafonds_plus")
        made = {n: len(instance.fetch_materializations(AssetKey(n), limit=9).records) for n in ("lecture", "prix_psla")}
    of_check = Counter(e.check_name for e in prices if e.check_name in CHECKS)
    # Of the second reading, the checks that fail or count something else.
    assert {name for name, times in of_check.items() if times == 2} < set(CHECKS) == set(of_check)
    assert [e.passed for e in prices if e.check_name == "decision"] == [True, False]
    # Its edition was accepted, and is unchanged now: that is something else to count.
    of_check = Counter(e.check_name for e in ceilings if e.check_name in CHECKS)
    assert of_check == {**dict.fromkeys(CHECKS, 1), "decision": 2}
    assert made == {"lecture": 2, "prix_psla": 1}


def test_an_error_of_our_own_is_told_apart_and_stops_no_other_document(
    settings: Settings, progress: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_refused(settings)

    def broken(_settings: Settings, _stores: object, proposal: Proposal, *_: object) -> DocumentOutcome:
        raise ValueError(f"faute dans {proposal.document.id}")

    monkeypatch.setattr(decide, "decide_proposal", broken)
    executed = execute(settings, plan(settings), progress)
    assert list(executed.crashed) == [BULLETIN]
    assert executed.crashed[BULLETIN] == f"ValueError: faute dans {BULLETIN}"
    assert [o.document for o in executed.outcomes] == [REFUSED]
    assert executed.published and not executed.published.error


def test_batches_are_read_without_the_lock_and_recorded_one_after_the_other(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_refused(settings)
    free: list[str] = []

    def progress(said: str) -> None:
        if " : lecture (" in said:
            with refresh_lock(settings):
                free.append(said)

    monkeypatch.setattr(run, "BATCH", 1)
    due = plan(settings)
    executed = execute(settings, due, progress)
    assert free == [f"{name} : lecture ({n}/2)" for n, name in enumerate(due.changed, start=1)]
    assert tuple(o.document for o in executed.outcomes) == due.changed
    assert executed.published and not executed.published.error
    with open_instance(settings) as instance:
        assert len(instance.get_runs()) == 2
    assert not list(settings.staged.glob("*/proposed.*"))


def test_an_interrupt_stops_the_refresh(
    settings: Settings, progress: Callable[[str], None], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_settings: Settings, document: str, *_: object) -> DocumentOutcome:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("goes on after the interrupt")

    monkeypatch.setattr(decide, "decide_proposal", interrupted)
    with pytest.raises(KeyboardInterrupt):
        execute(settings, plan(settings), progress)
    assert said == [f"{BULLETIN} : lecture (1/1)"]
    with open_instance(settings) as instance:
        assert [run.status for run in instance.get_runs()] == [DagsterRunStatus.FAILURE]


def test_an_interrupt_during_a_query_of_the_publish_is_one_too(
    settings: Settings, progress: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> Published:
        # As DuckDB raises it when a signal's handler raised during a query.
        raise RuntimeError("Query interrupted") from DagsterExecutionInterruptedError()

    monkeypatch.setattr(publishing, "publish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        execute(settings, plan(settings), progress)


def test_a_run_left_open_by_a_killed_command_is_closed_and_one_of_the_interface_is_not(settings: Settings) -> None:
    job = build_defs(settings).resolve_job_def("publier")
    with open_instance(settings) as instance:
        killed = instance.create_run_for_job(job, status=DagsterRunStatus.STARTED, tags=ORIGIN)
        other = instance.create_run_for_job(job, status=DagsterRunStatus.STARTED)
        assert close_dead_runs(instance) == 1
        status = {run.run_id: run.status for run in instance.get_runs()}
    assert status == {killed.run_id: DagsterRunStatus.FAILURE, other.run_id: DagsterRunStatus.STARTED}


def test_what_a_killed_refresh_staged_is_recorded_by_the_next_one(
    settings: Settings, progress: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(settings, plan(settings), progress)
    assert not was_interrupted(settings)
    bulletin = settings.raw / BULLETIN / "bulletin.md"
    bulletin.write_text(bulletin.read_text(encoding="utf-8").replace("| 4 100", "| 4 200"), encoding="utf-8")

    def killed(*_: object) -> None:
        raise OSError("tué")

    monkeypatch.setattr(record, "record_documents", killed)
    with pytest.raises(RunError, match="tué"):
        execute(settings, plan(settings), progress)
    monkeypatch.undo()
    assert was_interrupted(settings)
    assert plan(settings).nothing
    finish(settings)
    assert not was_interrupted(settings)
    with open_instance(settings) as instance:
        event = instance.get_latest_materialization_event(AssetKey("prix_psla"))
        left = [run for run in instance.get_runs() if not run.is_finished]
    assert event and event.asset_materialization and event.asset_materialization.tags
    newest = VersionStore(settings.versions).records("prix_psla")[-1].content_sha256
    assert event.asset_materialization.tags["dagster/data_version"] == newest
    assert left == []


def test_a_note_of_a_refresh_under_way_keeps_its_first_moment(settings: Settings) -> None:
    assert begin(settings) is None
    since = begin(settings)
    assert since is not None
    assert begin(settings) == since


def test_the_instance_is_that_of_the_project_wherever_the_command_stands(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("ailleurs")
    monkeypatch.chdir(elsewhere)
    with open_instance(settings) as instance:
        assert Path(instance.root_directory) == settings.root
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
    assert list(elsewhere.iterdir()) == []
