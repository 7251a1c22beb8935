"""The drop folder raw/inbox/: files that people put there are taken in and removed; one that is refused stays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from pipeline.acquisition import taking
from pipeline.acquisition.feed import Place, Progress
from pipeline.acquisition.model import Done
from pipeline.acquisition.texts import Hints, metadata_id
from pipeline.acquisition.wanted import Wanted
from pipeline.contract.findings import Finding
from pipeline.settings import Settings

SETTLED = timedelta(seconds=3)
"""A file changed more recently than this may still be on its way in."""
_UNFINISHED = frozenset({".part", ".tmp", ".crdownload", ".partial"})


def waiting(settings: Settings, now: datetime) -> tuple[Path, ...]:
    """The files that lie in the drop folder and have settled, by name. Links and folders are left alone."""
    if not settings.inbox.is_dir():
        return ()
    return tuple(path for path in sorted(settings.inbox.iterdir()) if _is_ready(path, now))


def key(settings: Settings, now: datetime) -> str:
    """What identifies the files that wait, for a sensor that must not ask twice; '' when none does."""
    files = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in waiting(settings, now)]
    return hashlib.sha256(repr(files).encode()).hexdigest()[:16] if files else ""


def take_inbox(
    place: Place, choice: Wanted, now: datetime, today: date, progress: Progress = lambda _: None
) -> tuple[Done, ...]:
    """Take every file that waits. Raises OSError when the disk refuses; the caller holds the acquisition lock."""
    done: list[Done] = []
    for path in waiting(place.settings, now):
        progress(path.name)
        hints = Hints(id=_named(place.raw, path.name))
        done.append(taking.by_hand(place.raw, path, choice, hints, today, keep=choice.all_tables))
        if done[-1].action != "refuse" and not place.rehearsal:
            path.unlink()
    return tuple(done)


def findings(done: tuple[Done, ...]) -> Iterator[Finding]:
    """An error for each file that the archive refused: it was given to be published, and is not."""
    for each in done:
        if each.action == "refuse":
            yield Finding("depot_refuse", "error", each.document, f"raw/inbox : {each.line}", each.name)


def _named(raw: Path, name: str) -> str | None:
    """The document that a file's name tells: a JORFTEXT, or a document already archived."""
    stem = Path(name).stem
    return metadata_id(name) or (stem if (raw / stem / "document.toml").is_file() else None)


def _is_ready(path: Path, now: datetime) -> bool:
    if path.name.startswith(".") or path.suffix.lower() in _UNFINISHED or path.is_symlink() or not path.is_file():
        return False
    return now.timestamp() - path.stat().st_mtime >= SETTLED.total_seconds()
