"""Tables drawn by lot between lines of prose: exact where they are ruled, and close where rules are missing."""

from __future__ import annotations

from functools import cache
from statistics import mean

import pytest

from pipeline.extract.pdf.assemble import assemble
from pipeline.extract.pdf.limits import DEFAULT
from pipeline.extract.pdf.pages import read_pages
from tests.extract.pdf.corpus.layout import Rules
from tests.extract.pdf.corpus.score import exact_share, rows_of
from tests.extract.pdf.corpus.varied import make

SEEDS = range(12)


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("varied")

    @cache
    def of(rules: Rules) -> dict[int, float]:
        found = {}
        for seed in SEEDS:
            sheet, path = make(seed, rules), folder / f"{rules}_{seed}.pdf"
            path.write_bytes(sheet.pdf)
            found[seed] = exact_share(sheet.truth, rows_of(assemble([read_pages(str(path), 1, 1, DEFAULT)])))
        return found

    return of


@pytest.mark.parametrize("rules", ["lines", "rectangles", "inner"])
def test_with_rules_every_cell_is_exact(shares, rules: Rules) -> None:
    assert shares(rules) == dict.fromkeys(SEEDS, 1.0)


@pytest.mark.parametrize("rules", ["horizontal", "three", "shaded", "none"])
def test_without_column_rules_most_cells_are_exact(shares, rules: Rules) -> None:
    assert mean(shares(rules).values()) >= 0.95, shares(rules)
