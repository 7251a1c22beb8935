"""What the door of the interface lets in, and that it stands before the whole of an application."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from pipeline.orchestration.webserver import Door, refusal

PORT = 3000
OWN = {"host": f"127.0.0.1:{PORT}"}
JSON = {"content-type": "application/json"}


def status(method: str, path: str, **headers: str) -> int:
    named = OWN | {name.replace("_", "-"): value for name, value in headers.items()}
    return refusal(method, path, named, PORT)[0]


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost:3000", "LOCALHOST:3000", "[::1]:3000"])
def test_this_machine_is_let_in_by_its_names(host: str) -> None:
    assert status("GET", "/", host=host) == 0


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:3000", "127.0.0.1:3001", "127.0.0.1.evil.example:3000"]
)
def test_a_foreign_host_name_is_refused_on_every_page(host: str) -> None:
    assert status("GET", "/", host=host) == 421
    assert status("POST", "/graphql", host=host, content_type="application/json") == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:3000", "http://127.0.0.1:8000", ""]
)
def test_another_origin_is_refused(origin: str) -> None:
    assert status("POST", "/graphql", origin=origin, content_type="application/json") == 403
    assert status("GET", "/graphql", origin=origin, upgrade="websocket") == 403
    assert status("POST", "/report_asset_materialization/base", origin=origin) == 403


def test_the_pages_own_requests_go_through() -> None:
    own = f"http://127.0.0.1:{PORT}"
    assert status("POST", "/graphql", origin=own, content_type="application/json", sec_fetch_site="same-origin") == 0
    assert status("GET", "/graphql", origin=own, upgrade="websocket") == 0
    assert status("GET", "/assets/base") == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_may_link_here_and_load_nothing(site: str) -> None:
    assert status("GET", "/assets/base", sec_fetch_site=site, sec_fetch_mode="navigate") == 0
    assert status("GET", "/assets/base", sec_fetch_site=site, sec_fetch_mode="no-cors") == 403
    assert status("POST", "/graphql", sec_fetch_site=site, sec_fetch_mode="navigate", content_type="x") == 403


@pytest.mark.parametrize("path", ["/graphql", "/graphql/"])
def test_graphql_is_executed_only_from_a_body_that_a_form_cannot_send(path: str) -> None:
    assert status("GET", path) == 405
    assert status("HEAD", path) == 405
    assert status("GET", path, accept="text/html,*/*") == 0  # the page for queries by hand, which executes nothing
    for kind in ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert status("POST", path, content_type=kind) == 415
    assert status("POST", path, content_type="application/json; charset=utf-8") == 0


def answered(scope: MutableMapping[str, Any]) -> list[MutableMapping[str, Any]]:
    """What is sent for a request, by an application that says it was reached."""
    sent: list[MutableMapping[str, Any]] = []

    async def reached(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "reached"})

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(Door(reached, PORT)(scope, receive, send))
    return sent


def test_what_is_refused_never_reaches_the_application() -> None:
    foreign = [(b"Host", b"evil.example")]
    refused = answered({"type": "http", "method": "POST", "path": "/graphql", "headers": foreign})
    assert [m["type"] for m in refused] == ["http.response.start", "http.response.body"]
    assert refused[0]["status"] == 421
    closed = answered({"type": "websocket", "path": "/graphql", "headers": foreign})
    assert [m["type"] for m in closed] == ["websocket.close"]
    own = [(b"host", f"localhost:{PORT}".encode())]
    assert answered({"type": "http", "method": "GET", "path": "/", "headers": own}) == [{"type": "reached"}]
    assert answered({"type": "lifespan"}) == [{"type": "reached"}]
