"""The jobs. Reading and publishing are two: in one, the optional outputs that a document does not feed would skip the
publish."""

from __future__ import annotations

from dagster import AssetSelection, define_asset_job

from pipeline.orchestration.assets import arrivals, datasets, raw, staged, warehouse

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
