"""Every bomb of the list of attempts, each in its bounds; `make test` runs one of five."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.warehouse.attempts import BOMBS
from tests.warehouse.test_access import ends_within_its_bounds, published

pytestmark = pytest.mark.soak
__all__ = ["published"]


@pytest.mark.parametrize("sql", BOMBS)
def test_a_bomb_costs_what_was_allowed_and_no_more(
    published: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    ends_within_its_bounds(published, tmp_path, monkeypatch, sql)
