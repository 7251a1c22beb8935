"""New findings are those that the publication before the last did not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.contract.findings import Finding
from pipeline.refresh import state
from pipeline.settings import Settings
from pipeline.warehouse.catalogue import Catalogue
from tests.warehouse.made import NOON, accept, project, publish, seuils

OLD, YOUNG = (Finding("regle", "warning", "doc", name, name) for name in ("ancienne", "nouvelle"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = project(tmp_path)
    accept(made, "A1", [(2020, "200000001", "CA Un", 100)])
    return made


def published(settings: Settings, *findings: Finding) -> frozenset[str]:
    """What is new once these findings are published."""
    publish(settings, [seuils()], Catalogue(findings=findings), now=NOON)
    state.remember_findings(settings)
    return state.new_findings(settings)


def test_everything_is_new_at_first_and_nothing_the_second_time(settings: Settings) -> None:
    assert state.new_findings(settings) == frozenset()
    assert published(settings, OLD) >= {OLD.id}
    assert published(settings, OLD) == frozenset()


def test_only_what_was_not_there_is_new(settings: Settings) -> None:
    published(settings, OLD)
    assert published(settings, OLD, YOUNG) == {YOUNG.id}


def test_what_left_and_came_back_is_new_again(settings: Settings) -> None:
    published(settings, OLD, YOUNG)
    published(settings, YOUNG)
    assert published(settings, OLD, YOUNG) == {OLD.id}


def test_a_damaged_memory_makes_all_new(settings: Settings) -> None:
    published(settings, OLD)
    (settings.warehouse / "published_findings.json").write_text("{", encoding="utf-8")
    assert published(settings, OLD) >= {OLD.id}
