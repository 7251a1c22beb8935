"""`Pool.map`: order, deaths of one item only, late items, exceptions, what children share, and nothing left running."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.parallel import KINDS_KEPT, PLAIN, Child, Pool, WorkerLost, close_kept, using


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


MARKED = Child(start=set_mark)


def abort(_: int) -> None:
    os.abort()


def leave(_: int) -> None:
    os._exit(3)


def segfault(_: int) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def leave_a_mark(_: int) -> str | None:
    before = os.environ.get("LEFT")
    os.environ["LEFT"] = "here"
    return before


def parent_id(_: int) -> int:
    return os.getppid()


def start_a_thread() -> None:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def start_a_sleeper(_: int) -> None:
    subprocess.run(["sleep", "600"])


def die_with_the_pool(named: tuple[int, str]) -> None:
    """Ends the process that asked, then sleeps for long."""
    Path(named[1]).write_text(str(os.getpid()))
    os.kill(named[0], signal.SIGKILL)
    time.sleep(600)


def children() -> list[psutil.Process]:
    """Of this process, but for the driver of a browser that other tests of it keep."""
    found = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in found if Path(child.cmdline()[0]).name != "node"]


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    close_kept()  # warm children of what other tests of this process read
    before = len(children())
    yield
    assert len(children()) == before


def mapped(function: Callable[[Any], Any], items: Iterable[Any], workers: int = 2, **options: Any) -> list[Any]:
    with Pool(workers) as pool:
        return list(pool.map(function, items, **options))


APART = Child(apart=True)
both_kinds = pytest.mark.parametrize("child", [PLAIN, APART], ids=["plain", "apart"])


@pytest.mark.parametrize("workers", [1, 3])
@both_kinds
def test_results_come_in_order_whatever_the_workers(workers: int, child: Child) -> None:
    assert mapped(slow_when_even, range(9), workers, child=child) == list(range(9))


def test_no_items_start_no_worker() -> None:
    with Pool(2) as pool:
        assert list(pool.map(double, [])) == []
        assert children() == []


def test_a_pool_of_one_is_another_process() -> None:
    assert mapped(process_id, [0], 1) != [os.getpid()]


@both_kinds
def test_a_dead_worker_loses_its_item_only(child: Child) -> None:
    results = mapped(partial(die_on, (0, 4)), range(7), child=child)
    lost = [WorkerLost(n, "died", -signal.SIGKILL) for n in (0, 4)]
    assert results == [lost[0], 1, 2, 3, lost[1], 5, 6]


@pytest.mark.parametrize(
    ("ending", "seen", "named"),
    [(abort, -signal.SIGABRT, "SIGABRT"), (leave, 3, "code 3"), (segfault, -signal.SIGSEGV, "SIGSEGV")],
)
@both_kinds
def test_how_a_worker_ended_is_told(ending: Callable[[int], None], seen: int, named: str, child: Child) -> None:
    (lost,) = mapped(ending, [0], 1, child=child)
    assert lost == WorkerLost(0, "died", seen)
    assert lost.ended_by == named


def test_when_every_item_kills_its_worker_the_call_still_ends() -> None:
    assert [type(r) for r in mapped(partial(die_on, (0, 1, 2)), range(3))] == [WorkerLost] * 3


@both_kinds
def test_what_is_not_finished_when_the_call_ends_is_late(child: Child) -> None:
    results = mapped(hang, range(3), 1, in_all=2, child=child)
    assert results == [0, WorkerLost(1, "late"), WorkerLost(2, "late")]


@both_kinds
def test_an_item_that_takes_too_long_is_late_and_the_others_are_not(child: Child) -> None:
    assert mapped(hang, range(4), 1, seconds=2, child=child) == [0, WorkerLost(1, "late"), 2, 3]


def test_an_exception_is_raised_at_its_turn_with_the_trace_of_the_child() -> None:
    with Pool(2) as pool:
        results = pool.map(refuse_three, range(6))
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="three") as caught:
            next(results)
    assert "refuse_three" in caught.value.__notes__[0]


@both_kinds
def test_an_exception_that_cannot_be_pickled_is_still_heard_of(child: Child) -> None:
    with pytest.raises(RuntimeError, match="TwoArgumentError: left right"):
        mapped(raise_unpicklable, [1], child=child)


def test_a_function_the_child_cannot_import_is_an_error() -> None:
    with pytest.raises((AttributeError, TypeError, pickle.PicklingError)):
        mapped(lambda n: n, [1])


def test_a_pool_serves_again_after_an_exception() -> None:
    with Pool(2) as pool:
        with pytest.raises(ValueError, match="three"):
            list(pool.map(refuse_three, [3]))
        assert list(pool.map(double, range(3))) == [0, 2, 4]


def test_start_runs_in_each_child_and_not_here() -> None:
    assert set(mapped(read_mark, range(4), child=MARKED)) == {"set"}
    assert "MARK" not in os.environ


def test_children_of_another_kind_are_other_children() -> None:
    with Pool(1) as pool:
        kinds = (PLAIN, MARKED, PLAIN)
        assert [next(pool.map(read_mark, [0], child=child)) for child in kinds] == [None, "set", None]
        assert len(children()) == 2


def test_too_many_kinds_make_room_for_the_next() -> None:
    with Pool(1) as pool:
        for n in range(KINDS_KEPT + 1):
            assert list(pool.map(os.getenv, ["LANGUAGE"], child=Child(start=partial(os.getenv, str(n)))))
        assert len(children()) == KINDS_KEPT


def test_workers_hired_before_there_is_work_do_it() -> None:
    with Pool(2) as pool:
        for asked, there in ((1, 1), (9, 2)):
            pool.hire(asked, MARKED)
            hired = {child.pid for child in children()}
            assert len(hired) == there
        assert list(pool.map(read_mark, range(4), child=MARKED)) == ["set"] * 4
        assert set(pool.map(process_id, range(4), child=MARKED)) <= hired


def test_a_start_that_fails_ends_the_call() -> None:
    with pytest.raises(RuntimeError, match="before its first item"):
        mapped(double, [1], 1, child=Child(start=fail_to_start))


def test_a_call_left_half_way_and_still_held_disturbs_no_later_one() -> None:
    with Pool(2) as pool:
        left = pool.map(slow_when_even, range(50))
        assert next(left) == 0
        assert list(pool.map(double, range(9))) == [2 * n for n in range(9)]
        left.close()  # type: ignore[attr-defined]
        assert list(pool.map(double, range(3))) == [0, 2, 4]


def test_leaving_half_way_ends_those_at_work() -> None:
    with Pool(2) as pool:
        results = pool.map(hang, [0, 1, 2])
        assert next(results) == 0
        results.close()  # type: ignore[attr-defined]
        assert len(children()) < 2


def test_items_are_read_as_they_are_needed() -> None:
    taken = []
    source = (taken.append(n) or n for n in range(10_000))  # type: ignore[func-returns-value]
    with Pool(2) as pool:
        next(pool.map(double, source))
        assert len(taken) < 100


def test_an_item_apart_sees_nothing_of_the_one_before_and_its_child_stays() -> None:
    with Pool(1) as pool:
        assert [next(pool.map(leave_a_mark, [n], child=APART)) for n in range(2)] == [None, None]
        (child,) = children()
        assert [next(pool.map(parent_id, [n], child=APART)) for n in range(2)] == [child.pid] * 2


def test_a_child_with_a_second_thread_is_not_forked() -> None:
    threaded = Child(start=start_a_thread, apart=True)
    with Pool(1) as pool:
        seen = list(pool.map(parent_id, range(3), child=threaded))
        assert seen == [os.getpid()] * 3
        assert list(pool.map(leave_a_mark, range(3), child=threaded)) == [None] * 3


def test_what_an_item_started_ends_with_it_when_it_is_late() -> None:
    with Pool(1) as pool:
        assert list(pool.map(start_a_sleeper, [0], seconds=2, child=APART)) == [WorkerLost(0, "late")]
        assert not any("sleep" in process.name() for process in psutil.Process().children(recursive=True))


def test_the_system_ends_a_late_item_whose_parent_is_gone(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program = (
        "import os, sys\n"
        "from pipeline.parallel import Child, Pool\n"
        "from tests.test_parallel import die_with_the_pool, double\n"
        "pool, child = Pool(1), Child(apart=True)\n"
        "list(pool.map(double, [0], child=child))\n"
        "list(pool.map(die_with_the_pool, [(os.getpid(), sys.argv[1])], 3, child=child))\n"
    )
    root = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", program, pid_file], env=os.environ | {"PYTHONPATH": str(root)})
    _, alive = psutil.wait_procs([psutil.Process(int(pid_file.read_text()))], timeout=60)
    assert not alive


def test_who_asks_next_is_given_the_same_children() -> None:
    close_kept()
    for _ in range(2):
        with using(workers=1) as engine:
            list(engine.map(process_id, [0]))
    assert len(children()) == 1
    close_kept()


def test_two_who_ask_at_once_are_given_different_children() -> None:
    close_kept()
    with using(workers=1) as one, using(workers=1) as other:
        assert list(one.map(process_id, [0])) != list(other.map(process_id, [0]))
    close_kept()


def test_the_engine_named_is_the_one_used() -> None:
    with Pool(1) as pool, using(pool) as engine:
        assert engine is pool


def test_nothing_that_lies_in_the_working_directory_is_imported(tmp_path: Path) -> None:
    (tmp_path / "pickle.py").write_text("raise SystemExit('imported')\n")
    program = "import sys; sys.path.remove(''); from pipeline.parallel import Pool\n"
    program += "sys.path.insert(0, ''); from tests.test_parallel import double\n"
    program += "print(list(Pool(1).map(double, [2])))\n"
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[4]\n", done.stderr


def test_the_child_imports_the_function_and_not_the_program_around_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import wave\n"
        "from pipeline.parallel import Pool\n"
        "from tests.test_parallel import imported\n"
        "print(list(Pool(2).map(imported, ['wave', 'decimal'])))\n"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, program], env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True, text=True
    )
    assert done.stdout.startswith("[False,"), done.stderr
