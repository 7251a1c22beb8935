"""Documents through both jobs, on the project's own instance: what is published, what fails, what is remembered."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from dagster import (
    AssetCheckEvaluation,
    AssetKey,
    DagsterEventType,
    DagsterInstance,
    DagsterRunStatus,
    RunsFilter,
)

from pipeline.orchestration.build import build_defs
from pipeline.orchestration.history import ORIGIN, close_dead_runs, open_instance, recorded, was_interrupted
from pipeline.orchestration.run import Executed, execute
from pipeline.orchestration.verdicts import CHECKS
from pipeline.refresh import decide
from pipeline.refresh.plan import plan
from pipeline.refresh.state import DocumentOutcome
from pipeline.settings import Settings
from pipeline.store.versions import read_records
from pipeline.warehouse import access
from tests.bulletin import BULLETIN, without_zoning
from tests.orchestration.conftest import REFUSED, add_refused, project

FED = {"plafonds_plus": 21, "prix_psla": 4, "taux_tva_logement": 6}
"""Datasets that the tables of the bulletin feed, with their rows; its zoning lists feed others."""


def evaluations(instance: DagsterInstance, document: str) -> list[AssetCheckEvaluation]:
    """Every check evaluated for this document, over all runs."""
    runs = instance.get_runs(RunsFilter(tags={"dagster/partition": document}))
    events = [e for run in runs for e in instance.all_logs(run.run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION)]
    return [e.dagster_event.asset_check_evaluation_data for e in events if e.dagster_event]


def rows(settings: Settings, table: str) -> int:
    with access.connect(settings) as connection:
        found = connection.execute(f"SELECT count(*) FROM main.{table}").fetchone()
    assert found
    return int(found[0])


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Executed, list[str]]:
    """A refresh of the bulletin and of a document that cannot be read."""
    settings = without_zoning(project(tmp_path_factory.mktemp("projet")))
    add_refused(settings)
    said: list[str] = []
    return settings, execute(settings, plan(settings), said.append), said


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


def test_a_refused_document_fails_its_run_and_holds_nothing_back(
    refreshed: tuple[Settings, Executed, list[str]],
) -> None:
    settings, executed, _ = refreshed
    refusal = next(o for o in executed.outcomes if o.document == REFUSED)
    assert "annexe.pdf" in refusal.error
    assert not executed.crashed
    with open_instance(settings) as instance:
        status = {run.tags.get("dagster/partition", "publish"): run.status for run in instance.get_runs()}
        failed = instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.FAILURE]))
        events = instance.all_logs(failed[0].run_id, of_type=DagsterEventType.STEP_FAILURE)
    assert status == {
        REFUSED: DagsterRunStatus.FAILURE,
        BULLETIN: DagsterRunStatus.SUCCESS,
        "publish": DagsterRunStatus.SUCCESS,
    }
    shown = [e.dagster_event.step_failure_data.user_failure_data for e in events if e.dagster_event]
    assert [failure and failure.description for failure in shown] == [refusal.error]


def test_materialisations_show_counts_versions_and_a_preview(refreshed: tuple[Settings, Executed, list[str]]) -> None:
    settings, _, _ = refreshed
    with open_instance(settings) as instance:
        event = instance.get_latest_materialization_event(AssetKey("prix_psla"))
        assert event and event.asset_materialization
        shown, tags = event.asset_materialization.metadata, event.asset_materialization.tags or {}
    assert shown["dagster/row_count"].value == 4
    assert "| zone |" in str(shown["aperçu"].value)
    assert tags["dagster/data_version"] == read_records(settings, "prix_psla")[-1].content_sha256


def test_checks_are_kept_per_document(refreshed: tuple[Settings, Executed, list[str]]) -> None:
    settings, _, _ = refreshed
    with open_instance(settings) as instance:
        of_bulletin, of_refused = evaluations(instance, BULLETIN), evaluations(instance, REFUSED)
    assert {e.asset_key.to_user_string() for e in of_bulletin} >= {"reading", *FED}
    assert {e.partition for e in of_bulletin} == {BULLETIN}
    of_prices = {e.check_name: e.passed for e in of_bulletin if e.asset_key == AssetKey("prix_psla")}
    assert set(of_prices) == set(CHECKS)
    assert of_prices["accepted"] and of_prices["ledger"] and of_prices["keys"] and of_prices["schema"]
    assert [(e.check_name, e.passed, e.partition) for e in of_refused] == [("read", False, REFUSED)]


def test_a_document_that_changes_and_changes_back_is_read_each_time(
    settings: Settings, progress: Callable[[str], None]
) -> None:
    bulletin = settings.raw / BULLETIN / "bulletin.md"
    first = bulletin.read_text(encoding="utf-8")
    assert first.count("| 4 100") == 1
    second = first.replace("| 4 100", "| 4 200")
    for text in (first, second, first):
        bulletin.write_text(text, encoding="utf-8")
        due = plan(settings)
        assert due.changed == (BULLETIN,)
        execute(settings, due, progress)
    assert plan(settings).nothing
    with open_instance(settings) as instance:
        assert len(instance.fetch_materializations(AssetKey("prix_psla"), limit=10).records) == 3
    assert len(read_records(settings, "prix_psla")) == 3


def test_an_error_of_our_own_is_told_apart_and_stops_no_other_document(
    settings: Settings, progress: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_refused(settings)

    def broken(_settings: Settings, document: str, *_: object) -> DocumentOutcome:
        raise RuntimeError(f"faute dans {document}")

    monkeypatch.setattr(decide, "decide_document", broken)
    executed = execute(settings, plan(settings), progress)
    assert list(executed.crashed) == [BULLETIN]
    assert executed.crashed[BULLETIN] == f"RuntimeError: faute dans {BULLETIN}"
    assert [o.document for o in executed.outcomes] == [REFUSED]
    assert executed.published and not executed.published.error


def test_an_interrupt_stops_the_refresh(
    settings: Settings, progress: Callable[[str], None], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_settings: Settings, document: str, *_: object) -> DocumentOutcome:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("goes on after the interrupt")

    monkeypatch.setattr(decide, "decide_document", interrupted)
    with pytest.raises(KeyboardInterrupt):
        execute(settings, plan(settings), progress)
    assert said == [f"{BULLETIN} : lecture (1/1)"]
    with open_instance(settings) as instance:
        assert [run.status for run in instance.get_runs()] == [DagsterRunStatus.FAILURE]


def test_a_run_left_open_by_a_killed_command_is_closed_and_one_of_the_interface_is_not(settings: Settings) -> None:
    job = build_defs(settings).resolve_job_def("publish")
    with open_instance(settings) as instance:
        killed = instance.create_run_for_job(job, status=DagsterRunStatus.STARTED, tags=ORIGIN)
        other = instance.create_run_for_job(job, status=DagsterRunStatus.STARTED)
        assert close_dead_runs(instance) == 1
        status = {run.run_id: run.status for run in instance.get_runs()}
    assert status == {killed.run_id: DagsterRunStatus.FAILURE, other.run_id: DagsterRunStatus.STARTED}


def test_a_refresh_that_was_killed_leaves_a_note_until_its_runs_are_closed(settings: Settings) -> None:
    job = build_defs(settings).resolve_job_def("publish")
    assert not was_interrupted(settings)
    with pytest.raises(OSError, match="killed"), recorded(settings) as instance:
        instance.create_run_for_job(job, status=DagsterRunStatus.STARTED, tags=ORIGIN)
        raise OSError("killed")
    assert was_interrupted(settings)
    with recorded(settings) as instance:
        assert [run.status for run in instance.get_runs()] == [DagsterRunStatus.FAILURE]
    assert not was_interrupted(settings)


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
