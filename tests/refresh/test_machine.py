"""A project through some random days: people, crashes, damaged files, clocks set back. An hour of it is in the soak."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.refresh.machine import Machine


def test_some_days_of_a_project() -> None:
    few = settings(max_examples=1, stateful_step_count=8, derandomize=True, deadline=None, database=None)
    run_state_machine_as_test(Machine, settings=settings(few, suppress_health_check=list(HealthCheck)))
