"""The engine that a project is declared to work with, opened. One that is not used is not imported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Engine as Declared
from pipeline.parallel import Engine, EngineLostError, Pool, available_cpus

if TYPE_CHECKING:
    from pipeline.parallel_dask import DaskWorker, Tls


def label(declared: Declared) -> str:
    """How a person is told which engine works (French)."""
    if declared.kind == "local":
        return f"cette machine, {declared.workers or available_cpus()} processus"
    return f"Dask, {declared.address}"


def workers(declared: Declared, root: Path) -> list[DaskWorker]:
    """The workers of the Dask engine declared, those with other code too. Raises EngineLostError."""
    from pipeline.parallel_dask import connected

    with connected(declared.address, _tls(declared, root), trusted=False) as engine:
        return engine.workers()


@contextmanager
def opened(declared: Declared, root: Path) -> Iterator[Engine]:
    """The engine declared; `root` is the folder that its files are named from. Its own processes end on leaving.

    Raises EngineLostError when it cannot be reached, or trusted.
    """
    if declared.kind == "local":
        with Pool(declared.workers or None) as pool:
            yield pool
        return
    from pipeline.parallel_dask import connected

    with connected(declared.address, _tls(declared, root), declared.workers or None) as engine:
        yield engine


def _tls(declared: Declared, root: Path) -> Tls | None:
    from pipeline.parallel_dask import Tls

    if not declared.address:
        raise EngineLostError('[engine] kind = "dask" demande `address`, celle du planificateur')
    files = [root / name for name in (declared.ca, declared.cert, declared.key) if name]
    if len(files) not in (0, 3):
        raise EngineLostError(f"moteur Dask {declared.address} : `ca`, `cert` et `key` vont ensemble dans [engine]")
    return Tls(*files) if files else None
