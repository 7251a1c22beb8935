"""A reading that says much else of the same edition waits: what was published stays until a person decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.refresh import review
from pipeline.refresh.state import outcome_from_json, staged_outcome
from pipeline.settings import Settings
from pipeline.store.pending import Waiting, WaitingReadings
from pipeline.store.versions import StoreError, VersionStore
from pipeline.warehouse.access import connect
from tests.refresh import small
from tests.refresh.small import ACT, DATASET, DOCUMENT, PRICES, project, read, refresh
from tests.warehouse.made import NOON

DAMAGED = {zone: price // 4 for zone, price in PRICES.items()}
"""A quarter of each price, as a lost digit would give."""
ONE_CHANGED = PRICES | {"A": 4_200}


def published(settings: Settings) -> dict[str, int]:
    with connect(settings) as connection:
        return dict(connection.execute(f"SELECT zone, prix_max_euros_m2_su FROM {DATASET}").fetchall())


def rules(settings: Settings) -> set[str]:
    return {f.rule for f in outcome_from_json(staged_outcome(settings, DOCUMENT) or {}).findings}


@pytest.fixture
def asked(tmp_path: Path) -> Settings:
    """Prices published, then delivered again damaged."""
    settings = small.published(tmp_path / "project")
    read(settings, DAMAGED)
    return settings


def waiting(settings: Settings) -> list[Waiting]:
    return WaitingReadings(settings.pending).waiting()


def test_a_damaged_delivery_waits_with_its_reasons_and_costs_nothing_published(tmp_path: Path) -> None:
    settings = small.published(tmp_path / "project")
    edition = refresh(settings, DAMAGED)
    assert (edition.status, edition.version_no) == ("pending", 1)
    assert edition.reasons == (
        "total de prix_max_euros_m2_su divisé par deux ou plus : 11350 → 2837",
        "valeurs changées dans prix_max_euros_m2_su : 4 sur 4",
    )
    assert "version_en_attente" in rules(settings)
    assert published(settings) == PRICES


def test_a_correction_of_one_price_does_not_wait(tmp_path: Path) -> None:
    settings = project(tmp_path / "project")
    read(settings)
    assert read(settings, ONE_CHANGED).status == "accepted"


def test_another_edition_may_say_anything(tmp_path: Path) -> None:
    settings = project(tmp_path / "project")
    read(settings)
    declaration = settings.raw / DOCUMENT / "document.toml"
    text = declaration.read_text(encoding="utf-8").replace(ACT, "XXXX1000001A").replace("2009-04-10", "2010-01-01")
    declaration.write_text(text, encoding="utf-8")
    assert read(settings, {zone: 2 * price for zone, price in PRICES.items()}).status == "accepted"


def test_a_question_is_asked_once_and_goes_when_the_document_is_put_right(asked: Settings) -> None:
    first = waiting(asked)
    read(asked)
    assert waiting(asked) == first
    assert read(asked, PRICES).status == "unchanged"
    assert waiting(asked) == []


def test_a_newer_delivery_takes_the_place_of_the_one_that_waits(asked: Settings) -> None:
    before = waiting(asked)[0].id
    read(asked, DAMAGED | {"A": 1_000})
    (after,) = waiting(asked)
    assert after.id != before


def test_accepted_it_becomes_the_next_version_and_is_published(asked: Settings) -> None:
    (question,) = review.questions(asked)
    record, _ = review.accept(asked, question.waiting.id)
    assert (record.version_no, record.edition) == (2, ACT)
    assert published(asked) == DAMAGED
    assert "version_en_attente" not in rules(asked)
    assert review.questions(asked) == []
    assert read(asked).status == "unchanged"


def test_killed_between_the_version_and_the_end_of_the_wait_nothing_is_accepted_twice(
    asked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (question,) = review.questions(asked)
    with monkeypatch.context() as patched:
        patched.setattr(VersionStore, "remove", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            review.accept(asked, question.waiting.id)
    record, _ = review.accept(asked, question.waiting.id)
    assert record.version_no == 2
    assert [r.version_no for r in VersionStore(asked.versions).records()] == [1, 2]
    assert waiting(asked) == []


def test_rejected_it_does_not_come_back(asked: Settings) -> None:
    (question,) = review.questions(asked)
    review.reject(asked, question.waiting.id, "chiffre perdu à l'impression")
    assert published(asked) == PRICES
    again = read(asked)
    assert (again.status, again.version_no) == ("set_aside", 1)
    assert "chiffre perdu à l'impression" in again.reasons[0]
    assert review.questions(asked) == []
    assert read(asked, ONE_CHANGED).status == "accepted"


def test_rolled_back_a_version_counts_again_and_the_later_reading_stays_out(tmp_path: Path) -> None:
    settings = small.published(tmp_path / "project")
    refresh(settings, ONE_CHANGED)
    assert review.rollback(settings, DATASET, 1, "ligne mal lue").withdrawn == (2,)
    assert published(settings) == PRICES
    assert read(settings).status == "set_aside"
    assert read(settings, PRICES).status == "unchanged"


def test_a_withdrawn_version_comes_back_under_a_new_number(tmp_path: Path) -> None:
    settings = small.published(tmp_path / "project")
    VersionStore(settings.versions).withdraw(1, "retirée à tort", NOON)
    assert read(settings).status == "set_aside"
    back = review.rollback(settings, DATASET, 1, "elle était bonne")
    assert (back.record.version_no, back.withdrawn) == (2, ())
    assert published(settings) == PRICES
    again = read(settings)
    assert (again.status, again.version_no) == ("unchanged", 2)


def test_what_cannot_be_decided_is_said(asked: Settings) -> None:
    with pytest.raises(StoreError, match="aucune lecture inconnue en attente"):
        review.accept(asked, "inconnue")
    with pytest.raises(StoreError, match="déjà la dernière lecture"):
        review.rollback(asked, DATASET, 1, "essai")
    with pytest.raises(StoreError, match="aucune version 9 de prix_psla"):
        review.rollback(asked, DATASET, 9, "essai")


def test_a_reading_that_waits_is_no_version(asked: Settings) -> None:
    assert [r.version_no for r in VersionStore(asked.versions).records()] == [1]
    assert VersionStore(asked.versions).next_no == 2
