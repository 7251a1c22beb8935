"""Dagster's web server behind a door. By itself it executes what any page of any origin asks of it, mutations sent by
GET among them, under any host name: a page that a person visits could start runs here, or read what is published.

Started by `ui` as a process of its own: `python -m pipeline.orchestration.webserver PORT SOCKET`.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

HOST = "127.0.0.1"
NAMES = (HOST, "localhost", "[::1]")
"""What this machine calls itself."""
_GRAPHQL = "/graphql"
_EXECUTED = ("application/json", "application/graphql")
_READ_ONLY = ("GET", "HEAD", "OPTIONS")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def refusal(method: str, path: str, headers: Mapping[str, str], port: int) -> tuple[int, str]:
    """HTTP status and reason (French) for a request that is not let in; (0, '') for one that is. `headers` by their
    lower-case names.

    The host must be a name of this machine, which stops a foreign name made to point here; the origin, where a browser
    names one, must be this very server; GraphQL is executed only from the body of a POST that a form cannot send.
    """
    hosts = {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())
    if headers.get("host", "").lower() not in hosts:
        return 421, "nom d'hôte étranger à cette machine"
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in {f"http://{host}" for host in hosts}:
        return 403, "demande d'une autre origine"
    navigation = headers.get("sec-fetch-mode") == "navigate" and method in _READ_ONLY
    if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not navigation:
        return 403, "demande d'un autre site"
    if path.rstrip("/") == _GRAPHQL:
        return _graphql(method, headers)
    return 0, ""


def _graphql(method: str, headers: Mapping[str, str]) -> tuple[int, str]:
    if headers.get("upgrade", "").lower() == "websocket":
        return 0, ""  # subscriptions only
    if method in _READ_ONLY:
        # The page for queries by hand is shown; it executes nothing itself.
        return (0, "") if "text/html" in headers.get("accept", "") else (405, "GraphQL se demande par POST")
    if not headers.get("content-type", "").lower().startswith(_EXECUTED):
        return 415, "GraphQL se demande en JSON"
    return 0, ""


class Door:
    """An ASGI application that lets in what `refusal` says nothing against."""

    def __init__(self, app: App, port: int) -> None:
        self._app, self._port = app, port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        status, why = refusal(scope.get("method", "GET"), scope["path"], headers, self._port)
        if not status:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": why})
        else:
            plain = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": status, "headers": plain})
            await send({"type": "http.response.body", "body": why.encode()})


def main(port: int, socket: str) -> None:
    """Serve until this process is ended. The definitions are asked of the code server behind `socket`."""
    import uvicorn
    from dagster import DagsterInstance

    # What `dagster-webserver` itself is made of; it has no setting for any of what the door does.
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import GrpcServerTarget
    from dagster_webserver.app import create_app_from_workspace_process_context
    from dagster_webserver.version import __version__

    target = GrpcServerTarget(host="localhost", port=None, socket=socket, location_name="annexes")
    with DagsterInstance.get() as instance:
        instance.optimize_for_webserver(statement_timeout=60_000, pool_recycle=3600, max_overflow=20)
        with WorkspaceProcessContext(instance, target, version=__version__, read_only=False) as workspace:
            app = create_app_from_workspace_process_context(workspace, live_data_poll_rate=2000)
            uvicorn.run(Door(app, port), host=HOST, port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
