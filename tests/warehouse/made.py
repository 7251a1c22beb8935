"""Made-up datasets, records and rows for the tests of the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.contract.dataset import Column, Dataset, Recognise
from pipeline.contract.rows import Rows
from pipeline.documents.model import KnownAct, Relation
from pipeline.settings import Settings
from pipeline.store.records import ActRecord, VersionRecord
from pipeline.store.tables import CELLS_SCHEMA, content_hash
from pipeline.store.versions import VersionStore
from pipeline.warehouse import publish as publishing
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.publish import Published

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def seuils(name: str = "seuils", **changes: Any) -> Dataset:
    """A yearly table of thresholds, one row an EPCI."""
    declared: dict[str, Any] = {
        "title": "Seuils",
        "description": "Seuil de ressources par EPCI.",
        "key": ("annee", "siren"),
        "edition_key": ("annee",),
        "columns": (
            Column("annee", "INTEGER", "Année."),
            Column("siren", "TEXT", "SIREN de l'EPCI."),
            Column("nom", "TEXT", "Nom imprimé.", nullable=True),
            Column("seuil_euros", "INTEGER", "Seuil.", unit="euros", nullable=True),
        ),
        "acts": Recognise(),
        "read": lambda *_: Rows(()),
        "rhythm": "yearly",
    }
    return Dataset(name, **(declared | changes))


def rows_table(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """(annee, siren, nom, seuil_euros) rows as a version file keeps them."""
    annee, siren, nom, seuil = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pa.table(
        {
            "row_no": pa.array(range(1, len(rows) + 1), pa.int32()),
            "annee": pa.array(annee, pa.int32()),
            "siren": pa.array(siren, pa.string()),
            "nom": pa.array(nom, pa.string()),
            "seuil_euros": pa.array(seuil, pa.int32()),
        }
    )


def cells_table(rows: pa.Table) -> pa.Table:
    """One cited piece a printed value (the year once for the version), five lines a row."""
    cells: list[dict[str, Any]] = []
    for row in rows.to_pylist():
        for col_no, name in enumerate(("siren", "nom", "seuil_euros"), start=2):
            if row[name] is not None:
                line = 10 + row["row_no"] * 5 + col_no
                cells.append(_cell(row["row_no"], col_no, str(row[name]), line))
    if cells:
        cells.insert(0, _cell(0, 1, "pour l'année 2020", 3))
    return pa.Table.from_pylist(cells, schema=CELLS_SCHEMA)


def _cell(row_no: int, col_no: int, printed: str, line: int) -> dict[str, Any]:
    said = {"row_no": row_no, "col_no": col_no, "cite_no": 1, "how": "printed", "printed": printed}
    return {**said, "rendition": "annexe.txt", "line": line, "start_char": 0, "end_char": len(printed), "rules": ""}


def record(version_no: int = 1, edition: str = "A1", **changes: Any) -> VersionRecord:
    """A version record; `changes` name its fields, and `published`, `signed`, `nor` those of its act."""
    act = {name: changes.pop(name, None) for name in ("published", "signed", "nor")}
    act_id = changes.pop("act_id", edition)
    made: dict[str, Any] = {
        "dataset": "seuils",
        "document": f"doc-{edition}",
        "rendition": "annexe.txt",
        "role": "published",
        "accepted_at": NOON + timedelta(hours=version_no),
        "rows": 1,
        "quarantined": 0,
        "content_sha256": "",
        "inputs_sha256": "",
        "act": ActRecord(act_id, f"Arrêté {act_id}", url=f"https://exemple.fr/{act_id}", **act),
        "valid_from_base": "texte" if changes.get("valid_from") else "inconnue",
    }
    return VersionRecord(version_no=version_no, edition=edition, **(made | changes))


def accept(settings: Settings, edition: str, rows: Sequence[tuple[Any, ...]], **changes: Any) -> VersionRecord:
    """Write one version of `seuils` (or of the dataset named) with these rows."""
    table = rows_table(rows)
    number = VersionStore(settings.versions).next_no
    made = record(number, edition, content_sha256=content_hash(table), **changes)
    return VersionStore(settings.versions).commit(made, table, cells_table(table))


def known(act_id: str, effect_from: date | None, dataset: str = "seuils", **changes: Any) -> KnownAct:
    return KnownAct(act_id, dataset, f"Arrêté {act_id}", effect_from=effect_from, **changes)


def amends(act: str, portee: str = "totale") -> Relation:
    return Relation("modifie", act, portee)  # type: ignore[arg-type]


def project(folder: Path) -> Settings:
    return Settings(folder)


def publish(
    settings: Settings,
    datasets: Sequence[Dataset],
    catalogue: Catalogue,
    fingerprint: str = "",
    now: datetime | None = None,
) -> Published:
    """The warehouse of these datasets, from all that the project's store holds."""
    return publishing.publish(settings, VersionStore(settings.versions), datasets, catalogue, fingerprint, now)
