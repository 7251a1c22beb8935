"""The Python recipes of docs/reading.md run as they stand on the shipped documents."""

from __future__ import annotations

import re

import pytest

from pipeline.settings import Settings
from tests.conftest import ROOT

WRITTEN = re.findall(r"```python\n(.*?)```", (ROOT / "docs/reading.md").read_text(encoding="utf-8"), re.DOTALL)
RECIPES = [recipe for recipe in WRITTEN if "s3://" not in recipe]  # a store elsewhere: tests/cluster


@pytest.mark.parametrize("number", range(len(RECIPES)))
def test_a_recipe_runs(number: int, shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped.root)
    made: dict[str, object] = {}
    exec(compile(RECIPES[number], "docs/reading.md", "exec"), made)
    assert any(made.get(name) is not None for name in ("seuils", "depuis", "zones"))


def test_there_are_recipes() -> None:
    assert len(RECIPES) >= 2
