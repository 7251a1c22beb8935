"""A copy of the archive on which a round may be played without a trace: what --dry-run shows is what would be done."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.acquisition.feed import Place
from pipeline.documents.declaration import document_folders
from pipeline.settings import Settings


@contextmanager
def rehearsal(settings: Settings) -> Iterator[Place]:
    """A place whose `raw` has the same documents: declarations copied, files linked. Downloads stay."""
    with tempfile.TemporaryDirectory(prefix="annexes-") as folder:
        raw = Path(folder)
        for document in document_folders(settings.raw):
            copy = raw / document.name
            copy.mkdir()
            for path in document.iterdir():
                if path.name.endswith(".toml"):
                    shutil.copyfile(path, copy / path.name)
                elif path.is_file():
                    (copy / path.name).symlink_to(path.resolve())
        yield Place(settings, raw, rehearsal=True)
