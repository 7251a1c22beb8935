"""What extraction makes of a file: blocks, each knowing where it was printed.

Plain frozen values. Nothing here reads a file, knows a dataset or decides what a merged cell means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import or_
from typing import Literal

from pipeline.errors import AnnexesError

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a rendition, flat: only the fields that the format has are set.

    `page` counts from 1; `box` is (x0, top, x1, bottom) in points from the page's top left, as the page is seen;
    `line`..`last_line` count from 1; `start` is a character of `line` and `end` (exclusive) of `last_line`, from 0;
    `path` names an element of an XML or HTML tree, from "/", or says in words where a cell of an office document stands
    ("feuille « Annexe I », B7"); `offset` is a character of the decoded file, from 0, or such a cell's rank.
    `typeset` is set where the words are ours and not the original's: the line of our file that has them, `line` being
    that of the original which says what they say.
    """

    page: int | None = None
    box: Box | None = None
    line: int | None = None
    last_line: int | None = None
    start: int | None = None
    end: int | None = None
    path: str | None = None
    offset: int | None = None
    typeset: int | None = None

    @property
    def order(self) -> tuple[int, int, int, float, float]:
        """Reading order, for sorting places of one rendition."""
        top, left = (self.box[1], self.box[0]) if self.box else (0.0, 0.0)
        return self.page or 0, self.line or self.offset or 0, self.start or self.offset or 0, top, left

    def __or__(self, other: Source) -> Source:
        """The smallest place that holds both; across pages, the box stays that of the first page."""
        first, last = (self, other) if self.order <= other.order else (other, self)
        box = first.box
        if first.page == last.page and first.box and last.box:
            a, b = first.box, last.box
            box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
        first_end, last_end = first.last_line or first.line, last.last_line or last.line
        end = last.end
        if first.end is not None and first_end == last_end and last.end is not None:
            end = max(first.end, last.end)
        last_line = max(first_end, last_end) if first_end and last_end else first_end or last_end
        return replace(first, box=box, last_line=last_line if last_line != first.line else None, end=end)

    def touches(self, other: Source) -> bool:
        """Whether two boxes of one page share a part; a place without a box is its whole page."""
        if self.page != other.page:
            return False
        if self.box is None or other.box is None:
            return True
        (a0, a1, a2, a3), (b0, b1, b2, b3) = self.box, other.box
        return a0 < b2 and b0 < a2 and a1 < b3 and b1 < a3

    def piece(self, i: int, j: int) -> Source:
        """Characters i to j of a one-line place. Boxes are not cut: a box holds the whole cell."""
        base = self.start or 0
        return replace(self, start=base + i, end=base + j)

    @property
    def label(self) -> str:
        """The place as a French reader would look it up: 'p. 3', 'ligne 14', 'lignes 14 à 16'."""
        if self.page is not None:
            return f"p. {self.page}"
        if self.line is not None:
            if self.last_line and self.last_line != self.line:
                return f"lignes {self.line} à {self.last_line}"
            return f"ligne {self.line}"
        if self.path and not self.path.startswith("/"):
            return self.path
        if self.offset is not None:
            return f"caractère {self.offset}"
        return self.path or "document"


