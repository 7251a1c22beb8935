"""Every line of the list of attempts, each in its bounds, as `annexes sql` runs it and as the catalogue's page does;
`make test` runs one bomb of five, and refusals without a process of their own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipeline.settings import Settings
from pipeline.site.queries import Limits
from pipeline.site.server import Kept, application
from tests.warehouse.attempts import BOMBS, REFUSED
from tests.warehouse.test_access import (
    BOMB_SECONDS,
    LOADED_SECONDS,
    MEGABYTE,
    ends_within_its_bounds,
    files_of,
    published,
    watched_peaks,
)

pytestmark = pytest.mark.soak
__all__ = ["published"]
MEMORY = 64 * MEGABYTE
LONGEST_ADDRESS = 20_000
"""What the client puts in an address; the page is asked by address only."""


def told(sql: str, settings: Settings, folder: Path) -> str:
    return sql.replace("{folder}", str(folder)).replace("{base}", str(settings.database))


@pytest.mark.parametrize("sql", [*REFUSED, *BOMBS])
def test_an_attempt_costs_what_was_allowed_and_no_more(
    published: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    ends_within_its_bounds(published, tmp_path, monkeypatch, told(sql, published, tmp_path))


@pytest.fixture(scope="module")
def page(published: Settings) -> Iterator[TestClient]:
    kept = Kept(published)
    kept.folder.mkdir(parents=True, exist_ok=True)
    kept.refresh = lambda *_: None  # type: ignore[method-assign]
    limits = Limits(seconds=BOMB_SECONDS, memory=MEMORY)
    with TestClient(application(kept, limits=limits), base_url="http://127.0.0.1") as found:
        yield found


@pytest.mark.parametrize("sql", [sql for sql in (*REFUSED, *BOMBS) if len(sql) < LONGEST_ADDRESS])
def test_the_page_of_the_catalogue_allows_no_more(
    published: Settings, page: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    peaks = watched_peaks(monkeypatch)
    before, started = files_of(published.root), time.monotonic()
    answer = page.get("/requete.json", params={"q": told(sql, published, tmp_path)})
    assert (answer.status_code, bool(answer.text.strip())) == (400, True)
    assert time.monotonic() - started < BOMB_SECONDS + 1 + LOADED_SECONDS
    assert all(peak <= MEMORY + 300 * MEGABYTE for peak in peaks)
    assert (files_of(published.root), files_of(tmp_path)) == (before, {})
