"""Which findings are new: those of the published file that the file published before it did not have.

A small JSON beside the published file keeps the ids of both. Losing it loses only the difference.
"""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.settings import Settings
from pipeline.warehouse.files import write_durably


def record(settings: Settings) -> None:
    """Remember the findings of the file just published. The caller holds the refresh lock."""
    from pipeline.warehouse.access import connect

    with connect(settings) as connection:
        now = sorted(str(row[0]) for row in connection.execute("SELECT finding FROM meta.findings").fetchall())
    before = _read(settings).get("now", [])
    text = json.dumps({"before": before, "now": now}, indent=1) + "\n"
    write_durably(_path(settings), lambda target: _write(target, text))


def new_findings(settings: Settings) -> frozenset[str]:
    """Ids published last and not the time before; all of them after a first publish."""
    seen = _read(settings)
    return frozenset(seen.get("now", ())) - frozenset(seen.get("before", ()))


def _read(settings: Settings) -> dict[str, list[str]]:
    try:
        loaded = json.loads(_path(settings).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _path(settings: Settings) -> Path:
    return settings.warehouse / "published_findings.json"


def _write(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")