def joined(sources: Iterable[Source]) -> Source:
    """The smallest place that holds them all; an empty Source for none."""
    items = list(sources)
    return reduce(or_, items) if items else Source()


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed cell, or one printed name of an enumeration (then row and col are its rank and 0)."""

    row: int
    col: int
    text: str
    source: Source
    row_span: int = 1
    col_span: int = 1
    header: bool = False


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    source: Source
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    text: str
    source: Source
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """One table as printed. Cells may span; a position may be covered by no cell (a short row)."""

    n_rows: int
    n_cols: int
    cells: tuple[Cell, ...]
    source: Source = Source()
    title: str = ""
    """The caption, else the line or heading above."""
    under: tuple[str, ...] = ()
    caption: str = ""
    """The title that is part of the table: its caption, or a row over its header."""
    annex: str = ""
    """The annexe it stands in, as its heading names it (see `context`)."""
    intro: str = ""
    """The paragraphs between the heading or table before and this one, the last three."""
    unit: str = ""
    """Of its figures: 'euros', 'francs', 'euros par m²', '%'…; '' where nothing says it."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Titles of columns that a person declares equal to others, both folded; no extractor knows any."""

    @cached_property
    def _cover(self) -> dict[tuple[int, int], Cell]:
        cover: dict[tuple[int, int], Cell] = {}
        for cell in self.cells:
            for r in range(cell.row, min(cell.row + cell.row_span, self.n_rows)):
                for c in range(cell.col, min(cell.col + cell.col_span, self.n_cols)):
                    cover.setdefault((r, c), cell)
        return cover

    def at(self, row: int, col: int) -> Cell | None:
        """The cell that covers this position, its own or one that spans it."""
        return self._cover.get((row, col))

    def own(self, row: int, col: int) -> Cell | None:
        """The cell printed at this very position; None under a span or where nothing is."""
        cell = self._cover.get((row, col))
        return cell if cell and (cell.row, cell.col) == (row, col) else None

    def rows(self) -> Iterator[tuple[Cell | None, ...]]:
        """Each row as a tuple of `at`, n_cols long."""
        for r in range(self.n_rows):
            yield tuple(self.at(r, c) for c in range(self.n_cols))

    @cached_property
    def header_rows(self) -> int:
        """How many leading rows hold header cells only (blank cells do not count against)."""
        n = 0
        for row in self.rows():
            printed = [cell for cell in row if cell and cell.text]
            if not printed or not all(cell.header for cell in printed):
                break
            n += 1
        return n

    @cached_property
    def headers(self) -> tuple[str, ...]:
        """One label a column: the header rows joined from top to bottom, a spanning label repeated; a title as wide as
        the table labels no column, unless nothing else does."""
        labels: list[str] = []
        for c in range(self.n_cols):
            parts: list[Cell] = []
            for r in range(self.header_rows):
                cell = self.at(r, c)
                if cell and cell.text and cell not in parts:
                    parts.append(cell)
            narrow = [cell for cell in parts if cell.col_span < self.n_cols]
            labels.append(" ".join(cell.text for cell in narrow or parts))
        return tuple(labels)


Block = Heading | Paragraph | Grid


@dataclass(frozen=True)
class Repair:
    """Something mended while reading: what kind, where, as printed and as read."""

    kind: str
    source: Source
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Unread:
    """Something the document has and the reading has not: a scanned page, a table that is not reproduced."""

    kind: Literal[
        "page_sans_texte",
        "page_illisible",
        "annexe_non_reproduite",
        "tableau_non_reproduit",
        "rectificatif_en_prose",
        "image_non_lue",
        "passage_omis",
        "hors_limites",
        "fichier_tronque",
        "articles_ailleurs",
    ]
    source: Source
    detail: str = ""


@dataclass(frozen=True)
class Aside:
    """Printed, and kept out of the blocks for a declared reason; the ledger counts it as ignored."""

    reason: Literal[
        "titre_courant",
        "numero_de_page",
        "entete_repete",
        "note",
        "debordement_verifie",
        "texte_masque",
        "texte_barre",
    ]
    text: str
    source: Source


SignKind = Literal[
    "moteurs_en_desaccord",
    "texte_non_visible",
    "lettres_inconnues",
    "texte_reconnu",
    "cellules_melees",
    "texte_a_cheval",
    "genres_meles",
    "colonne_vide",
    "lignes_au_bord",
    "sans_en_tete",
]


@dataclass(frozen=True)
class Sign:
    """A sign that what was read there may not be what is printed: published, and for a person to look at."""

    kind: SignKind
    source: Source
    detail: str = ""


@dataclass(frozen=True)
class Reading:
    """All that was read of one rendition, in reading order."""

    blocks: tuple[Block, ...]
    repairs: tuple[Repair, ...] = ()
    unread: tuple[Unread, ...] = ()
    asides: tuple[Aside, ...] = ()
    meta: dict[str, str] = field(default_factory=dict)
    signs: tuple[Sign, ...] = ()
    recognised: tuple[tuple[Source, float], ...] = ()
    """Places that a program recognised in a picture, with how sure it is, from 0 to 1."""

    @property
    def grids(self) -> tuple[Grid, ...]:
        return tuple(b for b in self.blocks if isinstance(b, Grid))

    def signs_of(self, grid: Grid) -> tuple[Sign, ...]:
        """The signs whose place touches the grid's."""
        pages = {cell.source.page for cell in grid.cells}
        found = [s for s in self.signs if s.source.page in pages]
        return tuple(s for s in found if any(c.source.touches(s.source) for c in grid.cells))

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        return tuple(b for b in self.blocks if isinstance(b, Paragraph))


class ExtractError(AnnexesError):
    """The file cannot be read at all. `reason` is one French sentence; `remedy` says what to do."""

    def __init__(self, reason: str, remedy: str = "", source: Source | None = None) -> None:
        self.reason, self.remedy, self.source = reason, remedy, source or Source()
        super().__init__(f"{reason}" + (f" ({remedy})" if remedy else ""))
