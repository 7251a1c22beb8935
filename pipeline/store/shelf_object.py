"""Files on an object store (S3 and what speaks like it) through obstore, the only module that imports it.

Credentials come from the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the machine's role), never from
a file of the project.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.store.shelf import FolderShelf, Shelf, ShelfError, TakenError, checked_name

# Seconds without a byte, for all tries of one request together, and how many there are.
_TIMEOUTS = {"timeout": "60s", "connect_timeout": "10s"}
_RETRIES = 4


class ObjectShelf:
    """The objects under a prefix of one store, with a folder where those fetched are kept."""

    def __init__(self, store: Any, cache: Path, label: str) -> None:
        self._store = store
        self._cache = cache
        self.label = label

    def names(self, under: str = "") -> Iterator[str]:
        import obstore

        with _told(self.label, under):
            found = [item["path"] for batch in obstore.list(self._store, under or None) for item in batch]
        yield from sorted(found)

    def read(self, name: str) -> bytes:
        import obstore

        with _told(self.label, name):
            return bytes(obstore.get(self._store, checked_name(name)).bytes())

    def put_if_absent(self, name: str, data: bytes) -> None:
        import obstore

        with _told(self.label, name):
            try:
                # One request, never in parts: parts cannot be put on the condition that the name is free.
                obstore.put(self._store, checked_name(name), data, mode="create", use_multipart=False)
            except obstore.exceptions.AlreadyExistsError as error:
                # A put whose answer was lost is tried again, and then finds what it has put itself.
                if bytes(obstore.get(self._store, name).bytes()) != data:
                    raise TakenError(name) from error

    def put_large(self, name: str, path: Path) -> None:
        """Puts a file under a name that nobody else will choose, in parts, so that it needs no memory."""
        import obstore

        with _told(self.label, name), path.open("rb") as file:
            obstore.put(self._store, checked_name(name), file)

    def replace(self, name: str, data: bytes) -> None:
        """Puts a file in the place of the one of that name."""
        import obstore

        with _told(self.label, name):
            obstore.put(self._store, checked_name(name), data)

    def fetch(self, name: str) -> Path:
        import obstore

        path = self._cache / checked_name(name)
        if path.is_file():
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            with _told(self.label, name), beside.open("wb") as file:
                for piece in obstore.get(self._store, name).stream():
                    file.write(piece)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        return path

    def remove(self, name: str) -> None:
        import obstore

        with _told(self.label, name):
            try:
                obstore.delete(self._store, checked_name(name))
            except FileNotFoundError:
                return


def shelf_at(address: str, cache: Path, endpoint: str = "", region: str = "") -> Shelf:
    """The shelf at `address`: a folder, or s3://bucket/prefix. `cache` is where what is fetched is kept.

    `endpoint` is the address of a store other than Amazon's; over http only on this machine. Raises ShelfError.
    """
    if "://" not in address:
        return FolderShelf(Path(address))
    if urlsplit(address).scheme not in ("s3", "file", "memory"):
        raise ShelfError(f"[store] {address} : un dossier ou une adresse s3://bac/préfixe est attendu")
    options: dict[str, Any] = {}
    if urlsplit(address).scheme == "s3":
        options = {"region": region or os.environ.get("AWS_REGION", "us-east-1"), **_reached_at(endpoint)}
    try:
        from obstore.store import from_url

        store = from_url(address, **options)
    except ImportError as error:
        raise ShelfError(f"[store] {address} : le paquet obstore manque ; installer annexes[cluster]") from error
    # One cache for each place: two stores may hold other files under one name.
    own = hashlib.sha256(f"{endpoint}\x1f{address}".encode()).hexdigest()[:16]
    return ObjectShelf(store, cache / own, address)


def _reached_at(endpoint: str) -> dict[str, Any]:
    from datetime import timedelta

    common: dict[str, Any] = {
        "retry_config": {"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=60)},
        "client_options": dict(_TIMEOUTS),
    }
    if not endpoint:
        return common
    parts = urlsplit(endpoint)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ShelfError(f"[store] endpoint {endpoint} : une adresse https est attendue hors de cette machine")
    if parts.scheme == "http":
        common["client_options"]["allow_http"] = True
    return {"endpoint": endpoint, "virtual_hosted_style_request": False, **common}


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _told(label: str, name: str) -> Iterator[None]:
    """What the library raises, as FileNotFoundError, or OSError that names the place."""
    import obstore

    try:
        yield
    except FileNotFoundError:
        raise
    except (obstore.exceptions.BaseError, OSError) as error:
        first = str(error).split("\n", 1)[0]
        raise OSError(f"{label}/{name} : {type(error).__name__} : {first}") from error
