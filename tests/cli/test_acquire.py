"""`annexes add` and `annexes fetch` as a user runs them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.config import URL_VARIABLE
from pipeline.documents.declaration import read_document
from pipeline.settings import Settings
from tests.acquisition.quartile import AIN, arrete
from tests.acquisition.served import Directory, served, text, text_id
from tests.cli.inside import exit_code

Run = Callable[..., tuple[int, str, str]]
QUARTILE = arrete(7, 2020, AIN, "4 février 2030", "2030-02-06")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty project that the command finds; the feed is off."""
    (tmp_path / "project/raw").mkdir(parents=True)
    monkeypatch.setenv("ANNEXES_ROOT", str(tmp_path / "project"))
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    return Settings(tmp_path / "project")


@pytest.fixture
def annexes(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process: its exit code, standard output and standard error."""

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["annexes", *args])
        code = exit_code()
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Directory]:
    with served() as found:
        monkeypatch.setenv(URL_VARIABLE, found.base_url)
        yield found


def put(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def test_adding_a_text_needs_nothing_but_its_file(annexes: Run, settings: Settings, tmp_path: Path) -> None:
    code, out, err = annexes("add", put(tmp_path, "a.xml", QUARTILE))
    assert (code, err) == (0, "")
    assert out.startswith(f"créer : {text_id(7)} → a.xml (Arrêté du 4 février 2030 relatif au seuil")
    assert out.endswith("Ensuite : annexes refresh\n")
    assert read_document(settings.raw / text_id(7)).acts[0].nor == "TREL3000001A"


def test_a_rehearsal_of_an_addition_leaves_no_trace(annexes: Run, settings: Settings, tmp_path: Path) -> None:
    code, out, _ = annexes("add", "--dry-run", put(tmp_path, "a.xml", QUARTILE))
    assert (code, out.splitlines()[-1]) == (0, "à blanc : rien n'a été fait")
    assert list(settings.raw.iterdir()) == []


def test_what_a_pdf_does_not_say_is_said_with_options(annexes: Run, settings: Settings, tmp_path: Path) -> None:
    path = put(tmp_path, "joe.pdf", b"%PDF-1.7 ...")
    code, _, err = annexes("add", path)  # a file that does not even read
    assert (code, "donner --id" in err) == (1, True)
    title = "Arrêté du 13 mai 2024 relatif au premier quartile des demandeurs"
    options = ["--id", text_id(7), "--nor", "TREL3000001A", "--title", title, "--published", "2024-05-16"]
    assert annexes("add", path, *options)[0] == 0
    act = read_document(settings.raw / text_id(7)).acts[0]
    assert (act.title, f"{act.effect.valid_from}") == (title, "2024-05-17")


def test_a_file_refused_does_not_hold_back_the_others(annexes: Run, settings: Settings, tmp_path: Path) -> None:
    files = [put(tmp_path, "a.zip", b"PK\x00"), put(tmp_path, "b.xml", QUARTILE), put(tmp_path, "c.xml", text(1))]
    code, out, err = annexes("add", *files)
    assert code == 1
    assert [line.split(" (")[0] for line in err.splitlines()] == ["refuser : a.zip", "refuser : c.xml"]
    assert out.startswith("créer")


def test_one_description_is_for_one_file(annexes: Run, tmp_path: Path) -> None:
    files = [put(tmp_path, "a.xml", QUARTILE), put(tmp_path, "b.xml", text(1))]
    code, _, err = annexes("add", *files, "--id", "X")
    assert (code, "un seul fichier" in err) == (2, True)


def test_fetching_while_the_feed_is_off_takes_the_drop_folder_and_says_how_to_turn_it_on(
    annexes: Run, settings: Settings
) -> None:
    code, out, _ = annexes("fetch")
    assert code == 0
    assert "enabled = true" in out


def test_one_round_of_the_feed(annexes: Run, settings: Settings, directory: Directory) -> None:
    name = directory.deliver("20300206-001500", (text_id(7), QUARTILE), (text_id(1), text(1)))
    code, out, err = annexes("fetch", "--dry-run")
    assert (code, out.splitlines()[-1]) == (0, "à blanc : rien n'a été fait")
    assert f"créer : {text_id(7)}" in out
    assert list(settings.raw.iterdir()) == []
    code, out, err = annexes("fetch")
    assert (code, name in err) == (0, True)
    assert f"flux {directory.base_url} : 1 livraisons prises, 2 textes lus" in out
    assert "Ensuite : annexes refresh" in out
    assert [file for file, _ in directory.asked].count(name) == 1  # the rehearsal's download is used
    assert "0 livraisons prises" in annexes("fetch")[1]


def test_going_back_takes_again_what_is_held_without_harm(
    annexes: Run, settings: Settings, directory: Directory
) -> None:
    directory.deliver("20300106-001500", (text_id(7), QUARTILE))
    directory.deliver("20300206-001500", (text_id(1), text(1)))
    assert "1 livraisons prises" in annexes("fetch")[1]  # the first round begins a week back
    code, out, _ = annexes("fetch", "--since", "2030-01-01")
    assert (code, "2 livraisons prises" in out, "créer" in out) == (0, True, True)


def test_a_refusal_of_the_server_is_one_line_and_exit_code_1(annexes: Run, directory: Directory) -> None:
    directory.faults["index"] = ["403"]
    code, _, err = annexes("fetch")
    assert (code, err) == (1, "flux injoignable : index : le serveur refuse l'accès (403)\n")


def test_wrong_settings_are_wrong_usage(annexes: Run, settings: Settings) -> None:
    settings.configuration.write_text("[feed]\nenabled = 3\n", encoding="utf-8")
    code, _, err = annexes("fetch")
    assert (code, "annexes.toml, feed.enabled" in err) == (2, True)
