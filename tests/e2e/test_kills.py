"""The whole command killed (SIGKILL), then run again. Its parts killed at each fail-point: warehouse/test_crashes.
The command killed at random, two hundred times: tests/soak."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.e2e import killing
from tests.e2e.killing import AT_FIRST, SIGKILLED


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return killing.published_once(tmp_path_factory.mktemp("published") / "project").root


@pytest.fixture
def settings(published_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A published project, its arrêté delivered again with another threshold."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))  # set by what looks at the runs; put back afterwards
    made = Settings(shutil.copytree(published_once, tmp_path / "project", symlinks=True))
    killing.deliver(made, AT_FIRST + 1)
    return made


def test_killed_before_the_new_file_is_in_place_the_former_one_stands_and_its_run_is_closed(settings: Settings) -> None:
    assert killing.end(killing.start(settings, failpoint="publish.before_rename")) == SIGKILLED
    assert killing.published(settings) == [AT_FIRST]
    assert killing.held(settings) == [AT_FIRST, AT_FIRST + 1]
    (left,) = killing.open_runs(settings)
    assert left.job_name == "rafraichir"

    killing.refresh(settings)
    killing.check_complete(settings, [AT_FIRST, AT_FIRST + 1])
    assert killing.open_runs(settings) == []
