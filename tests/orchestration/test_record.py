"""Events that belong to no run, as they stand in the history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipeline.orchestration.instance import open_instance
from pipeline.orchestration.record import Event, report
from pipeline.settings import Settings
from tests.histories import add_history

ASSET, CHECK, DOCUMENT = dg.AssetKey("seuils"), dg.AssetCheckKey(dg.AssetKey("seuils"), "cles"), "D1"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    add_history(tmp_path)
    with open_instance(Settings(tmp_path)) as opened:
        yield opened


def evaluated(passed: bool) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(asset_key=ASSET, check_name="cles", passed=passed, metadata={}, partition=DOCUMENT)


def test_events_are_kept_together_and_a_check_of_one_document_can_be_told_again(instance: dg.DagsterInstance) -> None:
    made = dg.AssetMaterialization(ASSET, partition=DOCUMENT, metadata={"dagster/row_count": 3})
    report(instance, [made, evaluated(True)], "premier")
    report(instance, [made, evaluated(False)], "second")
    assert instance.get_materialized_partitions(ASSET) == {DOCUMENT}
    assert len(instance.fetch_materializations(ASSET, limit=9).records) == 2
    told = instance.event_log_storage.get_asset_check_execution_history(CHECK, limit=9)
    assert [record.status.value for record in told] == ["FAILED", "SUCCEEDED"]


def test_of_events_that_could_not_all_be_written_none_is_kept(instance: dg.DagsterInstance) -> None:
    def broken() -> Iterator[Event]:
        yield dg.AssetMaterialization(ASSET, partition=DOCUMENT)
        raise OSError("disque plein")

    with pytest.raises(OSError, match="disque plein"):
        report(instance, broken(), "premier")
    assert instance.get_materialized_partitions(ASSET) == set()
    report(instance, [dg.AssetMaterialization(ASSET, partition=DOCUMENT)], "second")
    assert instance.get_materialized_partitions(ASSET) == {DOCUMENT}


def test_what_is_written_together_is_what_the_storage_writes_one_by_one(instance: dg.DagsterInstance) -> None:
    """All that the interface asks of the index: events, tags, checks with what they are about, what is newest."""
    seen = dg.AssetObservation(ASSET, partition=DOCUMENT, tags={"dagster/data_version": "1"})
    made = dg.AssetMaterialization(ASSET, partition=DOCUMENT, tags={"dagster/data_version": "2"})
    instance.report_runless_asset_event(seen)
    instance.report_runless_asset_event(made)
    evaluation = dg.DagsterEvent(
        event_type_value=dg.DagsterEventType.ASSET_CHECK_EVALUATION.value,
        job_name="rafraichir",
        event_specific_data=evaluated(False),
    )
    instance.report_dagster_event(evaluation, "premier")
    alone = _index(instance)
    report(instance, [seen, made, evaluated(False)], "second")
    together = {table: rows[len(alone[table]) :] for table, rows in _index(instance).items()}
    assert together.pop("asset_keys") == []
    assert alone.pop("asset_keys") == [('["seuils"]',)]
    assert together == alone
    newest = instance.get_latest_materialization_event(ASSET)
    assert newest and newest.asset_materialization and newest.asset_materialization.tags == made.tags
    (told,) = instance.event_log_storage.get_asset_check_execution_history(CHECK, limit=1)
    last = instance.fetch_materializations(ASSET, limit=1).records[0]
    assert told.event and told.event.dagster_event
    about = told.event.dagster_event.asset_check_evaluation_data.target_materialization_data
    assert about and about.storage_id == last.storage_id


def _index(instance: dg.DagsterInstance) -> dict[str, list[tuple[object, ...]]]:
    """The index over all runs, without numbers and moments."""
    asked = {
        "event_logs": "dagster_event_type, step_key, asset_key, partition",
        "asset_event_tags": "asset_key, key, value",
        "asset_check_executions": "asset_key, check_name, partition, execution_status",
        "asset_keys": "asset_key",
    }
    with instance.event_log_storage.index_connection() as connection:  # type: ignore[attr-defined]
        return {
            table: [tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table} ORDER BY id")]
            for table, columns in asked.items()
        }
