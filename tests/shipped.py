"""The shipped project, refreshed once a test process without Dagster: what the tests of published tables start from."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.refresh.accept import read_document
from pipeline.refresh.plan import plan
from pipeline.refresh.publishing import publish
from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def refreshed(root: Path) -> Settings:
    """A project in `root` with every document of raw/, read and published."""
    (root / "raw").mkdir(parents=True)
    shutil.copy(ROOT / "dagster.yaml", root)
    for item in (ROOT / "raw").iterdir():
        if item.name == "reference":
            (root / "raw/reference").symlink_to(item)
        elif item.is_dir():
            shutil.copytree(item, root / "raw" / item.name)
        else:
            shutil.copy(item, root / "raw")
    settings = Settings(root)
    for name in plan(settings).changed:
        read_document(settings, name)
    publish(settings)
    return settings
