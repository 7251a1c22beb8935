"""The export says what the tables are and holds to it: frictionless finds no fault, and a code stays a code."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import frictionless
import pyarrow.parquet as pq
import pytest

from pipeline.contract.dataset import Check, Column, Dataset
from pipeline.documents.model import Act, Document, Effect, Rendition
from pipeline.products.export import ExportError, PublishedColumn, PublishedTable, export, field_type, table_schema
from pipeline.settings import Settings
from pipeline.warehouse import marts
from pipeline.warehouse.access import QueryError
from pipeline.warehouse.catalogue import Catalogue, ReferenceTable
from tests.products.test_xlsx import workbook
from tests.warehouse.made import NOON, accept, publish, seuils

HOSTILE = '=HYPERLINK("http://exemple.fr")'


def declared() -> Dataset:
    """The thresholds, with the rules that a reader of the files can check."""
    columns = (
        Column("annee", "INTEGER", "Année."),
        Column("siren", "TEXT", "SIREN de l'EPCI.", checks=(Check(pattern="[0-9]{9}"),)),
        Column("nom", "TEXT", "Nom imprimé.", nullable=True),
        Column("seuil_euros", "INTEGER", "Seuil.", unit="euros", nullable=True, checks=(Check(between=(1, 99_999)),)),
    )
    return seuils(columns=columns)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One edition published, of a document with a licence."""
    made = Settings(tmp_path_factory.mktemp("export"))
    rows = [
        (2020, "010000001", "Élan, d'Ain", 10_000),
        (2020, "200000002", HOSTILE, None),
        (2020, "200000003", "mars 20", 9_000),
    ]
    accept(made, "A1", rows, valid_from=date(2020, 6, 15), licence="Licence Ouverte 2.0", publisher="Ministère")
    act = Act("A1", "Arrêté A1", effect=Effect(date(2020, 6, 15), "texte"))
    rendition = Rendition("annexe.txt", "published", "cells", "0" * 64)
    document = Document("doc-A1", "Arrêté, annexe", "Ministère", "arrete", Path("doc-A1"), (rendition,), (act,))
    publish(made, [declared()], Catalogue(documents=(document,)))
    return made


@pytest.fixture(scope="module")
def exported(settings: Settings) -> Path:
    target = settings.root / "sortie"
    export(settings, [declared()], target, NOON, workbooks=True)
    return target


def described(folder: Path, name: str = "seuils") -> dict[str, Any]:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return next(r for r in package["resources"] if r["name"] == name)


def rows(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def test_frictionless_finds_the_data_as_described(exported: Path) -> None:
    report = frictionless.validate(str(exported / "datapackage.json"))
    assert report.valid, report.flatten(["name", "type", "message"])
    assert {task.name: task.stats.get("rows") for task in report.tasks} == {
        "seuils": 3,
        "seuils-xlsx": None,
        "seuils-parquet": None,
    }


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        ('"010000001"', '"10000001"', "constraint-error"),
        ("10000,", "-5,", "constraint-error"),
        ('"200000002"', '"010000001"', "primary-key"),
        ('"200000002"', "", "constraint-error"),
    ],
)
def test_the_schema_catches_what_it_should(exported: Path, before: str, after: str, error: str, tmp_path: Path) -> None:
    text = (exported / "seuils.csv").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "seuils.csv").write_text(text.replace(before, after, 1), encoding="utf-8")
    schema = frictionless.Schema.from_descriptor(json.loads((exported / "seuils.schema.json").read_text("utf-8")))
    resource = frictionless.Resource(path="seuils.csv", basepath=str(tmp_path), schema=schema)
    assert error in {e[0] for e in resource.validate().flatten(["type"])}


def test_columns_are_described_from_the_declaration(exported: Path) -> None:
    schema = described(exported)["schema"]
    fields = {f["name"]: f for f in schema["fields"]}
    assert schema["primaryKey"] == ["annee", "siren"]
    assert fields["siren"]["constraints"] == {"required": True, "pattern": "[0-9]{9}"}
    assert fields["seuil_euros"]["description"] == "Seuil. [euros]"
    assert fields["valid_from"]["type"] == "date"
    assert all(field["description"] for field in fields.values())


def test_licence_and_sources_are_named(exported: Path) -> None:
    resource = described(exported)
    assert [licence["name"] for licence in resource["licenses"]] == ["etalab-2.0"]
    assert resource["sources"] == [
        {"title": "Arrêté, annexe (doc-A1), Ministère", "path": "https://exemple.fr/A1"},
    ]


def test_csv_and_parquet_hold_the_same_rows(exported: Path) -> None:
    table = pq.read_table(exported / "seuils.parquet").to_pylist()
    read = rows(exported / "seuils.csv")
    assert [r["siren"] for r in read] == [r["siren"] for r in table] == ["010000001", "200000002", "200000003"]
    assert [r["seuil_euros"] for r in read] == ["10000", "", "9000"]
    assert table[0]["valid_from"] == date(2020, 6, 15)


def test_a_spreadsheet_keeps_codes_and_runs_nothing(exported: Path) -> None:
    sheets = workbook(exported / "xlsx/seuils.xlsx")
    assert list(sheets) == ["seuils", "dictionnaire"]
    header, *rows = sheets["seuils"]
    siren, nom, seuil, day = (header.index(name) for name in ("siren", "nom", "seuil_euros", "valid_from"))
    assert [row[siren] for row in rows] == ["010000001", "200000002", "200000003"]
    assert [row[nom] for row in rows] == ["Élan, d'Ain", HOSTILE, "mars 20"]
    assert [row[seuil] for row in rows] == [10_000, None, 9_000]
    assert rows[0][day] == datetime.fromisoformat("2020-06-15")
    assert ("seuils", "seuil_euros", "INTEGER", "euros", "Seuil. [euros]") in sheets["dictionnaire"]


