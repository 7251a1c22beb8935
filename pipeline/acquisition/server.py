"""Files from one HTTP server: retried with patience, resumed where they were cut, never followed elsewhere.

What the files hold is for `archives`. Sleeping, chance and the client are passed in.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import httpx

T = TypeVar("T")
_AGENT = "annexes (tables du Journal officiel)"
_REDIRECTS = 3


class FetchError(Exception):
    """A file cannot be had; the French message names it and says why. `status` is the server's, when it answered."""

    def __init__(self, name: str, reason: str, status: int | None = None) -> None:
        self.name, self.reason, self.status = name, reason, status
        super().__init__(f"{name} : {reason}")


class _Again(Exception):  # noqa: N818 - another attempt is worth making
    def __init__(self, reason: str, wait: float | None = None, status: int | None = None) -> None:
        self.reason, self.wait, self.status = reason, wait, status
        super().__init__(reason)


@dataclass(frozen=True)
class Patience:
    """Attempts and waits, in seconds: doubling from `first` to `ceiling`, each cut by up to a half at random. A server
    that asks for more than `longest` is left for a later round; `attempt` bounds one attempt, however slowly it drips.
    """

    attempts: int = 5
    first: float = 1.0
    ceiling: float = 60.0
    longest: float = 120.0
    answer: float = 30.0
    attempt: float = 900.0


@dataclass(frozen=True)
class Bounds:
    """Bytes: of the directory page, and of one file."""

    page: int = 16 << 20
    file: int = 512 << 20


