"""Names under which no dataset can be begun."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.acquisition.texts import Hints
from pipeline.drafting import writing
from pipeline.errors import USAGE
from pipeline.extract.model import Reading
from pipeline.settings import Settings
from tests.drafting.test_columns import grid

READING = Reading((grid(("Commune", "Logements"), ("Rennes", "5")),))


@pytest.mark.parametrize("name", ["premier_quartile", "seuil_par_epci", "toolkit", "Loyers", "2024", "lambda", "é_e"])
def test_a_name_that_is_taken_or_none_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(writing.DraftError) as refused:
        writing.draft(Settings(tmp_path), name, tmp_path / "a.csv", READING, 1, Hints(), date(2026, 1, 1))
    assert refused.value.code == USAGE
    assert list(tmp_path.iterdir()) == []


def test_without_a_checkout_no_module_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CHECKOUT", tmp_path)
    with pytest.raises(writing.DraftError, match=str(tmp_path)):
        writing.draft(Settings(tmp_path), "loyers", tmp_path / "a.csv", READING, 1, Hints(), date(2026, 1, 1))
