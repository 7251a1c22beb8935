"""Two machines, each with a disk of its own, and one store that speaks S3: the content of one machine, each version
once, and the published file for a reader elsewhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipeline.config import ConfigError, read
from pipeline.files import sha256_of
from pipeline.refresh import decide
from pipeline.refresh.publish import is_current, publish
from pipeline.refresh.status import status
from pipeline.settings import Settings
from pipeline.store import mirror
from pipeline.store.lock import refresh_lock
from pipeline.store.mirror import mirror_of
from pipeline.store.pending import open_stores
from pipeline.store.shelf_object import shelf_at
from pipeline.store.versions import open_versions
from tests.cluster.conftest import needs
from tests.cluster.moto_server import BUCKET, PROGRAM, serving
from tests.cluster.test_refresh import contents, refresh
from tests.production import read_document
from tests.refresh import small

pytestmark = [
    needs("obstore"),
    pytest.mark.skipif(not PROGRAM.is_file(), reason="not installed: moto_server in .venv-moto (`make cluster`)"),
]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with serving() as address, pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ACCESS_KEY_ID", "test")
        patched.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield address


def declare(settings: Settings, endpoint: str, name: str) -> None:
    settings.configuration.write_text(
        f'[store]\nversions = "s3://{BUCKET}/{name}/versions"\npublished = "s3://{BUCKET}/{name}/published"\n'
        f'endpoint = "{endpoint}"\n'
    )


def test_two_machines_hold_what_one_would_and_hand_the_file_over(endpoint: str, tmp_path: Path) -> None:
    a, b = (small.project(tmp_path / name) for name in ("a", "b"))
    for settings in (a, b):
        declare(settings, endpoint, "two")
    with refresh_lock(a):
        read_document(a, small.DOCUMENT)
        publish(a, open_versions(a))
    done = refresh(b)
    assert done.returncode == 0, done.stderr
    assert contents(a) == contents(b) == contents(small.published(tmp_path / "alone"))
    assert [p.name for p in b.versions.glob("prix_psla/[0-9]*.json")] == ["000001.json"]

    # As a reader of another machine has it.
    shelf = shelf_at(f"s3://{BUCKET}/two/published", tmp_path / "cache", endpoint)
    latest = json.loads(shelf.read("latest.json"))
    file = shelf.fetch(latest["file"])
    assert hashlib.sha256(file.read_bytes()).hexdigest() == latest["sha256"] == sha256_of(b.database)
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM prix_psla").fetchone() == (4,)
    assert len([name for name in shelf.names() if name.endswith(".duckdb")]) == 2

    assert is_current(b)
    seen = status(b, datetime.now(UTC))
    assert seen.shelves["versions"] == f"s3://{BUCKET}/two/versions"
    assert not [problem for problem in seen.problems if "[store]" in problem]


def test_who_loses_a_number_decides_again(endpoint: str, tmp_path: Path) -> None:
    a, b = (small.project(tmp_path / name) for name in ("a", "b"))
    for settings in (a, b):
        declare(settings, endpoint, "race")
    late = open_stores(a)
    assert late.versions.next_no == 1
    assert read_document(b, small.DOCUMENT).editions[0].status == "accepted"
    decide.stage_document(a, small.DOCUMENT)
    (edition,) = decide.decide_document(a, late, small.DOCUMENT).editions
    # The other one's version says the same: there is nothing left to commit.
    assert (edition.status, edition.version_no) == ("unchanged", 1)
    assert [r.version_no for r in late.versions.records()] == [1]


def test_a_store_that_is_away_is_named_and_the_next_refresh_completes(endpoint: str, tmp_path: Path) -> None:
    settings = small.project(tmp_path / "a")
    declare(settings, "http://127.0.0.1:1", "away")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("pipeline.store.shelf_object._RETRIES", 0)
        with pytest.raises(mirror.ShelfError, match=rf"s3://{BUCKET}/away/versions"):
            mirror.pull(settings)
    declare(settings, endpoint, "away")
    mirror.pull(settings)
    assert read_document(settings, small.DOCUMENT).editions[0].status == "accepted"


def test_a_store_that_does_not_honour_the_condition_is_said(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small.project(tmp_path / "a")
    declare(settings, endpoint, "tried")

    def put_anyway(self: object, name: str, data: bytes) -> None:
        self.replace(name, data)  # type: ignore[attr-defined]

    with monkeypatch.context() as patched:
        patched.setattr("pipeline.store.shelf_object.ObjectShelf.put_if_absent", put_anyway)
        assert "If-None-Match" in mirror.shelf_problem(settings)
    assert mirror.shelf_problem(settings) == ""
    assert not list(mirror_of(settings).shelf.names())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('versions = "s3://key:secret@bucket/p"', "sans identifiants"),
        ('access_key = "AKIA"', "store.access_key : clé inconnue"),
        ('versions = "ftp://host/p"', "s3://bac/préfixe"),
        ('versions = "s3://bucket/p"\nendpoint = "http://store.example"', "https"),
    ],
)
def test_settings_that_cannot_be_followed_are_named(tmp_path: Path, line: str, said: str) -> None:
    settings = Settings(tmp_path)
    settings.configuration.write_text(f"[store]\n{line}\n")
    with pytest.raises((ConfigError, mirror.ShelfError), match=said) as caught:
        read(settings)
        mirror_of(settings)
    assert "secret" not in str(caught.value)
