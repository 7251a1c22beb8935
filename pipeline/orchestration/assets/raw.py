"""Group raw: a document as it was archived. Nothing is parsed here, so that a refused one is seen too."""

from dagster import (
    AssetExecutionContext,
    DataVersion,
    Failure,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    asset,
)

from pipeline.orchestration.describe import markdown_table
from pipeline.orchestration.partitions import DOCUMENTS
from pipeline.orchestration.project import Project
from pipeline.refresh import state

GROUP = "raw"


@asset(
    group_name=GROUP,
    kinds={"file"},
    partitions_def=DOCUMENTS,
    code_version="1",
    description="Un document archivé de `raw/` : sa déclaration (`document.toml`) et ses fichiers, tels que publiés.",
)
def raw_document(context: AssetExecutionContext, project: ResourceParam[Project]) -> MaterializeResult[None]:
    """Version: hash over the files, names and lengths kept apart."""
    folder = project.settings.raw / context.partition_key
    if not folder.is_dir():
        raise Failure(f"{context.partition_key} : dossier absent de raw/ ; le remettre ou retirer cette partition")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    contents = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files]
    rows = [(name, len(data), state.digest([("", data)])[:12]) for name, data in contents]
    return MaterializeResult(
        data_version=DataVersion(state.digest(contents)),
        metadata={
            "dossier": MetadataValue.path(folder),
            "fichiers": len(files),
            "octets": sum(len(data) for _, data in contents),
            "aperçu": MetadataValue.md(markdown_table(("fichier", "octets", "empreinte"), rows)),
        },
    )
