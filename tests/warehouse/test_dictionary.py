"""Nothing is published without saying what it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline.contract.findings import Finding
from pipeline.contract.rows import LedgerLine, Quarantined
from pipeline.documents.model import Act, Document, Effect, Rendition
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from pipeline.warehouse.build import Inputs, fill
from pipeline.warehouse.catalogue import Acknowledged, Catalogue, ReferenceTable
from pipeline.warehouse.verify import problems, undocumented
from tests.warehouse.made import accept, amends, known, project, seuils

FINDING = Finding("siret_est_un_siren", "info", "doc-A1", "la colonne dit SIRET", dataset="seuils", edition="A1")
COMMUNES = ReferenceTable(pa.table({"code_commune": ["01001"]}), "Communes.", {"code_commune": "Code INSEE."})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = project(tmp_path)
    accept(made, "A1", [(2020, "200000001", "CA Un", 10_000)], valid_from=date(2020, 6, 15))
    accept(
        made, "A2", [(2020, "200000001", "CA Un", 1)], valid_from=date(2021, 1, 1), relation=amends("A1", "partielle")
    )
    return made


def catalogue() -> Catalogue:
    act = Act("A1", "Arrêté A1", effect=Effect(date(2020, 6, 15), "texte"))
    rendition = Rendition("annexe.txt", "extract", "cells", "0" * 64)
    document = Document("doc-A1", "Arrêté", "DILA", "arrete", Path("doc-A1"), (rendition,), (act,))
    return Catalogue(
        documents=(document,),
        known_acts=(known("A1", date(2020, 6, 15)), known("A9", date(2029, 1, 1))),
        findings=(FINDING,),
        acknowledged=(Acknowledged(FINDING.id, "vu avec l'éditeur"),),
        quarantine=(Quarantined("doc-A1", "seuils", "A1", "annexe.txt", "siren", "illisible", "2000", "ligne 9"),),
        ledger=(LedgerLine("doc-A1", "annexe.txt", "seuils", "A1", "published", "", 4),),
        reference={"communes": COMMUNES},
    )


@pytest.fixture
def built(settings: Settings) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    fill(connection, inputs(settings))
    return connection


def inputs(settings: Settings) -> Inputs:
    store = VersionStore(settings.versions)
    return Inputs([seuils(), seuils("vide", title="Sans version")], store, store.view(), catalogue())


def test_everything_is_documented(built: duckdb.DuckDBPyConnection) -> None:
    assert undocumented(built) == []


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("CREATE TABLE main.nu (x INTEGER)", ["column main.nu.x", "table main.nu"]),
        ("CREATE VIEW main.nu AS SELECT 1 AS x", ["column main.nu.x", "view main.nu"]),
        ("CREATE MACRO main.nu(x) AS x", ["macro main.nu"]),
        ("CREATE MACRO main.nu(x) AS TABLE SELECT x", ["macro main.nu"]),
        ("CREATE SCHEMA nu", ["schema nu"]),
        ("CREATE TYPE main.nu AS ENUM ('x')", ["type main.nu"]),
    ],
)
def test_what_is_not_documented_is_named(built: duckdb.DuckDBPyConnection, sql: str, named: list[str]) -> None:
    built.execute(sql)
    assert undocumented(built) == named


def test_the_catalogue_can_be_asked_in_sql(built: duckdb.DuckDBPyConnection) -> None:
    def ask(sql: str) -> list[tuple[object, ...]]:
        return built.execute(sql).fetchall()

    assert ask("SELECT act_id, detenu FROM meta.acts ORDER BY ALL") == [("A1", True), ("A9", False)]
    assert ask("SELECT rule, acknowledged FROM meta.findings WHERE severity = 'info'") == [
        ("siret_est_un_siren", "vu avec l'éditeur")
    ]
    assert ask("SELECT raw, place FROM meta.quarantine") == [("2000", "ligne 9")]
    assert ask("SELECT fate, cells FROM meta.ledger") == [("publie", 4)]
    assert ask("SELECT file, role FROM meta.renditions WHERE document = 'doc-A1'") == [("annexe.txt", "extrait")]
    assert ask("SELECT column_name, in_key FROM meta.columns WHERE dataset = 'vide' AND col_no = 2") == [
        ("siren", True)
    ]
    assert ask("FROM ref.communes") == [("01001",)]


def test_the_readable_provenance_is_french_and_keeps_its_former_names_for_one_release(
    built: duckdb.DuckDBPyConnection,
) -> None:
    row = "FROM meta.provenance WHERE colonne = 'siren' AND version_no = 1"
    assert (
        built.execute(f"SELECT imprime, lecture, fichier, role {row}").fetchall()
        == built.execute(f"SELECT printed, how, file, 'extrait' {row}").fetchall()
    )
    said = built.execute(
        "SELECT comment FROM duckdb_columns() WHERE schema_name = 'meta' AND table_name = 'provenance' "
        "AND column_name IN ('printed', 'how', 'file', 'line')"
    ).fetchall()
    assert len(said) == 4
    assert all("retiré à la prochaine version" in comment for (comment,) in said)


def test_words_of_the_release_before_are_told_with_those_of_today(built: duckdb.DuckDBPyConnection) -> None:
    told = built.execute("SELECT column_name, ancien, nouveau FROM meta.vocabulaire").fetchall()
    assert {
        ("role", "extract", "extrait"),
        ("source_role", "typeset", "compose"),
        ("fate", "quarantined", "ecarte"),
        ("severity", "error", "erreur"),
        ("lecture", "resolved", "deduit"),
    } <= set(told)


def test_no_table_publishes_a_word_that_was_replaced(built: duckdb.DuckDBPyConnection) -> None:
    left = []
    for table, column, old in built.execute(
        "SELECT table_name, column_name, ancien FROM meta.vocabulaire WHERE table_name LIKE 'meta.%'"
    ).fetchall():
        count = f"SELECT count(*) FROM {table} WHERE CAST({column} AS TEXT) = ?"
        left += [(table, column, old)] * bool(built.execute(count, [old]).fetchall()[0][0])
    assert left == []


def test_a_file_that_says_what_the_versions_say_has_no_problem(
    built: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    assert list(problems(built, inputs(settings))) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM data.seuils WHERE version_no = 1", "0 lignes chargées, 1 attendues"),
        ("UPDATE data.seuils SET seuil_euros = 10001 WHERE version_no = 1", "n'est pas celui qui a été accepté"),
        ("DELETE FROM meta.cells WHERE row_no = 1 AND version_no = 1", "citations"),
        ("COMMENT ON TABLE data.seuils IS NULL", "sans commentaire : table data.seuils"),
    ],
)
def test_a_file_that_says_something_else_is_not_published(
    built: duckdb.DuckDBPyConnection, settings: Settings, sql: str, said: str
) -> None:
    built.execute(sql)
    assert any(said in problem for problem in problems(built, inputs(settings)))
