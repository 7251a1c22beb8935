"""Cells from rules, held equal to pdfplumber's."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pdfplumber.table import TableFinder

from pipeline.extract.model import Box
from pipeline.extract.pdf.lattice import cell_boxes
from pipeline.extract.pdf.rules import Rules, closed, clusters, merged
from tests.extract.pdf.printed import lattices, ruled, words

Segment = tuple[float, float, float]


def by_pdfplumber(h: list[Segment], v: list[Segment]) -> tuple[list[Box], list[list[Box]]]:
    """pdfplumber's cells and tables for these rules, as its `Page.find_tables` finds them."""
    edges = [_edge("h", y, x0, y, x1) for y, x0, x1 in h] + [_edge("v", top, x, bottom, x) for x, top, bottom in v]
    found = TableFinder(SimpleNamespace(edges=edges, bbox=(0, 0, 600, 800)))
    assume(not _parted_by_rounding(found.edges))
    return found.cells, [table.cells for table in found.tables]


def _parted_by_rounding(edges: list[dict[str, float]]) -> bool:
    """Whether pdfplumber moved rules to one mean by sums that round apart: it then takes them for several rules, and
    loses the cells that they close together."""
    for orientation, position in (("h", "top"), ("v", "x0")):
        exact = {edge[position] for edge in edges if edge["orientation"] == orientation}
        if len({round(value, 6) for value in exact}) < len(exact):
            return True
    return False


def _edge(orientation: str, top: float, x0: float, bottom: float, x1: float) -> dict[str, object]:
    size = {"width": x1 - x0, "height": bottom - top, "doctop": top}
    return {"orientation": orientation, "object_type": "line", "x0": x0, "x1": x1, "top": top, "bottom": bottom, **size}


def ours(h: list[Segment], v: list[Segment]) -> Rules:
    return merged(np.array(h, np.float64).reshape(-1, 3), np.array(v, np.float64).reshape(-1, 3))


def rounded(boxes: list[Box]) -> list[tuple[float, ...]]:
    """Boxes to compare. pdfplumber's means of equal rules may differ by a rounding: a cell of no height between."""
    kept = [box for box in boxes if box[2] - box[0] > 1e-6 and box[3] - box[1] > 1e-6]
    return sorted(tuple(round(value, 6) for value in box) for box in kept)


# Positions on a coarse raster with a little disorder, so that rules meet, nearly meet, miss and overlap.
positions = st.builds(
    lambda n, off: 20.0 * n + off, st.integers(0, 6), st.sampled_from([0.0, 0.0, 0.0, 0.4, 1.5, -2.0])
)
segments = st.builds(lambda at, a, b: (at, min(a, b), max(a, b)), positions, positions, positions).filter(
    lambda s: s[2] - s[1] >= 1
)


@example(h=[(0.0, 0.0, 1.5), (0.0, 0.0, 20.0), (20.0, 0.0, 40.0)], v=[(0.0, 0.0, 20.0), (40.0, 0.0, 20.0)])
@given(st.lists(segments, max_size=14), st.lists(segments, max_size=14))
def test_any_rules_give_the_cells_and_tables_of_pdfplumber(h: list[Segment], v: list[Segment]) -> None:
    cells, tables = by_pdfplumber(h, v)
    rules = ours(h, v)
    assert rounded(cell_boxes(rules)) == rounded(cells)
    assert [rounded([p.box for p in found.places]) for found in lattices(rules)] == [
        cells for cells in map(rounded, tables) if len(cells) > 1
    ]


def test_spans_count_the_rows_and_columns_a_cell_covers() -> None:
    full = ruled([0, 100, 200, 300], [0, 20, 40, 60])
    # The label of the first column stands for two rows; the last row is one cell over two columns.
    h = [(0, 0, 300), (20, 100, 300), (40, 0, 300), (60, 0, 300)]
    v = [(0, 0, 60), (100, 0, 60), (200, 0, 40), (300, 0, 60)]
    (found,) = lattices(ours(h, v))
    spans = {(p.row, p.col): (p.row_end - p.row, p.col_end - p.col) for p in found.places}
    assert (found.n_rows, found.n_cols) == (3, 3)
    assert spans[0, 0] == (2, 1)
    assert spans[2, 1] == (1, 2)
    assert len(lattices(full)[0].places) == 9


def test_a_lone_frame_is_no_table() -> None:
    assert lattices(ruled([0, 300], [0, 100])) == []


def test_tables_that_share_no_corner_are_two() -> None:
    both = Rules(
        np.vstack([ruled([0, 50, 100], [0, 20, 40]).h, ruled([0, 50, 100], [100, 120, 140]).h]),
        merged(np.zeros((0, 3)), np.array([(x, y, y + 40) for x in (0.0, 50.0, 100.0) for y in (0.0, 100.0)])).v,
    )
    assert [len(found.places) for found in lattices(both)] == [4, 4]


def test_clusters_chain_values_nearer_than_the_tolerance() -> None:
    assert clusters(np.array([10.0, 1.0, 3.5, 20.0, 6.0]), 3.0).tolist() == [1, 0, 0, 2, 0]


@pytest.mark.parametrize(("x", "n_cols"), [(20, 3), (150, 3), (280, 3)])
def test_open_outer_sides_are_closed_where_text_stands(x: float, n_cols: int) -> None:
    inner = ours([(20, 0, 300), (40, 0, 300)], [(100, 0, 60), (200, 0, 60)])
    text = words(*[(c, y, "x") for c in (20, 150, 280) for y in (5, 25, 45)])
    assert not lattices(inner) or lattices(inner)[0].n_cols < n_cols
    (found,) = lattices(closed(inner, text))
    assert (found.n_rows, found.n_cols) == (3, n_cols)
    assert any(p.box[0] <= x < p.box[2] for p in found.places)


def test_a_side_drawn_beside_the_header_only_is_closed_below_it() -> None:
    partial = ours([(y, 0, 200) for y in (0, 20, 40, 60)], [(0, 0, 60), (100, 0, 60), (200, 0, 20)])
    (found,) = lattices(closed(partial, words((150, 25, "x"), (150, 45, "x"))))
    assert len(found.places) == 6


def test_rules_that_only_overshoot_are_left_alone() -> None:
    sloppy = ours([(0, -3, 203), (20, -3, 203)], [(0, -2, 22), (100, -2, 22), (200, -2, 22)])
    assert closed(sloppy, words((50, 5, "x"))) is sloppy


def test_cells_cover_the_table_without_gap() -> None:
    (found,) = lattices(ruled([0, 40, 90, 200], [0, 15, 30, 60]))
    for a, b in pairwise(p for p in found.places if p.row == 0):
        assert a.box[2] == b.box[0]
