"""Readings that stay while their files and the code that reads are the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline import extract
from pipeline.refresh import staging, state
from pipeline.refresh.decide import stage_document
from pipeline.refresh.staging import StagedReadings, abandoned, proposal_folder, staged_readings
from pipeline.settings import Settings
from tests.production import read_document
from tests.refresh.small import DOCUMENT, project


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = project(tmp_path)
    assert read_document(made, DOCUMENT).editions[0].status == "accepted"
    return made


@pytest.fixture
def extracted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are extracted from now on."""
    files: list[str] = []
    real = extract.read

    def read(path: Path, *args: object, **named: object) -> object:
        files.append(path.name)
        return real(path, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(extract, "read", read)
    return files


def _other_code(monkeypatch: pytest.MonkeyPatch, room: str) -> None:
    real = state.code_fingerprint.__wrapped__

    def fingerprint(rooms: tuple[str, ...] = state.READING_ROOMS) -> str:
        return real(rooms) + ("changed" if room in rooms else "")

    monkeypatch.setattr(state, "code_fingerprint", fingerprint)
    monkeypatch.setattr(staging, "code_fingerprint", fingerprint)
    staging._code.cache_clear()


@pytest.mark.parametrize("room", ["datasets", "cleaning", "quality", "refresh"])
def test_other_code_that_interprets_extracts_nothing(
    settings: Settings, extracted: list[str], monkeypatch: pytest.MonkeyPatch, room: str
) -> None:
    before = staged_readings(settings, DOCUMENT)
    _other_code(monkeypatch, room)
    after = stage_document(settings, DOCUMENT)
    assert isinstance(after, StagedReadings)
    assert extracted == []
    assert after.fingerprint != before.fingerprint and after.readings == before.readings
    assert staged_readings(settings, DOCUMENT) == after


def test_other_code_that_extracts_reads_the_file(
    settings: Settings, extracted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _other_code(monkeypatch, "extract")
    stage_document(settings, DOCUMENT)
    assert extracted == ["annexe.md"]
    stage_document(settings, DOCUMENT)
    assert extracted == ["annexe.md"]


def test_other_bytes_another_declaration_and_demand_read_the_file(settings: Settings, extracted: list[str]) -> None:
    declaration = settings.raw / DOCUMENT / "document.toml"
    stage_document(settings, DOCUMENT)
    assert extracted == []
    file = settings.raw / DOCUMENT / "annexe.md"
    file.write_text(file.read_text(encoding="utf-8") + "\nFin.\n", encoding="utf-8")
    stage_document(settings, DOCUMENT)
    text = declaration.read_text(encoding="utf-8")
    declaration.write_text(text.replace('role = "published"', 'role = "published"\nline_offset = 7'), encoding="utf-8")
    stage_document(settings, DOCUMENT)
    stage_document(settings, DOCUMENT, again=True)
    assert extracted == ["annexe.md"] * 3


def test_a_kept_reading_that_is_not_whole_is_made_again(settings: Settings, extracted: list[str]) -> None:
    before = staged_readings(settings, DOCUMENT)
    (staging.readings_folder(settings, DOCUMENT) / "annexe.md.parquet").write_bytes(b"PAR1")
    after = stage_document(settings, DOCUMENT)
    assert isinstance(after, StagedReadings) and after.readings == before.readings
    assert extracted == ["annexe.md"]


def test_what_a_dead_process_proposed_is_told_from_what_a_living_one_does(settings: Settings) -> None:
    living = proposal_folder(settings, DOCUMENT, staging.this_process())
    host = staging.this_process().rsplit(".", 1)[0]
    dead = proposal_folder(settings, DOCUMENT, f"{host}.{2**22 + 1}")
    elsewhere = proposal_folder(settings, DOCUMENT, f"other-{host}.{2**22 + 1}")
    for folder in (living, dead, elsewhere):
        folder.mkdir()
    assert list(abandoned(settings, DOCUMENT)) == [dead]
    shutil.rmtree(elsewhere)


def test_the_lock_is_taken_once_the_file_is_extracted(settings: Settings, extracted: list[str]) -> None:
    seen: list[list[str]] = []

    @contextmanager
    def turn() -> Iterator[None]:
        seen.append(list(extracted))
        yield

    stage_document(settings, DOCUMENT, again=True, turn=turn)
    assert seen == [["annexe.md"]]
    assert staged_readings(settings, DOCUMENT).readings


def test_a_document_that_changes_before_the_lock_is_taken_is_read_as_it_then_is(settings: Settings) -> None:
    file = settings.raw / DOCUMENT / "annexe.md"

    @contextmanager
    def turn() -> Iterator[None]:
        file.write_text(file.read_text(encoding="utf-8") + "\nFin.\n", encoding="utf-8")
        yield

    staged = stage_document(settings, DOCUMENT, turn=turn)
    assert isinstance(staged, StagedReadings)
    assert staged.fingerprint == state.document_fingerprint(settings, DOCUMENT)
