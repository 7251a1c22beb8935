"""One round against deliveries that are hostile or merely wrong: named, bounded, and the rest goes on."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.acquisition.acquire import Acquired, acquire
from pipeline.acquisition.feed import Place, load_state, plan_round, run_round
from pipeline.acquisition.taking import wanted
from pipeline.config import Feed
from pipeline.documents.declaration import read_acts
from pipeline.documents.model import Relation
from pipeline.settings import Settings
from tests.acquisition.quartile import AIN, arrete
from tests.acquisition.served import Directory, served, tar_gz, text, text_id

NOW = datetime(2030, 2, 9, 5, tzinfo=UTC)
GOOD = (text_id(7), arrete(7, 2020, AIN, "4 février 2030", "2030-02-06"))
BOMB = (
    b"<?xml version='1.0'?><!DOCTYPE t [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;'>]>"
    b"<TEXTE><ID>JORFTEXT000000000002</ID><TITREFULL>&b;</TITREFULL></TEXTE>"
)


@dataclass
class Round:
    settings: Settings
    directory: Directory
    feed: Feed

    def run(self) -> Acquired:
        return acquire(self.settings, self.feed, self.directory.server(), clock=lambda: NOW)

    @property
    def held(self) -> list[str]:
        return sorted(p.parent.name for p in self.settings.raw.glob("*/document.toml"))


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Round]:
    settings = Settings(tmp_path)
    settings.raw.mkdir()
    with served() as directory:
        yield Round(settings, directory, Feed(directory.base_url, enabled=True))


def test_a_hostile_text_is_named_and_the_others_are_taken(one: Round) -> None:
    wrong = GOOD[1].replace(b"</TEXTE>", "<p>é</p></TEXTE>".encode("latin-1"))
    one.directory.deliver("20300209-001500", (text_id(2), BOMB), (text_id(3), b"\x00\x01"), GOOD, (text_id(4), wrong))
    acquired = one.run()
    assert one.held == [text_id(7)]
    assert [f.rule for f in acquired.findings] == ["texte_refuse"] * len(acquired.findings)
    said = " ".join(acquired.failed)
    assert "propres entités" in said
    assert "le contenu n'en est pas un" in said


def test_a_text_refused_is_a_finding_until_it_is_taken(one: Round) -> None:
    folder = one.settings.raw / text_id(7)
    folder.mkdir()
    (folder / "notes.txt").write_text("à moi", encoding="utf-8")
    one.directory.deliver("20300208-001500", GOOD)
    assert "n'a pas de document.toml" in one.run().failed[0]
    one.directory.deliver("20300209-001500", (text_id(1), text(1)))
    assert [(f.rule, f.severity, f.document) for f in one.run().findings] == [("texte_refuse", "error", text_id(7))]
    (folder / "notes.txt").unlink()
    folder.rmdir()
    one.directory.deliver("20300209-205512", GOOD)
    assert one.run().findings == ()


def test_a_text_without_a_title_is_no_matter_of_ours(one: Round) -> None:
    untitled = text(1, title="")
    one.directory.deliver("20300209-001500", (text_id(1), untitled), GOOD)
    acquired = one.run()
    assert (acquired.findings, one.held) == ((), [text_id(7)])


def test_a_rectificatif_in_the_delivery_of_its_act_names_it(one: Round) -> None:
    corrects = arrete(9, 2020, AIN, "4 février 2030 (rectificatif)", "2030-02-06", nor="TREL3000001Z")
    one.directory.deliver("20300209-001500", GOOD, (text_id(9), corrects))
    one.run()
    relation = read_acts(one.settings.raw / text_id(9))[0].relation
    assert relation == Relation("rectifie", text_id(7))


def test_a_path_that_leads_out_of_the_archive_is_named_and_the_rest_is_taken(one: Round) -> None:
    one.directory.files["JORFSIMPLE_20300209-001500.tar.gz"] = tar_gz(
        {f"../../{text_id(7)}.xml": GOOD[1], "/etc/JORFTEXT000000000008.xml": GOOD[1], f"a/{GOOD[0]}.xml": GOOD[1]}
    )
    acquired = one.run()
    assert one.held == [text_id(7)]
    (found,) = acquired.findings
    assert found.rule == "fichier_ecarte"
    assert "2 fichiers de l'archive écartés" in found.message


def test_a_delivery_that_announces_ten_gigabytes_stores_nothing(one: Round) -> None:
    huge = tarfile.TarInfo(f"{text_id(8)}.xml")
    huge.size = 10 << 30
    plain = gzip.decompress(tar_gz({f"{GOOD[0]}.xml": GOOD[1]}))
    first = plain[: plain.index(bytes(1024)) // 512 * 512 + 512]
    one.directory.files["JORFSIMPLE_20300209-001500.tar.gz"] = gzip.compress(first + huge.tobuf())
    assert "annonce 10240 Mio" in one.run().failed[0]
    assert one.held == []


def test_a_round_takes_no_more_than_its_batch_and_the_next_goes_on(one: Round) -> None:
    for hour in range(5):
        one.directory.deliver(f"20300209-0{hour}0000", (text_id(hour), text(hour)))
    one.feed = replace(one.feed, batch=2)
    rounds = [one.run().round for _ in range(4)]
    assert [(len(r.taken), r.later) for r in rounds if r] == [(2, 3), (2, 1), (1, 0), (0, 0)]


def test_a_server_that_fails_again_and_again_is_left_for_the_next_round(one: Round) -> None:
    for hour in range(6):
        one.directory.faults[one.directory.deliver(f"20300209-0{hour}0000")] = ["404"]
    made = one.run().round
    assert made
    assert (len(made.taken), made.later) == (3, 3)


def test_the_first_round_begins_a_week_back(one: Round) -> None:
    for stamp in ("20300101-001500", "20300131-001500", "20300203-001500", "20300209-001500"):
        one.directory.deliver(stamp)
    made = one.run().round
    assert made
    assert [t.delivery.stamp for t in made.taken] == ["20300203-001500", "20300209-001500"]


def test_the_plan_asks_for_the_index_only_and_its_key_tells_what_is_new(one: Round) -> None:
    one.directory.deliver("20300208-001500", GOOD)
    plan = plan_round(one.settings, one.feed, one.directory.server())
    assert [d.stamp for d in plan.wanted] == ["20300208-001500"]
    assert one.directory.asked == [("index", "")]
    assert plan_round(one.settings, one.feed, one.directory.server()).key == plan.key
    one.directory.deliver("20300209-001500")
    assert plan_round(one.settings, one.feed, one.directory.server()).key != plan.key


def test_a_disk_that_refuses_stops_the_round_before_its_cursor(one: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    one.directory.deliver("20300209-001500", GOOD)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("pipeline.documents.archive._create", full)
        choice = wanted(one.settings, all_tables=False)
        with pytest.raises(OSError, match="No space left"):
            run_round(Place(one.settings, one.settings.raw), one.feed, one.directory.server(), choice, NOW.date())
    assert load_state(one.settings.feed_state).cursor < "20300209-001500"
    assert one.held == []
    assert one.run().changed
    assert one.held == [text_id(7)]
