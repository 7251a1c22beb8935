"""The definitions hold together, and say what the declarations say."""

from __future__ import annotations

import pytest
from dagster import AssetKey, Definitions
from pipeline.orchestration.build import build_defs

from pipeline.contract.rules import CHECKS
from pipeline.datasets import all_datasets
from pipeline.settings import Settings

NAMES = {d.name for d in all_datasets()}


@pytest.fixture
def defs(settings: Settings) -> Definitions:
    return build_defs(settings)


def test_the_definitions_are_valid(defs: Definitions) -> None:
    Definitions.validate_loadable(defs)
    assert {job.name for job in defs.jobs or ()} == {"fetch", "read_document", "publish"}


def test_four_groups_lead_from_the_document_to_the_warehouse(defs: Definitions) -> None:
    graph = defs.resolve_asset_graph()
    groups: dict[str, set[str]] = {}
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description and node.kinds and node.code_version
        groups.setdefault(node.group_name, set()).add(key.to_user_string())
    assert groups.pop("acquisition") == {"arrivals"}
    assert groups == {"raw": {"raw_document"}, "staged": {"reading"}, "datasets": NAMES, "warehouse": {"warehouse"}}
    assert graph.get(AssetKey("reading")).parent_keys == {AssetKey("raw_document")}
    assert graph.get(AssetKey("warehouse")).parent_keys == {AssetKey(name) for name in NAMES}
    assert graph.get(AssetKey("warehouse")).partitions_def is None


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_dataset_has_its_columns_and_its_checks_kept_per_document(defs: Definitions, name: str) -> None:
    graph = defs.resolve_asset_graph()
    columns = graph.get(AssetKey(name)).metadata["dagster/column_schema"].columns
    declared = next(d for d in all_datasets() if d.name == name)
    assert [c.name for c in columns] == [c.name for c in declared.columns]
    checks = {key.name: graph.get(key) for key in graph.asset_check_keys if key.asset_key == AssetKey(name)}
    assert set(checks) == set(CHECKS)
    assert {node.partitions_def for node in checks.values()} == {graph.get(AssetKey(name)).partitions_def}
    assert not any(node.blocking for node in checks.values())
