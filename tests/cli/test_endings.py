"""An act that repeals another one and prints no table, through the command: read first, then put right."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.cli.inside import Command, Done
from tests.refresh.acts import Act, add
from tests.refresh.small import ACT, DATASET, project

REPEAL = "AAAA0900002A"
"""Its folder comes before that of the act it names: it is read while nothing of that one is held."""


def repeal(day: date) -> Act:
    return Act(
        REPEAL, date(2009, 10, 1), "Arrêté d'abrogation", relation={"kind": "abroge", "act": ACT, "date_effet": day}
    )


def test_the_summary_says_what_ends_whichever_act_is_read_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    annexes = Command(project(tmp_path / "project"), monkeypatch, capsys)
    add(annexes.settings, repeal(date(2009, 9, 1)))
    done = annexes("refresh")
    assert (done.code, row(done)[:6]) == (0, [DATASET, REPEAL, "met", "fin", "0", "0"])
    assert "Rien n'a changé" in annexes("refresh").out
    assert f"{DATASET} publié (met fin à {ACT})" in annexes("documents").out

    add(annexes.settings, repeal(date(2009, 12, 1)))
    done = annexes("refresh")
    assert (done.code, row(done)[:6]) == (0, [DATASET, REPEAL, "met", "fin", "0", "0"])
    held = json.loads(annexes("versions", DATASET, "-f", "json").out)
    assert [(v["version_no"], v["edition"], v["statut"], v["periodes"]) for v in held] == [
        (1, ACT, "fait foi", "2009-04-10 → 2009-12-01"),
        (2, REPEAL, "remplacée", None),
        (3, REPEAL, "met fin", None),
    ]


def row(done: Done) -> list[str]:
    """The line of the summary about the repeal."""
    return next(line.split() for line in done.out.splitlines() if REPEAL in line)
