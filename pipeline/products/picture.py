"""Where another rendition of a document prints the same row: found by the words of the row, not by its rank.

A text copy has no pages; the PDF beside it, if there is one, shows what the row looks like.
"""

from __future__ import annotations

from collections.abc import Collection

from pipeline.cleaning.labels import squeeze
from pipeline.extract.model import Cell, Reading


def same_row(reading: Reading, printed: Collection[str]) -> tuple[Cell, ...]:
    """The cells of the one row of all tables that prints each of these texts as a whole cell; () when no row or more
    than one does."""
    wanted = {squeeze(text) for text in printed}
    found: list[tuple[Cell, ...]] = []
    for grid in reading.grids:
        for row in grid.rows():
            cells = tuple(dict.fromkeys(cell for cell in row if cell and cell.text))
            if wanted and wanted <= {squeeze(cell.text) for cell in cells}:
                found.append(cells)
    return found[0] if len(found) == 1 else ()
