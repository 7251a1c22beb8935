"""Many readers through many publishes, while the interface materialises and a sensor asks: no reader fails or goes
back, no run is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.orchestration.run import execute
from pipeline.refresh.plan import plan
from tests.conftest import ROOT
from tests.refresh import small
from tests.warehouse.test_readers import reading

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
READERS, PUBLISHES = 32, 50


def test_thirty_two_readers_through_fifty_publishes(tmp_path: Path) -> None:
    settings = small.published(tmp_path / "project")
    stop = tmp_path / "interface"
    command = [sys.executable, "-m", "tests.soak.interface", str(settings.root), str(stop)]
    interface = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    published = 0
    with reading(settings.database, small.DATASET, READERS, rest=3.0) as seen:
        for n in range(1, PUBLISHES + 1):
            small.print_prices(settings, {**small.PRICES, "A": 4_100 + n})
            done = execute(settings, plan(settings), lambda _: None)
            assert not done.refused and not done.crashed
            published += done.published is not None and not done.published.error
        stop.touch()
        told, _ = interface.communicate(timeout=300)
    assert interface.returncode == 0, told
    print(f"{published} publishes, the interface (read, published, asked): {told.strip()}; readers: {seen}")
    assert published > PUBLISHES // 2  # the interface or the sensor may come first
    assert min(opened for opened, _ in seen) > 1
    assert {last for _, last in seen} == {PUBLISHES + 1}
