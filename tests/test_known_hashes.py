"""Hashes remembered by size and times: what changed is read again, whatever its times say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline import known_hashes
from pipeline.files import sha256_of
from pipeline.known_hashes import KnownHashes


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that was written long enough ago."""
    monkeypatch.setattr(known_hashes, "_SETTLED_NS", -1_000_000_000)
    path = tmp_path / "annexe.txt"
    path.write_text("un", encoding="utf-8")
    remembered = KnownHashes(tmp_path / "note.json")
    assert remembered.of(path) == sha256_of(path)
    remembered.keep()
    return path


def test_a_file_as_it_was_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = sha256_of(file)
    monkeypatch.setattr(known_hashes, "sha256_of", lambda _: pytest.fail("read"))
    assert KnownHashes(file.with_name("note.json")).of(file) == known


def test_another_content_of_the_same_size_and_time_is_seen(file: Path) -> None:
    times = file.stat()
    file.write_text("du", encoding="utf-8")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert file.stat().st_mtime_ns == times.st_mtime_ns
    assert KnownHashes(file.with_name("note.json")).of(file) == sha256_of(file)


def test_a_file_just_written_is_read_again(tmp_path: Path) -> None:
    path, note = tmp_path / "annexe.txt", tmp_path / "note.json"
    path.write_text("un", encoding="utf-8")
    remembered = KnownHashes(note)
    remembered.of(path)
    remembered.keep()
    assert str(path) not in note.read_text(encoding="utf-8")


def test_what_a_file_says_is_remembered_with_it(file: Path) -> None:
    note = file.with_name("note.json")
    first = KnownHashes(note)
    assert first.said(file, lambda path: [path.read_text(encoding="utf-8")]) == ["un"]
    first.keep()
    assert KnownHashes(note).said(file, lambda _: pytest.fail("read")) == ["un"]
    file.write_text("deux", encoding="utf-8")
    assert KnownHashes(note).said(file, lambda path: [path.read_text(encoding="utf-8")]) == ["deux"]


def test_no_file_and_a_note_that_is_none(tmp_path: Path) -> None:
    note = tmp_path / "note.json"
    note.write_text('{"a": 1}', encoding="utf-8")
    remembered = KnownHashes(note)
    assert remembered.of(tmp_path / "absent") == "" and remembered.of(tmp_path) == ""
    assert remembered.said(tmp_path / "absent", lambda _: 1) is None
