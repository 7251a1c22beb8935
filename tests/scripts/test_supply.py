"""Every locked package is listed with terms that were agreed to, and no fault known of it stands without a reason."""

from __future__ import annotations

import json
import subprocess

import pytest

from scripts import supply
from scripts.supply import Package, listed, locked, problems


def test_the_locks_are_in_order() -> None:
    assert list(problems(locked(), listed()[0])) == []


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({}, "not in scripts/supply.json"),
        ({"alpha": Package("1.0", "MIT", {})}, "not in scripts/supply.json"),
        ({"alpha": Package("1.1", "Proprietary", {})}, "none that was agreed to"),
        ({"alpha": Package("1.1", "", {})}, "none that was agreed to"),
        ({"alpha": Package("1.1", "MIT", {"PYSEC-1": ""})}, "PYSEC-1; take another version"),
        ({"alpha": Package("1.1", "MIT", {}), "beta": Package("2", "MIT", {})}, "locked no more"),
    ],
)
def test_what_is_not_is_named(known: dict[str, Package], said: str) -> None:
    (line,) = problems({"alpha": "1.1"}, known)
    assert said in line


def test_a_fault_that_a_person_looked_at_may_stand() -> None:
    known = {"alpha": Package("1.1", "GPL-2.0 OR MIT", {"PYSEC-1": "the function is never called"})}
    assert list(problems({"alpha": "1.1"}, known)) == []


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"name": "Alpha", "vulns": [{"id": "PYSEC-1"}]}, {"alpha": ["PYSEC-1"]}),
        ({"name": "Alpha", "vulns": []}, {"alpha": []}),
        ({"name": "Alpha", "skip_reason": "not found"}, None),
    ],
)
def test_an_audit_that_knows_nothing_is_none(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, object], found: dict[str, list[str]] | None
) -> None:
    told = subprocess.CompletedProcess([], 0, json.dumps({"dependencies": [answer]}), "")
    monkeypatch.setattr(supply.shutil, "which", lambda _: "pip-audit")
    monkeypatch.setattr(supply.subprocess, "run", lambda *_, **__: told)
    assert supply._faults() == found
