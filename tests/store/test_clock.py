"""A clock that was once years ahead dates one version wrongly, and none after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.settings import Settings
from pipeline.store.clock import ahead
from pipeline.store.versions import VersionStore
from tests.warehouse.made import NOON, accept

ROWS = [(2020, "200000001", "CA Un", 10_000)]
WRONG = datetime(2099, 1, 1, tzinfo=UTC)


def moments(settings: Settings) -> list[datetime]:
    return [r.accepted_at for r in VersionStore(settings.versions).view().records]


def test_a_version_was_known_no_later_than_the_one_written_after_it(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    accept(settings, "A1", ROWS, accepted_at=NOON)
    accept(settings, "B1", ROWS, accepted_at=WRONG)
    held = VersionStore(settings.versions).view()
    assert "01/01/2099" in ahead(held.records, held.withdrawals, held.known_acts, NOON)
    accept(settings, "C1", ROWS, accepted_at=NOON + timedelta(hours=2))
    accept(settings, "D1", ROWS, accepted_at=NOON + timedelta(hours=3))
    assert moments(settings) == [NOON, *(NOON + timedelta(hours=h) for h in (2, 2, 3))]
    held = VersionStore(settings.versions).view()
    assert ahead(held.records, held.withdrawals, held.known_acts, NOON + timedelta(hours=3)) == ""


def test_what_was_withdrawn_by_that_clock_is_withdrawn_when_it_was_righted(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    accept(settings, "A1", ROWS, accepted_at=NOON)
    accept(settings, "B1", ROWS, accepted_at=WRONG)
    VersionStore(settings.versions).withdraw(1, "mal lu", WRONG + timedelta(hours=1))
    accept(settings, "C1", ROWS, accepted_at=NOON + timedelta(hours=2))
    (withdrawal,) = VersionStore(settings.versions).view().withdrawals
    assert withdrawal.withdrawn_at == NOON + timedelta(hours=2)


def test_a_clock_set_back_by_minutes_still_rewrites_nothing(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    accept(settings, "A1", ROWS, accepted_at=NOON)
    accept(settings, "B1", ROWS, accepted_at=NOON - timedelta(minutes=50))
    assert moments(settings) == [NOON, NOON]
