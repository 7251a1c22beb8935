"""Group warehouse: the published file. Not partitioned: it is built whole from all accepted versions."""

from collections.abc import Iterator, Sequence

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetDep,
    DataVersion,
    Failure,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    asset,
)

from pipeline.datasets import all_datasets
from pipeline.orchestration.describe import markdown_table
from pipeline.orchestration.project import Project
from pipeline.refresh import state
from pipeline.settings import Settings
from pipeline.store.versions import RefusedFile
from pipeline.warehouse.publish import BUILDING_ROOMS

GROUP = "warehouse"
WHOLE = AssetCheckSpec(
    "whole",
    asset="warehouse",
    description="Tous les fichiers de version sont entiers ; un fichier altéré n'est pas servi.",
)


@asset(
    group_name=GROUP,
    kinds={"duckdb"},
    deps=[AssetDep(dataset.name) for dataset in all_datasets()],
    check_specs=[WHOLE],
    code_version=state.code_fingerprint(BUILDING_ROOMS),
    description=(
        "La base publiée, `warehouse/annexes.duckdb` : tous les jeux de données, leurs périodes de validité, "
        "l'origine de chaque valeur. Construite à côté, vérifiée, puis mise en place d'un seul coup."
    ),
)
def warehouse(project: ResourceParam[Project]) -> Iterator[MaterializeResult[None] | AssetCheckResult]:
    """Version: fingerprint of all that the publish read."""
    from pipeline.refresh import publish
    from pipeline.warehouse.publish import PublishError

    settings = project.settings
    with project.turn():
        try:
            published = publish.publish(settings, now=project.clock())
        except PublishError as error:
            raise Failure(str(error), metadata={"motifs": list(error.problems)}, allow_retries=False) from error
        mark = publish.fingerprint(settings)
    tables = _tables(settings)
    yield MaterializeResult(
        data_version=DataVersion(mark),
        metadata={
            "dagster/row_count": sum(rows for _, rows, _ in tables),
            "versions": published.versions,
            "inchangée": published.skipped,
            "secondes": round(published.seconds, 2),
            "octets": published.path.stat().st_size,
            "fichier": MetadataValue.path(published.path),
            "tables": MetadataValue.md(markdown_table(("table", "lignes", "contenu"), tables, limit=len(tables))),
        },
    )
    yield _whole(published.refused)


def _whole(refused: Sequence[RefusedFile]) -> AssetCheckResult:
    named = [(f"{file.path.parent.name}/{file.path.name}", file.reason) for file in refused]
    if not named:
        return AssetCheckResult(passed=True)
    return AssetCheckResult(
        passed=False,
        severity=AssetCheckSeverity.ERROR,
        description=" : ".join(named[0]),
        metadata={"fichiers refusés": MetadataValue.md(markdown_table(("fichier", "motif"), named))},
    )


def _tables(settings: Settings) -> list[tuple[str, int, str]]:
    """(table, rows, comment) of the schema data."""
    from pipeline.warehouse.access import connect

    sql = "SELECT table_name, estimated_size, comment FROM duckdb_tables() WHERE schema_name = 'data' ORDER BY 1"
    with connect(settings) as connection:
        found = connection.execute(sql).fetchall()
    return [(str(name), int(rows), str(comment or "")) for name, rows, comment in found]
