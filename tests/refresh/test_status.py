"""What a probe rings for, and what it leaves a person to read."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from socket import gethostname

import pytest

from pipeline.datasets import all_datasets
from pipeline.documents.model import KnownAct, Relation
from pipeline.refresh.publish import is_current, publish
from pipeline.refresh.state import last_refresh, remember_refresh
from pipeline.refresh.status import DatasetState, dataset_states, status
from pipeline.settings import Settings
from pipeline.store.lock import refresh_lock
from pipeline.store.records import Withdrawal
from pipeline.store.versions import StoreView, VersionStore
from pipeline.warehouse.audit import audit
from tests.refresh import small
from tests.refresh.small import ACT, DATASET, DOCUMENT, PRICES, project, read
from tests.warehouse.made import NOON, known, record, seuils

NOW = datetime(2010, 1, 1, tzinfo=UTC)
"""A few months after the only act of the small project: its next one is not due yet."""


@pytest.fixture
def published(tmp_path: Path) -> Settings:
    settings = small.published(tmp_path / "project")
    remember_refresh(settings, [], NOW)
    return settings


def test_a_project_in_order_has_no_problem(published: Settings) -> None:
    found = status(published, NOW)
    assert found.problems == ()
    assert found.published is not None
    assert (found.published.versions, found.published.current) == (1, True)
    assert (found.documents, found.to_read, found.refused) == (1, (), ())
    assert found.disk["versions"] > 0


def test_nothing_published_is_a_problem_where_there_are_documents(tmp_path: Path) -> None:
    assert status(project(tmp_path / "project"), NOW).problems == ("rien n'est publié : `annexes refresh`",)
    assert status(Settings(tmp_path / "vide"), NOW).problems == ()


def test_a_refused_edition_is_a_problem_and_a_document_to_read_is_not(published: Settings) -> None:
    (published.raw / DOCUMENT / "annexe.md").write_text("# Annexe II\n", encoding="utf-8")
    waiting = status(published, NOW)
    assert (waiting.to_read, waiting.problems) == ((DOCUMENT,), ())
    read(published)
    (problem,) = status(published, NOW).problems
    assert problem.startswith(f"refusé : {DOCUMENT} : {DATASET} ({ACT})")


def test_a_reading_that_waits_is_shown_and_rings_nothing(published: Settings) -> None:
    read(published, {zone: price // 4 for zone, price in PRICES.items()})
    found = status(published, NOW)
    assert [(w.dataset, w.edition) for w in found.pending] == [(DATASET, ACT)]
    assert found.problems == ()
    assert found.findings["warning"] == 1


def test_another_file_in_the_place_of_the_published_one_is_a_problem(published: Settings) -> None:
    published.database.chmod(0o644)
    published.database.write_bytes(b"autre chose")
    assert "n'est pas le fichier" in status(published, NOW).problems[0]


def test_a_damaged_version_record_is_a_problem(published: Settings) -> None:
    path = VersionStore(published.versions).path(DATASET, 1, ".json")
    path.write_text(path.read_text(encoding="utf-8").replace("Ministère", "Mystère"), encoding="utf-8")
    assert any(p.startswith("version endommagée : 000001.json") for p in status(published, NOW).problems)


def test_rows_that_are_gone_are_a_problem(published: Settings) -> None:
    VersionStore(published.versions).path(DATASET, 1).unlink()
    assert any(p.startswith("version endommagée : 000001.parquet") for p in status(published, NOW).problems)


def test_a_refresh_that_was_killed_rings_and_one_that_runs_does_not(published: Settings) -> None:
    published.under_way.touch()
    assert status(published, NOW).problems == (
        "la dernière mise à jour a été interrompue : `annexes refresh` la termine",
    )
    with refresh_lock(published):
        assert status(published, NOW).problems == ()
    dead = {"pid": "999999999", "host": gethostname()}
    (published.warehouse / ".refresh.holder.json").write_text(json.dumps(dead), encoding="utf-8")
    assert len(status(published, NOW).problems) == 1


@pytest.mark.parametrize("place", range(0, 100, 23))
def test_a_bit_changed_anywhere_in_the_published_file_is_seen_and_mended(published: Settings, place: int) -> None:
    data = bytearray(published.database.read_bytes())
    data[len(data) * place // 100] ^= 1
    published.database.chmod(0o644)
    published.database.write_bytes(data)
    assert "n'est pas le fichier" in status(published, NOW).problems[0]
    assert not is_current(published)


def test_after_a_publish_on_demand_nothing_is_left_to_publish(published: Settings) -> None:
    assert publish(published, VersionStore(published.versions), force=True).added is None
    assert is_current(published)


def test_a_bit_that_changed_by_itself_is_seen_by_verify(published: Settings) -> None:
    """Neither size nor time tell of it."""
    known = published.database.stat()
    data = bytearray(published.database.read_bytes())
    data[len(data) // 2] ^= 1
    published.database.chmod(0o644)
    published.database.write_bytes(data)
    os.utime(published.database, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert any("octet pour octet" in said for said in audit(published, all_datasets(), is_current(published)))


def test_a_refresh_that_failed_rings_until_the_next_one(published: Settings) -> None:
    remember_refresh(published, ["publication : disque plein"], NOW)
    assert status(published, NOW).problems == ("publication : disque plein",)
    remember_refresh(published, [], NOW)
    assert status(published, NOW).problems == ()


def test_the_age_of_the_last_refresh_rings_on_demand_only(published: Settings) -> None:
    later = NOW + timedelta(hours=30)
    assert status(published, later).problems == ()
    assert status(published, later, timedelta(hours=48)).problems == ()
    assert status(published, later, timedelta(hours=24)).problems == (
        "aucune mise à jour depuis le 01/01/2010 00:00 UTC",
    )


def test_a_note_of_another_making_is_no_note(published: Settings) -> None:
    (published.warehouse / "refreshed.json").write_text("[]", encoding="utf-8")
    assert last_refresh(published) is None


def state(acts: Sequence[KnownAct], today: date, **edition: date | None) -> DatasetState:
    """Of yearly thresholds, one edition of June 2020 held, at a day when `acts` are known."""
    held = record(valid_from=date(2020, 6, 15), signed=date(2020, 6, 15), **edition)
    (found,) = dataset_states([seuils()], StoreView((held,), (), (), ()), acts, today)
    return found


def act(year: int, month: int = 6) -> KnownAct:
    return known(f"A{year}", date(year, month, 15), signed=date(year, month, 15), year=year)


def test_the_act_of_a_new_year_is_late_two_months_after_the_usual_day() -> None:
    assert state([], date(2021, 8, 14)).state == "held"
    late = state([], date(2021, 8, 15))
    assert (late.state, late.year) == ("late", 2020)
    assert "l'acte de 2021 est attendu" in late.detail


def test_an_act_declared_and_not_held_is_expected_not_late() -> None:
    found = state([act(2021)], date(2022, 1, 1))
    assert (found.state, found.detail) == ("expected", "actes connus et non détenus : 2021")


def test_a_year_that_nobody_declared_between_two_known_ones_is_late() -> None:
    assert state([act(2022)], date(2022, 7, 1)).detail == "aucun acte connu pour 2021"


def test_an_edition_whose_text_says_its_end_is_ended() -> None:
    found = state([], date(2026, 1, 1), valid_to=date(2021, 1, 1))
    assert (found.state, found.late) == ("ended", False)
    assert "fin le 01/01/2021" in found.detail


def test_an_edition_answers_no_more_on_the_day_of_its_end() -> None:
    assert state([], date(2020, 12, 31), valid_to=date(2021, 1, 1)).state == "held"
    assert state([], date(2021, 1, 1), valid_to=date(2021, 1, 1)).state == "ended"


def test_an_edition_that_another_act_repeals_is_ended() -> None:
    repeal = Relation("abroge", "A1", date_effet=date(2021, 1, 1))
    held = StoreView((record(valid_from=date(2020, 6, 15)), record(2, "X", rows=0, relation=repeal)), (), (), ())
    (found,) = dataset_states([seuils()], held, [], date(2026, 1, 1))
    assert (found.state, found.year) == ("ended", 2020)
    assert "fin le 01/01/2021" in found.detail


def test_a_withdrawn_version_is_not_held() -> None:
    held = StoreView((record(),), (Withdrawal("seuils", 1, NOON, "mal lu"),), (), ())
    assert dataset_states([seuils()], held, [], date(2026, 1, 1))[0].state == "empty"
