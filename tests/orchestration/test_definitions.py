"""The definitions hold together, and say in plain words what the declarations say."""

from __future__ import annotations

import dagster as dg
import pytest

from pipeline.contract.rules import CHECKS
from pipeline.datasets import all_datasets
from pipeline.orchestration.definitions import build_defs
from pipeline.orchestration.describe import OWNERS
from pipeline.settings import Settings
from pipeline.warehouse.marts import described, read_marts
from tests.bulletin import BULLETIN

NAMES = {d.name for d in all_datasets()}
MARTS = {mart.name for mart in read_marts()}
YEARLY = {d.name for d in all_datasets() if d.rhythm == "yearly"}


@pytest.fixture
def defs(settings: Settings) -> dg.Definitions:
    return build_defs(settings)


def parents(defs: dg.Definitions, name: str) -> set[str]:
    return {key.to_user_string() for key in defs.resolve_asset_graph().get(dg.AssetKey(name)).parent_keys}


def test_the_definitions_are_valid(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)
    assert {job.name for job in defs.jobs or ()} == {"rafraichir", "publier", "acquerir"}


def test_each_asset_says_what_it_is_whose_it_is_and_where_it_stands(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    groups: dict[str, set[str]] = {}
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description and node.kinds and tuple(node.owners) == OWNERS, key
        groups.setdefault(node.group_name, set()).add(key.to_user_string())
    assert groups == {
        "documents": {"document", "lecture"},
        "jeux_de_donnees": NAMES | {"ref", "actes_connus"},
        "base": MARTS | {"base"},
    }
    for name in NAMES:
        assert graph.get(dg.AssetKey(name)).metadata["dagster/table_name"] == f"annexes.main.{name}"


def test_the_lineage_leads_from_the_documents_to_the_file(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    document = graph.get(dg.AssetKey("document"))
    assert document.is_observable and not document.is_materializable
    assert parents(defs, "lecture") == {"document"}
    for name in NAMES:
        assert parents(defs, name) == {"lecture", "ref"}
    assert parents(defs, "base") == NAMES | MARTS | {"ref", "actes_connus"}
    assert parents(defs, "seuil_par_epci") == {"premier_quartile"}
    assert parents(defs, "plafonds_par_commune") == {"zonage_abc", "prix_psla", "plafonds_plus", "ref"}


def test_each_dataset_has_partitions_of_its_own(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    found = {name: graph.get(dg.AssetKey(name)).partitions_def for name in (*NAMES, "lecture")}
    assert len({str(d.name) for d in found.values() if isinstance(d, dg.DynamicPartitionsDefinition)}) == len(found)
    assert graph.get(dg.AssetKey("base")).partitions_def is None


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_dataset_has_its_columns_and_its_checks_kept_per_document(defs: dg.Definitions, name: str) -> None:
    graph = defs.resolve_asset_graph()
    columns = graph.get(dg.AssetKey(name)).metadata["dagster/column_schema"].columns
    declared = next(d for d in all_datasets() if d.name == name)
    assert [c.name for c in columns] == [c.name for c in declared.columns]
    checks = {key.name: graph.get(key) for key in graph.asset_check_keys if key.asset_key == dg.AssetKey(name)}
    assert set(checks) == set(CHECKS) | ({"a_jour"} if name in YEARLY else set())
    own = graph.get(dg.AssetKey(name)).partitions_def
    assert {node.partitions_def for check, node in checks.items() if check != "a_jour"} == {own}
    assert not any(node.blocking for node in checks.values())


def test_marts_carry_the_comments_of_their_file(defs: dg.Definitions) -> None:
    for mart in read_marts():
        said = defs.resolve_asset_graph().get(dg.AssetKey(mart.name)).description or ""
        assert all(found.comment in said for found in described(mart))


def test_acts_and_documents_are_named_by_their_titles_and_addresses(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    assert "Bulletin officiel des impôts" in (graph.get(dg.AssetKey("document")).description or "")
    assert f"| {BULLETIN} |" in (graph.get(dg.AssetKey("document")).description or "")
    assert "Arrêté du 26 mars 2004" in (graph.get(dg.AssetKey("prix_psla")).description or "")
    known = graph.get(dg.AssetKey("premier_quartile")).description or ""
    assert "(https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000043798217)" in known.partition("non détenus")[2]


def test_rounds_of_arrival_are_expected_only_where_the_feed_is_on(settings: Settings) -> None:
    settings.configuration.write_text('[feed]\nenabled = true\nbase_url = "http://127.0.0.1:9/"\n', encoding="utf-8")
    assert dg.AssetKey("arrivees") in build_defs(settings).resolve_asset_graph().get_all_asset_keys()
