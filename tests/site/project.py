"""A small published project for pages: one act with its PDF, five départements; a cell (by a correction) and a title
that try to be markup."""

from __future__ import annotations

import shutil
from functools import reduce
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.settings import Settings
from tests.conftest import ROOT
from tests.histories import add_history
from tests.shipped import copy_acts

ACT = "JORFTEXT000042056679"
DEPARTEMENTS = ["01", "2A", "75", "93", "974"]
PRINTED = "CC Bugey Sud"
HOSTILE = "CC <script>window.pris=1</script> & <img src=x onerror=window.pris=1>"
CORRECTION = f"""
[[correction]]
id = "hostile"
printed = "{PRINTED}"
should_be = "{HOSTILE}"
reason = "un texte qui se prend pour une page : <script>window.pris=1</script>"
status = "applied"
"""
TITLE = "Annexe « 1er quartile » <script>window.pris=1</script>"
YEARS = ("2009", "2017", "2020")


def small(root: Path) -> Settings:
    """The project in `root`, read and published."""
    from tests.shipped import read_and_publish

    reference = root / "raw/reference"
    reference.mkdir(parents=True)
    for path in sorted((ROOT / "raw/reference").iterdir()):
        if path.name.startswith("communes_"):
            if path.stem.split("_")[1][:4] in YEARS:
                table = pq.read_table(path)
                code = table["code"]
                held = [pc.starts_with(code, pattern=place) for place in DEPARTEMENTS]
                pq.write_table(table.filter(reduce(pc.or_, held)), reference / path.name)
        elif not path.stem.endswith(("2021", "2022", "2023", "2024", "2025")):
            (reference / path.name).symlink_to(path)
    add_history(root)
    copy_acts(root / "raw")
    shutil.copytree(ROOT / "raw" / ACT, root / "raw" / ACT)
    (root / "raw" / ACT / "corrections.toml").write_text(CORRECTION, encoding="utf-8")
    _rewrite(root / "raw" / ACT / "document.toml", "annexe « Arrêté 1er quartile »", TITLE)
    return read_and_publish(Settings(root))


def _rewrite(path: Path, printed: str, instead: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert printed in text, printed
    path.write_text(text.replace(printed, instead), encoding="utf-8")
