"""The one switch of all triggers: `[schedule]` with `enabled = true` in annexes.toml. Dagster's interface can still
turn each on or off by itself."""

from __future__ import annotations

from pipeline import config
from pipeline.settings import Settings


def is_on(settings: Settings) -> bool:
    """Whether annexes.toml turns the triggers on. Raises ConfigError for a file that cannot be followed."""
    return config.read(settings).schedule.enabled
