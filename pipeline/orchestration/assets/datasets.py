"""Group datasets: one asset a declared dataset, all made by one step, for one document may feed several of them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dagster import (
    AssetCheckKey,
    AssetCheckResult,
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    DataVersion,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    multi_asset,
)

from pipeline.contract.dataset import Dataset
from pipeline.datasets import all_datasets
from pipeline.orchestration.assets.staged import reading
from pipeline.orchestration.checks import dataset_results, dataset_specs
from pipeline.orchestration.describe import PREVIEW_ROWS, editions_table, markdown_table, table_schema
from pipeline.orchestration.failures import refused
from pipeline.orchestration.partitions import DOCUMENTS
from pipeline.orchestration.project import Project
from pipeline.refresh import state
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.refresh.state import EditionOutcome

GROUP = "datasets"


def _spec(dataset: Dataset) -> AssetSpec:
    return AssetSpec(
        dataset.name,
        deps=[reading],
        group_name=GROUP,
        kinds={"pandera", "parquet"},
        partitions_def=DOCUMENTS,
        skippable=True,
        code_version=state.code_fingerprint(),
        description=f"**{dataset.title}**\n\n{dataset.description}",
        metadata={"dagster/column_schema": table_schema(dataset), "succession": dataset.succession},
    )


@multi_asset(
    name="datasets",
    specs=[_spec(dataset) for dataset in all_datasets()],
    check_specs=[spec for dataset in all_datasets() for spec in dataset_specs(dataset.name)],
    can_subset=True,
)
def datasets(
    context: AssetExecutionContext, project: ResourceParam[Project]
) -> Iterator[MaterializeResult[None] | AssetCheckResult]:
    """The editions of one document decided; those accepted (or as they were) materialise their dataset.

    All of the document is decided whatever was selected: its ledger is one. A refusal fails the run once everything
    that can be said was said.
    """
    from pipeline.refresh import decide, publish

    document, settings = context.partition_key, project.settings
    with project.turn():
        outcome = decide.decide_document(settings, document, project.clock)
    if why := project.tell(settings, outcome):
        context.log.warning(f"alerte : {why}")
    seen = {a.finding for a in publish.acknowledged(settings, document)}
    for name in dict.fromkeys(e.dataset for e in outcome.editions):
        editions = [e for e in outcome.editions if e.dataset == name]
        standing = [e for e in editions if e.status in ("accepted", "unchanged")]
        if standing and AssetKey(name) in context.selected_asset_keys:
            yield _materialised(settings, name, standing)
        for result in dataset_results(outcome, name, seen):
            if AssetCheckKey(AssetKey(name), result.check_name or "") in context.selected_asset_check_keys:
                yield result
    if outcome.refused:
        raise refused(document, outcome.refused)


def _materialised(settings: Settings, name: str, editions: Sequence["EditionOutcome"]) -> MaterializeResult[None]:
    """Version: content hashes of the versions that stand, joined."""
    import pyarrow.parquet as pq

    from pipeline.store import versions

    numbers = {e.version_no for e in editions}
    records = [r for r in versions.read_records(settings, name) if r.version_no in numbers]
    newest = records[-1]
    path = versions.version_path(settings, name, newest.version_no)
    first = pq.read_table(path).drop_columns(["row_no"]).slice(0, PREVIEW_ROWS)
    rows = zip(*(column.to_pylist() for column in first.columns), strict=True)
    return MaterializeResult(
        asset_key=name,
        data_version=DataVersion("-".join(r.content_sha256 for r in records)),
        metadata={
            "dagster/row_count": sum(e.rows for e in editions),
            "lignes écartées": sum(e.quarantined for e in editions),
            "version": newest.version_no,
            "fichier": MetadataValue.path(path),
            "éditions": editions_table(editions),
            "aperçu": MetadataValue.md(markdown_table(first.column_names, rows)),
        },
    )
