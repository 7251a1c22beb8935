"""Work spread over machines that run Dask: the engine for what one machine cannot do in time.

The only module that imports `distributed`. A Dask worker never touches an item: it hands it to a child of its own
machine (`parallel.Pool`), so that a hostile file costs its document and never a worker.
"""

from __future__ import annotations

import ipaddress
import logging
import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pipeline.parallel import PLAIN, Child, EngineLostError, WorkerLost, available_cpus, using
from pipeline.parallel_code import fingerprint

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")

# Seconds to reach the scheduler, and to find it again; then for a first worker to be there.
REACHED_WITHIN = 10.0
# How long all workers may be away in mid-work, as when they are started anew.
AWAY_AT_MOST = 20.0
_LOOK_EVERY = 2.0
# Items submitted for each thread of the workers and not yielded yet.
AHEAD = 4


@dataclass(frozen=True)
class Tls:
    """Files in PEM format: the authority that both sides trust, and what this side shows of itself."""

    ca: Path
    cert: Path
    key: Path


@dataclass(frozen=True)
class DaskWorker:
    """One worker as it answers: `threads` items at once, on so many `cores`; `code` as `parallel_code.fingerprint`."""

    address: str
    host: str
    threads: int
    cores: int
    code: str

    @property
    def same_code(self) -> bool:
        return self.code == fingerprint()


class OtherCodeError(Exception):
    """A worker runs other code than this one, so that its results would not be ours."""


