"""The drop folder raw/inbox/: which files wait in it. Standard library only: a refresh with nothing to do looks too."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from pipeline.settings import Settings

SETTLED = timedelta(seconds=3)
"""A file changed more recently than this may still be on its way in."""
_UNFINISHED = frozenset({".part", ".tmp", ".crdownload", ".partial"})


def waiting_files(settings: Settings, now: datetime) -> tuple[Path, ...]:
    """The files that lie in the drop folder and have settled, by name. Links and folders are left alone."""
    if not settings.inbox.is_dir():
        return ()
    return tuple(path for path in sorted(settings.inbox.iterdir()) if _is_ready(path, now))


def _is_ready(path: Path, now: datetime) -> bool:
    if path.name.startswith(".") or path.suffix.lower() in _UNFINISHED or path.is_symlink() or not path.is_file():
        return False
    return now.timestamp() - path.stat().st_mtime >= SETTLED.total_seconds()
