"""The change reports of a project: one a publication, in warehouse/changes/, with the feed of the last ones.

The note of what the last one knew is written last: after a crash the next publication tells what this one did not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.files import write_durably, write_text
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.products.changes import Known

FEED = "atom.xml"
_NOTE = "connu.json"
_IN_FEED = 30


def folder(settings: Settings) -> Path:
    return settings.warehouse / "changes"


def write_report(settings: Settings, at: datetime) -> Path | None:
    """Report what the file just published brought since the last report, published at `at` (UTC); the Markdown file, or
    None when nothing that people read is new. The caller holds the refresh lock. Raises OSError."""
    from pipeline.products import changes
    from pipeline.warehouse.access import connect

    before = _known(settings)
    with connect(settings) as connection:
        made = changes.report(connection, before, at)
        now = changes.known(connection)
    path = None
    if not made.empty:
        name = _free_name(settings, at)
        path = folder(settings) / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = json.dumps(changes.as_json(made), ensure_ascii=False, indent=1, default=_plain) + "\n"
        _put(path, changes.as_markdown(made))
        _put(path.with_suffix(".json"), data)
        _put(
            folder(settings) / FEED,
            changes.atom([(r.name, r.at, r.title, r.text) for r in read_reports(settings, _IN_FEED)], at),
        )
    folder(settings).mkdir(parents=True, exist_ok=True)
    note = {
        "versions": sorted(now.versions),
        "withdrawn": sorted(now.withdrawn),
        "missing": dict(now.missing),
        "findings": sorted(now.findings),
    }
    _put(folder(settings) / _NOTE, json.dumps(note, ensure_ascii=False) + "\n")
    return path


@dataclass(frozen=True)
class Told:
    """A report as it was written. `at` is UTC; `text` is Markdown."""

    name: str
    at: datetime
    title: str
    text: str


def read_reports(settings: Settings, limit: int) -> list[Told]:
    """The newest reports, newest first. Raises OSError, ValueError for one that a person damaged."""
    found: list[Told] = []
    for name in report_names(settings)[:limit]:
        data = json.loads((folder(settings) / f"{name}.json").read_text(encoding="utf-8"))
        text = (folder(settings) / f"{name}.md").read_text(encoding="utf-8")
        found.append(Told(name, datetime.fromisoformat(data["at"]), data["titre"], text))
    return found


def report_names(settings: Settings) -> list[str]:
    """The reports held, newest first."""
    if not folder(settings).is_dir():
        return []
    return sorted((path.stem for path in folder(settings).glob("[0-9]*.json")), reverse=True)


def _known(settings: Settings) -> Known | None:
    from pipeline.products.changes import Known

    try:
        note = json.loads((folder(settings) / _NOTE).read_text(encoding="utf-8"))
        return Known(
            frozenset(note["versions"]), frozenset(note["withdrawn"]), note["missing"], frozenset(note["findings"])
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # none was ever written, or not whole: all is told again


def _free_name(settings: Settings, at: datetime) -> str:
    name, number = f"{at:%Y%m%d-%H%M%S}", 1
    while (folder(settings) / f"{name}.md").exists():
        number += 1
        name = f"{at:%Y%m%d-%H%M%S}-{number}"
    return name


def _put(path: Path, text: str) -> None:
    write_durably(path, partial(write_text, text))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
