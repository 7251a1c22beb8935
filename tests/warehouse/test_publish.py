"""Publishing: a whole file in place, documented, skipped when nothing changed."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import duckdb

from pipeline.store.versions import VersionStore
from pipeline.warehouse import access
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.publish import publish_fingerprint
from tests.warehouse.made import accept, known, project, publish, seuils

THREE = [(2020, "200000001", "CA Un", 10_000), (2020, "200000002", "CA Deux", None), (2020, "200000003", "CC", 9_000)]


def test_a_published_file_answers(tmp_path: Path) -> None:
    settings = project(tmp_path)
    accept(settings, "A1", THREE, valid_from=date(2020, 6, 15))
    accept(settings, "A2", [(2021, "200000001", "CA Un", 11_000)], valid_from=date(2021, 7, 18))
    catalogue = Catalogue(known_acts=(known("A3", date(2022, 5, 14)),))

    published = publish(settings, [seuils()], catalogue)

    assert published.versions == 2
    assert stat.S_IMODE(settings.database.stat().st_mode) == 0o444
    found = access.query(settings, "SELECT seuil_euros, nor, source_lieu, vigueur FROM seuils").to_pylist()
    assert found == [{"seuil_euros": 11_000, "nor": None, "source_lieu": "lignes 17 à 19", "vigueur": "remplace"}]
    assert access.query(settings, "FROM seuils_as_of('2021-01-01')").num_rows == 3
    assert access.query(settings, "FROM seuils_as_of('2022-12-01')").num_rows == 0
    changes = access.query(settings, "SELECT changement, siren, avant, apres FROM seuils_diff(1, 2) ORDER BY ALL")
    assert changes.to_pylist() == [
        {"changement": "modifie", "siren": "200000001", "avant": "10000", "apres": "11000"},
        {"changement": "retire", "siren": "200000002", "avant": None, "apres": None},
        {"changement": "retire", "siren": "200000003", "avant": None, "apres": None},
    ]
    why = access.query(settings, "SELECT printed, lieu FROM meta.provenance WHERE version_no = 1 AND row_no IN (0, 1)")
    assert {"printed": "pour l'année 2020", "lieu": "ligne 3"} in why.to_pylist()
    assert access.query(settings, "FROM history.seuils WHERE known_to IS NULL").num_rows == 4


def test_nothing_changed_nothing_built(tmp_path: Path) -> None:
    settings = project(tmp_path)
    accept(settings, "A1", THREE, valid_from=date(2020, 6, 15))
    fingerprint = publish_fingerprint(settings)
    publish(settings, [seuils()], Catalogue(), fingerprint)
    before = settings.database.stat().st_ino

    assert publish(settings, [seuils()], Catalogue(), fingerprint).skipped
    assert settings.database.stat().st_ino == before

    accept(settings, "A1", THREE[:2], valid_from=date(2020, 6, 15))
    assert not publish(settings, [seuils()], Catalogue(), publish_fingerprint(settings)).skipped


def test_a_version_file_restored_after_damage_is_published_again(tmp_path: Path) -> None:
    settings = project(tmp_path)
    accept(settings, "A1", THREE, valid_from=date(2020, 6, 15))
    path = VersionStore(settings.versions).path("seuils", 1)
    whole = path.read_bytes()
    path.write_bytes(b"PAR1")
    assert publish(settings, [seuils()], Catalogue(), publish_fingerprint(settings)).versions == 0
    path.write_bytes(whole)
    assert publish(settings, [seuils()], Catalogue(), publish_fingerprint(settings)).versions == 1


def test_a_damaged_or_undeclared_version_is_named_and_the_rest_published(tmp_path: Path) -> None:
    settings = project(tmp_path)
    accept(settings, "A1", THREE, valid_from=date(2020, 6, 15))
    accept(settings, "A2", THREE[:1], valid_from=date(2021, 6, 15))
    accept(settings, "B1", THREE, dataset="abandonne")
    VersionStore(settings.versions).path("seuils", 1).write_bytes(b"PAR1")

    published = publish(settings, [seuils()], Catalogue())

    assert published.versions == 1
    assert {f"{r.path.parent.name}/{r.path.name}" for r in published.refused} == {
        "seuils/000001.parquet",
        "abandonne/000003.json",
    }
    errors = access.query(settings, "SELECT subject FROM meta.findings WHERE rule = 'version_refusee' ORDER BY ALL")
    assert errors.column(0).to_pylist() == ["abandonne/000003.json", "seuils/000001.parquet"]


def test_a_declared_dataset_without_a_version_is_an_empty_table(tmp_path: Path) -> None:
    settings = project(tmp_path)
    publish(settings, [seuils()], Catalogue())
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM seuils").fetchone() == (0,)
