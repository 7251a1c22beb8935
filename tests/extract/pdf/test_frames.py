"""Lattices that are tables, and those that are not."""

from __future__ import annotations

import numpy as np

from pipeline.extract.pdf.frames import is_table
from pipeline.extract.pdf.lattice import fill
from pipeline.extract.pdf.rules import Rules
from tests.extract.pdf.printed import lattices, ruled, words

Text = tuple[float, float, str]


BLANK = Rules(np.zeros((0, 3)), np.zeros((0, 3)))


def table(xs: list[float], ys: list[float], *printed: Text, drawn: bool = True) -> bool:
    """Whether a grid of rules at these x and y, with these texts in it and around it, is a table; of the edges of
    grounds when nothing is `drawn`."""
    rules = ruled(xs, ys)
    (lattice,) = found = lattices(rules)
    return is_table(*fill(lattice, words(*printed)), found, rules if drawn else BLANK)


def rows(first: float, step: float = 14.0) -> list[Text]:
    return [(x, first + step * i, text) for i in range(3) for x, text in ((2.0, "Ain"), (110.0, "8861"))]


HEADER: list[Text] = [(2.0, 5.0, "Nom"), (110.0, 5.0, "Seuil"), (2.0, 25.0, "EPCI"), (110.0, 25.0, "euros")]


def test_a_ruled_header_over_rows_without_rules_is_part_of_their_table() -> None:
    assert not table([0, 100, 200], [0, 20, 40], *HEADER, *rows(45))
    assert table([0, 100, 200], [0, 20, 40], *HEADER, (2, 45, "Une note sous le tableau"))


def test_a_row_on_a_ground_is_part_of_the_table_around_it() -> None:
    assert not table([0, 100, 200], [54, 68], *rows(28))
    assert table([0, 100, 200], [54, 68], *rows(28)[-2:], (2, 40, "Deux cellules seulement, sous une phrase"))


def test_a_frame_around_several_records_closes_its_table() -> None:
    framed = [(2.0, 5.0, "Nom"), (110.0, 5.0, "Seuil"), *rows(25)]
    assert table([0, 100, 200], [0, 20, 68], *framed, (2, 75, "nom"), (110, 75, "seuil"), (2, 89, "a"), (110, 89, "b"))


def test_rows_of_the_next_ruled_table_are_not_its_own() -> None:
    rules = ruled([0, 100, 200], [0, 20, 40])
    first, second = lattices(rules), lattices(ruled([0, 100, 200], [50, 70, 90, 110]))
    printed = words(*HEADER, *rows(55, 20))
    assert is_table(*fill(first[0], printed), [*first, *second], rules)


def test_one_row_of_grounds_is_no_table() -> None:
    header = HEADER[:2]
    assert table([0, 100, 200], [0, 20], *header)
    assert not table([0, 100, 200], [0, 20], *header, drawn=False)


def test_an_almost_empty_grid_is_a_drawing() -> None:
    sides = [20.0 * i for i in range(7)]
    assert not table(sides, sides, (2, 5, "0"), (22, 25, "1"))


def test_stacked_text_boxes_are_no_table() -> None:
    assert not table([0, 300], [0, 20, 60], (2, 5, "Attention"), (2, 25, "Une note"), (2, 38, "encadrée"))


def test_a_column_of_boxes_is_a_list_and_lines_on_a_ground_are_a_listing() -> None:
    communes = [(2.0, 4.0 + 20 * i, name) for i, name in enumerate(("Ambérieu", "Bourg", "Oyonnax", "Gex"))]
    assert table([0, 100], [20.0 * i for i in range(5)], *communes)
    listing = [(2.0, 1.0 + 10 * i, f"seuil[{i}] = {i}") for i in range(4)]
    assert not table([0, 300], [10.0 * i for i in range(5)], *listing)


def test_frames_around_words_of_a_text_are_no_table() -> None:
    printed = [(27.0, 1.0, "dans"), (52.0, 1.0, "le"), (80.0, 1.0, "cadre"), (103.0, 1.0, "et")]
    assert not table([50, 75, 110], [0, 12], *printed, (113, 1, "hors"))
    assert table([50, 75, 110], [0, 12], *printed[1:])
