"""Versions added to the published file: what comes of it is what a whole build says, and what is no mere addition is
built whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline.contract.dataset import Column
from pipeline.documents.model import Document, Rendition
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from pipeline.warehouse import views
from pipeline.warehouse.audit import audit
from pipeline.warehouse.build import Inputs, build
from pipeline.warehouse.catalogue import Catalogue, ReferenceTable
from pipeline.warehouse.publish import Published, declared
from pipeline.warehouse.reference import begin_with_reference
from pipeline.warehouse.verify import differences
from tests.warehouse.made import accept, amends, cells_table, known, project, publish, record, rows_table, seuils

ONE = [(2020, "200000001", "CA 1", 10_000), (2020, "200000002", "CA 2", 12_000)]
TWO = [(2021, "200000001", "CA 1", 11_000), (2021, "200000003", None, 9_000)]
DATASETS = [seuils(), seuils("autres")]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A1 of 2020 published."""
    made = project(tmp_path)
    accept(made, "A1", ONE, valid_from=date(2020, 6, 15))
    assert published(made).added is None
    return made


def published(settings: Settings, catalogue: Catalogue | None = None, days: float = 0.0) -> Published:
    return publish(settings, DATASETS, catalogue or Catalogue(), now=NOW + timedelta(days=days))


def against_whole(settings: Settings, catalogue: Catalogue | None = None) -> list[str]:
    """What a whole build of the same store and catalogue says otherwise."""
    store, whole = VersionStore(settings.versions), settings.root / "whole.duckdb"
    whole.unlink(missing_ok=True)
    build(Inputs(DATASETS, store, declared(store, DATASETS), catalogue or Catalogue()), whole)
    with duckdb.connect() as connection:
        for name, path in (("published", settings.database), ("whole", whole)):
            connection.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
        return list(differences(connection, "published", "whole"))


def test_a_new_version_is_added_and_the_file_says_what_a_whole_build_would(settings: Settings) -> None:
    accept(settings, "A2", TWO, valid_from=date(2021, 6, 1), relation=amends("A1", "partielle"))
    accept(settings, "B1", TWO, dataset="autres", valid_from=date(2021, 6, 1))
    assert published(settings).added == 2
    assert against_whole(settings) == []
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        shown = connection.execute("SELECT siren, seuil_euros FROM seuils ORDER BY siren").fetchall()
    assert shown == [("200000001", 11_000), ("200000002", 12_000), ("200000003", 9_000)]


def test_again_and_again_with_documents_between_those_there_were(settings: Settings) -> None:
    """A document that sorts before another one changes no number that a citation has."""
    catalogue = Catalogue()
    for year in range(2021, 2026):
        accept(settings, f"A{year}", TWO, valid_from=date(year, 6, 1))
        file = Rendition("annexe.txt", "published", "cells", "")
        document = Document(f"doc-A{year}", "Annexe", "Ministère", "arrete", Path(), (file,), ())
        catalogue = replace(catalogue, documents=(document, *catalogue.documents))
        assert published(settings, catalogue).added == 1
    assert against_whole(settings, catalogue) == []


def test_a_withdrawal_and_acts_known_change_what_is_derived_alone(settings: Settings) -> None:
    accept(settings, "A2", TWO, valid_from=date(2021, 6, 1))
    published(settings)
    VersionStore(settings.versions).withdraw(2, "faux", NOW)
    catalogue = Catalogue(known_acts=(known("A3", date(2022, 1, 1)),))
    assert published(settings, catalogue).added == 0
    assert against_whole(settings, catalogue) == []


def _new_rules(settings: Settings) -> None:
    rows = rows_table(TWO)
    cells = cells_table(rows)
    lines = [{**line, "rules": "nouvelle"} for line in cells.to_pylist()]
    ruled = pa.Table.from_pylist(lines, schema=cells.schema)
    VersionStore(settings.versions).commit(record(2, "A2", valid_from=date(2021, 6, 1)), rows, ruled)


