"""The jobs, and which assets a run of one document names.

Reading and publishing are two jobs: in one, the optional outputs that a document does not feed would skip the publish.
"""

from __future__ import annotations

from dagster import AssetKey, AssetSelection, define_asset_job

from pipeline.orchestration.assets import arrivals, datasets, raw, staged, warehouse
from pipeline.settings import Settings

_READ = ("raw_document", "reading")

READ_DOCUMENT = define_asset_job(
    "read_document",
    selection=AssetSelection.groups(raw.GROUP, staged.GROUP, datasets.GROUP),
    description="Lit un document : extraction, nettoyage, validation, décision. Ne publie rien.",
)
PUBLISH = define_asset_job(
    "publish",
    selection=AssetSelection.groups(warehouse.GROUP),
    description="Construit la base à partir des versions acceptées et la met en place.",
)
FETCH = define_asset_job(
    "fetch",
    selection=AssetSelection.groups(arrivals.GROUP),
    description="Prend le dossier de dépôt et, s'il est en marche, le flux du Journal officiel. Ne lit rien.",
)


def assets_of(settings: Settings, document: str) -> list[AssetKey] | None:
    """The assets that this document can make: a run that promises no other is shorter to record and to look at.

    None, all of the job, for one that feeds no dataset (the deciding step says so), or that ends another one: which
    datasets that concerns, the store tells. A refused declaration ends at the reading.
    """
    from pipeline.documents.declaration import read_document_leniently
    from pipeline.documents.model import DocumentError
    from pipeline.refresh.read import feeds

    try:
        declared, _ = read_document_leniently(settings.raw / document)
    except DocumentError:
        return [AssetKey(name) for name in _READ]
    if any(act.relation and act.relation.ends for act in declared.acts):
        return None
    fed = dict.fromkeys(dataset.name for act in declared.acts or (None,) for dataset in feeds(declared, act))
    return [AssetKey(name) for name in (*_READ, *fed)] if fed else None
