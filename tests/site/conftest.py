"""The small project that pages are made from, once a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.settings import Settings
from pipeline.site.source import SiteSource, opened
from tests.shipped import once_a_run
from tests.site.project import small


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One act, five départements; for tests that only look."""
    return once_a_run(tmp_path_factory, "pages", small)


@pytest.fixture
def source(small_project: Settings) -> Iterator[SiteSource]:
    with opened(small_project) as found:
        yield found
