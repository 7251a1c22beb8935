"""Odd things in trusted places: one document's folder loses itself only, a broken common file keeps the former good one
in force, and each is said with file and remedy until it is mended."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import config
from pipeline.documents.declaration import known_acts
from pipeline.refresh.plan import plan
from pipeline.refresh.publish import common_problems
from pipeline.refresh.state import documents
from pipeline.refresh.status import status
from pipeline.settings import Settings
from pipeline.store.lock import LockedError, refresh_lock
from pipeline.warehouse.access import connect
from tests.production import publish, read_document
from tests.refresh import small
from tests.refresh.small import DOCUMENT

NOW = datetime(2010, 1, 1, tzinfo=UTC)
OTHER = "ARRETE-AUTRE"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small.published(tmp_path / "project")


def another_document(settings: Settings) -> Path:
    """The folder of a second document, for another act of the same kind."""
    folder = settings.raw / OTHER
    shutil.copytree(settings.raw / DOCUMENT, folder)
    text = (folder / "document.toml").read_text(encoding="utf-8")
    text = text.replace(DOCUMENT, OTHER).replace("XXXX0900001A", "XXXX1000001A").replace("2009-04", "2010-04")
    (folder / "document.toml").write_text(text, encoding="utf-8")
    return folder


def refreshed(settings: Settings) -> dict[str, str]:
    """Document → why it is refused ('' when it is not), of those read; then published."""
    found = {name: read_document(settings, name).error for name in plan(settings).changed}
    publish(settings)
    return found


def published_documents(settings: Settings) -> list[str]:
    with connect(settings) as connection:
        return [d for (d,) in connection.execute("SELECT document FROM meta.versions ORDER BY 1").fetchall()]


def deep(path: Path) -> None:
    path.write_text("x = " + "[" * 5000 + "]" * 5000, encoding="utf-8")


def long_number(path: Path) -> None:
    path.write_text("x = " + "1" * 5000, encoding="utf-8")


def latin_1(path: Path) -> None:
    path.write_bytes("titre = 'arrêté'\n".encode("latin-1"))


def cut(path: Path) -> None:
    path.write_text('[document]\nid = "A', encoding="utf-8")


def another_shape(path: Path) -> None:
    path.write_text("act = 3\nfinding = 3\ncorrection = 3\nalert = 3\n", encoding="utf-8")


def folder(path: Path) -> None:
    path.mkdir()


def link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def pipe(path: Path) -> None:
    os.mkfifo(path)


ODD = [deep, long_number, latin_1, cut, another_shape, folder, link, pipe]


def put(path: Path, odd: Callable[[Path], None]) -> None:
    path.unlink(missing_ok=True)
    odd(path)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["document.toml", "corrections.toml"])
def test_a_declaration_that_cannot_be_read_refuses_its_document_only(
    settings: Settings, name: str, odd: Callable[[Path], None]
) -> None:
    put(another_document(settings) / name, odd)
    found = read_document(settings, OTHER)
    assert name in found.error
    assert OTHER in found.error


@pytest.mark.parametrize("odd", [link, folder, pipe])
def test_a_rendition_that_is_no_plain_file_is_refused_by_name(settings: Settings, odd: Callable[[Path], None]) -> None:
    put(another_document(settings) / "annexe.md", odd)
    assert "annexe.md" in read_document(settings, OTHER).error


@pytest.mark.parametrize("name", ["../ARRETE-PRIX/annexe.md", "/etc/hostname", "a\\u0000b", "", ".."])
def test_a_rendition_declared_elsewhere_is_refused_by_name(settings: Settings, name: str) -> None:
    path = another_document(settings) / "document.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("annexe.md", name), encoding="utf-8")
    assert "ce n'est pas le nom d'un fichier du dossier" in read_document(settings, OTHER).error


def test_what_is_refused_costs_itself_only_and_is_published_without_it(settings: Settings) -> None:
    put(another_document(settings) / "document.toml", deep)
    assert refreshed(settings)[OTHER]
    assert published_documents(settings) == [DOCUMENT]


@pytest.mark.parametrize("odd", ODD)
def test_findings_that_cannot_be_read_stop_nothing_and_are_said(
    settings: Settings, odd: Callable[[Path], None]
) -> None:
    put(settings.raw / DOCUMENT / "findings.toml", odd)
    (said,) = common_problems(settings)
    assert "findings.toml" in said
    assert DOCUMENT in said
    assert said in status(settings, NOW).problems
    assert plan(settings).changed == ()


def test_a_publish_goes_on_without_findings_that_cannot_be_read(settings: Settings) -> None:
    put(settings.raw / DOCUMENT / "findings.toml", latin_1)
    publish(settings)
    assert published_documents(settings) == [DOCUMENT]


ACTS = '[[act]]\nid = "XXXX2000001A"\ndataset = "prix_psla"\ntitle = "Arrêté attendu"\n'


@pytest.fixture(scope="module")
def expecting(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A project that knows an act it does not hold, published."""
    made = small.published(tmp_path_factory.mktemp("acts") / "project")
    made.acts.write_text(ACTS, encoding="utf-8")
    publish(made)
    return made


@pytest.mark.parametrize("odd", ODD)
def test_known_acts_that_cannot_be_read_stay_those_they_were(
    expecting: Settings, tmp_path: Path, odd: Callable[[Path], None]
) -> None:
    settings = Settings(shutil.copytree(expecting.root, tmp_path / "project", symlinks=True))
    put(settings.acts, odd)
    assert [act.id for act in known_acts(settings)] == ["XXXX2000001A"]
    (said,) = common_problems(settings)
    assert "raw/actes.toml" in said
    assert said in status(settings, NOW).problems


