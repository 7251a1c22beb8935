"""Many generated acts through the command: refresh, a refresh with nothing to do, one act more; time and memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale import acts
from pipeline.settings import Settings

_COMMAND = """
import resource, sys
from pipeline.cli import main
try:
    main()
finally:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    used = [own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime, own.ru_maxrss / 1024]
    print("used", *used, file=sys.stderr)
"""
_PUBLISHED = re.compile(r"\((\d+) versions?, ([0-9.]+) s\)")


@dataclass(frozen=True)
class Used:
    """Of one command: seconds of the clock, of processor time (its own, its children's), its peak in MB, and the
    seconds of its publish."""

    clock: float
    own: float
    children: float
    peak: float
    publish: float


@dataclass(frozen=True)
class Measured:
    """Of a project of so many acts: the first refresh, one with nothing to do, one of one act more."""

    count: int
    first: Used
    nothing: Used
    one_more: Used


def measured(folder: Path, count: int) -> Measured:
    settings = acts.project(folder, count)
    first = refreshed(settings)
    # What was only just written is not yet taken for settled.
    time.sleep(2.5)
    refreshed(settings)
    nothing = refreshed(settings)
    acts.add(settings, count + 1, count + 1)
    return Measured(count, first, nothing, refreshed(settings))


def refreshed(settings: Settings) -> Used:
    """One `annexes refresh`, in a process of its own."""
    environment = {**os.environ, "ANNEXES_ROOT": str(settings.root)}
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, "refresh"],
        env=environment,
        cwd=settings.root,
        capture_output=True,
        text=True,
        check=True,
    )
    clock = time.perf_counter() - started
    used = next(line for line in reversed(done.stderr.splitlines()) if line.startswith("used "))
    own, children, peak = map(float, used.split()[1:])
    said = _PUBLISHED.search(done.stdout)
    return Used(clock, own, children, peak, float(said[2]) if said else 0.0)


def imports(settings: Settings) -> float:
    """Seconds of `import dagster, pandas, duckdb` in a process of its own, the best of three."""
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import dagster, pandas, duckdb"], cwd=settings.root, check=True)
        taken.append(time.perf_counter() - started)
    return min(taken)
