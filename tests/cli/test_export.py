"""`annexes export`: the files a colleague receives."""

from __future__ import annotations

import json
from pathlib import Path

import frictionless
import pytest

from tests.cli.inside import Command
from tests.products.test_xlsx import workbook
from tests.refresh import small
from tests.refresh.small import DATASET, project


@pytest.fixture
def annexes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(small.published(tmp_path / "project"), monkeypatch, capsys)


def test_every_published_table_and_mart_is_there_and_valid(annexes: Command, tmp_path: Path) -> None:
    target = tmp_path / "sortie"
    done = annexes("export", str(target))
    assert done.code == 0, done.err
    listed = annexes(
        "sql", "select view_name from duckdb_views() where schema_name = 'main' and not internal", "-f", "json"
    )
    published = {row["view_name"] for row in json.loads(listed.out)}
    written = {p.stem for p in target.glob("*.csv")}
    assert written == {p.stem for p in target.glob("*.parquet")}
    assert {name for name in written if not name.startswith("ref_")} == published
    assert {"ref_communes", "ref_epci_membres"} <= written
    report = frictionless.validate(str(target / "datapackage.json"), limit_rows=2_000)
    assert report.valid, report.flatten(["name", "type", "message"])


def test_one_table_for_a_spreadsheet(annexes: Command, tmp_path: Path) -> None:
    target = tmp_path / "sortie"
    assert annexes("export", str(target), "--dataset", DATASET, "--xlsx").code == 0
    header, first, *_ = workbook(target / f"xlsx/{DATASET}.xlsx")[DATASET]
    assert header[:2] == ("zone", "prix_max_euros_m2_su")
    assert first[:2] == ("A", 4100)


def test_a_table_that_is_not_published_is_wrong_usage(annexes: Command, tmp_path: Path) -> None:
    done = annexes("export", str(tmp_path / "sortie"), "--dataset", "inconnu")
    assert (done.code, "pas de table publiée de ce nom : inconnu" in done.err) == (2, True)


def test_before_the_first_refresh_the_remedy_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    annexes = Command(project(tmp_path / "neuf"), monkeypatch, capsys)
    done = annexes("export", str(tmp_path / "sortie"))
    assert (done.code, "annexes refresh" in done.err) == (1, True)
