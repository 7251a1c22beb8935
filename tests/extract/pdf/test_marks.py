"""Raised marks of notes are set apart; powers, ordinals and text in smaller print are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract.pdf.marks import set_apart
from pipeline.extract.pdf.words import Word
from tests.extract.pdf.printed import aside_texts, tables_of
from tests.extract.pdf.producers import Sheet, every_producer, grid, write_rows


def beside(base: str, mark: str, rise: float = 3.0, size: float = 6.0, gap: float = 0.2) -> list[Word]:
    """A word of ten points with a mark behind it whose baseline is so much higher."""
    end = 5.0 * len(base)
    bottom = 12.5 - rise - 2.5 + size / 4
    return [
        Word(base, 0, 2.5, end, 12.5, 10, 0, False, 2, 7),
        Word(mark, end + gap, bottom - size, end + gap + 3, bottom, size, 1, False, end + 1, 7),
    ]


@pytest.mark.parametrize(
    ("base", "mark"), [("371", "1"), ("25,91", "2"), ("Châtillon", "3"), ("9000", "(a)"), ("%", "*"), ("12", "1,2")]
)
def test_a_raised_mark_is_no_part_of_its_word(base: str, mark: str) -> None:
    kept, marks = set_apart(beside(base, mark))
    assert [w.text for w in kept] == [base]
    assert [w.text for w in marks] == [mark]


@pytest.mark.parametrize(("base", "mark"), [("m", "2"), ("km", "2"), ("1", "er"), ("2", "e"), ("n", "o"), ("M", "me")])
def test_powers_ordinals_and_abbreviations_stay(base: str, mark: str) -> None:
    assert set_apart(beside(base, mark))[1] == []


def test_what_is_not_raised_not_small_or_not_near_stays() -> None:
    for words in (beside("371", "1", rise=0), beside("371", "1", size=9), beside("371", "1", gap=6)):
        assert set_apart(words)[1] == []


@every_producer
def test_marks_change_no_figure_and_are_said_with_their_place(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    xs = [60.0, 220.0, 320.0]
    grid(sheet, xs, [100, 120, 140, 160])
    rows = [["Commune", "Plafond"], ["Châtillon", "10 371"], ["Divonne", "9 000"]]
    write_rows(sheet, rows, [x + 6 for x in xs], 102, 20)
    # Behind both texts of the second row, whatever the font: the mark is set where the next letter would stand.
    for y, x in ((130.8 - 3, 226 + WIDTHS[producer.__name__][0]), (130.8 - 3, 66 + WIDTHS[producer.__name__][1])):
        sheet.text(x + 0.3, y, "1", 5.5)
    path = sheet.save(tmp_path / "marks.pdf")
    assert tables_of(path) == [rows]
    assert aside_texts(path, "note") == ["1", "1"]


# Of "10 371" and of "Châtillon" in nine points.
WIDTHS = {"OnPaper": (27.5, 37.5), "ByFpdf": (24.8, 34.5), "ByPdfium": (27.5, 37.5)}


@every_producer
def test_a_figure_over_its_left_rule_stays_in_its_column(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    xs = [60.0, 160.0, 200.0, 300.0]
    grid(sheet, xs, [100 + 20 * k for k in range(5)])
    rows = [["Libellé", "Voté", "Réalisé"], *([f"Poste {k}", f"12{k} 456 789", "98 765"] for k in range(3))]
    write_rows(sheet, [rows[0], *([row[0], "", row[2]] for row in rows[1:])], [66, 166, 206], 102, 20)
    write_rows(sheet, [[row[1]] for row in rows[1:]], [154.5], 122, 20)
    assert tables_of(sheet.save(tmp_path / "over.pdf")) == [rows]
