"""Documents drawn by lot, as each producer sets them: prose, tables in a style, and what only looks like a table.

What tables say is in `content`; a producer is a module with `program()` and `write(document, path)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmarks.pdf.producers.content import Lot, Table, table
from benchmarks.pdf.producers.reports import report

# grid: every cell framed; rows: level rules only; three: booktabs; header: one rule; outer: a frame and the header's
# rule; columns: upright rules only; groups: three rules, and one under each label over several columns.
Rules = Literal["grid", "rows", "three", "header", "outer", "columns", "none", "groups"]
# cells: each body cell on a ground of its own; lines: each line of text in the header too, as word processors shade.
Shade = Literal["none", "header", "zebra", "cells", "lines"]
RULES: tuple[Rules, ...] = (
    *("grid", "grid", "grid", "rows", "three", "three", "header", "outer", "columns", "none", "groups"),
)
SHADES: tuple[Shade, ...] = ("none", "none", "header", "zebra", "cells", "lines")


@dataclass(frozen=True)
class Style:
    """How a table is set: sizes and padding in points."""

    rules: Rules
    shade: Shade
    size: float
    padding: float
    figures: Literal["right", "center"]
    bold: bool
    wide: bool


@dataclass(frozen=True)
class Set:
    """A table in its style, with the lines above and below it."""

    table: Table
    style: Style
    caption: str
    note: str


@dataclass(frozen=True)
class Prose:
    text: str
    heading: bool = False


@dataclass(frozen=True)
class Contents:
    """Headings with their page numbers, dots between; numbers of one to three levels."""

    lines: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Index:
    """Entries with pages, set in two columns."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Letterhead:
    """Who writes at the left, to whom, where and when at the right."""

    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """Bars with their labels and values."""

    bars: tuple[tuple[str, float], ...]


Block = Set | Prose | Contents | Index | Letterhead | Chart


@dataclass(frozen=True)
class Document:
    blocks: tuple[Block, ...]
    serif: bool
    size: float

    @property
    def tables(self) -> list[Table]:
        return [block.table for block in self.blocks if isinstance(block, Set)]


# Letters of a page's width that the columns of figures may take.
WIDEST = 55


def with_tables(lot: Lot) -> Document:
    """One to three tables between paragraphs."""
    blocks: list[Block] = []
    if lot.random() < 0.2:
        blocks.append(letterhead(lot))
    for number in range(1, lot.choice((2, 2, 3, 4))):
        blocks += [Prose(lot.prose()) for _ in range(lot.randint(0, 2))]
        caption = f"Table {number}. {lot.words(3, 9)}" if lot.random() < 0.6 else ""
        note = f"Source: {lot.words(3, 9)}." if lot.random() < 0.3 else ""
        blocks.append(Set(narrow(lot), style(lot), caption, note))
    return Document((*blocks, Prose(lot.prose())), lot.random() < 0.5, lot.choice((9, 10, 11)))


def without_tables(lot: Lot) -> Document:
    """Prose and what only looks like a table."""
    kinds = lot.sample((contents, index, letterhead, chart), lot.randint(1, 3))
    blocks: list[Block] = []
    for kind in kinds:
        blocks += [kind(lot), Prose(lot.words(2, 5), heading=True), Prose(lot.prose())]
    return Document(tuple(blocks), lot.random() < 0.5, lot.choice((9, 10, 11)))


def style(lot: Lot) -> Style:
    rules = lot.choice(RULES)
    # Without rules or grounds, gaps alone part the columns.
    padding = lot.choice((2.0, 3.0, 5.0)) if rules in ("grid", "columns") else lot.choice((3.0, 5.0, 7.0))
    figures = lot.choice(("right", "right", "center"))
    return Style(
        rules, lot.choice(SHADES), lot.choice((7, 8, 9)), padding, figures, lot.random() < 0.6, lot.random() < 0.5
    )


def narrow(lot: Lot) -> Table:
    """A table that a page is wide enough for."""
    draw = lot.choice((table, report))
    made = draw(lot)
    while len(made.rows[0]) > 7 or len(made.rows) > 30 or _width(made) > WIDEST:
        made = draw(lot)
    return made


def _width(made: Table) -> int:
    """The letters of the longest figures of a table's columns, the first aside."""
    cells = [[cell for row in made.rows[made.header :] if (cell := row[c])] for c in range(1, len(made.rows[0]))]
    return sum(
        max((len(cell.text) for cell in column if cell.figure and cell.col_span == 1), default=0) for column in cells
    )


def contents(lot: Lot) -> Contents:
    lines: list[tuple[str, str, str]] = []
    page, levels = lot.randint(1, 5), lot.choice((1, 2, 3))
    for first in range(1, lot.randint(4, 7)):
        lines.append((f"{first}", lot.words(2, 7), str(page)))
        for second in range(1, lot.randint(2, 5) if levels > 1 else 1):
            page += lot.randint(0, 3)
            lines.append((f"{first}.{second}", lot.words(2, 8), str(page)))
            if levels > 2 and lot.random() < 0.5:
                lines.append((f"{first}.{second}.1", lot.words(2, 6), str(page)))
        page += lot.randint(1, 6)
    return Contents(tuple(lines))


def index(lot: Lot) -> Index:
    entries = sorted(lot.words(1, 3) for _ in range(lot.randint(24, 60)))
    return Index(
        tuple(f"{e}, {', '.join(str(lot.randint(1, 300)) for _ in range(lot.randint(1, 3)))}" for e in entries)
    )


def letterhead(lot: Lot) -> Letterhead:
    left = (
        "Préfecture de région",
        f"Direction {lot.words(2, 3)}",
        f"Service {lot.words(1, 2)}",
        "Affaire suivie par M. Petit",
    )
    right = (f"Lyon, le {lot.randint(1, 28)} mars 2021", "Le préfet", "à", "Mesdames et messieurs les maires")
    return Letterhead(left, right[: lot.randint(2, 4)])


def chart(lot: Lot) -> Chart:
    return Chart(tuple((lot.words(1, 1), round(lot.uniform(5, 100), 1)) for _ in range(lot.randint(4, 8))))
