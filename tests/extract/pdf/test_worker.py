"""Children that read chunks of pages: how pages are cut, what each kind of death says, what the parent loads."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipeline.extract.model import ExtractError
from pipeline.extract.pdf.limits import DEFAULT, MIB, Limits
from pipeline.extract.pdf.worker import Chunk, cuts, in_children, read_pdf
from pipeline.parallel import close_kept
from tests.extract.pdf.corpus.damaged import good
from tests.extract.pdf.corpus.paper import Page, write
from tests.extract.pdf.corpus.tables import KINDS, make


def first_and_last(_: Limits, chunk: Chunk) -> tuple[int, int]:
    return chunk[1:]


def limits_in_force(_: Limits, chunk: Chunk) -> dict[str, int]:
    return {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0] for name in ("AS", "CORE", "CPU")}


def abort(_: Limits, chunk: Chunk) -> None:
    os.abort()


def compute_for_ever(_: Limits, chunk: Chunk) -> None:
    while True:
        pass


def sleep_for_long(_: Limits, chunk: Chunk) -> None:
    time.sleep(60)


def take_memory(limits: Limits, chunk: Chunk) -> int:
    return len(bytearray(2 * limits.memory_bytes))


def recurse(limits: Limits, chunk: Chunk) -> int:
    return 1 + recurse(limits, chunk)


def abort_on_the_second_chunk(_: Limits, chunk: Chunk) -> int:
    if chunk[1] > 1:
        os.abort()
    return chunk[2]


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    """60 blank pages: two chunks."""
    path = tmp_path / "long.pdf"
    path.write_bytes(write([Page() for _ in range(60)]))
    return path


@pytest.mark.parametrize(
    ("pages", "expected"),
    [(0, []), (1, [(1, 1)]), (50, [(1, 50)]), (51, [(1, 50), (51, 51)]), (120, [(1, 50), (51, 100), (101, 120)])],
)
def test_pages_are_cut_in_whole_blocks(pages: int, expected: list[tuple[int, int]]) -> None:
    assert cuts(pages) == expected


def test_chunks_come_back_in_order(long_file: Path) -> None:
    assert list(in_children(long_file, DEFAULT, first_and_last, 2)) == [(1, 50), (51, 60)]


def test_children_are_confined_and_the_parent_is_not(long_file: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    limits = Limits(memory_bytes=700 * MIB, cpu_seconds=9)
    for held in in_children(long_file, limits, limits_in_force, 1):
        assert held["AS"] == 700 * MIB
        assert held["CORE"] == 0
        assert 9 <= held["CPU"] <= 11
    assert resource.getrlimit(resource.RLIMIT_AS) == before


@pytest.mark.parametrize(
    ("read", "limits", "reason"),
    [
        (abort, DEFAULT, "SIGABRT"),
        (compute_for_ever, Limits(cpu_seconds=1), r"temps de calcul dépassé \(1 s\)"),
        (sleep_for_long, Limits(wall_seconds=8), r"délai dépassé \(8 s\)"),
        (take_memory, Limits(memory_bytes=512 * MIB), r"mémoire dépassée \(512 Mio\)"),
        (recurse, DEFAULT, "RecursionError"),
    ],
)
def test_a_worker_that_fails_refuses_the_document_and_names_the_pages(
    long_file: Path, read: object, limits: Limits, reason: str
) -> None:
    with pytest.raises(ExtractError, match=f"^PDF illisible, pages 1 à 50 : .*{reason}") as caught:
        list(in_children(long_file, limits, read, 1))  # type: ignore[arg-type]
    assert caught.value.source.page == 1
    assert caught.value.remedy


def test_the_pages_named_are_those_that_ended_the_worker(long_file: Path) -> None:
    with pytest.raises(ExtractError, match="pages 51 à 60") as caught:
        list(in_children(long_file, DEFAULT, abort_on_the_second_chunk, 2))
    assert caught.value.source.page == 51


def test_libraries_that_do_not_load_are_not_the_fault_of_the_document(long_file: Path) -> None:
    with pytest.raises(RuntimeError, match="before its first item"):
        list(in_children(long_file, Limits(memory_bytes=64 * MIB), first_and_last, 1))


def test_a_missing_file_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_pdf(tmp_path / "none.pdf")


def test_the_same_reading_with_any_number_of_workers(long_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "table.pdf"
    rows = [("01", "Ain", f"Communauté {n}", f"{n:09d}", f"{n}") for n in range(600)]
    sheet = make(rows, KINDS["ruled"], page_height=320)
    path.write_bytes(sheet.pdf)
    assert len(cuts(sheet.pages)) > 1
    assert read_pdf(path, workers=1).grids[0].n_rows == len(rows) + 1
    for file in (path, long_file):
        assert read_pdf(file, workers=1) == read_pdf(file, workers=3) == read_pdf(file)


@pytest.mark.parametrize("enabled", [True, False])
def test_cycles_are_looked_for_afterwards_as_before(enabled: bool, tmp_path: Path) -> None:
    path = tmp_path / "good.pdf"
    path.write_bytes(good())
    (gc.enable if enabled else gc.disable)()
    try:
        read_pdf(path)
        assert gc.isenabled() == enabled
    finally:
        gc.enable()


def test_a_child_loads_nothing_of_the_parent() -> None:
    program = (
        "import sys, pipeline.parallel_child\n"
        "from pipeline.extract.pdf.child import MODULES\n"
        "from pipeline.extract.confined import confine; confine(2**30, MODULES)\n"
        "held = {'pipeline.parallel', 'pipeline.extract.pdf.assemble', 'pypdfium2', 'PIL.ImageDraw', 'pandas'}\n"
        "print(held & set(sys.modules))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


def test_what_a_library_puts_up_with_in_a_child_is_not_shown() -> None:
    program = (
        "import logging; from pipeline.extract.confined import confine; confine(2**30, ())\n"
        "logging.getLogger('pdfminer.pdffont').warning('Could not get FontBBox')"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_parent_loads_neither_pdfium_nor_pdfplumber(tmp_path: Path) -> None:
    path = tmp_path / "good.pdf"
    path.write_bytes(good())
    program = (
        "import sys; from pathlib import Path; from pipeline.extract.pdf.worker import read_pdf\n"
        "assert len(read_pdf(Path(sys.argv[1])).grids) == 1\n"
        "print({'pypdfium2', 'pypdfium2_raw', 'pdfplumber', 'pandas', 'dagster'} & set(sys.modules))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program, path], cwd=root, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


def process_id(_: Limits, chunk: Chunk) -> tuple[int, int]:
    return os.getppid(), os.getpid()


def test_the_next_file_is_read_by_the_same_warm_child_in_another_process(long_file: Path) -> None:
    seen = [pair for _ in range(2) for pair in in_children(long_file, DEFAULT, process_id, 1)]
    assert len({warm for warm, _ in seen}) == 1
    assert len({fork for _, fork in seen}) == len(seen) == 4


def test_nothing_works_on_after_a_refusal(long_file: Path) -> None:
    close_kept()
    others = {child.pid for child in psutil.Process().children()}  # a browser that another test of this process keeps
    with pytest.raises(ExtractError):
        list(in_children(long_file, Limits(wall_seconds=1), sleep_for_long, 2))
    ours = [child for child in psutil.Process().children() if child.pid not in others]
    assert [child.children() for child in ours] in ([], [[]], [[], []])
    close_kept()
    left = [child for child in psutil.Process().children() if child.pid not in others]
    assert not [child for child in left if child.status() != psutil.STATUS_ZOMBIE]
