"""The interface as a person meets it: the lineage of the warehouse, in a headless browser."""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from pipeline.orchestration import ui
from pipeline.orchestration.run import execute
from pipeline.refresh.plan import plan
from pipeline.settings import Settings
from tests.conftest import new_project

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
LOADING_MILLISECONDS = 20_000
"""Virtual time given to the page: it asks the server for the lineage, then draws it."""


@pytest.fixture
def browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found:
        pytest.skip(f"no browser is installed (looked for {', '.join(BROWSERS)})")
    return found


def free_port() -> int:
    with socket.socket() as free:
        free.bind((ui.HOST, 0))
        return int(free.getsockname()[1])


def seen(browser: str, url: str, folder: Path) -> str:
    """The page as the browser has drawn it, as HTML."""
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1600,1000"]
    profile = f"--user-data-dir={folder / 'profile'}"
    waiting = f"--virtual-time-budget={LOADING_MILLISECONDS}"
    command = [browser, *flags, profile, waiting, "--dump-dom", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


SERVE = """
import sys
from pathlib import Path
from pipeline.orchestration import ui
from pipeline.settings import Settings

sys.exit(ui.serve(Settings(Path(sys.argv[1])), int(sys.argv[2]), lambda link: print(link, flush=True)))
"""


def asked(port: int, method: str = "POST", **headers: str) -> int:
    """HTTP status of a GraphQL query to the interface."""
    query = '{"query": "{version}"}'
    url = "/graphql" if method == "POST" else "/graphql?query=%7Bversion%7D"
    connection = http.client.HTTPConnection(ui.HOST, port, timeout=60)
    try:
        own = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, url, query if method == "POST" else None, own)
        return connection.getresponse().status
    finally:
        connection.close()


@dataclass
class Served:
    """The interface of a refreshed project, started as a person would, and the process to interrupt."""

    link: str
    port: int
    process: subprocess.Popen[str]

    def members(self) -> list[psutil.Process]:
        """The servers that it started, and theirs."""
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = new_project(tmp_path_factory.mktemp("interface") / "project", "places-regionales")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DAGSTER_HOME", str(settings.root))  # set by the run; put back afterwards
        execute(settings, plan(settings), lambda _message: None)
    port = free_port()
    serving = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(settings.root), str(port)],
        stdout=subprocess.PIPE,
        text=True,
        # As a script's background job: SIGINT comes ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        assert serving.stdout
        yield Served(serving.stdout.readline().strip(), port, serving)
    finally:
        if serving.poll() is None:
            serving.send_signal(signal.SIGINT)
            serving.wait(timeout=60)


@pytest.mark.browser
def test_the_lineage_of_the_warehouse_is_shown(served: Served, tmp_path: Path, browser: str) -> None:
    assert served.link == ui.lineage_url(served.port)
    page = seen(browser, served.link, tmp_path)
    for name in ("document", "lecture", "places_sites", "premier_quartile", "prix_psla", "ref", "base"):
        assert name in page


def test_the_interface_answers_this_machine_and_no_other_page_nor_name(served: Served) -> None:
    assert asked(served.port) == 200
    assert asked(served.port, Origin="http://evil.example") == 403
    assert asked(served.port, Host="evil.example") == 421
    assert asked(served.port, "GET") == 405
    assert {c.laddr.ip for p in served.members() for c in _sockets(p)} == {ui.HOST}


def test_an_interrupt_ends_all_that_was_started(served: Served) -> None:
    started = served.members()
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=60) == 0
    assert len(started) > 1
    assert psutil.wait_procs(started, timeout=10)[1] == []


def test_a_taken_port_is_said_at_once(make_project: Callable[..., Settings]) -> None:
    settings, port = make_project(), free_port()
    with socket.socket() as taken:
        taken.bind((ui.HOST, port))
        taken.listen()
        started = time.monotonic()
        with pytest.raises(ui.InterfaceError, match=f"port {port}"), ui.started(settings, port):
            pass
        assert time.monotonic() - started < ui.STARTUP_SECONDS


def _sockets(process: psutil.Process) -> list[psutil._common.pconn]:
    return [c for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
