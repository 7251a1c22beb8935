"""Where another rendition of a document prints the same row: found by the words of the row, not by its rank.

A text copy has no pages; the PDF beside it, if there is one, shows what the row looks like.
"""

from __future__ import annotations

from collections.abc import Collection

from pipeline.cleaning.labels import squeeze
from pipeline.extract.model import Cell, Reading


class PrintedRows:
    """The rows of all tables of a reading, found by the texts of their cells. Made once, asked for many rows."""

    def __init__(self, reading: Reading) -> None:
        self._rows: list[tuple[Cell, ...]] = []
        self._printing: dict[str, set[int]] = {}
        for grid in reading.grids:
            for row in grid.rows():
                cells = tuple(dict.fromkeys(cell for cell in row if cell and cell.text))
                for cell in cells:
                    self._printing.setdefault(squeeze(cell.text), set()).add(len(self._rows))
                self._rows.append(cells)

    def same_row(self, printed: Collection[str]) -> tuple[Cell, ...]:
        """The cells of the one row that prints each of these texts as a whole cell; () when no row or more than one
        does."""
        printing = sorted((self._printing.get(squeeze(text), set()) for text in printed), key=len)
        found = set.intersection(*printing) if printing else set()
        return self._rows[found.pop()] if len(found) == 1 else ()


def same_row(reading: Reading, printed: Collection[str]) -> tuple[Cell, ...]:
    """`PrintedRows.same_row` asked once."""
    return PrintedRows(reading).same_row(printed)
