"""A headless Chromium on the pages of the small project, from the disk and served; skipped where there is none."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import Settings
from pipeline.site.build import build
from tests.shipped import once_a_run
from tests.site.project import small

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-sandbox", "--lang=fr-FR"),
)


def _counts(message: Any, address: str) -> bool:
    """An error of the page; the editor's own style attributes are refused by the policy, which it is made to bear."""
    of_the_editor = "/sql.html" in address and message.text.startswith("Applying inline style violates")
    return message.type == "error" and not of_the_editor


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return once_a_run(tmp_path_factory, "pages", small)


@pytest.fixture(scope="session")
def folder(project: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages on the disk."""
    target = tmp_path_factory.mktemp("pages") / "site"
    build(project, target)
    return target


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra browser)")
    if CHROMIUM is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def address(project: Settings, browser: Any, folder: Path) -> Iterator[str]:
    """The same pages served on a port of loopback, until the tests end."""
    import uvicorn

    from pipeline.site.server import Kept, application

    kept = Kept(project)
    shutil.copytree(folder, kept.folder, dirs_exist_ok=True)  # all but a few pages are the same: made once
    kept.refresh()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application(kept), log_level="error"))
        running = threading.Thread(target=server.run, args=([listening],))
        running.start()
        while not server.started and running.is_alive():
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        server.should_exit = True
        running.join()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh page; the test fails when a script fails, the policy is broken, or anything outside is asked for."""
    context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="fr-FR")
    opened = context.new_page()
    said: list[str] = []
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("console", lambda message: said.append(message.text) if _counts(message, opened.url) else None)
    opened.on("request", lambda request: said.append(request.url) if _outside(request.url) else None)
    yield opened
    context.close()
    assert said == []


def _outside(url: str) -> bool:
    return not url.startswith(("file:///", "http://127.0.0.1:", "data:", "blob:"))
