"""The instance of Dagster of a project that a test makes: an empty history costs seconds to make, so one is made by the
process that runs the tests, and copied."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from pipeline.orchestration.instance import PARTS, ensure
from pipeline.settings import Settings
from tests.kept import kept_folder

_DECLARATION = Path(__file__).resolve().parent.parent / "dagster.yaml"


def add_history(root: Path) -> None:
    """Put dagster.yaml and an empty history into a project. Tests of how a history is made copy the former alone."""
    empty = _empty()
    shutil.copy(_DECLARATION, root)
    for part in PARTS:
        if (empty / part).is_dir():
            shutil.copytree(empty / part, root / part)


@cache
def _empty() -> Path:
    home = kept_folder("history")
    shutil.copy(_DECLARATION, home)
    ensure(Settings(home))
    return home
