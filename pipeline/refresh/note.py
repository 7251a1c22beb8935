"""The note that the command leaves of its last refresh, for `status`: when it ended, and what it could not do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.settings import Settings
from pipeline.warehouse.files import write_durably


@dataclass(frozen=True)
class LastRefresh:
    """`at` is UTC; `failed` are French sentences: readings interrupted, a publish refused."""

    at: datetime
    failed: tuple[str, ...] = ()


def remember(settings: Settings, failed: Sequence[str], now: datetime) -> None:
    """Note that a refresh ended at `now` (UTC). The caller holds the refresh lock. Raises OSError."""
    text = json.dumps({"at": now.isoformat(timespec="seconds"), "failed": list(failed)}, ensure_ascii=False) + "\n"

    def write(target: Path) -> None:
        target.write_text(text, encoding="utf-8")

    write_durably(_path(settings), write)


def last_refresh(settings: Settings) -> LastRefresh | None:
    """None when the command never refreshed this project, or the note cannot be read."""
    try:
        note = json.loads(_path(settings).read_text(encoding="utf-8"))
        return LastRefresh(datetime.fromisoformat(note["at"]), tuple(note["failed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path(settings: Settings) -> Path:
    return settings.warehouse / "refreshed.json"