def test_a_publish_goes_on_with_the_acts_that_were_known(expecting: Settings, tmp_path: Path) -> None:
    settings = Settings(shutil.copytree(expecting.root, tmp_path / "project", symlinks=True))
    put(settings.acts, deep)
    publish(settings)
    with connect(settings) as connection:
        assert connection.execute("SELECT count(*) FROM meta.acts WHERE act_id = 'XXXX2000001A'").fetchone() == (1,)


@pytest.mark.parametrize("odd", ODD)
def test_settings_that_cannot_be_followed_stay_those_they_were(settings: Settings, odd: Callable[[Path], None]) -> None:
    settings.configuration.write_text("[feed]\nbatch = 7\n", encoding="utf-8")
    with refresh_lock(settings):
        pass
    put(settings.configuration, odd)
    with refresh_lock(settings):
        assert config.read(settings).feed.batch == 7
    (said,) = common_problems(settings)
    assert said.startswith("annexes.toml")
    assert said in status(settings, NOW).problems
    with pytest.raises(config.ConfigError):
        list(config.described(settings))


def test_settings_that_were_never_there_are_the_usual_ones(settings: Settings) -> None:
    with refresh_lock(settings):
        pass
    settings.configuration.write_text("alert = [", encoding="utf-8")
    assert config.read(settings) == config.Configuration()


PLACES = [
    "warehouse/.refresh.holder.json",
    "warehouse/published.json",
    "warehouse/annexes.duckdb",
    "warehouse/refreshed.json",
    "warehouse/published_findings.json",
    f"staged/{DOCUMENT}/outcome.json",
    f"staged/{DOCUMENT}/readings/state.json",
]


@pytest.mark.parametrize("name", PLACES)
def test_a_folder_in_the_place_of_a_file_of_ours_is_set_aside(settings: Settings, name: str) -> None:
    path = settings.root / name
    path.unlink(missing_ok=True)
    path.mkdir()
    (path / "à moi.txt").write_text("gardé", encoding="utf-8")
    status(settings, NOW)
    with refresh_lock(settings):
        refreshed(settings)
    assert published_documents(settings) == [DOCUMENT]
    assert not path.is_dir()
    assert plan(settings).nothing


def test_a_folder_in_the_place_of_the_lock_is_named(settings: Settings) -> None:
    settings.lock.unlink(missing_ok=True)
    settings.lock.mkdir()
    with pytest.raises(LockedError, match="dossier à la place d'un fichier"), refresh_lock(settings):
        pass


@pytest.mark.parametrize("name", [b"ARR\xcaT\xc9", b"a\nb", b"a\x1b[31m"])
def test_a_folder_whose_name_cannot_be_written_is_said_and_left(settings: Settings, name: bytes) -> None:
    path = settings.raw / os.fsdecode(name)
    path.mkdir()
    (path / "document.toml").write_text("[document]\n", encoding="utf-8")
    assert documents(settings) == (DOCUMENT,)
    (said,) = common_problems(settings)
    assert said.isprintable()
    assert "renommer" in said
    assert said in status(settings, NOW).problems
    publish(settings)


@pytest.mark.skipif(sys.platform == "darwin", reason="its disks refuse such names")
def test_a_file_whose_name_is_no_text_changes_nothing_else(settings: Settings) -> None:
    (settings.raw / DOCUMENT / os.fsdecode(b"ann\xe9e.txt")).write_bytes(b"x")
    assert refreshed(settings) == {DOCUMENT: ""}


def test_files_that_change_while_they_are_read_refuse_their_document(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that have changed at the first look are read again, under the lock."""
    from pipeline.refresh import staging

    honest, versions = staging.extract.read, itertools.count()

    def swapped(path: Path, *args: object, **kwargs: object) -> object:
        made = honest(path, *args, **kwargs)  # type: ignore[arg-type]
        path.write_text(f"# Autre chose, {next(versions)}\n", encoding="utf-8")
        return made

    monkeypatch.setattr(staging.extract, "read", swapped)
    shutil.rmtree(settings.staged / DOCUMENT, ignore_errors=True)  # a reading in place would be taken
    assert "changé pendant leur lecture" in read_document(settings, DOCUMENT).error


@pytest.mark.parametrize("name", ["exclusions.json", "feed.json", "actes.toml", "Document.TOML"])
def test_no_document_takes_the_place_of_a_common_file(settings: Settings, name: str) -> None:
    from datetime import date

    from pipeline.documents.archive import Incoming
    from pipeline.documents.archive import plan as door
    from pipeline.documents.declaration import read_document

    document = read_document(settings.raw / DOCUMENT)
    incoming = Incoming("a.md", b"# A\n", document.__class__(**{**vars(document), "id": name}), date(2020, 1, 1))
    assert door(settings.raw, incoming, lambda *_: False).action == "refuse"


@pytest.mark.parametrize("odd", [*ODD[2:4], folder, link])
def test_exclusions_that_cannot_be_read_stop_nothing(settings: Settings, odd: Callable[[Path], None]) -> None:
    put(settings.raw / "exclusions.json", odd)
    assert any("raw/exclusions.json" in said for said in common_problems(settings))
    publish(settings)
    assert published_documents(settings) == [DOCUMENT]
