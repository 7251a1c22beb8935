"""Long proof of publishing: 200 kills at random, 8 readers through 20 publishes. Run by `make soak`."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from pipeline import files
from tests.warehouse.churn import churn
from tests.warehouse.made import project
from tests.warehouse.test_crashes import check_whole, published_editions, start
from tests.warehouse.test_readers import read_while_publishing

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
KILLS = 200


def test_two_hundred_kills(tmp_path: Path) -> None:
    """Half at named points, half at random; the next refresh is not always allowed to finish either."""
    chance = random.Random(20_200_615)
    settings = project(tmp_path)
    churn(settings, ["A1"])
    done, killed = ["A1"], 0
    while killed < KILLS:
        wanted = [*done, f"A{len(done) + 1}"]
        point = chance.choice(files.FAILPOINTS) if chance.random() < 0.5 else ""
        refresh = start(settings, *wanted, failpoint=point)
        if not point:
            time.sleep(chance.uniform(0.2, 2.0))
            refresh.kill()
        refresh.communicate(timeout=120)
        killed += refresh.returncode == -9
        check_whole(settings, done, wanted)
        if chance.random() < 0.3:
            churn(settings, wanted)
            assert published_editions(settings) == wanted
            done = wanted


def test_eight_readers_through_twenty_publishes(tmp_path: Path) -> None:
    seen = read_while_publishing(project(tmp_path), readers=8, publishes=20)
    assert all(opened > 1 for opened, _ in seen)
