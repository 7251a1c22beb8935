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
