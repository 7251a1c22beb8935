"""The feed's settings: off until someone turns it on, strict about what it does not know."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.config import OFFICIAL, ConfigError, Feed, described, load, read
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[schedule]\nenabled = "false"\n',
            r"schedule.enabled : true ou false .* non 'false' ; écrire : enabled = true",
        ),
        ("[schedule]\nenabled = 1\n", "schedule.enabled : true ou false"),
        ("schedule = true\n", r"schedule : une table est attendue ; écrire : \[schedule\]"),
        ("[sheduled]\nenabled = true\n", "sheduled : clé inconnue"),
        ("[feed]\nsince = '2026-01-01'\n", "feed.since : une date est attendue, sans guillemets"),
        ("[feed]\nbatch = 2000\n", "feed.batch : 1000 au plus est attendu, non 2000"),
        ("alert = 3\n", "écrire : alert ="),
        ("a = " + "[" * 5000, "illisible"),
        ("a = " + "1" * 5000, "illisible"),
    ],
)
def test_a_setting_that_is_not_what_it_must_be_is_told_with_the_line_to_write(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        read(declared(tmp_path, text))


def test_a_file_that_is_no_utf8_or_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "annexes.toml").write_bytes("# réglages".encode("latin-1"))
    with pytest.raises(ConfigError, match="illisible"):
        read(Settings(tmp_path))
    (tmp_path / "annexes.toml").unlink()
    (tmp_path / "annexes.toml").mkdir()
    with pytest.raises(ConfigError, match="illisible"):
        read(Settings(tmp_path))


def test_each_setting_says_where_it_comes_from(tmp_path: Path) -> None:
    settings = declared(tmp_path, "[feed]\nbatch = 5\n")
    told = {each.name: each for each in described(settings, {"ANNEXES_FEED_URL": "http://127.0.0.1/"})}
    assert (told["feed.batch"].value, told["feed.batch"].default, told["feed.batch"].origin) == (5, 60, "annexes.toml")
    assert told["feed.enabled"].origin == told["feed.base_url"].origin == "ANNEXES_FEED_URL"
    assert told["schedule.enabled"].origin == "défaut"
