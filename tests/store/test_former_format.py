"""Version files of the former format, and of a former declaration, stay readable (fixture: `make_format_1`)."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipeline.contract.dataset import Column, Dataset
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from pipeline.warehouse.catalogue import Catalogue
from tests.store.make_format_1 import FOLDER, ROWS
from tests.warehouse.made import accept, project, publish, seuils


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = project(tmp_path)
    shutil.copytree(FOLDER, made.versions)
    return made


def ask(settings: Settings, sql: str, dataset: Dataset | None = None) -> list[tuple[object, ...]]:
    publish(settings, [dataset or seuils()], Catalogue())
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_record_of_format_1_is_read(settings: Settings) -> None:
    (read,) = VersionStore(settings.versions).records()
    assert (read.format, read.edition, read.rows) == (1, "A0", len(ROWS))


def test_a_column_added_since_is_null_and_the_others_keep_their_provenance(settings: Settings) -> None:
    assert ask(settings, "SELECT siren, nom, seuil_euros FROM seuils ORDER BY siren") == [
        ("200000001", None, 8_000),
        ("200000002", None, 7_500),
    ]
    found = ask(settings, "SELECT colonne, printed FROM meta.provenance WHERE row_no = 1 ORDER BY col_no")
    assert found == [("siren", "200000001"), ("seuil_euros", "8000")]


def test_old_and_new_versions_stand_side_by_side(settings: Settings) -> None:
    accept(settings, "A1", [(2020, "200000001", "CA Un", 10_000)], valid_from=date(2020, 6, 15))
    changes = "SELECT changement, colonne, avant, apres FROM seuils_diff(1, 2) WHERE siren = '200000001' ORDER BY ALL"
    assert ask(settings, changes) == [
        ("modifie", "seuil_euros", "8000", "10000"),
        ("valeur_trouvee", "nom", None, "CA Un"),
    ]


def test_a_column_widened_or_taken_away_since_does_not_stop_a_publish(settings: Settings) -> None:
    kept = (Column("siren", "TEXT", "SIREN."), Column("seuil_euros", "DOUBLE", "Seuil."))
    narrower = seuils(key=("siren",), edition_key=(), columns=kept)
    assert ask(settings, "SELECT seuil_euros FROM seuils ORDER BY siren", narrower) == [(8_000.0,), (7_500.0,)]
