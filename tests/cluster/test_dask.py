"""Dask on two workers reached by address over TLS: the same content as one local worker, whatever goes wrong."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from pipeline.config import Engine
from pipeline.extract.model import ExtractError
from pipeline.extract.pdf.limits import DEFAULT
from pipeline.extract.pdf.worker import in_children, read_pdf
from pipeline.parallel import Child, EngineLostError, Pool, WorkerLost
from pipeline.parallel_dask import DaskEngine, Tls, check_address, connected
from pipeline.parallel_engines import opened
from tests.cluster.certificates import authority
from tests.cluster.conftest import needs
from tests.cluster.dask_processes import ROOT, DaskProcesses, kill
from tests.cluster.work import abort, content_of, end_by, nothing, slowly
from tests.extract.pdf.corpus.tables import KINDS, make

pytestmark = needs("distributed")
WITHIN = 30.0


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskProcesses]:
    """A scheduler and two workers; whoever ends a worker starts another one."""
    folder = tmp_path_factory.mktemp("dask")
    processes = DaskProcesses(folder, authority(folder / "tls", "Ours"))
    try:
        processes.start_scheduler()
        processes.start_worker(wait=False)
        processes.start_worker()
        yield processes
    finally:
        processes.stop()


@pytest.fixture
def engine(shared: DaskProcesses) -> Iterator[DaskEngine]:
    with connected(shared.address, shared.tls) as engine:
        yield engine


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Six PDFs of a page with a table, no two alike."""
    folder = tmp_path_factory.mktemp("pdf")
    paths = [folder / f"{n}.pdf" for n in range(6)]
    for n, path in enumerate(paths):
        path.write_bytes(make([("01", "Ain", f"Communauté {n}", f"{n:09d}", str(n))], KINDS["ruled"]).pdf)
    return [str(path) for path in paths]


@pytest.fixture(scope="module")
def expected(files: list[str]) -> str:
    with Pool(1) as pool:
        return _hash(pool.map(content_of, files))


def _hash(contents: Iterator[str | WorkerLost]) -> str:
    return hashlib.sha256("\n".join(map(str, contents)).encode()).hexdigest()


def test_the_content_is_that_of_one_local_worker(engine: DaskEngine, files: list[str], expected: str) -> None:
    assert _hash(engine.map(content_of, files)) == expected


def test_the_pages_of_a_long_file_are_spread(engine: DaskEngine, tmp_path: Path) -> None:
    rows = [("01", "Ain", f"Communauté {n}", f"{n:09d}", f"{n}") for n in range(420)]
    path = tmp_path / "long.pdf"
    path.write_bytes(make(rows, KINDS["ruled"], page_height=200).pdf)
    assert read_pdf(path, engine=engine) == read_pdf(path, workers=1)


def test_results_are_ordered_and_items_taken_as_they_are_needed(engine: DaskEngine) -> None:
    taken: list[int] = []
    results = engine.map(nothing, (taken.append(n) or n for n in range(1000)))  # type: ignore[func-returns-value]
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert len(taken) < 50


def test_an_exception_comes_at_its_turn_and_the_engine_serves_on(engine: DaskEngine) -> None:
    results = engine.map(end_by, ["", "NO SUCH SIGNAL", ""])
    assert next(results) == "read"
    with pytest.raises(KeyError) as caught:
        next(results)
    assert "end_by" in caught.value.__notes__[0]
    assert list(engine.map(nothing, range(3))) == [0, 1, 2]


def test_a_hostile_file_costs_its_document_and_no_worker(engine: DaskEngine, files: list[str]) -> None:
    before = {worker.address for worker in engine.workers()}
    with pytest.raises(ExtractError, match=r"page 1 : .*SIGABRT"):
        list(in_children(Path(files[0]), DEFAULT, abort, engine=engine))
    child = Child(apart=True)
    assert list(engine.map(end_by, ["", "SIGSEGV", ""], child=child)) == ["read", WorkerLost(1, "died", -11), "read"]
    assert {worker.address for worker in engine.workers()} == before


def test_what_takes_too_long_is_late(engine: DaskEngine) -> None:
    assert list(engine.map(time.sleep, [0, 60], 2)) == [None, WorkerLost(1, "late")]
    assert list(engine.map(time.sleep, [60, 60, 60], in_all=2)) == [WorkerLost(n, "late") for n in range(3)]


