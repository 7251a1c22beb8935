"""A project of its own for each test: documents copied from raw/, the instance of dagster.yaml, an empty warehouse."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests import reference
from tests.bulletin import BULLETIN, without_zoning
from tests.histories import add_history
from tests.shipped import copy_acts

CHECKOUT = Path(__file__).resolve().parents[2]
REFUSED = "ARRETE-VIDE"

DECLARATION = """\
[document]
id = "ARRETE-VIDE"
title = "Arrêté dont le fichier est vide"
publisher = "Essai"
nature = "arrete"

[[rendition]]
file = "annexe.pdf"
role = "published"
"""


def add_refused(settings: Settings) -> None:
    """A document whose only file is empty: nothing of it can be read."""
    folder = settings.raw / REFUSED
    folder.mkdir()
    (folder / "document.toml").write_text(DECLARATION, encoding="utf-8")
    (folder / "annexe.pdf").touch()


def project(root: Path) -> Settings:
    """The bulletin that feeds several datasets, in a project of its own at `root`."""
    settings = Settings(root.resolve())
    shutil.copytree(CHECKOUT / "raw" / BULLETIN, settings.raw / BULLETIN)
    copy_acts(settings.raw)
    reference.link_small(settings.reference)
    add_history(root)
    return settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return without_zoning(project(tmp_path))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def progress(said: list[str]) -> Callable[[str], None]:
    return said.append