def test_only_the_tables_asked_for(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="inconnue ; publiées : seuils"):
        export(settings, [declared()], tmp_path, NOON, only=["inconnue"])
    export(settings, [declared()], tmp_path, NOON, only=["seuils"])
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "datapackage.json",
        "seuils.csv",
        "seuils.parquet",
        "seuils.schema.json",
    ]


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="annexes refresh"):
        export(Settings(tmp_path), [], tmp_path / "sortie", NOON)


def test_a_mart_names_the_documents_behind_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through another mart, and through the macro of a dataset at a date."""
    (tmp_path / "a.sql").write_text(
        "-- requires: seuils_as_of\nCREATE VIEW main.moyenne AS SELECT avg(seuil_euros) AS seuil FROM seuils;\n"
        "COMMENT ON VIEW main.moyenne IS 'Moyenne.'; COMMENT ON COLUMN main.moyenne.seuil IS 'Seuil moyen.';\n"
    )
    (tmp_path / "b.sql").write_text(
        "-- requires: moyenne\nCREATE VIEW main.double AS SELECT 2 * seuil AS seuil FROM moyenne;\n"
        "COMMENT ON VIEW main.double IS 'Double.'; COMMENT ON COLUMN main.double.seuil IS 'Deux fois.';\n"
    )
    monkeypatch.setattr(marts, "FOLDER", tmp_path)
    other = Settings(tmp_path / "project")
    accept(other, "A1", [(2020, "010000001", "Un", 1)], valid_from=date(2020, 6, 15))
    publish(other, [declared()], Catalogue())
    export(other, [declared()], tmp_path / "sortie", NOON)
    assert described(tmp_path / "sortie", "double")["sources"][0]["path"] == "https://exemple.fr/A1"
    assert frictionless.validate(str(tmp_path / "sortie/datapackage.json")).valid


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("VARCHAR", "string"),
        ("VARCHAR[]", "array"),
        ("STRUCT(a INTEGER)", "object"),
        ("DECIMAL(14,2)", "number"),
        ("DOUBLE", "number"),
        ("HUGEINT", "integer"),
        ("SMALLINT", "integer"),
        ("DATE", "date"),
        ("TIMESTAMP", "datetime"),
        ("BOOLEAN", "boolean"),
    ],
)
def test_types_of_duckdb_as_table_schema_names_them(sql: str, kind: str) -> None:
    assert field_type(sql) == kind


def test_the_key_of_acts_that_stand_alone_holds_inside_one_act() -> None:
    dataset = seuils(succession="accumulates")
    table = PublishedTable("seuils", "", (PublishedColumn("annee", "INTEGER", ""),), (), dataset)
    assert table_schema(table)["primaryKey"] == ["edition", "annee", "siren"]


def test_the_schema_names_its_table_and_shows_values(exported: Path) -> None:
    schema = json.loads((exported / "seuils.schema.json").read_text(encoding="utf-8"))
    assert (schema["name"], schema["title"]) == ("seuils", "Seuils")
    assert schema["version"].count(".") == 2
    fields = {f["name"]: f for f in schema["fields"]}
    assert fields["siren"]["title"] == "SIREN de l'EPCI"
    assert fields["siren"]["example"] == "010000001"
    assert fields["valid_from"]["example"] == "2020-06-15"
    assert "foreignKeys" not in schema, "no reference table is in this export"


def test_reference_tables_are_written_and_referred_to(settings: Settings, tmp_path: Path) -> None:
    """Only where every code is found in the table: here one SIREN of three is missing."""
    import pyarrow as pa

    def made(name: str, sirens: list[str]) -> dict[str, Any]:
        other = Settings(tmp_path / name)
        accept(
            other, "A1", [(2020, "010000001", "Un", 1), (2020, "200000002", "Deux", 2)], valid_from=date(2020, 6, 15)
        )
        reference = ReferenceTable(pa.table({"siren": sirens}), "EPCI : liste.", {"siren": "SIREN."})
        publish(other, [declared()], Catalogue(reference={"epci": reference}))
        export(other, [declared()], tmp_path / name / "sortie", NOON)
        assert frictionless.validate(str(tmp_path / name / "sortie/datapackage.json")).valid
        assert described(tmp_path / name / "sortie", "ref_epci")["title"] == "EPCI"
        return dict(described(tmp_path / name / "sortie")["schema"])

    assert made("whole", ["010000001", "200000002"])["foreignKeys"] == [
        {"fields": ["siren"], "reference": {"resource": "ref_epci", "fields": ["siren"]}}
    ]
    assert "foreignKeys" not in made("part", ["010000001"])


def test_a_day_is_exported_as_it_stood(settings: Settings, tmp_path: Path) -> None:
    export(settings, [declared()], tmp_path, NOON, only=["seuils"], on=date(2020, 12, 1))
    assert [row["siren"] for row in rows(tmp_path / "seuils.csv")] == ["010000001", "200000002", "200000003"]
    assert "En vigueur le 01/12/2020." in described(tmp_path)["description"]
    export(settings, [declared()], tmp_path, NOON, only=["seuils"], on=date(2019, 12, 1))
    assert rows(tmp_path / "seuils.csv") == []


def test_the_history_says_from_when_to_when_and_since_when_it_is_known(settings: Settings, tmp_path: Path) -> None:
    export(settings, [declared()], tmp_path, NOON, only=["seuils"], history=True)
    (row, *_) = rows(tmp_path / "seuils.csv")
    assert (row["siren"], row["valid_from"], row["known_to"]) == ("010000001", "2020-06-15", "")
    assert row["known_from"].endswith("Z")
    assert "primaryKey" not in described(tmp_path)["schema"]
