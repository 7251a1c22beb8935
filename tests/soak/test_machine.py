"""An hour of a project's random days (`make soak`); ANNEXES_SOAK_SECONDS for another time."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.refresh.machine import Machine

SECONDS = float(os.environ.get("ANNEXES_SOAK_SECONDS", "3600"))


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_an_hour_of_random_days() -> None:
    begun = time.monotonic()
    rounds = settings(
        max_examples=20,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
        print_blob=True,
        database=None,
    )
    try:
        while time.monotonic() - begun < SECONDS:
            run_state_machine_as_test(Machine, settings=rounds)
    finally:
        print(f"{Machine.looked} steps looked at in {time.monotonic() - begun:.0f} s")
