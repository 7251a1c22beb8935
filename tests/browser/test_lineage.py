"""The lineage of the shipped project in Dagster, as a person who opens it for the first time sees it."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.orchestration import ui
from pipeline.orchestration.definitions import build_defs
from pipeline.orchestration.run import finish
from pipeline.settings import Settings
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
LOADED_MILLISECONDS = 60_000


@pytest.fixture(scope="module")
def recorded(shipped: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shipped project with a history that shows what it holds."""
    made = Settings(shutil.copytree(shipped.root, tmp_path_factory.mktemp("lignage") / "project", symlinks=True))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DAGSTER_HOME", str(made.dagster_home))  # set by what records; put back afterwards
        finish(made)
    return made


@pytest.fixture(scope="module")
def lineage(recorded: Settings, browser: Any) -> Iterator[str]:
    with socket.socket() as free:
        free.bind((ui.HOST, 0))
        port = free.getsockname()[1]
    with ui.started(recorded, port):
        yield f"http://{ui.HOST}:{port}"


def test_every_asset_is_green_and_no_check_failed(page: Any, lineage: str, recorded: Settings) -> None:
    page.set_viewport_size({"width": 1900, "height": 1100})
    page.goto(f"{lineage}/asset-groups")
    page.get_by_text("Global asset lineage").wait_for(timeout=LOADED_MILLISECONDS)
    page.get_by_text("jeux_de_donnees").first.wait_for(timeout=LOADED_MILLISECONDS)
    query = (
        "{ assetNodes { assetKey { path } isMaterializable assetMaterializations(limit: 1) { runId } partitionStats "
        "{ numMaterialized numPartitions numFailed } assetChecksOrError { ... on AssetChecks { checks { name "
        "executionForLatestMaterialization { status } } } } } }"
    )
    told = page.evaluate(
        "async ([url, query]) => (await (await fetch(url, {method: 'POST', headers: {'Content-Type': "
        "'application/json'}, body: JSON.stringify({query})})).json())",
        [f"{lineage}/graphql", query],
    )
    nodes = {"/".join(node["assetKey"]["path"]): node for node in told["data"]["assetNodes"]}
    assert len(nodes) == len(list(build_defs(recorded).resolve_asset_graph().get_all_asset_keys()))
    assert [name for name, node in nodes.items() if not _is_complete(node)] == []
    assert [
        (name, check["name"])
        for name, node in nodes.items()
        for check in node["assetChecksOrError"].get("checks", [])
        if (check["executionForLatestMaterialization"] or {}).get("status") in ("EXECUTION_FAILED", "FAILED")
    ] == []


def _is_complete(node: Any) -> bool:
    if not node["isMaterializable"]:  # observed: its box has no colour
        return True
    stats = node["partitionStats"]
    if stats:
        return bool(stats["numMaterialized"] == stats["numPartitions"] and not stats["numFailed"])
    return bool(node["assetMaterializations"])


@pytest.mark.skipif("ANNEXES_SCREENSHOTS" not in os.environ, reason="`make screenshots` names a folder for them")
def test_a_picture_is_made(browser: Any, lineage: str, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1500, "height": 1800}, device_scale_factor=2)
    page = context.new_page()
    page.goto(f"{lineage}/{ui.lineage_url(0).split('/', 3)[3]}")
    page.get_by_text("zonage_abc_effets").first.wait_for(timeout=LOADED_MILLISECONDS)
    page.wait_for_timeout(15_000)  # states come after the boxes
    page.screenshot(path=tmp_path / "page.png")
    context.close()
    with Image.open(tmp_path / "page.png") as taken:
        graph = taken.convert("L").crop((700, 420, 2600, 3400)).point(lambda level: 255 if level < 200 else 0)
        left, top, right, bottom = graph.getbbox() or (0, 0, *graph.size)
        picture = taken.crop((700 + left - 30, 420 + top - 30, 700 + right + 30, min(420 + bottom + 30, taken.height)))
        picture.convert("P", palette=Image.Palette.ADAPTIVE).save(
            ROOT / os.environ["ANNEXES_SCREENSHOTS"] / "lignage.png"
        )
