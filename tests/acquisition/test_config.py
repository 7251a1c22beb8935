"""The feed's settings: off until someone turns it on, strict about what it does not know."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.config import OFFICIAL, ConfigError, Feed, load
from pipeline.settings import Settings


def declared(root: Path, text: str) -> Settings:
    (root / "annexes.toml").write_text(text, encoding="utf-8")
    return Settings(root)


def test_nothing_declared_is_off(tmp_path: Path) -> None:
    assert load(Settings(tmp_path), {}) == Feed(OFFICIAL, enabled=False)


def test_one_switch_turns_it_on(tmp_path: Path) -> None:
    feed = load(declared(tmp_path, 'alert = "mail"\n[feed]\nenabled = true\nsince = 2026-01-01\nbatch = 5\n'), {})
    assert feed == Feed(OFFICIAL, enabled=True, since=date(2026, 1, 1), batch=5)


def test_the_environment_names_another_directory(tmp_path: Path) -> None:
    feed = load(Settings(tmp_path), {"ANNEXES_FEED_URL": "http://127.0.0.1:8000/feed"})
    assert (feed.base_url, feed.enabled) == ("http://127.0.0.1:8000/feed/", True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[feed]\ncolour = 1\n", "feed.colour"),
        ('[feed]\nbase_url = "file:///etc/"\n', "une adresse http ou https est attendue"),
        ("[feed]\nbatch = 0\n", "feed.batch"),
        ("[feed\n", "illisible"),
    ],
)
def test_what_cannot_be_followed_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load(declared(tmp_path, text), {})
