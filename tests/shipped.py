"""The shipped project, refreshed once a run without Dagster: what the tests of published tables start from."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.refresh.plan import plan
from pipeline.settings import Settings
from tests.histories import add_history
from tests.production import publish, read_document

ROOT = Path(__file__).resolve().parent.parent

DOCUMENTS = ("BOI-8A-2-09", "JORFTEXT000042056679", "places-regionales")
ACTS = (
    "JORFTEXT000043798217",
    "premier_quartile-2022-05-04",
    "premier_quartile-2023-04-21",
    "premier_quartile-2024-05-13",
    "premier_quartile-2025-06-03",
    "JORFTEXT000054022378",
    "zonage_abc-2014-08-01",
)
"""What the repository ships, by name: what else a checkout has taken in since is no matter of the tests."""


def copy_acts(raw: Path) -> None:
    """raw/actes.toml with the acts named above, and no other."""
    head, *acts = re.split(r"(?m)^(?=\[\[act\]\]$)", (ROOT / "raw/actes.toml").read_text(encoding="utf-8"))
    shipped = [act for act in acts if tomllib.loads(act)["act"][0]["id"] in ACTS]
    (raw / "actes.toml").write_text("".join([head, *shipped]), encoding="utf-8")


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
    """A project in `root` with the documents that the repository ships, read and published."""
    return read_and_publish(copied(root))


def copied(root: Path) -> Settings:
    """A project in `root` with copies of the documents that the repository ships."""
    (root / "raw").mkdir(parents=True)
    add_history(root)
    (root / "raw/reference").symlink_to(ROOT / "raw/reference")
    copy_acts(root / "raw")
    for name in DOCUMENTS:
        shutil.copytree(ROOT / "raw" / name, root / "raw" / name)
    return Settings(root)


def read_and_publish(settings: Settings) -> Settings:
    """The project with every document of its raw/ read, and published."""
    for name in plan(settings).changed:
        read_document(settings, name)
    publish(settings)
    return settings
