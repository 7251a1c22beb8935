"""Documents proposed by an engine before they are decided: the same tables, and one outcome for each that is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Engine
from pipeline.parallel import WorkerLost
from pipeline.refresh import ahead
from pipeline.refresh.ahead import Crashed, Refused, proposals_in_order
from pipeline.refresh.propose import Proposal
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


def test_children_propose_what_this_process_would(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    here = list(proposals_in_order(settings, [DOCUMENT, "broken"], Engine()))
    assert isinstance(here[0], Proposal)
    tables = [(c.rows, c.cells) for c in here[0].candidates]
    monkeypatch.setattr(ahead, "WORTH_CHILDREN", 1)
    apart = list(proposals_in_order(settings, [DOCUMENT, "broken"], Engine(workers=1)))
    assert apart == here and isinstance(apart[0], Proposal)
    assert [(c.rows, c.cells) for c in apart[0].candidates] == tables and len(tables) == 2
    assert isinstance(here[1], Refused)


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
    (refused,) = proposals_in_order(settings, [DOCUMENT], Engine())
    assert isinstance(refused, Refused)
    with pytest.raises(Exception, match=f"{DOCUMENT} : lecture : .*{said}"):
        raise refused.error(DOCUMENT)


def test_an_error_of_ours_comes_with_its_trace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("pipeline.refresh.propose.extract_readings", fail)
    (crashed,) = proposals_in_order(settings, [DOCUMENT], Engine())
    assert isinstance(crashed, Crashed)
    assert crashed.why == "ZeroDivisionError: ours" and "in fail" in crashed.trace
