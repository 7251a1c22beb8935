"""Filled rectangles: rules, grounds of cells, or shading behind text, whoever made the file."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.extract.pdf.fills import evidence
from pipeline.extract.pdf.rules import Drawing
from tests.extract.pdf.printed import tables_of, words
from tests.extract.pdf.producers import Box, Sheet, every_producer, grid, write_rows

XS, ROW, TOP = (60.0, 220.0, 300.0, 380.0), 30.0, 100.0
# A label of two lines beside figures.
ROWS = [
    ("Commune", "Plafond", "Taux"),
    ("Communauté de communes\ndu pays de Gex", "9 000", "2,5"),
    ("Châtillon", "11 742", "4,5"),
    ("Communauté urbaine\nde Divonne", "13 113", "5,5"),
]
WANTED = [[" ".join(text.split("\n")) for text in row] for row in ROWS]


def shaded(producer: type[Sheet], fills: Sequence[Box], lines: bool) -> Sheet:
    """The rows on fills, in a full grid of rules or none."""
    sheet = producer()
    for box in fills:
        sheet.fill(box, 0.8)
    if lines:
        grid(sheet, XS, [TOP + ROW * k for k in range(len(ROWS) + 1)])
    write_rows(sheet, ROWS, [x + 8 for x in XS], TOP + 1, ROW)
    return sheet


def behind_lines(r: int) -> list[Box]:
    """A fill for each cell of a row and one behind each of its lines, five points inside the cell at the sides."""
    top, middle, bottom = TOP + ROW * r, TOP + ROW * r + 15, TOP + ROW * (r + 1)
    cells: list[Box] = [(a, top, b, bottom) for a, b in itertools.pairwise(XS)]
    lines = [(a + 5, y0, b - 5, y1) for a, _, b, _ in cells for y0, y1 in ((top, middle), (middle, bottom))]
    return [*cells, *lines]


@every_producer
def test_shading_behind_lines_of_text_makes_no_cells(tmp_path: Path, producer: type[Sheet]) -> None:
    path = shaded(producer, [box for r in (0, 1, 3) for box in behind_lines(r)], True).save(tmp_path / "shaded.pdf")
    assert tables_of(path) == [WANTED]


@every_producer
def test_a_ground_in_pieces_is_one_cell(tmp_path: Path, producer: type[Sheet]) -> None:
    """No rule at all: each shaded cell is painted line by line, as wide as the cell."""
    pieces: list[Box] = []
    for r in range(len(ROWS)):
        for c, (a, b) in enumerate(itertools.pairwise(XS)):
            cuts = [0.0, 14.0, ROW - 1] if c == 0 and "\n" in ROWS[r][0] else [0.0, ROW - 1]
            pieces += [(a, TOP + ROW * r + y0, b - 1, TOP + ROW * r + y1) for y0, y1 in itertools.pairwise(cuts)]
    path = shaded(producer, pieces, False).save(tmp_path / "pieces.pdf")
    assert tables_of(path) == [WANTED]


@every_producer
def test_a_thick_bar_is_one_rule(tmp_path: Path, producer: type[Sheet]) -> None:
    bars = [(XS[0], TOP + ROW - 2.5, XS[-1], TOP + ROW + 2.5), (XS[0], TOP + 3 * ROW - 2, XS[-1], TOP + 3 * ROW + 3)]
    path = shaded(producer, bars, True).save(tmp_path / "bars.pdf")
    assert tables_of(path) == [WANTED]


@every_producer
def test_fills_in_the_margin_of_a_cell_make_no_columns(tmp_path: Path, producer: type[Sheet]) -> None:
    """Each cell of the header has a box of its own, inset, and the table has rules."""
    boxes = [(a + 4, TOP + 4, b - 4, TOP + ROW - 4) for a, b in itertools.pairwise(XS)]
    path = shaded(producer, boxes, True).save(tmp_path / "inset.pdf")
    assert tables_of(path) == [WANTED]


@every_producer
def test_the_fills_of_cells_alone_are_the_table(tmp_path: Path, producer: type[Sheet]) -> None:
    cells = [
        (a, TOP + ROW * r, b - 1, TOP + ROW * (r + 1) - 1) for r in range(len(ROWS)) for a, b in itertools.pairwise(XS)
    ]
    path = shaded(producer, cells, False).save(tmp_path / "cells.pdf")
    assert tables_of(path) == [WANTED]


def drawing(fills: Sequence[Box]) -> Drawing:
    return Drawing(np.zeros((0, 3)), np.zeros((0, 3)), np.array(fills), np.zeros(len(fills), np.int64))


def test_a_bar_with_text_in_it_is_a_cell() -> None:
    (fill,) = fills = [(0.0, 0.0, 100.0, 5.5)]
    assert len(evidence(drawing(fills), []).rules.h) == 1
    small = [w._replace(top=1.0, bottom=5.0) for w in words((10, 1, "note"))]
    assert len(evidence(drawing([fill]), small).rules.h) == 2


def test_rows_shaded_one_by_one_stay_apart_where_others_end_beside_them() -> None:
    stacked = [(0.0, 0.0, 50.0, 20.0), (0.0, 20.0, 50.0, 40.0)]
    assert evidence(drawing(stacked), []).rules.h[:, 0].tolist() == [0, 40]
    beside = [(60.0, 0.0, 90.0, 20.0), (60.0, 20.0, 90.0, 40.0)]
    assert sorted(set(evidence(drawing([*stacked, *beside]), []).rules.h[:, 0].tolist())) == [0, 20, 40]
