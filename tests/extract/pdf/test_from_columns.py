"""Values from_columns by column: the same as the constructor's, and never with a field left out."""

from __future__ import annotations

import pickle

import pytest

from pipeline.extract.model import Cell, Source
from pipeline.extract.pdf.assemble import from_columns


def test_values_are_those_of_the_constructor() -> None:
    places = [Source(page=n) for n in (1, 2)]
    cells = from_columns(Cell, 2, [0, 1], [3, 4], ["a", "b"], places, [1, 2], [1, 1], [True, False])
    assert cells == [Cell(0, 3, "a", places[0], 1, 1, True), Cell(1, 4, "b", places[1], 2, 1, False)]
    assert hash(cells[1]) == hash(Cell(1, 4, "b", places[1], 2))
    assert pickle.loads(pickle.dumps(cells)) == cells


@pytest.mark.parametrize("columns", [6, 8])
def test_a_column_for_each_field_no_less_no_more(columns: int) -> None:
    with pytest.raises(ValueError, match="zip"):
        from_columns(Cell, 1, *([0] for _ in range(columns)))
