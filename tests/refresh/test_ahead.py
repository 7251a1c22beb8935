"""Documents staged by an engine before they are decided: the same readings, and one outcome for each that is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Engine
from pipeline.parallel import WorkerLost
from pipeline.refresh import ahead
from pipeline.refresh.ahead import Crashed, Refused, staged_in_order
from pipeline.refresh.read import StagedReadings
from pipeline.settings import Settings
from tests.conftest import new_project

DOCUMENT = "places-regionales"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two documents: one that reads, one whose file is not there."""
    made = new_project(tmp_path / "project", DOCUMENT)
    broken = made.raw / "broken"
    broken.mkdir()
    declared = (made.raw / DOCUMENT / "document.toml").read_text().replace(DOCUMENT, "broken")
    (broken / "document.toml").write_text(declared)
    return made


def test_children_stage_what_this_process_would(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    here = list(staged_in_order(settings, [DOCUMENT, "broken"], Engine()))
    monkeypatch.setattr(ahead, "WORTH_CHILDREN", 1)
    apart = list(staged_in_order(settings, [DOCUMENT, "broken"], Engine(workers=1)))
    assert isinstance(here[0], StagedReadings) and isinstance(apart[0], StagedReadings)
    assert apart[0].readings == here[0].readings
    assert isinstance(here[1], Refused) and apart[1] == here[1]


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (WorkerLost(0, "died", -9), r"s'est arrêté \(SIGKILL\)"),
        (WorkerLost(0, "died"), r"s'est arrêté \(machine perdue\)"),
        (WorkerLost(0, "late"), "délai dépassé"),
    ],
)
def test_a_lost_worker_is_a_refusal_of_its_document(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, lost: WorkerLost, said: str
) -> None:
    class Losing:
        def map(self, _function: object, items: list[str], *_: object) -> Iterator[Any]:
            return iter([lost] * len(items))

    @contextmanager
    def losing(*_: object) -> Iterator[Losing]:
        yield Losing()

    monkeypatch.setattr(ahead, "WORTH_CHILDREN", 1)
    monkeypatch.setattr(ahead, "opened", losing)
    (refused,) = staged_in_order(settings, [DOCUMENT], Engine())
    assert isinstance(refused, Refused)
    with pytest.raises(Exception, match=f"{DOCUMENT} : lecture : .*{said}"):
        raise refused.error(DOCUMENT)


def test_an_error_of_ours_comes_with_its_trace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("pipeline.refresh.read.stage_readings", fail)
    (crashed,) = staged_in_order(settings, [DOCUMENT], Engine())
    assert isinstance(crashed, Crashed)
    assert crashed.why == "ZeroDivisionError: ours" and "in fail" in crashed.trace
