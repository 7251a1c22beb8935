"""`make test` stays green whatever raw/ holds: tests speak of the shipped documents by name, in copies of their own."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import shipped
from tests.conftest import ROOT
from tests.datasets import test_shipped

LISTS_RAW = re.compile(
    r"""(?:document_folders\(|list\(|iter\()?ROOT / ["']raw["']\)?(?:\.(?:iterdir|glob|rglob)\(|\))"""
)
"""A folder or glob of the checkout's raw/ itself, whatever stands there."""


def test_what_came_into_raw_since_is_no_part_of_the_shipped_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "raw").mkdir(parents=True)
    for path in (ROOT / "raw").iterdir():
        if path.name != "actes.toml":
            (checkout / "raw" / path.name).symlink_to(path)
    arrived = checkout / "raw/JORFTEXT000099990001"
    arrived.mkdir()
    (arrived / "document.toml").write_text("[document\n", encoding="utf-8")
    acts = (ROOT / "raw/actes.toml").read_text(encoding="utf-8")
    heard_of = '\n[[act]]\nid = "JORFTEXT000099990002"\ndataset = "prix_psla"\ntitle = "Arrêté"\n'
    (checkout / "raw/actes.toml").write_text(acts + heard_of, encoding="utf-8")
    monkeypatch.setattr(shipped, "ROOT", checkout)
    monkeypatch.setattr(shipped, "add_history", lambda _root: None)
    made = shipped.copied(tmp_path / "project")
    assert sorted(p.name for p in made.raw.iterdir()) == sorted([*shipped.DOCUMENTS, "actes.toml", "reference"])
    assert "JORFTEXT000099990002" not in made.acts.read_text(encoding="utf-8")


def test_golden_rows_of_shipped_documents_are_looked_for_in_these_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_raw: Path) -> None:
        raise AssertionError("raw/ was listed")

    def read(name: str) -> SimpleNamespace:
        held = [SimpleNamespace(dataset=SimpleNamespace(name="prix_psla"))] if name == test_shipped.BULLETIN else []
        return SimpleNamespace(editions=held)

    monkeypatch.setattr(test_shipped, "document_folders", refuse)
    monkeypatch.setattr(test_shipped, "editions_of", read)
    assert len(test_shipped.editions_for("prix_psla")) == 1


def test_no_other_test_lists_the_raw_of_the_checkout() -> None:
    listing = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if LISTS_RAW.search(path.read_text(encoding="utf-8"))
    }
    assert listing == {"tests/datasets/test_shipped.py", "tests/test_any_raw.py"}
