"""What reading costs in time: CPU in a warm process, a whole file, and the gain of a second worker.

Each figure comes from runs that alternate between the readers compared, so that a busy machine slows both. What is
timed on the clock is timed in CPU too: on a machine that has other work, the clock says little.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from typing import TypeVar

from benchmarks.pdf.readers import ours_assembled, ours_pages, plumber
from pipeline.extract.pdf import pdfium
from pipeline.extract.pdf.limits import DEFAULT
from pipeline.extract.pdf.pages import read_pages
from pipeline.extract.pdf.worker import cuts, read_pdf
from pipeline.parallel import Pool, WorkerLost, close_kept

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


@dataclass(frozen=True)
class Cost:
    """Seconds of one call: on the clock, of CPU in this process, of CPU in the children it waited for."""

    wall: float
    parent: float
    children: float

    @property
    def cpu(self) -> float:
        return self.parent + self.children


def cost(function: Callable[[], object]) -> Cost:
    before, start = (_cpu(RUSAGE_SELF), _cpu(RUSAGE_CHILDREN)), time.perf_counter()
    function()
    # The children that would serve the next file too: their time counts once they have ended.
    close_kept()
    wall = time.perf_counter() - start
    return Cost(wall, _cpu(RUSAGE_SELF) - before[0], _cpu(RUSAGE_CHILDREN) - before[1])


def _cpu(whose: int) -> float:
    used = getrusage(whose)
    return used.ru_utime + used.ru_stime


def costs(rounds: int, *tasks: Callable[[], object]) -> list[Cost]:
    """The medians of each task over `rounds`, run in turns."""
    runs = [[cost(task) for task in tasks] for _ in range(rounds)]
    return [
        Cost(*(median(values) for values in zip(*((c.wall, c.parent, c.children) for c in column), strict=True)))
        for column in zip(*runs, strict=True)
    ]


def whole_file(path: Path, rounds: int) -> list[Cost]:
    """pdfplumber, already imported, in this process, against ours with the start of its worker."""
    plumber(path)
    read_pdf(path)
    return costs(rounds, partial(plumber, path), partial(read_pdf, path))


@dataclass(frozen=True)
class Gain:
    """The best runs with one worker and with two, the parent's assembly included; `bare` is what two processes gain
    that read the same pages and hand nothing back: what the machine had to give at that time."""

    one: Cost
    two: Cost
    bare: float


def two_workers(path: Path, rounds: int) -> Gain:
    """The best of `rounds` run in turns: on a machine shared with others, what they take differs from run to run."""
    with pdfium.document(str(path)) as document:
        blocks = [(str(path), *block) for block in cuts(pdfium.page_count(document))]
    with Pool(1) as alone, Pool(2) as both:
        tasks = [
            *(partial(read_pdf, path, workers=workers) for workers in (1, 2)),
            *(partial(_all_read, pool, blocks) for pool in (alone, both)),
        ]
        for pool in (alone, both):
            _all_read(pool, blocks[:2])
        runs = [[cost(task) for task in tasks] for _ in range(rounds)]
    one, two, bare_one, bare_two = (min(column, key=lambda c: c.wall) for column in zip(*runs, strict=True))
    return Gain(one, two, bare_one.wall / bare_two.wall)


def _all_read(pool: Pool, blocks: list[tuple[str, int, int]]) -> None:
    assert all(done is None for done in pool.map(_read, blocks))


def _read(block: tuple[str, int, int]) -> None:
    read_pages(*block, DEFAULT)
