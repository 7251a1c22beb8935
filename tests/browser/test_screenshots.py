"""The pictures of the README, made from the shipped documents; only when a folder is named for them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import Settings
from pipeline.site.build import build
from pipeline.warehouse.access import connect
from tests.conftest import ROOT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif("ANNEXES_SCREENSHOTS" not in os.environ, reason="`make screenshots` names a folder for them"),
]
LARGEST = 300_000
SHOTS = {
    "accueil": ("index.html", "light"),
    "jeu": ("jeux/premier_quartile.html#temps", "light"),
    "valeur": ("valeur.html?v={premier_quartile}&l=12&c=seuil_euros_par_uc_an", "light"),
    "acte": ("actes/JORFTEXT000042056679.html", "light"),
    "commune": ("commune.html?c=74010&le=2009-12-15", "dark"),
    "cartes": ("cartes.html", "light"),
}


@pytest.fixture(scope="module")
def whole(shipped: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("whole") / "site"
    build(shipped, target)
    return target


@pytest.mark.parametrize("name", SHOTS)
def test_a_picture_is_made(page: Any, whole: Path, shipped: Settings, name: str) -> None:
    address, scheme = SHOTS[name]
    with connect(shipped) as connection:
        numbers = dict(connection.execute("SELECT dataset, max(version_no) FROM meta.versions GROUP BY 1").fetchall())
    address = address.format_map(numbers)
    folder = ROOT / os.environ["ANNEXES_SCREENSHOTS"]
    folder.mkdir(parents=True, exist_ok=True)
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{whole.as_uri()}/{address}")
    page.wait_for_selector(".attente", state="detached")
    page.wait_for_load_state("networkidle")
    assert "Cette version n'a pas" not in page.content()
    page.screenshot(path=folder / f"{name}.png")
    assert (folder / f"{name}.png").stat().st_size < LARGEST
