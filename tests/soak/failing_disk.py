"""One operation on a project whose disk refuses its n-th write, for every n: run by `test_failing_disk` as a process
with `failing_writes.c` loaded before the C library: python -m tests.soak.failing_disk OPERATION FOLDER LIBRARY STEP.

Each n has a copy of the project and a process of its own. Prints one line for each n after which something is wrong.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pipeline.acquisition.taking import by_hand, wanted
from pipeline.acquisition.texts import Hints
from pipeline.errors import AnnexesError
from pipeline.settings import Settings
from pipeline.store import backup as backups
from pipeline.store.lock import refresh_lock
from pipeline.store.versions import VersionStore
from tests.warehouse.churn import churn
from tests.warehouse.test_crashes import check_whole, published_editions

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def accept_and_publish(settings: Settings) -> None:
    churn(settings, ["A1", "A2"])


def restore(settings: Settings) -> None:
    with refresh_lock(settings):
        backups.restore(settings, settings.root.parent / "sauvegarde.tar.gz", force=True)


def add(settings: Settings) -> None:
    path = settings.root.parent / "feuille.csv"
    hints = Hints(id="feuille", title="Feuille", nature="feuille")
    done = by_hand(settings.raw, path, wanted(settings, True), hints, NOW.date(), keep=True)
    assert done.action in ("create", "nothing"), done.line


def published(settings: Settings) -> None:
    check_whole(settings, ["A1"], ["A1", "A2"])
    churn(settings, ["A1", "A2"])
    assert published_editions(settings) == ["A1", "A2"]
    assert VersionStore(settings.versions).lost == ()


def restored(settings: Settings) -> None:
    with refresh_lock(settings):  # finishes what was begun
        pass
    store = VersionStore(settings.versions)
    assert (store.view().refused, store.lost) == ((), ())
    assert [r.edition for r in store.records()] in (["A1"], ["A1", "A2", "A3"])
    restore(settings)
    assert [r.edition for r in VersionStore(settings.versions).records()] == ["A1", "A2", "A3"]


def added(settings: Settings) -> None:
    folders = [p for p in settings.raw.iterdir() if not p.name.startswith(".")]
    assert all((p / "document.toml").is_file() for p in folders)
    add(settings)


OPERATIONS: dict[str, tuple[Callable[[Settings], None], Callable[[Settings], None]]] = {
    "publish": (accept_and_publish, published),
    "restore": (restore, restored),
    "add": (add, added),
}


def in_a_child(do: Callable[[], None]) -> int:
    """0: done; 1: refused; 2: something is wrong."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 2
    try:
        do()
        code = 0
    except (AnnexesError, OSError) as error:
        code = 1
        print(f"  {type(error).__name__}: {error}", file=sys.stderr)
    except BaseException as error:  # noqa: BLE001 - a child tells by its code
        # What DuckDB and Arrow raise for a disk that refuses.
        code = 1 if type(error).__module__.startswith(("duckdb", "_duckdb", "pyarrow")) else 2
        print(f"  {type(error).__name__}: {error}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(code)


def attempt(
    disk: ctypes.CDLL, number: int, error: int, once: bool, do: Callable[[Settings], None], on: Settings
) -> None:
    """Raises OSError too where the disk refused and the operation did without."""
    disk.fail_from(number, error, int(once))
    try:
        do(on)
    finally:
        reached = disk.calls() >= number
        disk.fail_from(0, 0, 0)
    if reached:
        raise OSError(error, "the disk refused, and the operation did without")


def main(operation: str, folder: Path, library: str, step: int) -> None:
    disk = ctypes.CDLL(library)
    do, look = OPERATIONS[operation]
    for error, once in ((errno.ENOSPC, False), (errno.EIO, True)):
        number, tried, code = 1, 0, 1
        while code == 1:
            copy = Settings(folder / f"{operation}-{number}")
            shutil.copytree(folder / "project", copy.root)
            code = in_a_child(partial(attempt, disk, number, error, once, do, copy))
            if code == 2 or in_a_child(partial(look, copy)):
                print(f"{operation}, write {number}, {errno.errorcode[error]}")
            shutil.rmtree(copy.root)
            number, tried = number + step, tried + 1
        print(f"{operation}: {errno.errorcode[error]} at {tried} of {number - step} writes", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