class Server:
    """One directory of one server."""

    def __init__(
        self,
        base_url: str,
        patience: Patience | None = None,
        bounds: Bounds | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.base_url = base_url
        self._patience = patience or Patience()
        self._bounds = bounds or Bounds()
        self._sleep, self._chance = sleep, chance
        timeout = httpx.Timeout(self._patience.answer)
        self._client = httpx.Client(
            timeout=timeout,
            follow_redirects=False,
            trust_env=not _is_loopback(urlsplit(base_url).hostname or ""),
            # Identity: an archive labelled "Content-Encoding: gzip" must arrive as it is stored, to be resumed.
            headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"},
        )

    def close(self) -> None:
        self._client.close()

    def page(self) -> bytes:
        """The directory page. Raises FetchError."""
        return self._patiently("index", self._read_page)

    def download(self, name: str, folder: Path) -> Path:
        """The file `name` of the directory, whole, as folder/name; what a former attempt left is gone on from.

        Whole means as long as the server says. Raises FetchError; what was received stays for the next call.
        """
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / name
        if not target.is_file():
            self._patiently(name, lambda: self._receive(name, target))
        return target

    def _patiently(self, name: str, once: Callable[[], T]) -> T:
        for attempt in range(1, self._patience.attempts + 1):
            try:
                return once()
            except _Again as again:
                if attempt == self._patience.attempts:
                    reason = f"{again.reason}, après {attempt} essais"
                    raise FetchError(name, reason, again.status) from again
                wait = self._wait(attempt, again)
                if wait > self._patience.longest:
                    reason = f"{again.reason} ; le serveur demande d'attendre {wait:.0f} s"
                    raise FetchError(name, reason, again.status) from again
                self._sleep(wait)
        raise AssertionError("at least one attempt is made")

    def _wait(self, attempt: int, again: _Again) -> float:
        if again.wait is not None:
            return again.wait
        doubled: float = min(self._patience.ceiling, self._patience.first * 2 ** (attempt - 1))
        return doubled * (1 - self._chance() / 2)

    def _read_page(self) -> bytes:
        received = bytearray()
        with self._asked("index", self.base_url, {}) as response:
            for chunk in self._chunks(response):
                received += chunk
                if len(received) > self._bounds.page:
                    raise FetchError("index", f"page de plus de {self._bounds.page >> 20} Mio")
        return bytes(received)

    def _receive(self, name: str, target: Path) -> None:
        part, mark = target.with_name(f"{name}.part"), target.with_name(f"{name}.mark")
        have = part.stat().st_size if part.is_file() else 0
        validator = mark.read_text(encoding="utf-8") if mark.is_file() else ""
        headers = {"Range": f"bytes={have}-", "If-Range": validator} if have and validator else {}
        with self._asked(name, urljoin(self.base_url, name), headers) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)
                raise _Again("le fichier a changé sur le serveur", wait=0.0)
            resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
            if resumed and not response.headers.get("content-range", "").startswith(f"bytes {have}-"):
                part.unlink(missing_ok=True)
                raise _Again("le serveur reprend ailleurs qu'à l'endroit demandé", wait=0.0)
            expected = _total(response, have if resumed else 0)
            if expected is not None and expected > self._bounds.file:
                raise FetchError(name, f"annonce {expected >> 20} Mio, au plus {self._bounds.file >> 20} sont acceptés")
            mark.write_text(_validator(response), encoding="utf-8")
            size = self._append(name, response, part, have if resumed else 0)
        if expected is not None and size != expected:
            if size > expected:
                part.unlink()
            raise _Again(f"coupé : {size} octets reçus sur {expected}")
        part.replace(target)
        mark.unlink()

    def _append(self, name: str, response: httpx.Response, part: Path, have: int) -> int:
        with part.open("ab" if have else "wb") as out:
            for chunk in self._chunks(response):
                out.write(chunk)
                have += len(chunk)
                if have > self._bounds.file:
                    raise FetchError(name, f"plus de {self._bounds.file >> 20} Mio")
        return have

    def _chunks(self, response: httpx.Response) -> Iterator[bytes]:
        ends = time.monotonic() + self._patience.attempt
        for chunk in response.iter_raw():  # as it arrives: what came before a cut is kept
            yield chunk
            if time.monotonic() > ends:
                raise _Again(f"trop lent : plus de {self._patience.attempt:.0f} s")

    @contextmanager
    def _asked(self, name: str, url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """A response worth reading; redirections are followed on the same server only."""
        try:
            for _ in range(_REDIRECTS + 1):
                with self._client.stream("GET", url, headers=headers) as response:
                    if not response.is_redirect:
                        _check_status(name, response)
                        yield response
                        return
                    url = self._same_server(name, url, response.headers["location"])
        except httpx.TimeoutException as error:
            raise _Again(f"pas de réponse en {self._patience.answer:g} s") from error
        except httpx.TransportError as error:
            raise _Again(f"liaison rompue ({error or type(error).__name__})") from error
        except httpx.HTTPError as error:
            raise FetchError(name, f"réponse illisible ({error})") from error
        raise FetchError(name, "redirections sans fin")

    def _same_server(self, name: str, url: str, location: str) -> str:
        """The address redirected to. FetchError when it is not on the declared server."""
        there = urljoin(url, location)
        home, other = urlsplit(self.base_url), urlsplit(there)
        safer = (home.scheme, other.scheme) == ("http", "https") and home.hostname == other.hostname
        if (home.scheme, home.netloc) != (other.scheme, other.netloc) and not safer:
            raise FetchError(
                name, f"redirigé vers {other.scheme}://{other.netloc}, hors du serveur déclaré : non suivi"
            )
        return there


def _check_status(name: str, response: httpx.Response) -> None:
    status = response.status_code
    if status in (200, 206, 416):
        return
    if status == 403:
        raise FetchError(name, "le serveur refuse l'accès (403)", status)
    if status in (404, 410):
        raise FetchError(name, f"absent du serveur ({status})", status)
    if status == 429:
        raise _Again("trop de demandes (429)", _retry_after(response), status)
    if status == 408 or status >= 500:
        raise _Again(f"le serveur est en panne ({status})", _retry_after(response), status)
    raise FetchError(name, f"réponse inattendue ({status})", status)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait, said as a number or as a date; None when it does not say."""
    said = response.headers.get("retry-after", "").strip()
    if said.isdigit():
        return float(said[:9])
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _total(response: httpx.Response, have: int) -> int | None:
    """Bytes of the whole file as the server announces them."""
    length = response.headers.get("content-length", "")
    return have + int(length) if length.isdigit() else None


def _validator(response: httpx.Response) -> str:
    """What tells this state of the file from another: a strong ETag, else its date."""
    etag: str = response.headers.get("etag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("last-modified", "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