def check_address(address: str, tls: Tls | None) -> None:
    """Raises EngineLostError for an address that nobody may be sent work to: without TLS, only this machine's."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if tls is not None and parts.scheme != "tls":
        raise EngineLostError(f"moteur Dask {address} : avec un certificat, l'adresse commence par tls://")
    if tls is None and (parts.scheme == "tls" or not _is_loopback(parts.hostname or "")):
        raise EngineLostError(
            f"moteur Dask {address} : une adresse qui n'est pas de cette machine demande TLS "
            "(`ca`, `cert` et `key` dans [engine], adresse en tls://)"
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def connected(
    address: str, tls: Tls | None = None, workers: int | None = None, *, trusted: bool = True
) -> Iterator[DaskEngine]:
    """The engine at `address`, every worker of which runs our code unless it is not to be `trusted` with work; at most
    `workers` items at once.

    Raises EngineLostError (French, naming the address) when it cannot be reached or trusted, has no worker, or one with
    other code.
    """
    check_address(address, tls)
    with ExitStack() as stack:
        engine = DaskEngine(_client(address, tls), address, workers)
        stack.callback(engine.close)
        if trusted:
            engine.check_workers()
        yield engine


def _client(address: str, tls: Tls | None) -> Client:
    try:
        from distributed import Client, Security
    except ImportError as error:
        raise EngineLostError(
            f"moteur Dask {address} : le paquet distributed manque ; installer annexes[cluster]"
        ) from error
    security = None
    if tls is not None:
        for path in (tls.ca, tls.cert, tls.key):
            if not path.is_file():
                raise EngineLostError(f"moteur Dask {address} : {path} n'est pas un fichier (clé de [engine])")
        security = Security(
            require_encryption=True,
            tls_ca_file=str(tls.ca),
            tls_client_cert=str(tls.cert),
            tls_client_key=str(tls.key),
        )
    # What happens to the engine is said once, by who uses it.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        return Client(address, security=security, timeout=REACHED_WITHIN, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = error.__cause__ or error
        raise EngineLostError(
            f"moteur Dask {address} : injoignable ({type(reason).__name__}: {reason}) ; "
            "vérifier que le planificateur tourne et que ses certificats sont de la même autorité"
        ) from error


class DaskEngine:
    """An `Engine` over the workers of one scheduler. Used from one thread, ended by `close`."""

    def __init__(self, client: Client, address: str, workers: int | None = None) -> None:
        self._client = client
        self._address = address
        self._at_most = workers

    def close(self) -> None:
        with suppress(OSError, TimeoutError):
            self._client.close(timeout=REACHED_WITHIN)

    def workers(self) -> list[DaskWorker]:
        """The workers connected now, by address. Raises EngineLostError."""
        try:
            threads = self._client.nthreads()
            answers = self._client.run(_describe, on_error="return")
        except (OSError, RuntimeError, CancelledError, TimeoutError) as error:
            raise self._lost(error) from error
        found = []
        for address, answer in sorted(answers.items()):
            host, cores, code = answer if isinstance(answer, tuple) else ("?", 0, f"{type(answer).__name__}: {answer}")
            found.append(DaskWorker(address, host, threads.get(address, 0), cores, code))
        return found

    def check_workers(self) -> None:
        """Raises EngineLostError when no worker comes, or one runs other code: which, and what it has."""
        ends_at = time.monotonic() + REACHED_WITHIN
        while not (found := self.workers()):
            if time.monotonic() > ends_at:
                raise EngineLostError(f"moteur Dask {self._address} : aucun ouvrier ; démarrer `dask worker`")
            time.sleep(0.2)
        others = [f"{w.address} ({w.code[:12]})" for w in found if not w.same_code]
        if others:
            raise EngineLostError(
                f"moteur Dask {self._address} : code différent du nôtre ({fingerprint()[:12]}) sur "
                f"{', '.join(others)} ; installer la même version partout, puis redémarrer ces ouvriers"
            )

    def hire(self, count: int, child: Child = PLAIN) -> None:
        """Nothing: the workers keep their own children."""

    def map(
        self,
        function: Callable[[T], R],
        items: Iterable[T],
        seconds: float | None = None,
        *,
        in_all: float | None = None,
        child: Child = PLAIN,
    ) -> Iterator[R | WorkerLost]:
        """See `Engine.map`. Raises EngineLostError when the scheduler or all workers go away."""
        ends_at = None if in_all is None else time.monotonic() + in_all
        source = enumerate(items)
        pending: deque[tuple[int, Future[Any] | None]] = deque()
        task = partial(_Task, function, fingerprint(), child)
        try:
            window = self._window()
            while True:
                while len(pending) < window and (taken := next(source, None)) is not None:
                    pending.append((taken[0], self._submit(task, taken[1], seconds, ends_at)))
                if not pending:
                    return
                index, future = pending.popleft()
                yield self._result(index, future, ends_at)
        finally:
            self._forget([future for _, future in pending if future is not None])

    def _window(self) -> int:
        try:
            threads: int = max(1, sum(self._client.nthreads().values()))
        except (OSError, RuntimeError, CancelledError) as error:
            raise self._lost(error) from error
        return AHEAD * threads if self._at_most is None else min(AHEAD * threads, self._at_most)

    def _submit(
        self, task: Callable[..., _Task], item: object, seconds: float | None, ends_at: float | None
    ) -> Future[Any] | None:
        """None when the call's time is up."""
        left = None if ends_at is None else ends_at - time.monotonic()
        if left is not None and left <= 0:
            return None
        may_take = min((s for s in (seconds, left) if s is not None), default=None)
        packed = pickle.dumps(task(item, may_take), pickle.HIGHEST_PROTOCOL)
        try:
            return self._client.submit(_run, packed, pure=False)
        except (OSError, RuntimeError, CancelledError) as error:
            raise self._lost(error) from error

    def _result(self, index: int, future: Future[Any] | None, ends_at: float | None) -> Any:
        from distributed import KilledWorker

        if future is None:
            return WorkerLost(index, "late")
        try:
            packed = self._wait(future, ends_at)
        except KilledWorker:
            return WorkerLost(index, "died")
        finally:
            future.release()
        if packed is None:
            return WorkerLost(index, "late")
        value, error = pickle.loads(packed)  # noqa: S301 - from a worker that runs our code, over TLS
        if isinstance(error, OtherCodeError):
            raise EngineLostError(f"moteur Dask {self._address} : {error}")
        if error is not None:
            raise error
        return replace(value, index=index) if isinstance(value, WorkerLost) else value

    def _wait(self, future: Future[Any], ends_at: float | None) -> bytes | None:
        """What the task answered; None when the call's time is up before."""
        seen = time.monotonic()
        while True:
            try:
                left = None if ends_at is None else ends_at - time.monotonic()
                answer: bytes = future.result(timeout=_LOOK_EVERY if left is None else max(0.0, min(_LOOK_EVERY, left)))
                return answer
            except TimeoutError:
                if ends_at is not None and time.monotonic() >= ends_at:
                    self._forget([future])
                    return None
                if self._client.status != "running":
                    raise self._lost(None) from None
                if self._client.scheduler_info()["workers"]:
                    seen = time.monotonic()
                elif time.monotonic() - seen > AWAY_AT_MOST:
                    raise EngineLostError(
                        f"moteur Dask {self._address} : plus aucun ouvrier depuis {AWAY_AT_MOST:.0f} s"
                    ) from None
            except (CancelledError, OSError) as error:
                raise self._lost(error) from error

    def _forget(self, futures: list[Future[Any]]) -> None:
        if futures and self._client.status == "running":
            with suppress(OSError, RuntimeError, CancelledError):
                self._client.cancel(futures, force=True)

    def _lost(self, error: BaseException | None) -> EngineLostError:
        why = f" ({type(error).__name__})" if error else ""
        return EngineLostError(
            f"moteur Dask {self._address} : connexion perdue{why} ; ce qui est accepté reste, relancer la mise à jour"
        )


@dataclass(frozen=True)
class _Task:
    """What travels to a worker: as bytes, for a worker with other code could not even load it."""

    function: Callable[[Any], Any]
    code: str
    child: Child
    item: object
    seconds: float | None


def _run(packed: bytes) -> bytes:
    """One task in a child of this machine. Runs in a Dask worker; answers (value, error), pickled."""
    try:
        task = pickle.loads(packed)  # noqa: S301 - over TLS, from who holds the authority's certificate
        if task.code != fingerprint():
            raise OtherCodeError(f"code différent du nôtre ({task.code[:12]}) sur {_here()[0]} ({fingerprint()[:12]})")
        with using(workers=1) as engine:
            (value,) = engine.map(task.function, [task.item], task.seconds, child=task.child)
    except Exception as error:  # noqa: BLE001 - raised again where the map is
        return pickle.dumps((None, error), pickle.HIGHEST_PROTOCOL)
    return pickle.dumps((value, None), pickle.HIGHEST_PROTOCOL)


def _describe() -> tuple[str, int, str]:
    return (*_here(), fingerprint())


@cache
def _here() -> tuple[str, int]:
    import socket

    return socket.gethostname(), available_cpus()
