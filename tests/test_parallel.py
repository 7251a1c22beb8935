"""`parallel.map`: order, deaths of one item only, late items, exceptions, and nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from pipeline import parallel
from pipeline.parallel import Pool, WorkerLost


def double(n: int) -> int:
    return 2 * n


def slow_when_even(n: int) -> int:
    time.sleep(0.05 if n % 2 == 0 else 0)
    return n


def die_on(victims: tuple[int, ...], n: int) -> int:
    if n in victims:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


def refuse_three(n: int) -> int:
    if n == 3:
        raise ValueError("three")
    return n


class TwoArgumentError(Exception):
    def __init__(self, a: str, b: str) -> None:
        super().__init__(f"{a} {b}")


def raise_unpicklable(_: int) -> int:
    raise TwoArgumentError("left", "right")


def hang(n: int) -> int:
    if n == 1:
        time.sleep(60)
    return n


def process_id(_: int) -> int:
    return os.getpid()


def imported(name: str) -> bool:
    return name in sys.modules


def set_mark() -> None:
    os.environ["MARK"] = "set"


def read_mark(_: int) -> str | None:
    return os.environ.get("MARK")


def fail_to_start() -> None:
    raise OSError("no room")


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    before = len(children())
    yield
    assert len(children()) == before


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_results_come_in_order_whatever_the_workers(workers: int, chunk: int) -> None:
    assert list(parallel.map(slow_when_even, range(9), workers, chunk=chunk)) == list(range(9))


def test_no_items_start_no_worker() -> None:
    assert list(parallel.map(double, [], 2)) == []


def test_one_worker_is_this_process() -> None:
    assert list(parallel.map(process_id, [0], 1)) == [os.getpid()]


def test_a_pool_of_one_is_another_process() -> None:
    with Pool(1) as pool:
        assert list(pool.map(process_id, [0])) != [os.getpid()]


@pytest.mark.parametrize("chunk", [1, 3])
def test_a_dead_worker_loses_its_item_only(chunk: int) -> None:
    results = list(parallel.map(partial(die_on, (0, 4)), range(7), 2, chunk=chunk))
    lost = [WorkerLost(n, "died", -signal.SIGKILL) for n in (0, 4)]
    assert results == [lost[0], 1, 2, 3, lost[1], 5, 6]


def test_when_every_item_kills_its_worker_the_call_still_ends() -> None:
    results = list(parallel.map(partial(die_on, (0, 1, 2)), range(3), 2))
    assert [type(r) for r in results] == [WorkerLost] * 3


def test_late_items_are_lost_and_those_before_are_kept() -> None:
    with Pool(1) as pool:
        results = list(pool.map(hang, range(3), seconds=2))
    assert results == [0, WorkerLost(1, "late"), WorkerLost(2, "late")]


def test_an_exception_is_raised_at_its_turn_with_the_trace_of_the_child() -> None:
    results = parallel.map(refuse_three, range(6), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three") as caught:
        next(results)
    assert "refuse_three" in caught.value.__notes__[0]


def test_an_exception_that_cannot_be_pickled_is_still_heard_of() -> None:
    with pytest.raises(RuntimeError, match="TwoArgumentError: left right"):
        list(parallel.map(raise_unpicklable, [1], 2))


def test_a_function_the_child_cannot_import_is_an_error() -> None:
    with pytest.raises((AttributeError, TypeError)):
        list(parallel.map(lambda n: n, [1], 2))


def test_a_pool_serves_again_after_an_exception() -> None:
    with Pool(2) as pool:
        with pytest.raises(ValueError, match="three"):
            list(pool.map(refuse_three, [3]))
        assert list(pool.map(double, range(3))) == [0, 2, 4]


def test_start_runs_in_each_child_and_not_here() -> None:
    with Pool(2, start=set_mark) as pool:
        assert set(pool.map(read_mark, range(4))) == {"set"}
    assert "MARK" not in os.environ


def test_workers_hired_before_there_is_work_do_it() -> None:
    with Pool(2, start=set_mark) as pool:
        for asked, there in ((1, 1), (9, 2)):
            pool.hire(asked)
            hired = {child.pid for child in children()}
            assert len(hired) == there
        assert list(pool.map(read_mark, range(4))) == ["set"] * 4
        assert set(pool.map(process_id, range(4))) <= hired


def test_a_start_that_fails_ends_the_call() -> None:
    with Pool(1, start=fail_to_start) as pool, pytest.raises(RuntimeError, match="before its first item"):
        list(pool.map(double, [1]))


def test_leaving_half_way_ends_the_workers() -> None:
    results = parallel.map(hang, [0, 1, 2], 2)
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]


def test_items_are_read_as_they_are_needed() -> None:
    taken = []
    source = (taken.append(n) or n for n in range(10_000))  # type: ignore[func-returns-value]
    results = parallel.map(double, source, 2)
    next(results)
    assert len(taken) < 100


def test_the_child_imports_the_function_and_not_the_program_around_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import wave\n"
        "from pipeline import parallel\n"
        "from tests.test_parallel import imported\n"
        "print(list(parallel.map(imported, ['wave', 'decimal'], 2)))\n"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, program], env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True, text=True
    )
    assert done.stdout.startswith("[False,"), done.stderr
