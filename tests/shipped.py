"""The shipped project, refreshed once a run without Dagster: what the tests of published tables start from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.refresh.plan import plan
from pipeline.settings import Settings
from tests.histories import add_history
from tests.production import publish, read_document

ROOT = Path(__file__).resolve().parent.parent


def once_a_run(
    factory: pytest.TempPathFactory, name: str = "shipped", make: Callable[[Path], Settings] | None = None
) -> Settings:
    """A project (the shipped one, or that of `make`), made by the worker that needs it first; the others wait for it,
    and share it."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # that of the run, which holds one folder a worker
    root = base / name
    with FileLock(base / f"{name}.lock"):
        if not root.exists():
            made = (make or refreshed)(factory.mktemp("making") / "project")
            made.root.rename(root)  # only when whole: another worker tries again after a failure
    return Settings(root)


def refreshed(root: Path) -> Settings:
    """A project in `root` with every document of raw/, read and published."""
    (root / "raw").mkdir(parents=True)
    add_history(root)
    for item in (ROOT / "raw").iterdir():
        if item.name == "reference":
            (root / "raw/reference").symlink_to(item)
        elif item.is_dir():
            shutil.copytree(item, root / "raw" / item.name)
        else:
            shutil.copy(item, root / "raw")
    return read_and_publish(Settings(root))


def read_and_publish(settings: Settings) -> Settings:
    """The project with every document of its raw/ read, and published."""
    for name in plan(settings).changed:
        read_document(settings, name)
    publish(settings)
    return settings
