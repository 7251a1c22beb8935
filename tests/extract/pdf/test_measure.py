"""The measure of the benchmark of tables: relations of cells, blanks between them, spans."""

from __future__ import annotations

from benchmarks.pdf.measure import Printed, macro, relations, score


def rows(*texts: str) -> list[Printed]:
    """Cells of one column each, rows given as texts parted by bars."""
    return [Printed(r, c, r + 1, c + 1, text) for r, row in enumerate(texts) for c, text in enumerate(row.split("|"))]


def test_neighbours_are_the_next_printed_cells_and_the_blank_ones_between_count() -> None:
    found = relations(rows("a||b", "c|d|"))
    assert set(found) == {("a", "b", "right", 1), ("c", "d", "right", 0), ("a", "c", "below", 0)}


def test_a_spanning_cell_is_the_neighbour_of_each_cell_below_it_once() -> None:
    cells = [Printed(0, 0, 1, 2, "a"), *rows("|", "b|c")]
    assert set(relations(cells)) == {("a", "b", "below", 0), ("a", "c", "below", 0), ("b", "c", "right", 0)}


def test_a_lost_row_costs_its_relations_and_a_right_table_is_perfect() -> None:
    truth = rows("a|b", "c|d", "e|f")
    done = score([truth], [rows("a|b", "c|d")])
    assert (done.right, done.wanted, done.found, done.perfect) == (4, 7, 4, False)
    assert score([truth], [truth]).perfect


def test_a_table_where_none_is_counts_as_false() -> None:
    done = score([], [rows("a|b", "c|d")])
    assert (done.false_tables, done.precision, done.recall) == (1, 0.0, 1.0)


def test_documents_count_alike_however_many_cells_they_print() -> None:
    large = score([rows(*["a|b"] * 50)], [rows(*["a|b"] * 50)])
    lost = score([rows("a|b")], [])
    assert macro([large, lost]) == 0.5
