"""Whatever cannot be done is one message on standard error and one exit code: never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli.common import typed_day, typed_moment
from pipeline.store.lock import refresh_lock
from tests.cli.inside import Command
from tests.refresh import small
from tests.refresh.small import DATASET, DOCUMENT


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("erreurs") / "project"


@pytest.fixture(scope="module")
def settings(root: Path):
    return small.published(root)


@pytest.fixture
def annexes(settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(settings, monkeypatch, capsys)


@pytest.mark.parametrize(
    "words",
    [
        ("sql", "from prix_psla", "-f", "csv", "--out"),
        ("sql", "from prix_psla", "-f", "table", "--out"),
        ("sql", "from prix_psla", "-f", "parquet", "--out"),
        ("sql", "from prix_psla", "-f", "xlsx", "--out"),
        ("versions", "--out"),
        ("diff", DATASET, "1", "1", "--out"),
        ("backup",),
    ],
)
def test_a_file_in_a_folder_that_is_not_there(annexes: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = annexes(*words, str(tmp_path / "absent" / "x.tar.gz"))
    assert done.code == 1
    assert "absent" in done.err
    assert "Traceback" not in done.err


def test_a_file_where_a_folder_is_needed(annexes: Command, tmp_path: Path) -> None:
    (tmp_path / "pris").write_text("")
    done = annexes("export", str(tmp_path / "pris" / "dessous"))
    assert (done.code, "Traceback" in done.err, "pris" in done.err) == (1, False, True)


def test_broken_settings_are_told_by_whoever_has_to_follow_them(annexes: Command) -> None:
    path = annexes.settings.configuration
    with refresh_lock(annexes.settings):
        pass  # the settings that stay in force are those of the last command that could follow them
    path.write_text('[schedule]\nenabled = "false"\n', encoding="utf-8")
    try:
        done = annexes("config")
        assert done.code == 2
        assert "annexes.toml, schedule.enabled : true ou false est attendu" in done.err
        refreshed = annexes("refresh")
        assert (refreshed.code, "les réglages d'avant restent en vigueur" in refreshed.err) == (1, True)
        assert "à voir : annexes.toml, schedule.enabled" in annexes("status").err
    finally:
        path.unlink()


def test_config_shows_each_setting_and_where_it_comes_from(annexes: Command) -> None:
    lines = {line.split()[0]: line for line in annexes("config").out.splitlines() if line.strip()}
    assert lines["feed.batch"].split() == ["feed.batch", "60", "60", "défaut"]
    assert "ANNEXES_ROOT" in lines["racine"]
    told = {each["name"]: each for each in json.loads(annexes("config", "--json").out)}
    assert told["schedule.enabled"] == {
        "name": "schedule.enabled",
        "value": False,
        "default": False,
        "origin": "défaut",
    }


def test_refresh_for_programs(annexes: Command) -> None:
    told = json.loads(annexes("refresh", "--json").out)
    assert (told["ok"], told["documents"], told["unchanged"], told["refused"]) == (True, [], [DOCUMENT], [])


def test_the_version_is_that_of_the_distribution(annexes: Command) -> None:
    done = annexes("--version")
    assert (done.code, done.out.split()[0]) == (0, "annexes")


def test_errors_are_records_for_a_service(annexes: Command) -> None:
    done = annexes("--log", "json", "refresh", "--document", "INCONNU")
    told = json.loads(done.err)
    assert (done.code, told["level"], "INCONNU" in told["message"]) == (2, "error", True)


def test_the_place_in_the_code_is_shown_to_those_who_ask_for_all(annexes: Command) -> None:
    assert "Traceback" in annexes("-vv", "refresh", "--document", "INCONNU").err
    assert "Traceback" not in annexes("refresh", "--document", "INCONNU").err


@pytest.mark.parametrize("text", ["28/11/2026", "28-11-2026", "28.11.2026", "28 novembre 2026", " 2026-11-28 "])
def test_days_as_people_type_them(text: str) -> None:
    assert typed_day(text).isoformat() == "2026-11-28"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("28/11/2026", "2026-11-28T00:00:00"),
        ("28/11/2026 9:05", "2026-11-28T09:05:00"),
        ("2026-11-28T14:30:05", "2026-11-28T14:30:05"),
        ("28 novembre 2026 14:30", "2026-11-28T14:30:00"),
    ],
)
def test_moments_as_people_type_them(text: str, moment: str) -> None:
    assert typed_moment(text).isoformat() == moment


@pytest.mark.parametrize("text", ["", "28/11/26", "2026-13-01", "28/11/2026 25:00", "hier"])
def test_what_is_no_day_or_moment_is_refused(text: str) -> None:
    import typer

    with pytest.raises(typer.BadParameter):
        typed_moment(text)
