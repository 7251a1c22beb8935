"""The one switch of all triggers: `[schedule]` with `enabled = true` in annexes.toml. Dagster's interface can still
turn each on or off by itself."""

from __future__ import annotations

import tomllib

from pipeline.settings import Settings


def is_on(settings: Settings) -> bool:
    """Whether annexes.toml turns the triggers on. Raises tomllib.TOMLDecodeError for a file that does not read."""
    if not settings.configuration.is_file():
        return False
    table = tomllib.loads(settings.configuration.read_text(encoding="utf-8")).get("schedule", {})
    return bool(table.get("enabled", False))
