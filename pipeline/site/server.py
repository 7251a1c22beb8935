"""The same pages served on loopback, made again when another file is published, and the SQL page's answers.

Only GET and HEAD; the Host must be the one that was asked for, so that no page from elsewhere can reach this server
by a name of its own; the queries' answers go to pages of this server alone.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from pipeline.settings import Settings
from pipeline.site.build import build
from pipeline.site.queries import DEFAULT, Limits, answer
from pipeline.site.render import POLICY
from pipeline.site.source import publication

HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
LOOPBACK = ("127.0.0.1", "localhost")


class Kept:
    """The folder that is served, made again when a page is asked for after another publish."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self._lock, self._of = settings, threading.Lock(), ""

    @property
    def folder(self) -> Path:
        return self.settings.warehouse / "site"

    def refresh(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Raises what `build` raises. Those who ask meanwhile wait for it."""
        with self._lock:
            published = publication(self.settings)
            if published and published != self._of:
                build(self.settings, self.folder, live=True, say=say)
                self._of = published


class Guard(BaseHTTPMiddleware):
    """Refuses other methods, and queries asked for by pages from elsewhere; sets the headers of every answer."""

    async def dispatch(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        if request.method not in ("GET", "HEAD"):
            answer: Response = PlainTextResponse(
                "seules les lectures (GET) sont acceptées\n", 405, {"Allow": "GET, HEAD"}
            )
        elif request.url.path.startswith("/requete") and not _from_here(request):
            answer = PlainTextResponse("une requête ne se pose que depuis la page SQL de ce serveur\n", 403)
        else:
            answer = await call_next(request)
        answer.headers.update(HEADERS)
        return answer


def _from_here(request: Request) -> bool:
    """Whether a page of this server asks, or a person by the address bar; programs that say nothing are let in."""
    return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")


class Fresh:
    """The files of the folder, after another publish those made anew."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._files = StaticFiles(directory=kept.folder, html=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await run_in_threadpool(self._kept.refresh)
        await self._files(scope, receive, send)


def application(kept: Kept, hosts: Sequence[str] = LOOPBACK, limits: Limits = DEFAULT) -> Starlette:
    """The server of a folder that was made before. `hosts` are the names it answers to."""
    turn = threading.BoundedSemaphore(limits.at_once)

    def query(request: Request) -> Response:
        with turn:
            return answer(kept.settings, request.path_params["form"], request.query_params.get("q", ""), limits)

    return Starlette(
        routes=[Route("/requete.{form:str}", query, methods=["GET"]), Mount("/", Fresh(kept))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)), Middleware(Guard)],
    )
