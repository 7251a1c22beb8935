"""docs/exemple.ipynb runs from its first cell to its last on the shipped documents, and draws what it says."""

from __future__ import annotations

import json

import pytest

from pipeline.settings import Settings
from scripts.notebook import NOTEBOOK, code_cells, run

pytest.importorskip("matplotlib", reason="matplotlib (extra dev) draws the figures of the notebook")


def test_three_figures_are_drawn_from_the_published_file(shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped.root)
    by_type, rise, ceilings = run(json.loads(NOTEBOOK.read_text(encoding="utf-8")))
    (axis,) = by_type.axes
    assert [label.get_text().split()[0] for label in axis.get_xticklabels()][:3] == ["CA", "CC", "METRO"]
    (axis,) = rise.axes
    assert [text.get_text() for text in axis.texts] == ["Une seule édition détenue"]
    assert [len(axis.get_lines()) for axis in ceilings.axes] == [6, 6, 6]


def test_the_file_holds_the_figures_of_its_last_run() -> None:
    cells = list(code_cells(json.loads(NOTEBOOK.read_text(encoding="utf-8"))))
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    pictures = [o for cell in cells for o in cell["outputs"] if "image/png" in o.get("data", {})]
    assert len(pictures) == 3
    assert not [o for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]
