"""Which engine a project works with, as declared, and how it is opened. One that is not used is not imported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.parallel import Engine, EngineLostError, Pool, available_cpus


@dataclass(frozen=True)
class EngineChoice:
    """Table [engine] of annexes.toml. `workers`: items at once, by default as many as there are processors.

    For Dask: `address` of the scheduler and, unless it is this machine's, `ca`, `cert` and `key` (PEM files).
    """

    kind: Literal["local", "dask"] = "local"
    address: str = ""
    workers: int | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    @property
    def label(self) -> str:
        """How a person is told which engine works (French)."""
        if self.kind == "local":
            return f"cette machine, {self.workers or available_cpus()} processus"
        return f"Dask, {self.address}"


@contextmanager
def opened(choice: EngineChoice) -> Iterator[Engine]:
    """The engine chosen, its workers ended or left on leaving. Raises EngineLostError."""
    if choice.kind == "local":
        with Pool(choice.workers) as pool:
            yield pool
        return
    from pipeline.parallel_dask import Tls, connected

    if not choice.address:
        raise EngineLostError('[engine] kind = "dask" demande `address`, celle du planificateur')
    files = [path for path in (choice.ca, choice.cert, choice.key) if path is not None]
    if len(files) not in (0, 3):
        raise EngineLostError(f"moteur Dask {choice.address} : `ca`, `cert` et `key` vont ensemble dans [engine]")
    with connected(choice.address, Tls(*files) if files else None, choice.workers) as engine:
        yield engine
