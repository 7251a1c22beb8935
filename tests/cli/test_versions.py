"""`annexes versions`, `diff` and `withdraw` as a user runs them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import AnnexesError
from pipeline.settings import Settings
from pipeline.store.lock import refresh_lock
from tests.conftest import new_project
from tests.production import publish, read_document

SHEET = "places-regionales"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The sheet read as printed, then with its correction: versions 2 and 3 of places_sites."""
    settings = new_project(tmp_path_factory.mktemp("versions") / "project", SHEET)
    rules = settings.raw / SHEET / "corrections.toml"
    kept = rules.read_text(encoding="utf-8")
    rules.unlink()
    read_document(settings, SHEET)
    rules.write_text(kept, encoding="utf-8")
    read_document(settings, SHEET)
    publish(settings)
    return settings


@pytest.fixture
def run_in(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on a project; a refusal is raised as it is."""

    def _run(settings: Settings, *args: str) -> Result:
        monkeypatch.setenv("ANNEXES_ROOT", str(settings.root))
        done = CliRunner().invoke(app, list(args))
        if done.exception:
            raise done.exception
        return done

    return _run


def numbers(settings: Settings, run_in: Run) -> list[tuple[int, str]]:
    rows = json.loads(run_in(settings, "versions", "places_sites", "--format", "json").stdout)
    return [(row["version_no"], row["statut"]) for row in rows]


def test_a_reading_corrected_replaces_the_one_before(corrected: Settings, run_in: Run) -> None:
    (before, status), (after, now) = numbers(corrected, run_in)
    assert (status, now) == ("remplacée", "fait foi")
    assert before < after
    assert "sans date d'effet" in run_in(corrected, "versions").stdout


def test_diff_tells_coverage_from_other_values(corrected: Settings, run_in: Run) -> None:
    (before, _), (after, _) = numbers(corrected, run_in)
    asked = ("diff", "places_sites", str(before), str(after), "--derived")
    said = run_in(corrected, *asked).stdout
    assert "couverture perdue : 1 valeur perdue (communes_candidates 1)" in said
    assert "couverture gagnée : 4 valeurs trouvées (" in said
    assert "modifié : rien" in said
    rows = list(csv.DictReader(io.StringIO(run_in(corrected, *asked, "--format", "csv").stdout)))
    found = next(row for row in rows if row["colonne"] == "code_commune")
    assert (found["changement"], found["avant"], found["apres"]) == ("valeur_trouvee", "", "38170")
    assert "1 montrés sur 5" in run_in(corrected, *asked, "--limit", "1").stdout


def test_a_version_with_itself(corrected: Settings, run_in: Run) -> None:
    (before, _), _ = numbers(corrected, run_in)
    assert "aucune différence" in run_in(corrected, "diff", "places_sites", str(before), str(before)).stdout


def test_a_version_taken_back_lets_the_one_before_count_again(corrected: Settings, run_in: Run, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(corrected.root, root, symlinks=True)
    settings = Settings(root)
    (before, _), (after, _) = numbers(settings, run_in)
    said = run_in(settings, "withdraw", str(after), "--reason", "essai").stdout
    assert f"version {after} de places_sites retirée. Font foi : version {before}" in said
    assert numbers(settings, run_in) == [(before, "fait foi"), (after, "retirée")]
    with pytest.raises(AnnexesError, match="déjà retirée") as refused:
        run_in(settings, "withdraw", str(after), "--reason", "essai")
    assert refused.value.code == 1
    last = run_in(settings, "withdraw", str(before), "--reason", "essai").stdout
    assert "places_sites n'a plus de version qui fasse foi" in last


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("versions", "inconnu"), 2, "jeu de données inconnu"),
        (("diff", "places_sites", "2", "99"), 2, "n'a pas de version 99"),
        (("withdraw", "99", "--reason", "essai"), 2, "aucune version 99"),
        (("withdraw", "1", "--reason", " "), 2, "la raison est vide"),
    ],
)
def test_wrong_questions(corrected: Settings, run_in: Run, args: tuple[str, ...], code: int, message: str) -> None:
    with pytest.raises(AnnexesError, match=message) as refused:
        run_in(corrected, *args)
    assert refused.value.code == code


def test_nothing_is_withdrawn_during_a_refresh(corrected: Settings, run_in: Run) -> None:
    with refresh_lock(corrected), pytest.raises(AnnexesError, match="une autre mise à jour est en cours"):
        run_in(corrected, "withdraw", "1", "--reason", "essai")
