"""docs/tutorial.md, command by command, on a project of its own: what a person types there works as it is written. Only
Dagster is left out: `annexes refresh` is the functions that it calls.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline.datasets
from pipeline.datasets import all_datasets
from pipeline.drafting import writing
from pipeline.settings import Settings
from tests import reference
from tests.cli.inside import Command
from tests.conftest import ROOT
from tests.shipped import copy_acts, read_and_publish

PAGE = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(?P<kind>console|python|text)\n(?P<text>.*?)```", re.DOTALL)
NAME = "loyers_maximaux"
_YEARS = ("2025-01-01", "2026-01-01")
_SNAPSHOTS = (
    *(f"{kind}_{year}" for kind in ("communes", "noms_anciens") for year in _YEARS),
    *("departements", "epci_2025", "passage", "regions"),
)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A project in which new modules are datasets too, as in a clone; what was added is forgotten afterwards."""
    settings = Settings(tmp_path)
    settings.raw.mkdir()
    copy_acts(settings.raw)
    reference.link(settings.reference, reference.tables(*_SNAPSHOTS))
    shutil.copytree(ROOT / "docs/tutorial", tmp_path / "docs/tutorial")
    package, golden = tmp_path / "datasets", tmp_path / "golden"
    package.mkdir()
    golden.mkdir()
    monkeypatch.setattr(writing, "PACKAGE", package)
    monkeypatch.setattr(writing, "GOLDEN", golden)
    monkeypatch.setattr(pipeline.datasets, "__path__", [*pipeline.datasets.__path__, str(package)])
    monkeypatch.chdir(tmp_path)
    yield settings
    forget()


def forget() -> None:
    """Have the datasets found again, as they are on the disk now."""
    sys.modules.pop(f"pipeline.datasets.{NAME}", None)
    if hasattr(pipeline.datasets, NAME):
        delattr(pipeline.datasets, NAME)
    all_datasets.cache_clear()


def mend(module: Path, before: str, after: str) -> None:
    """What a person does in an editor."""
    text = module.read_text(encoding="utf-8")
    assert text.count(before) == 1
    module.write_text(text.replace(before, after), encoding="utf-8")


def test_every_step_does_what_the_page_says(
    checkout: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    annexes, said, mended, ran = Command(checkout, monkeypatch, capsys), "", "", []
    for block in BLOCK.finditer(PAGE):
        text = block["text"]
        if block["kind"] == "text":
            assert [line.rstrip() for line in said.splitlines()] == [line.rstrip() for line in text.splitlines()]
        elif block["kind"] == "python":
            if mended:
                mend(checkout.root / f"datasets/{NAME}.py", mended, text)
            mended = "" if mended else text
        else:
            for line in re.findall(r"^\$ annexes (.*)$", text, re.MULTILINE):
                words = shlex.split(line)
                ran.append(words[0])
                if words[0] == "refresh":
                    forget()
                    read_and_publish(checkout)
                    continue
                done = annexes(*words)
                assert done.code == 0, (line, done.err)
                said = done.out
                assert words[0] != "fiche" or "| Loyer maximal | 12,6\u202f€/m² | XMPL2500001A, p. 1 |" in said
                assert words[0] != "why" or "«12,60»" in said
    assert ran == ["tables", "tables", "dataset", "refresh", "sql", "sql", "why", "fiche"]
    rows = (checkout.root / f"golden/{NAME}.csv").read_text(encoding="utf-8").splitlines()
    assert (len(rows), rows[1]) == (23, "01053,Bourg-en-Bresse,B2,8.35,412")
