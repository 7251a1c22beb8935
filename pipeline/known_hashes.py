"""Hashes of files remembered by size and times, so that what has not changed is not read again. Standard library only.

Knows nothing of what the files hold. Losing the note costs reading them once more.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipeline.files import sha256_of

_SETTLED_NS = 2_000_000_000
"""A file changed so short a time before it was hashed may change again without another size or time."""
_SHA256, _SAID = 3, 4
ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
"""What is met where no file is."""


def hash_now(path: str) -> str:
    """The sha256 of a file read now, '' where there is none. Raises OSError."""
    try:
        return sha256_of(Path(path))
    except ABSENT:
        return ""


class KnownHashes:
    """The sha256 of files, and what they say, remembered in a note since they were read before. The time of change of
    the inode counts too: unlike the time of modification, nobody sets it back."""

    def __init__(self, note: Path) -> None:
        self._note = note
        try:
            self._text = note.read_text(encoding="utf-8")
            loaded = json.loads(self._text)
        except (OSError, ValueError):
            self._text, loaded = "", {}
        whole = isinstance(loaded, dict) and all(isinstance(e, list) and len(e) == _SAID + 1 for e in loaded.values())
        self._known: dict[str, list[Any]] = loaded if whole else {}
        self._asked: dict[str, list[Any]] = {}

    def of(self, path: str | Path) -> str:
        """The sha256 of a file, hexadecimal; '' where there is none. Raises OSError for one that cannot be read."""
        try:
            return str(self._entry(os.fspath(path))[_SHA256])
        except ABSENT:
            return ""

    def said(self, path: Path, read: Callable[[Path], Any]) -> Any:
        """What `read` (always the same for a file) makes of the file, as JSON keeps it; None for one that is not there.
        Raises OSError for one that cannot be read."""
        try:
            entry = self._entry(os.fspath(path))
        except ABSENT:
            return None
        if entry[_SAID] is None:
            entry[_SAID] = read(path)
        return entry[_SAID]

    def _entry(self, name: str) -> list[Any]:
        """Size, times, sha256, and what the file says where that was asked."""
        there = os.stat(name)  # noqa: PTH116 - thousands of them, and a Path costs as much again
        mark = [there.st_size, there.st_mtime_ns, there.st_ctime_ns]
        known = self._asked.get(name) or self._known.get(name)
        if known is None or known[:_SHA256] != mark:
            now = time.time_ns()
            known = [*mark, sha256_of(Path(name)), None]
            if max(there.st_mtime_ns, there.st_ctime_ns) >= now - _SETTLED_NS:
                return known
        self._asked[name] = known
        return known

    def keep(self) -> None:
        """Write the note anew, of the files asked for since it was read. One that cannot be written costs reading."""
        text = json.dumps(self._asked)
        if text == self._text or not self._note.parent.is_dir():
            return
        beside = self._note.with_name(f".{self._note.name}.{os.getpid()}.tmp")
        with suppress(OSError):
            try:
                beside.write_text(text, encoding="utf-8")
                beside.replace(self._note)
            finally:
                beside.unlink(missing_ok=True)
