"""Settings of the feed: table [feed] of annexes.toml, then the environment. Nothing here opens a connection."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.settings import Settings

OFFICIAL = "https://echanges.dila.gouv.fr/OPENDATA/JORFSIMPLE/"
"""The directory of the DILA, open data of the Journal officiel, one self-contained file a text."""
URL_VARIABLE = "ANNEXES_FEED_URL"


class ConfigError(Exception):
    """annexes.toml, or a variable of the environment, cannot be followed (French)."""


@dataclass(frozen=True)
class Feed:
    """`since` starts the first round; `batch` is how many deliveries a round takes; `silence_days` how many days of
    publication without a delivery are worth a finding."""

    base_url: str = OFFICIAL
    enabled: bool = False
    all_tables: bool = False
    since: date | None = None
    batch: int = 60
    silence_days: int = 2


class _Feed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = OFFICIAL
    enabled: bool = False
    all_tables: bool = False
    since: date | None = None
    batch: int = Field(default=60, ge=1, le=1000)
    silence_days: int = Field(default=2, ge=1)


def load(settings: Settings, environ: Mapping[str, str] = os.environ) -> Feed:
    """The feed as declared: off unless [feed] says `enabled = true` or $ANNEXES_FEED_URL names a directory.

    Raises ConfigError.
    """
    feed = _declared(settings)
    if address := environ.get(URL_VARIABLE, "").strip():
        feed = replace(feed, base_url=address, enabled=True)
    parts = urlsplit(feed.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"adresse du flux « {feed.base_url} » : une adresse http ou https est attendue")
    return replace(feed, base_url=feed.base_url.rstrip("/") + "/")


def _declared(settings: Settings) -> Feed:
    path = settings.configuration
    if not path.is_file():
        return Feed()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("feed", {})
        return Feed(**_Feed.model_validate(table).model_dump())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path.name} : illisible : {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(("feed", *map(str, first["loc"])))
        raise ConfigError(f"{path.name}, {place} : {first['msg']}") from error
