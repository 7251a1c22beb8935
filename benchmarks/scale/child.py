"""A PDF of three pages read in a warm confined child, one process for it, against the bare reading of its pages."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from benchmarks.scale.files import made
from pipeline.extract.confined import confine
from pipeline.extract.pdf.child import MODULES, Chunk, pack_pages
from pipeline.extract.pdf.limits import DEFAULT, Limits
from pipeline.extract.pdf.worker import in_children
from pipeline.parallel import Child, Pool

PAGES = 3


def processor_time(read: str, path: str) -> float:
    """Seconds of processor time, in this process and those it has waited for, of one way of reading."""
    before = _used()
    _READ[read](path)
    return _used() - before


def _bare(path: str) -> None:
    from pipeline.extract.pdf import pages

    pages.read_pages(path, 1, PAGES, DEFAULT)


def _forked(path: str) -> None:
    """What the warm child does for one file: a fork counts its pages, another reads them."""
    import os

    for read in (_count, partial(pack_pages, DEFAULT)):
        fork = os.fork()
        if fork == 0:
            read((path, 1, PAGES))
            os._exit(0)
        os.waitpid(fork, 0)


def _count(chunk: Chunk) -> int:
    from pipeline.extract.pdf.child import count_pages

    return count_pages(DEFAULT, chunk)


_READ = {"bare": _bare, "forked": _forked}


def _used() -> float:
    return sum(used.ru_utime + used.ru_stime for used in (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)))


def _nothing(_: Limits, chunk: Chunk) -> int:
    return chunk[2]


def ratios(folder: Path, rounds: int) -> tuple[float, float, float]:
    """Isolated / bare in processor time, the best of `rounds` in turns; and the seconds of both.

    The parent's part (asking twice and waiting) is measured on a reading that does nothing.
    """
    path = made(folder, 1, PAGES)[0]
    child = Child(partial(confine, DEFAULT.memory_bytes, MODULES))
    with Pool(1) as pool:
        seconds: dict[str, list[float]] = {read: [] for read in _READ}
        for _ in range(rounds):
            for read, taken in seconds.items():
                (result,) = pool.map(partial(processor_time, read), [path], child=child)
                assert isinstance(result, float), result
                taken.append(result)
        parent = []
        for _ in range(rounds):
            before = getrusage(RUSAGE_SELF)
            list(in_children(Path(path), DEFAULT, _nothing, engine=pool))
            after = getrusage(RUSAGE_SELF)
            parent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    bare, isolated = min(seconds["bare"]), min(seconds["forked"]) + min(parent)
    return isolated / bare, isolated, bare