def _file_of_someone_else(settings: Settings) -> None:
    settings.database.chmod(0o644)
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute("DELETE FROM data.seuils")


@pytest.mark.parametrize("change", [_new_rules, _file_of_someone_else])
def test_what_is_no_mere_addition_is_built_whole(settings: Settings, change: object) -> None:
    assert callable(change)
    change(settings)
    assert published(settings).added is None
    assert against_whole(settings) == []


@pytest.mark.parametrize(
    "datasets",
    [
        [seuils(title="Autre titre"), DATASETS[1]],
        [seuils(columns=(*seuils().columns, Column("zone", "TEXT", "Zone.", nullable=True))), DATASETS[1]],
        [*DATASETS, seuils("troisieme")],
    ],
)
def test_another_declaration_is_built_whole(settings: Settings, datasets: Sequence[object]) -> None:
    accept(settings, "A2", TWO, valid_from=date(2021, 6, 1))
    assert publish(settings, datasets, Catalogue(), now=NOW).added is None  # type: ignore[arg-type]


def test_once_a_week_the_file_is_built_whole(settings: Settings) -> None:
    accept(settings, "A2", TWO, valid_from=date(2021, 6, 1))
    assert published(settings, days=3).added == 1
    accept(settings, "A3", TWO, valid_from=date(2022, 6, 1))
    assert published(settings, days=6.9).added == 1
    assert published(settings, days=7).added is None
    assert published(settings, days=13.9).added == 0


def test_verify_compares_a_file_added_to_with_a_whole_build(settings: Settings) -> None:
    accept(settings, "A2", TWO, valid_from=date(2021, 6, 1))
    published(settings)
    assert list(audit(settings, DATASETS, True, Catalogue())) == []
    settings.database.chmod(0o644)
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute("UPDATE meta.cells SET printed = 'autre' WHERE version_no = 1 AND row_no = 1")
    wrong = next(said for said in audit(settings, DATASETS, True, Catalogue()) if "meta.cells" in said)
    assert "meta.cells : autre contenu" in wrong and "refaite en entier" in wrong
    assert not list(settings.warehouse.glob(".verify.*"))


def test_a_second_build_of_a_process_has_the_reference_from_a_file(settings: Settings) -> None:
    columns = pa.table({"code": ["01004"], "nom": ["Ambérieu-en-Bugey"]})
    table = ReferenceTable(columns, "Communes.", {"code": "Code.", "nom": "Nom."})
    catalogue = Catalogue(reference={"communes": table}, reference_mark="essai")
    store = VersionStore(settings.versions)
    paths = [settings.root / f"{name}.duckdb" for name in ("first", "second")]
    for path in paths:
        build(Inputs(DATASETS, store, declared(store, DATASETS), catalogue), path)
    assert not begin_with_reference(replace(catalogue, reference_mark=""), settings.root / "other.duckdb")
    with duckdb.connect() as connection:
        for path in paths:
            connection.execute(f"ATTACH '{path}' (READ_ONLY)")
        assert list(differences(connection, "first", "second")) == []
        assert connection.execute("SELECT nom FROM second.ref.communes").fetchall() == [("Ambérieu-en-Bugey",)]


def test_a_view_of_many_versions_shows_what_one_that_names_them_does(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(settings, "A2", TWO, valid_from=date(2021, 6, 1), relation=amends("A1", "partielle"))
    shown = []
    for written_out in (200, 0):
        monkeypatch.setattr(views, "_WRITTEN_OUT", written_out)
        publish(settings, DATASETS, Catalogue(), now=NOW)
        with duckdb.connect(str(settings.database), read_only=True) as connection:
            shown.append(connection.execute("FROM seuils ORDER BY ALL").fetchall())
        settings.database.chmod(0o644)
        settings.database.unlink()
    assert shown[0] == shown[1] != []
