"""The same work on two Dask workers of this machine, over TLS, and on two processes of the pool: time and tasks."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.scale.files import made
from pipeline.extract.pdf.worker import read_pdf
from pipeline.parallel import Engine, Pool
from pipeline.parallel_dask import connected
from tests.cluster.certificates import authority
from tests.cluster.dask_processes import DaskProcesses
from tests.cluster.work import content_of, nothing


@dataclass(frozen=True)
class Compared:
    """`files` and `long`: time of two Dask workers / of two pool workers. `task`: seconds of processor time of an empty
    task, in all processes. `gain`: of the second Dask worker / of the second process of the pool."""

    files: float
    long: float
    task: float
    gain: float


def compared(folder: Path, files: int, pages: int, tasks: int, rounds: int) -> Compared:
    small, (long,) = made(folder, files, 3), made(folder, 1, pages)
    with ExitStack() as stack:
        processes = DaskProcesses(folder, authority(folder / "tls", "Bench"))
        stack.callback(processes.stop)
        processes.start_scheduler()
        processes.start_worker()
        one = Pool(1)
        stack.callback(one.close)
        two = Pool(2)
        stack.callback(two.close)
        dask = stack.enter_context(connected(processes.address, processes.tls))
        alone = [_seconds(_all, engine, small) for engine in (dask, one) for _ in range(rounds)]
        processes.start_worker()
        runs = [(_seconds(_all, dask, small), _seconds(_all, two, small)) for _ in range(rounds + 1)][1:]
        whole = [(_seconds(_whole, dask, long), _seconds(_whole, two, long)) for _ in range(rounds)]
        task = _task(dask, processes, tasks)
    of_dask, of_pool = (min(column) for column in zip(*runs, strict=True))
    long_dask, long_pool = (min(column) for column in zip(*whole, strict=True))
    gains = min(alone[:rounds]) / of_dask, min(alone[rounds:]) / of_pool
    return Compared(of_dask / of_pool, long_dask / long_pool, task, gains[0] / gains[1])


def _seconds(work: Callable[[Engine, object], None], engine: Engine, on: object) -> float:
    started = time.perf_counter()
    work(engine, on)
    return time.perf_counter() - started


def _all(engine: Engine, paths: object) -> None:
    assert isinstance(paths, list)
    assert all(len(str(content)) == 64 for content in engine.map(content_of, paths))


def _whole(engine: Engine, path: object) -> None:
    assert read_pdf(Path(str(path)), engine=engine).grids


def _task(engine: Engine, processes: DaskProcesses, tasks: int) -> float:
    """Processor time of an empty task: this process, the scheduler, the workers and their children."""
    assert processes.scheduler is not None
    roots = [psutil.Process(), *(psutil.Process(p.pid) for p in (processes.scheduler, *processes.workers))]
    assert list(engine.map(nothing, range(20))) == list(range(20))
    seen = {p.pid: p for root in roots for p in (root, *root.children(recursive=True))}.values()
    before = sum(sum(p.cpu_times()[:2]) for p in seen)
    assert list(engine.map(nothing, range(tasks))) == list(range(tasks))
    return (sum(sum(p.cpu_times()[:2]) for p in seen) - before) / tasks