def test_workers_are_described(engine: DaskEngine) -> None:
    workers = engine.workers()
    assert [worker.threads for worker in workers] == [1, 1]
    assert all(worker.same_code and worker.cores and worker.host for worker in workers)


def test_a_worker_killed_in_mid_work_changes_nothing(
    engine: DaskEngine, shared: DaskProcesses, files: list[str], expected: str
) -> None:
    results = engine.map(slowly, files)
    first = next(results)
    kill(shared.workers[0])
    try:
        assert _hash(iter([first, *results])) == expected
    finally:
        shared.start_worker()


def test_a_worker_with_other_code_is_named_and_given_nothing(
    shared: DaskProcesses, tmp_path: Path, files: list[str]
) -> None:
    shutil.copytree(ROOT / "pipeline", tmp_path / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "pipeline" / "settings.py").open("a") as file:
        file.write("# other\n")
    with connected(shared.address, shared.tls) as before:
        other = shared.start_worker({"PYTHONPATH": str(tmp_path)})
        try:
            (stranger,) = (worker for worker in before.workers() if not worker.same_code)
            with (
                pytest.raises(EngineLostError, match=f"code différent.*{stranger.address}"),
                connected(shared.address, shared.tls),
            ):
                pass
            # One that comes while work is under way is not believed either.
            with pytest.raises(EngineLostError, match="code différent"):
                list(before.map(content_of, files * 4))
        finally:
            kill(other)


def test_a_certificate_of_another_authority_is_refused(shared: DaskProcesses, tmp_path: Path) -> None:
    begun = time.monotonic()
    theirs = authority(tmp_path, "Theirs")
    with pytest.raises(EngineLostError, match="injoignable"), connected(shared.address, theirs):
        pass
    assert time.monotonic() - begun < WITHIN


def test_when_the_scheduler_dies_the_engine_is_named_and_the_next_one_completes(
    tmp_path: Path, shared: DaskProcesses, files: list[str], expected: str
) -> None:
    short_lived = DaskProcesses(tmp_path, shared.tls)
    try:
        short_lived.start_scheduler()
        short_lived.start_worker()
        with connected(short_lived.address, short_lived.tls) as engine:
            results = engine.map(slowly, files)
            next(results)
            assert short_lived.scheduler
            kill(short_lived.scheduler)
            begun = time.monotonic()
            with pytest.raises(EngineLostError, match=f"moteur Dask {short_lived.address} : connexion perdue"):
                list(results)
            assert time.monotonic() - begun < WITHIN
    finally:
        short_lived.stop()
    folder = shared.tls.ca.parent
    declared = Engine(
        "dask", shared.address, 0, *(path.name for path in (shared.tls.ca, shared.tls.cert, shared.tls.key))
    )
    with opened(declared, folder) as again:
        assert _hash(again.map(content_of, files)) == expected


@pytest.mark.parametrize("address", ["tcp://10.0.0.7:8786", "scheduler.example:8786", "tls://127.0.0.1:8786"])
def test_an_address_that_needs_tls_is_refused_without(address: str) -> None:
    with pytest.raises(EngineLostError, match="TLS"):
        check_address(address, None)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "localhost:8786", "tcp://[::1]:8786"])
def test_this_machine_needs_no_tls(address: str) -> None:
    check_address(address, None)


def test_certificates_go_with_a_tls_address(tmp_path: Path) -> None:
    with pytest.raises(EngineLostError, match="tls://"):
        check_address("tcp://127.0.0.1:8786", Tls(tmp_path, tmp_path, tmp_path))


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (Engine("dask"), "address"),
        (Engine("dask", "tls://127.0.0.1:1", ca="ca.pem"), "vont ensemble"),
        (Engine("dask", "tls://127.0.0.1:1", 0, *["none.pem"] * 3), "none.pem n'est pas un fichier"),
    ],
)
def test_what_cannot_work_as_declared_says_why(declared: Engine, said: str, tmp_path: Path) -> None:
    with pytest.raises(EngineLostError, match=said), opened(declared, tmp_path):
        pass


def test_the_local_engine_is_the_default(tmp_path: Path) -> None:
    with opened(Engine(), tmp_path) as engine:
        assert isinstance(engine, Pool)
        assert list(engine.map(partial(pow, 2), [1, 2])) == [2, 4]
