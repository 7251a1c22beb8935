"""The command as a user runs it: refresh, a second refresh, refusals, wrong usage. What a process of its own adds
(exit codes, streams) is seen on a few runs; the others are in the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.bulletin import BULLETIN
from tests.cli.inside import Command
from tests.conftest import new_project

ARRETE, SHEET = "JORFTEXT000042056679", "places-regionales"


def process(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """One run of the command in its own process, on the project in `root`."""
    env = {**os.environ, "ANNEXES_ROOT": str(root), "NO_COLOR": "1"}
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", *args]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, subprocess.CompletedProcess[str]]:
    """A project of two documents after its first refresh."""
    settings = new_project(tmp_path_factory.mktemp("cli") / "project", ARRETE, SHEET)
    return settings, process(settings.root, "refresh")


@pytest.fixture
def annexes(
    refreshed: tuple[Settings, object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    return Command(refreshed[0], monkeypatch, capsys)


def test_a_refresh_says_what_it_did(refreshed: tuple[Settings, subprocess.CompletedProcess[str]]) -> None:
    settings, done = refreshed
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if "premier_quartile" in line)
    assert row.split()[:5] == ["premier_quartile", ARRETE, "nouvelle", "455", "0"]
    assert f"{ARRETE} : lecture" in done.stderr
    assert settings.database.stat().st_mode & 0o777 == 0o444


def test_a_second_refresh_does_nothing_and_says_so(refreshed: tuple[Settings, object]) -> None:
    settings, _ = refreshed
    before = settings.database.stat().st_mtime_ns
    done = process(settings.root, "refresh")
    assert (done.returncode, done.stdout.split(" :")[0]) == (0, "Rien n'a changé")
    assert settings.database.stat().st_mtime_ns == before


def test_sql_answers_in_json_and_csv(annexes: Command) -> None:
    query = "select siren, seuil_euros_par_uc_an, source_lieu from premier_quartile where siren = '200071751'"
    done = annexes("sql", query, "--format", "json")
    assert json.loads(done.out) == [
        {"siren": "200071751", "seuil_euros_par_uc_an": 8861, "source_lieu": "lignes 15 à 19"}
    ]
    done = annexes("sql", query, "-f", "csv")
    assert done.out.splitlines()[1] == "200071751,8861,lignes 15 à 19"


def test_sql_that_is_wrong_is_one_message(refreshed: tuple[Settings, object]) -> None:
    done = process(refreshed[0].root, "sql", "select * from premier_quartil")
    assert done.returncode == 1
    assert "premier_quartil" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("refresh", "--document", "INCONNU"), "aucun dossier raw/INCONNU"),
        (("datasets", "inconnu"), "jeu de données inconnu"),
        (("sql",), "L'argument"),
    ],
)
def test_wrong_usage_is_two(annexes: Command, args: tuple[str, ...], said: str) -> None:
    done = annexes(*args)
    assert done.code == 2
    assert said in done.err


def test_an_unknown_word_is_wrong_usage(refreshed: tuple[Settings, object]) -> None:
    done = process(refreshed[0].root, "rafraichir")
    assert done.returncode == 2
    assert "Commande inconnue" in done.stderr


def test_lists_name_documents_acts_and_datasets(annexes: Command) -> None:
    done = annexes("documents")
    assert "rendition annexe.pdf (compose, pdf)" in done.out
    assert f"acte {ARRETE} du 15/06/2020 : premier_quartile publié" in done.out
    assert "places_sites publié" in done.out
    done = annexes("datasets", "premier_quartile")
    assert "seuil_euros_par_uc_an  INTEGER (€/UC/an)" in done.out


def test_a_refused_document_is_named_on_standard_error_and_the_other_is_published(
    make_project: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = make_project(SHEET, BULLETIN)
    (settings.raw / BULLETIN / "bulletin.md").write_bytes(b"")
    done = Command(settings, monkeypatch, capsys)("refresh")
    assert done.code == 1
    assert "refusé : BOI-8A-2-09 : bulletin.md : fichier vide" in done.err
    assert "places_sites" in done.out
    again = process(settings.root, "refresh")
    assert again.returncode == 1
    assert "refusé : BOI-8A-2-09" in again.stderr
