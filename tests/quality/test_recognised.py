"""What was recognised on a scanned page is published where a check confirms it, and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from pipeline.contract.rows import Row, Rows, Value
from pipeline.extract.model import Cell, Grid, Reading, Source
from pipeline.quality.recognised import RULE, confirmed

NAMES = {"01": ("Ain",), "200071751": ("CA du Bassin de Bourg-en-Bresse",)}


def names(code: str) -> Collection[str]:
    return NAMES.get(code, ())


def cell(text: str, row: int = 0, col: int = 0, page: int = 1) -> Cell:
    return Cell(row, col, text, Source(page=page, box=(col * 50.0, row * 10.0, col * 50.0 + 40, row * 10.0 + 8)))


def reading(grid: Grid, sure: float = 0.9) -> Reading:
    return Reading((grid,), recognised=tuple((c.source, sure) for c in grid.cells if c.source.page == 1))


def table(lines: Sequence[Sequence[str]], page: int = 1) -> tuple[Grid, list[Row]]:
    """A grid and one row a line, each value citing its cell."""
    cells = [[cell(text, r, c, page) for c, text in enumerate(line)] for r, line in enumerate(lines)]
    rows: list[Row] = [{f"c{c}": Value(each.text, (each,)) for c, each in enumerate(line)} for line in cells]
    return Grid(len(lines), len(lines[0]), tuple(each for line in cells for each in line)), rows


def settled(lines: Sequence[Sequence[str]], rows: int | None = None, declared: str = "", page: int = 1) -> Rows:
    grid, made = table(lines, page)
    return confirmed(Rows(made[:rows]), reading(grid), [grid], names, declared)


def test_a_row_whose_every_piece_is_confirmed_is_published_and_says_how() -> None:
    found = settled([("01", "Ain", "CA du Bassin de Bourg-en-Bresse", "200 071 751")])
    assert not found.refused
    (row,) = found.rows
    assert {(value.how, value.rules) for value in row.values()} == {("ocr", ("reconnu 0.90",))}


@pytest.mark.parametrize(
    ("line", "doubtful"),
    [
        (("01", "Ain", "200071752"), "200071752"),  # a false check digit
        (("01", "Aisne", "200071751"), "01"),  # a code that says otherwise
        (("01", "Ain", "9 019 €"), "9 019 €"),  # a figure that nothing checks
        (("01", "Ain", "Bourg"), "Bourg"),
    ],
)
def test_a_row_with_a_piece_that_nothing_confirms_is_refused_with_it(line: tuple[str, ...], doubtful: str) -> None:
    found = settled([line])
    assert not found.rows
    (refused,) = found.refused
    assert (refused.rule, refused.raw) == (RULE, " | ".join(line))
    assert f"« {doubtful} » (sûr à 90%)" in refused.reason


def test_figures_that_add_up_to_their_total_are_confirmed_and_others_are_not() -> None:
    lines = [("01", "Ain", "12"), ("02", "Aisne", "30"), ("Total", "", "42")]
    official = {"01": ("Ain",), "02": ("Aisne",)}
    for total, kept in (("42", 2), ("43", 0)):
        grid, rows = table([*lines[:2], ("Total", "", total)])
        found = confirmed(Rows(rows[:2]), reading(grid), [grid], lambda code: official.get(code, ()), "")
        assert (len(found.rows), len(found.refused)) == (kept, 2 - kept)


@pytest.mark.parametrize(
    ("said", "kept"), [("Arrêté fixant pour l'année 2020 le montant", 1), ("Arrêté de 2021, article L. 441-1", 0)]
)
def test_a_year_is_confirmed_by_what_a_person_declared_of_the_act(said: str, kept: int) -> None:
    grid, rows = table([("01", "Ain")])
    year = cell("pour l'année 2020", 9)
    whole = Rows([{**rows[0], "annee": Value(2020, (year,), "parsed")}])
    read = Reading((grid,), recognised=((year.source, 0.9), *((c.source, 0.9) for c in grid.cells)))
    assert len(confirmed(whole, read, [grid], names, said).rows) == kept


def test_what_a_person_corrected_is_confirmed() -> None:
    grid, rows = table([("01", "Ain", "9 019 €")])
    rows = [{**rows[0], "c2": Value(9019, rows[0]["c2"].cites, "corrected", ("r1",))}]
    found = confirmed(Rows(rows), reading(grid), [grid], names, "")
    assert [value.how for value in found.rows[0].values()] == ["ocr", "ocr", "corrected"]


def test_rows_of_pages_with_text_are_left_as_they_are() -> None:
    grid, rows = table([("99", "nulle part")], page=2)
    other = Grid(1, 1, (cell("x"),))
    whole = Rows(rows)
    assert (
        confirmed(whole, Reading((grid, other), recognised=((other.cells[0].source, 0.9),)), [grid], names, "").rows
        == rows
    )
    assert confirmed(whole, Reading((grid,)), [grid], names, "") is whole
