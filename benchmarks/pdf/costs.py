"""What reading costs in time: CPU in a warm process, a whole file on the clock, and the gain of a second worker.

Each figure comes from runs that alternate between the readers compared, so that a busy machine slows both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.pdf.readers import ours_assembled, ours_pages, plumber
from pipeline.extract.pdf.worker import read_pdf
from pipeline.parallel import Pool, WorkerLost

T = TypeVar("T")


def cpu_seconds(reader: Callable[[Path], object], path: Path) -> float:
    start = time.process_time()
    reader(path)
    return time.process_time() - start


def alternate(rounds: int, *tasks: Callable[[], float]) -> list[float]:
    """The median of each task over `rounds`, run in turns."""
    times = [[task() for task in tasks] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]


def warm_cpu(path: Path, warm_up: Path, rounds: int) -> list[float]:
    """CPU seconds on one file of plain pdfplumber, of our workers' part, and of ours with the assembly.

    In processes that have read another file before.
    """
    with Pool(1) as plain, Pool(1) as own:
        tasks = []
        for pool, reader in ((plain, plumber), (own, ours_pages), (own, ours_assembled)):
            apart(pool, partial(cpu_seconds, reader), warm_up)
            tasks.append(partial(apart, pool, partial(cpu_seconds, reader), path))
        return alternate(rounds, *tasks)


def apart(pool: Pool, function: Callable[[Path], T], path: Path) -> T:
    (result,) = pool.map(function, [path])
    assert not isinstance(result, WorkerLost), result
    return result


def wall_seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def whole_file(path: Path, rounds: int) -> list[float]:
    """Seconds on the clock: pdfplumber already imported, in this process, against ours with the start of its worker."""
    plumber(path)
    read_pdf(path)
    return alternate(
        rounds, partial(wall_seconds, partial(plumber, path)), partial(wall_seconds, partial(read_pdf, path))
    )


def two_workers(path: Path, rounds: int) -> list[float]:
    """Seconds on the clock with one worker and with two, the parent's assembly included."""
    tasks = [partial(wall_seconds, partial(read_pdf, path, workers=workers)) for workers in (1, 2)]
    return alternate(rounds, *tasks)
