"""A DILA directory on 127.0.0.1, made by the test that needs it: deliveries, and the faults of real servers."""

from __future__ import annotations

import gzip
import io
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pipeline.acquisition.server import Bounds, Patience, Server
from tests.extract.jorf_made import jorf_text

QUICK = Patience(attempts=3, first=0.0, ceiling=0.0, answer=1.0, attempt=5.0)


def text(number: int, *body: str, title: str = "Arrêté du 1er février 2030 fixant des plafonds", **more: Any) -> bytes:
    """A text of the Journal officiel whose identifier ends with `number`."""
    return jorf_text(*body, title=title, **more).replace(b"JORFTEXT000099990001", text_id(number).encode())


def text_id(number: int) -> str:
    return f"JORFTEXT{number:012d}"


def archive(stamp: str, texts: Mapping[str, bytes]) -> bytes:
    """A delivery as the DILA makes it; `texts` by identifier."""
    return tar_gz(
        {f"{stamp}/jorf/simple/JORF/CONT/00/JORFCONT000099990000/{name}.xml": data for name, data in texts.items()}
    )


def tar_gz(files: Mapping[str, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=0)


@dataclass
class Directory:
    """What the server has (by file name), and the faults it answers with, one a request, before it does as asked.

    Faults: a status ("403"), "429 after 2", "cut 100" (bytes sent before the line breaks), "hang", "to <address>".
    """

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(file, Range header) of each request."""
    extra_links: list[str] = field(default_factory=list)
    base_url: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def deliver(self, stamp: str, *texts: tuple[str, bytes]) -> str:
        name = f"JORFSIMPLE_{stamp}.tar.gz"
        self.files[name] = archive(stamp, dict(texts))
        return name

    def server(
        self, patience: Patience = QUICK, bounds: Bounds | None = None, waits: list[float] | None = None
    ) -> Server:
        """A client of this directory that does not sleep; `waits` receives what it would have slept."""
        return Server(self.base_url, patience, bounds, sleep=(waits if waits is not None else []).append)

    @property
    def index(self) -> bytes:
        rows = [
            f'<tr><td><a href="{name}"\n>{name}</a></td><td>4.2M</td></tr>' for name in [*self.files, *self.extra_links]
        ]
        head = "<html><body><h1>Index of /</h1><table><tr><th><a href='?C=N;O=D'>Name</a></th></tr>"
        return (head + "".join(rows)).encode()


@contextmanager
def served() -> Iterator[Directory]:
    """The directory, behind a server of this process that ends with the block."""
    directory = Directory()

    class Handler(_Handler):
        here = directory

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    directory.base_url = f"http://127.0.0.1:{server.server_address[1]}/OPENDATA/JORFSIMPLE/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield directory
    finally:
        directory.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    here: Directory

    def do_GET(self) -> None:
        name = self.path.removeprefix("/OPENDATA/JORFSIMPLE/")
        self.here.asked.append((name or "index", self.headers.get("Range", "")))
        faults = self.here.faults.get(name or "index", [])
        fault = faults.pop(0) if faults else ""
        body = self.here.files.get(name) if name else self.here.index
        if fault == "hang":
            self.here.over.wait(10)
        elif fault.startswith("to "):
            self._head(302, {"Location": fault[3:]}, b"")
        elif fault.startswith("cut "):
            self._head(200, {"Content-Length": str(len(body or b"")), "ETag": _etag(body or b"")}, None)
            self.wfile.write((body or b"")[: int(fault[4:])])
        elif fault:
            status, _, after = fault.partition(" after ")
            self._head(int(status), {"Retry-After": after} if after else {}, b"")
        elif body is None:
            self._head(404, {}, b"")
        else:
            self._whole(body)

    def _whole(self, body: bytes) -> None:
        wished = self.headers.get("Range")
        if wished and self.headers.get("If-Range") == _etag(body):
            start = int(wished.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self._head(416, {}, b"")
                return
            span = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}", "ETag": _etag(body)}
            self._head(206, span, body[start:])
        else:
            self._head(200, {"ETag": _etag(body)}, body)

    def _head(self, status: int, headers: Mapping[str, str], body: bytes | None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
        pass


def _etag(body: bytes) -> str:
    return f'"{hash(body):x}"'
