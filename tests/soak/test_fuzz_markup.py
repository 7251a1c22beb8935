"""The fuzz target of the XML and HTML readers, run for a while; skipped where atheris is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 120


@pytest.mark.soak
@pytest.mark.timeout(SECONDS * 3)
def test_fuzzing_finds_nothing() -> None:
    pytest.importorskip("atheris", reason="atheris is not installed (extra `soak`)")
    command = [sys.executable, "tests/soak/fuzz_markup.py", f"-max_total_time={SECONDS}", "-max_len=4096"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-4000:]
