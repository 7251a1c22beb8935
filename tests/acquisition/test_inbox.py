"""The drop folder: what is taken and removed, what is refused and stays, what is left alone."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.acquisition import acquire as inbox
from pipeline.acquisition import report
from pipeline.acquisition.acquire import Acquired, acquire
from pipeline.acquisition.texts import Hints, describe
from pipeline.config import Feed
from pipeline.documents import archive
from pipeline.documents.declaration import read_document
from pipeline.settings import Settings
from tests.acquisition.quartile import AIN, arrete
from tests.acquisition.served import text, text_id

NOW = datetime(2030, 2, 6, 12, tzinfo=UTC)
QUARTILE = arrete(7, 2020, AIN, "4 février 2030", "2030-02-06")


@pytest.fixture
def project(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path)
    settings.inbox.mkdir(parents=True)
    return settings


def drop(settings: Settings, name: str, data: bytes, age: float = 60) -> Path:
    path = settings.inbox / name
    path.write_bytes(data)
    moment = (NOW - timedelta(seconds=age)).timestamp()
    os.utime(path, (moment, moment))
    return path


def take(settings: Settings, dry_run: bool = False) -> Acquired:
    return acquire(settings, Feed(), clock=lambda: NOW, dry_run=dry_run)


def test_a_file_dropped_is_archived_and_removed(project: Settings) -> None:
    path = drop(project, "téléchargement (3).xml", QUARTILE)
    acquired = take(project)
    assert [(d.action, d.document) for d in acquired.done] == [("create", text_id(7))]
    assert acquired.round is None
    assert not path.exists()
    assert read_document(project.raw / text_id(7)).renditions[0].added == NOW.date()


def test_a_file_refused_stays_and_is_a_finding_until_it_goes(project: Settings) -> None:
    path = drop(project, "a.zip", b"PK\x03\x04\x00\x00")
    assert take(project).failed == ("refuser : a.zip (archive zip : en sortir les fichiers)",)
    assert path.exists()
    assert [(f.rule, f.severity) for f in report.findings(project)] == [("depot_refuse", "error")]
    path.unlink()
    take(project)
    assert report.findings(project) == ()


def test_a_text_that_no_dataset_reads_is_refused_with_what_to_do(project: Settings) -> None:
    drop(project, "a.xml", text(1))
    assert "--all-tables" in take(project).failed[0]


def test_a_file_named_after_a_document_is_a_rendition_of_it(project: Settings) -> None:
    drop(project, "a.xml", QUARTILE)
    take(project)
    drop(project, f"{text_id(7)}.pdf", b"%PDF-1.7 a file of the same act")
    take(project)
    assert [r.media for r in read_document(project.raw / text_id(7)).renditions] == ["pdf", "xml"]


def test_a_file_on_its_way_in_is_left_alone(project: Settings) -> None:
    drop(project, "a.xml", QUARTILE, age=1)
    drop(project, "b.xml.part", QUARTILE)
    drop(project, ".hidden.xml", QUARTILE)
    (project.inbox / "folder").mkdir()
    assert take(project).done == ()
    assert inbox.inbox_key(project, NOW) == ""


def test_a_file_that_someone_still_writes_is_left_alone(project: Settings) -> None:
    """However long ago its last bytes came."""
    path = drop(project, "a.xml", QUARTILE[: len(QUARTILE) // 2])
    with path.open("ab"):
        os.utime(path, (1, 1))
        (done,) = take(project).done
    assert (done.action, "en cours d'écriture" in done.reason) == ("refuse", True)
    assert path.exists()


def test_what_is_no_plain_file_is_refused_by_name_and_never_opened(project: Settings) -> None:
    project.inbox.mkdir(parents=True, exist_ok=True)
    (project.inbox / "link.xml").symlink_to("/etc/hostname")
    os.mkfifo(project.inbox / "pipe.xml")
    done = take(project).done
    assert [(d.action, d.name) for d in done] == [("refuse", "link.xml"), ("refuse", "pipe.xml")]
    assert inbox.inbox_key(project, NOW) == ""


def test_what_a_killed_command_left_on_its_way_is_cleared_and_what_lives_is_kept(
    project: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    work = project.raw / ".incoming"
    for owner in (999_999_999, os.getppid()):
        (work / f"DOC.{owner}").mkdir(parents=True)
        (work / f"DOC.{owner}" / "a.xml").write_bytes(b"x")
    take(project)
    assert [p.name for p in work.iterdir()] == [f"DOC.{os.getppid()}"]
    assert "DOC.999999999" in caplog.text


def test_the_key_tells_whether_there_is_something_new_to_ask(project: Settings) -> None:
    drop(project, "a.zip", b"PK")
    first = inbox.inbox_key(project, NOW)
    take(project)
    assert inbox.inbox_key(project, NOW) == first  # refused, and the same: nothing to ask again
    drop(project, "a.zip", b"PKPK")
    assert inbox.inbox_key(project, NOW) != first


def test_a_rehearsal_shows_the_plan_and_leaves_everything(project: Settings) -> None:
    path = drop(project, "a.xml", QUARTILE)
    drop(project, "b.xml", QUARTILE.replace(b"8 788", b"8 789"))
    lines = [d.line for d in take(project, dry_run=True).done]
    assert [line.split(" : ")[0] for line in lines] == ["créer", "ajouter une rendition"]
    assert path.exists()
    assert not (project.raw / text_id(7)).exists()
    assert not report.report_path(project).exists()


def test_the_file_of_the_open_data_completes_an_act_that_a_pdf_brought(project: Settings) -> None:
    title = "Arrêté du 1er février 2030 relatif au seuil de ressources du premier quartile des demandeurs"
    by_hand = archive.Incoming(
        "joe.pdf",
        b"%PDF-1.7 ...",
        describe("joe.pdf", b"%PDF-1.7 ...", Hints(nor="TREL3000001A", title=title, nature="arrete")).document,
        NOW.date(),
    )
    archive.apply(project.raw, archive.plan(project.raw, by_hand, lambda *_: False))
    drop(project, "JORFTEXT000000000007.xml", QUARTILE)
    (done,) = take(project).done
    assert (done.action, done.document) == ("add", "TREL3000001A")
    assert done.reason.endswith(
        "document.toml complété : date de signature, date de publication, adresse, date d'effet"
    )
    act = read_document(project.raw / "TREL3000001A").acts[0]
    assert (act.title, act.published, act.effect.valid_from_base) == (
        title,
        date(2030, 2, 6),
        "lendemain_publication",
    )
