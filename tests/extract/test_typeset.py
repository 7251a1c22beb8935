"""Passages of a copy that are ours: marked as such, and placed at the lines of the original that say the same."""

from __future__ import annotations

import pytest

from pipeline.documents.model import Passage
from pipeline.extract.markdown import read_markdown
from pipeline.extract.model import ExtractError, Grid, Paragraph, Reading, Source
from pipeline.extract.typeset import with_typeset

TABLE = """# Titre

| Règle | Valeur | Ligne |
|---|---|---|
| distance | 500 | 107 |
| durée | 15 | 113-115 |

Note.
"""


def read(text: str, *passages: tuple[int, int]) -> Reading:
    return with_typeset(read_markdown(text.encode()), [Passage(f"{a}-{b}", "composé") for a, b in passages])


def grid(reading: Reading) -> Grid:
    (found,) = reading.grids
    return found


def test_a_row_of_ours_stands_at_the_line_it_names() -> None:
    table = grid(read(TABLE, (3, 6)))
    assert (table.n_cols, [cell.text for cell in table.cells if cell.row == 1]) == (2, ["distance", "500"])
    places = [(c.source.line, c.source.last_line, c.source.typeset) for c in table.cells if c.col == 0]
    assert places == [(3, None, 3), (107, None, 5), (113, 115, 6)]
    assert table.cells[-1].source.label == "lignes 113 à 115"


def test_a_paragraph_of_ours_stands_on_its_own_line() -> None:
    reading = read(TABLE, (8, 8))
    (note,) = [block for block in reading.blocks if isinstance(block, Paragraph)]
    assert (note.source.line, note.source.typeset) == (8, 8)
    assert grid(reading).n_cols == 3, "the table is the original's: its column is data"


def test_a_table_without_the_column_stands_on_its_own_lines() -> None:
    table = grid(read("| A | B |\n|---|---|\n| 1 | 2 |\n", (1, 3)))
    assert {(c.source.line, c.source.typeset) for c in table.cells} == {(1, 1), (3, 3)}


def test_a_reading_without_such_passages_is_the_same() -> None:
    reading = read_markdown(TABLE.encode())
    assert with_typeset(reading, ()) is reading


def test_a_row_that_names_no_line_is_refused() -> None:
    with pytest.raises(ExtractError, match=r"« \? » ne dit pas la ligne"):
        read(TABLE.replace("107", "?"), (3, 6))


def test_pieces_of_ours_stay_ours_when_joined_and_cut() -> None:
    ours = Source(line=107, start=2, end=9, typeset=5)
    assert ours.piece(1, 3).typeset == 5
    assert (ours | Source(line=107, start=10, end=12, typeset=5)).typeset == 5


def test_marking_again_changes_nothing() -> None:
    once = read(TABLE, (3, 8))
    assert with_typeset(once, [Passage("3-8", "composé")]) == once
