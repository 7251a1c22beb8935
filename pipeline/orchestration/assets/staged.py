"""Group staged: what extraction makes of a document's renditions. A document that cannot be read fails its run here."""

from collections.abc import Iterator

from dagster import (
    AssetCheckResult,
    AssetCheckSpec,
    AssetExecutionContext,
    DataVersion,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    asset,
)

from pipeline.documents.model import DocumentError
from pipeline.orchestration.assets.raw import raw_document
from pipeline.orchestration.checks import read_result, read_spec
from pipeline.orchestration.describe import reading_metadata
from pipeline.orchestration.failures import refused
from pipeline.orchestration.partitions import DOCUMENTS
from pipeline.orchestration.project import Project
from pipeline.refresh import state

GROUP = "staged"
CHECK: AssetCheckSpec = read_spec("reading")


@asset(
    group_name=GROUP,
    kinds={"python", "parquet"},
    partitions_def=DOCUMENTS,
    deps=[raw_document],
    check_specs=[CHECK],
    code_version=state.code_fingerprint(("documents", "extract")),
    description=(
        "La lecture de chaque fichier d'un document : titres, paragraphes et tableaux tels qu'imprimés, "
        "chaque cellule avec son lieu, les réparations et ce qui n'a pu être lu."
    ),
)
def reading(
    context: AssetExecutionContext, project: ResourceParam[Project]
) -> Iterator[MaterializeResult[None] | AssetCheckResult]:
    """Version: hash over the staged readings, one part a rendition."""
    from pipeline.refresh import decide, read

    document = context.partition_key
    with project.turn():
        try:
            staged = read.stage_readings(project.settings, document)
        except DocumentError as error:
            outcome = decide.refuse_document(project.settings, document, error)
            if why := project.tell(project.settings, outcome):
                context.log.warning(f"alerte : {why}")
            yield read_result(CHECK, outcome.findings)
            raise refused(document, outcome.refused) from error
        folder = read.readings_folder(project.settings, document)
        contents = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.parquet"))]
    yield MaterializeResult(
        data_version=DataVersion(state.digest(contents)),
        metadata={"dossier": MetadataValue.path(folder), **reading_metadata(staged)},
    )
    yield read_result(CHECK, staged.findings)
