"""What the tests share: the originals where they are at hand, and small projects of their own to refresh."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from pipeline.settings import Settings
from tests import reference
from tests.histories import add_history
from tests.shipped import copy_acts, once_a_run

# What the command says follows the locale; the tests read it in French.
os.environ["LANGUAGE"] = "fr"

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# A busy machine is no failure of the code: examples are bounded in number, not in time. CI tries the same ones each
# time; new ones are for people.
hypothesis_settings.register_profile("annexes", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis_settings.load_profile("annexes")

LONG = ("e2e", "orchestration", "cli", "refresh", "warehouse", "datasets")
"""Folders whose files take longest, in the order in which they are begun."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: workers are given files in turn, and one begun last would leave the others without work."""

    def rank(item: pytest.Item) -> int:
        folder = item.path.parent.name
        return LONG.index(folder) if folder in LONG else len(LONG)

    items.sort(key=rank)


@pytest.fixture
def seeds() -> Path:
    """The complete originals; the test is skipped, and says so, where they are not at hand."""
    folder = SHARED / "seeds"
    if not folder.is_dir():
        pytest.skip("the complete originals (../shared/seeds) are not at hand")
    return folder


def new_project(root: Path, *documents: str) -> Settings:
    """A project with copies of the named documents of raw/, and the reference snapshots that they need."""
    (root / "raw").mkdir(parents=True, exist_ok=True)
    add_history(root)
    reference.link_small(root / "raw/reference")
    copy_acts(root / "raw")
    for name in documents:
        shutil.copytree(ROOT / "raw" / name, root / "raw" / name, dirs_exist_ok=True)
    return Settings(root)


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Settings]:
    """`new_project` in the folder of the test."""
    return partial(new_project, tmp_path / "project")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Every document of raw/, read and published; for tests that only look."""
    return once_a_run(tmp_path_factory)
