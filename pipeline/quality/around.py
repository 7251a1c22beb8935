"""The words around a printed piece: the row of its table, or the sentence it stands in, under which heading.

Pure: a reading and a place in, words out. Nothing is read from a file, and what cannot be found is not made up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.extract.model import Box, Cell, Grid, Paragraph, Reading, Source

WORDS = 60
"""Characters of a sentence shown on each side, cut between words."""
_NEAR = 0.05
"""Points. Places are kept as 32-bit numbers, so that boxes are equal to some hundredths only."""
_BETWEEN = " | "
_CELLS = 5
"""Cells shown on each side of one."""


@dataclass(frozen=True)
class Around:
    """A printed piece among its neighbours. In a table, `before` and `after` are the other cells of its row and
    `header` the label of its column; in prose they are the words next to it and `header` is ''."""

    before: str
    printed: str
    after: str
    heading: str = ""
    header: str = ""

    @property
    def line(self) -> str:
        """All of it, with the piece between guillemets: 'Ain | CC Bugey Sud | «200040350» | 8 788 €'."""
        return f"{self.before}«{self.printed}»{self.after}"


def around(reading: Reading, source: Source, printed: str) -> Around | None:
    """The neighbours of the piece printed at this place; None when the reading does not print it there."""
    for block in reading.blocks:
        found = None
        if isinstance(block, Grid):
            found = _in_grid(block, source, printed)
        elif isinstance(block, Paragraph):
            found = _in_prose(block, source, printed)
        if found is not None:
            return found
    return _across(reading, source, printed) if source.last_line else None


def _in_grid(grid: Grid, source: Source, printed: str) -> Around | None:
    cell = next((c for c in grid.cells if c.text == printed and _same_place(c.source, source)), None)
    if cell is None:
        return None
    # A page copied one cell a line: the neighbours of a cell are the lines above and below.
    line = grid.cells if grid.n_cols == 1 else _row(grid, cell.row)
    at = line.index(cell)
    before = _BETWEEN.join(c.text for c in line[max(0, at - _CELLS) : at])
    after = _BETWEEN.join(c.text for c in line[at + 1 : at + 1 + _CELLS])
    # Where cells are missing, a position no longer says which column it is.
    labelled = not cell.header and grid.n_cols > 1 and all(grid.at(cell.row, n) for n in range(grid.n_cols))
    return Around(
        before + _BETWEEN if before else "",
        cell.text,
        _BETWEEN + after if after else "",
        grid.title or (grid.under[-1] if grid.under else ""),
        grid.headers[cell.col] if labelled else "",
    )


def _row(grid: Grid, row: int) -> tuple[Cell, ...]:
    """The cells that cover a row, each once, those with a text."""
    covering = (grid.at(row, n) for n in range(grid.n_cols))
    return tuple(dict.fromkeys(c for c in covering if c and c.text))


def _in_prose(paragraph: Paragraph, source: Source, printed: str) -> Around | None:
    if not _touches(paragraph.source, source):
        return None
    at = _position(paragraph, source, printed)
    if at is None:
        return None
    end = at + len(printed)
    before, after = paragraph.text[:at], paragraph.text[end:]
    heading = paragraph.under[-1] if paragraph.under else ""
    return Around(_tail(before), printed, _head(after), heading)


def _across(reading: Reading, source: Source, printed: str) -> Around | None:
    """A name that a page break cut in two: its head ends one paragraph, its tail begins another."""
    heads = [p for p in reading.paragraphs if p.source.line == source.line and p.source.last_line is None]
    tails = [p for p in reading.paragraphs if p.source.line == source.last_line]
    if len(heads) != 1 or len(tails) != 1 or source.start is None or source.end is None:
        return None
    head, tail = heads[0], tails[0]
    begin, end = source.start - (head.source.start or 0), source.end - (tail.source.start or 0)
    if _letters(head.text[begin:] + tail.text[:end]) != _letters(printed):
        return None
    heading = head.under[-1] if head.under else ""
    return Around(_tail(head.text[:begin]), printed, _head(tail.text[end:]), heading)


def _letters(text: str) -> str:
    return "".join(text.split())


def _position(paragraph: Paragraph, source: Source, printed: str) -> int | None:
    """Where the piece begins in the paragraph's text: where its place says, else where it stands as a whole word, if
    that is at one place only."""
    if source.start is not None and source.line == paragraph.source.line:
        at = source.start - (paragraph.source.start or 0)
        if paragraph.text[at : at + len(printed)] == printed:
            return at
    found = [m.start() for m in re.finditer(rf"(?<![\w-]){re.escape(printed)}(?![\w-])", paragraph.text)]
    return found[0] if len(found) == 1 else None


def _same_place(a: Source, b: Source) -> bool:
    if a.box is not None and b.box is not None:
        return a.page == b.page and _near(a.box, b.box)
    flat = ("page", "line", "last_line", "start", "end", "path", "offset")
    return (a.box is None) == (b.box is None) and all(getattr(a, name) == getattr(b, name) for name in flat)


def _near(a: Box, b: Box) -> bool:
    return all(abs(x - y) <= _NEAR for x, y in zip(a, b, strict=True))


def _touches(block: Source, piece: Source) -> bool:
    """Whether the piece begins inside the block."""
    if piece.line is not None and block.line is not None:
        return block.line <= piece.line <= (block.last_line or block.line)
    if piece.page is not None and block.page is not None:
        if block.box is None or piece.box is None:
            return block.page == piece.page
        inside = block.box[0] - _NEAR <= piece.box[0] and block.box[1] - _NEAR <= piece.box[1] <= block.box[3] + _NEAR
        return block.page == piece.page and inside
    if piece.path is not None and block.path is not None:
        return piece.path.startswith(block.path)
    return False


def _tail(text: str) -> str:
    if len(text) <= WORDS:
        return text
    return "…" + text[-WORDS:][text[-WORDS:].find(" ") + 1 :]


def _head(text: str) -> str:
    if len(text) <= WORDS:
        return text
    return text[:WORDS][: text[:WORDS].rfind(" ")] + " …"


def around_label(reading: Reading, label: str, printed: str) -> Around | None:
    """The same for a place known by its label only ('ligne 809', 'p. 3'); None unless one piece there has this text."""
    cells = [c for g in reading.grids for c in g.cells if c.text == printed and c.source.label == label]
    if len(cells) == 1:
        return around(reading, cells[0].source, printed)
    paragraphs = [p for p in reading.paragraphs if p.source.label == label] if not cells else []
    found = [a for p in paragraphs if (a := _in_prose(p, replace(p.source, start=None), printed))]
    return found[0] if len(found) == 1 else None
