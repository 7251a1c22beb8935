"""The benchmark of scale runs, on the smallest inputs: its generated acts are read, its parts measure something."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scale import acts, slopes
from benchmarks.scale.publishing import added_to
from pipeline.documents.declaration import read_document_leniently
from pipeline.settings import Settings
from tests import reference
from tests.production import read_document
from tests.refresh.small import REFERENCE

KINDS = {"alone": 2, "prices": 10, "unread": 11, "repeal": 48, "pdf": 49}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(tmp_path)
    reference.link(made.reference, REFERENCE)
    acts.add(made, 2, 2)
    acts.add(made, 10, 11)
    acts.add(made, 48, 49)
    return made


def test_the_generated_acts_are_of_mixed_kinds_and_read(settings: Settings) -> None:
    for kind, number in KINDS.items():
        assert acts.kind(number) == kind
        read_document_leniently(settings.raw / acts.name(number))
    of_communes = read_document(settings, acts.name(2))
    assert [(e.dataset, e.status, e.rows) for e in of_communes.editions] == [
        ("catnat_communes", "accepted", acts.LINES)
    ]
    of_prices = read_document(settings, acts.name(10))
    assert [(e.dataset, e.status) for e in of_prices.editions] == [("prix_psla", "accepted")]
    unread = read_document(settings, acts.name(11))
    assert not unread.editions and not unread.error


def test_periods_commits_and_additions_are_measured(tmp_path: Path) -> None:
    assert slopes.succession(40, rounds=1) > 0
    assert all(taken > 0 for taken in slopes.commits(tmp_path / "store", 2, 5, rounds=1))
    assert all(ratio > 0 for ratio in added_to(tmp_path / "published", 2, 20).ratios)
