"""Folders that last as long as the process that runs the tests: what several tests start from is made once in one."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path


def kept_folder(name: str) -> Path:
    """A new empty folder, removed when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix=f"annexes-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
