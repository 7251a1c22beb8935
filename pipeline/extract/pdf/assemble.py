"""Pages into one Reading: margins declared, tables joined over pages, texts flowed, headings path kept.

Which lines are margins, paragraphs and headings is told here; how tables are joined in `stitch`, texts in `flow`.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain, repeat
from operator import sub
from typing import Literal, TypeVar

from pipeline.extract.model import (
    Aside,
    Block,
    Box,
    Cell,
    Grid,
    Heading,
    Paragraph,
    Reading,
    Repair,
    Sign,
    Source,
    Unread,
)
from pipeline.extract.pdf import stitch, thresholds
from pipeline.extract.pdf.flow import flow
from pipeline.extract.pdf.results import PageCell, PageLine, PageRead, PageResults, PageTable

Margin = Literal["titre_courant", "numero_de_page"]

_DIGITS = re.compile(r"[0-9]+")
_PAGE_NUMBER = re.compile(r"^\W*(?:page|p\.)?\W*[0-9]{1,4}(?:\s*(?:/|sur|of|de)\s*[0-9]{1,4})?\W*$", re.IGNORECASE)


def margins(pages: Sequence[PageRead]) -> dict[tuple[int, int], Margin]:
    """(page number, line index) -> reason, for each line that is a margin.

    A running line recurs, its digits aside, in the outer band at the same height on at least half of the pages where it
    could (and on two or more). A page number is a lone number there, the same step from its page's rank as others.
    """
    recurring = Counter(
        key for page in pages for key in {_margin_key(page, line) for line in page.lines if _in_outer_band(page, line)}
    )
    found: dict[tuple[int, int], Margin] = {}
    for page in pages:
        for i, line in enumerate(page.lines):
            if not _in_outer_band(page, line):
                continue
            lone = _PAGE_NUMBER.match(line.text) is not None
            near = sum(recurring[_margin_key(page, line, shift)] for shift in (-1, 0, 1))
            if near >= max(2, min(3, len(pages) // 2)) or (lone and len(pages) == 1):
                found[page.number, i] = "numero_de_page" if lone else "titre_courant"
    return found


def _in_outer_band(page: PageRead, line: PageLine) -> bool:
    return line.box[3] < thresholds.OUTER_BAND * page.height or line.box[1] > (1 - thresholds.OUTER_BAND) * page.height


def _margin_key(page: PageRead, line: PageLine, shift: int = 0) -> tuple[str, int]:
    text = "#" if _PAGE_NUMBER.match(line.text) else _DIGITS.sub("#", line.text).casefold()
    return text, round(
        (line.box[1] if line.box[1] < page.height / 2 else line.box[1] - page.height) / thresholds.SAME_HEIGHT
    ) + shift


# What stands above a table that goes on from the page before.
_GOES_ON = re.compile(r"\(\s*suite(?:\s+et\s+fin)?\s*\)|^suite\b|\(continued\)", re.IGNORECASE)
_HEADING = re.compile(
    r"^(?:ANNEXES?\b|Annexes?\b|TITRE\b|Titre\s|CHAPITRE\b|Chapitre\s|SECTION\b|Section\s|PARTIE\b|Partie\s|Article\s+\S+|ARTICLE\s+\S+"
    r"|Art\.\s|Tableau\s|TABLEAU\s|[0-9]{1,2}(?:\.[0-9]{1,2}){0,4}\.?\s+[^\W\d_]|[IVX]{1,5}\s?[.–—-]\s)"
)
_DEEP = (
    (1, r"^annexe"),
    (1, r"^titre"),
    (2, r"^(?:chapitre|partie)"),
    (3, r"^section"),
    (4, r"^art"),
    (5, r"^tableau"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph or heading of one page: its lines, its outline; `level` 0 for a paragraph."""

    page: int
    lines: tuple[str, ...]
    box: Box
    level: int = 0


def body_size(lines: Sequence[PageLine]) -> float:
    """The font size of most characters, to half a point."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def texts(page: int, lines: Sequence[PageLine], usual: float) -> list[Text]:
    """Lines in reading order as paragraphs and headings. `usual` is the document's body size in points."""
    groups: list[list[PageLine]] = []
    for line in lines:
        if groups and _goes_on(groups[-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_text(page, group, usual) for group in groups]


def _goes_on(group: Sequence[PageLine], line: PageLine) -> bool:
    before = group[-1]
    step = line.box[1] - before.box[3]
    if (
        not -0.5 * line.size <= step <= 0.6 * line.size
        or abs(before.size - line.size) > 1.0
        or before.bold != line.bold
    ):
        return False
    if line.box[0] > before.box[2] or line.box[2] < before.box[0]:
        return False
    return not _HEADING.match(line.text) and not line.text.startswith(("•", "–", "—", "- "))


def _text(page: int, group: Sequence[PageLine], usual: float) -> Text:
    boxes = [line.box for line in group]
    outline = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    return Text(page, tuple(line.text for line in group), outline, _level(group, usual))


def _level(group: Sequence[PageLine], usual: float) -> int:
    """1 for the highest heading, 0 for a paragraph: a heading is short and says so by its words, face or size."""
    first = group[0].text
    length = sum(len(line.text) for line in group)
    if length > thresholds.LONGEST_HEADING or not any(c.isalpha() for c in first):
        return 0
    if first.rstrip().endswith((";", ",")):
        return 0
    bold, big = all(line.bold for line in group), min(line.size for line in group) > usual + 1.0
    named = _HEADING.match(first)
    if not (bold or big) and not (named and len(group) == 1 and length < 80 and re.match(r"(?i)annexe", first)):
        return 0
    lowered = first.lower()
    for level, pattern in _DEEP:
        if re.match(pattern, lowered):
            return level
    numbered = re.match(r"^([0-9]{1,2}(?:\.[0-9]{1,2})*)", first)
    if numbered:
        return min(2 + numbered[1].count("."), 6)
    return 2 if big else 5


T = TypeVar("T")


def from_columns(cls: type[T], n: int, *columns: Iterable[object]) -> list[T]:
    """`n` values of `cls`, equal to what its constructor makes of the columns' values; a column for each field.

    A frozen dataclass's constructor sets one slot of one value at a time, from Python; a column set in one C loop takes
    40 % of that, and the cells of a long file are most of what the parent does. Raises ValueError when there are more
    or fewer columns than fields.
    """
    values = list(map(object.__new__, repeat(cls, n)))
    for slot, column in zip(fields(cls), columns, strict=True):  # type: ignore[arg-type]  # any dataclass
        deque(map(getattr(cls, slot.name).__set__, values, column), maxlen=0)
    return values


Part = Text | stitch.Stitched


def assemble(results: Sequence[PageResults]) -> Reading:
    """The reading of the whole file from the results of all its chunks, given in any order."""
    words: frozenset[str] = frozenset().union(*(chunk.words for chunk in results))
    pages = [page for chunk in sorted(results, key=lambda r: r.first) for page in chunk.pages]
    edges = margins(pages)
    parts = list(_parts(pages, edges))
    writer = _Writer(words)
    for part in parts:
        if isinstance(part, Text):
            writer.text(part)
        else:
            writer.table(part)
    asides = [*_margin_asides(pages, edges), *_page_asides(pages), *writer.asides]
    repairs = [r for page in pages for r in page.repairs] + writer.repairs
    unread: list[Unread] = [u for page in pages for u in page.unread]
    return Reading(
        tuple(writer.made),
        tuple(sorted(repairs, key=lambda r: r.source.order)),
        tuple(unread),
        tuple(sorted(asides, key=lambda a: a.source.order)),
        _meta(pages),
        tuple(_signs(pages)),
    )


def _signs(pages: Sequence[PageRead]) -> Iterator[Sign]:
    for page in pages:
        for found in (*page.signs, *(sign for table in page.tables for sign in table.signs)):
            yield Sign(found.kind, Source(page=page.number, box=found.box), found.detail)


def _meta(pages: Sequence[PageRead]) -> dict[str, str]:
    """How many pages, and which of them only the exact engine could be trusted with."""
    exact = ", ".join(str(page.number) for page in pages if page.engine == "pdfplumber")
    return {"pages": str(len(pages))} | ({"pages_lues_par_pdfplumber": exact} if exact else {})


def _margin_asides(pages: Sequence[PageRead], edges: Mapping[tuple[int, int], Margin]) -> Iterator[Aside]:
    for page in pages:
        for i, line in enumerate(page.lines):
            reason = edges.get((page.number, i))
            if reason == "numero_de_page":
                yield Aside("numero_de_page", line.text, Source(page=page.number, box=line.box))
            elif reason == "titre_courant":
                yield Aside("titre_courant", line.text, Source(page=page.number, box=line.box))


def _page_asides(pages: Sequence[PageRead]) -> Iterator[Aside]:
    for page in pages:
        for line in page.hidden:
            yield Aside("texte_masque", line.text, Source(page=page.number, box=line.box))
        for mark in page.notes:
            yield Aside("note", mark.text, Source(page=page.number, box=mark.box))


def _parts(pages: Sequence[PageRead], edges: Mapping[tuple[int, int], Margin]) -> list[Part]:
    """Texts and tables in reading order, a table that goes on over a page counted once, where it begins."""
    usual = body_size([line for page in pages for line in page.lines])
    parts: list[Part] = []
    for page in pages:
        lines = [line for i, line in enumerate(page.lines) if (page.number, i) not in edges]
        for item in _reading_order(page, lines, usual):
            last = _before_continuation(parts, page.number, item)
            if isinstance(item, Text):
                parts.append(item)
            elif isinstance(last, stitch.Stitched) and stitch.continues(last, page.number, item):
                stitch.append(last, page.number, item)
            else:
                parts.append(stitch.Stitched.of(page.number, item))
    return parts


def _before_continuation(parts: list[Part], page: int, item: Text | PageTable) -> Part | None:
    """The last part, or the one before it where that only says that a table goes on and the table does: such a line is
    a repeated head of the table."""
    last = parts[-1] if parts else None
    if isinstance(item, Text) or not isinstance(last, Text) or len(parts) < 2:
        return last
    above = parts[-2]
    if not isinstance(above, stitch.Stitched) or not _GOES_ON.search(last.lines[-1]):
        return last
    if last.page != page or not stitch.continues(above, page, item):
        return last
    parts.pop()
    above.heads.append((last.page, last.box, " ".join(last.lines)))
    return above


def _reading_order(page: PageRead, lines: Sequence[PageLine], usual: float) -> Iterator[Text | PageTable]:
    """Texts and tables: each table after the last line that stands above it in its own column of the page."""
    done = 0
    for at, table in sorted(((_place(table, lines), table) for table in page.tables), key=lambda pair: pair[0]):
        yield from texts(page.number, lines[done:at], usual)
        yield table
        done = max(done, at)
    yield from texts(page.number, lines[done:], usual)


def _place(table: PageTable, lines: Sequence[PageLine]) -> int:
    """How many of the lines, which are in reading order, come before the table."""
    x0, top, x1, _ = table.box
    beside = [i for i, line in enumerate(lines) if line.box[0] < x1 and line.box[2] > x0]
    above = [i for i in beside if lines[i].box[1] < top]
    return above[-1] + 1 if above else beside[0] if beside else len(lines)


@dataclass(slots=True)
class _Writer:
    """Collects blocks in order; the headings path is the only state a block depends on."""

    words: frozenset[str]
    made: list[Block] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    path: list[tuple[int, str]] = field(default_factory=list)

    @property
    def under(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.path)

    def flowed(self, lines: Sequence[str], source: Source) -> str:
        if len(lines) < 2:
            return lines[0] if lines else ""
        found = flow(lines, self.words)
        self.repairs += [Repair("cesure_annulee", source, before, after) for before, after in found.undone]
        return found.text

    def text(self, part: Text) -> None:
        source = Source(page=part.page, box=part.box)
        text = self.flowed(part.lines, source)
        if part.level:
            self.heading(part.level, text, source)
        else:
            self.made.append(Paragraph(text, source, self.under))

    def heading(self, level: int, text: str, source: Source) -> None:
        self.path = [(depth, above) for depth, above in self.path if depth < level]
        self.made.append(Heading(level, text, source, self.under))
        self.path.append((level, text))

    def table(self, part: stitch.Stitched) -> None:
        first = part.leading(thresholds.HEADER_LOOK)
        titles = stitch.title_rows(first, part.n_rows, part.table.n_cols)
        title = ""
        for piece in part.pieces:
            for c in piece.placed():
                if c.row >= titles:
                    break
                if not c.blank:
                    source = Source(page=piece.page, box=c.box)
                    title = self.flowed(c.lines, source)
                    self.made.append(Heading(6, title, source, self.under))
        self.made.append(self._grid(part, titles, [c.moved(-titles) for c in first if c.row >= titles], title))
        self._declare(part)

    def _grid(self, part: stitch.Stitched, titles: int, first: Sequence[PageCell], title: str) -> Grid:
        """The table below its title rows; `first` are its leading cells, by which its header is told."""
        n_rows, n_cols = part.n_rows - titles, part.table.n_cols
        deep = stitch.header_rows(first, min(n_rows, thresholds.HEADER_LOOK - titles), n_cols)
        pieces = stitch.without_rows(part.pieces, titles)
        outline = Source(page=pieces[0].page, box=pieces[0].box) if pieces else Source(page=part.pieces[0].page)
        cells = tuple(chain.from_iterable(self._cells(piece, deep) for piece in pieces))
        return Grid(n_rows, n_cols, cells, outline, title, self.under)

    def _cells(self, piece: stitch.Piece, deep: int) -> list[Cell]:
        """The cells in order of rows and columns, their lines flowed; the first `deep` rows are header."""
        own_rows, cols, row_ends, col_ends, boxes, lines, _ = zip(*piece.cells, strict=True)
        n = len(own_rows)
        sources = from_columns(Source, n, repeat(piece.page), boxes, *repeat(repeat(None), 7))
        texts = [t[0] if len(t) == 1 else self.flowed(t, source) for t, source in zip(lines, sources, strict=True)]
        spans = map(sub, row_ends, own_rows), map(sub, col_ends, cols)
        rows = [row + piece.shift for row in own_rows]
        return from_columns(Cell, n, rows, cols, texts, sources, *spans, [row < deep for row in rows])

    def _declare(self, part: stitch.Stitched) -> None:
        """Repeated headers and joined rows: one repair each, and each dropped cell an aside."""
        self.asides += [Aside("entete_repete", text, Source(page=page, box=box)) for page, box, text in part.heads]
        for piece in part.dropped:
            page, texts = piece.page, [" ".join(c.lines) for c in piece.cells]
            self.repairs.append(Repair("entete_repete", Source(page=page, box=piece.box), " | ".join(texts)))
            self.asides += [
                Aside("entete_repete", text, Source(page=page, box=c.box))
                for c, text in zip(piece.cells, texts, strict=True)
            ]
        for page, row, box in part.joined_rows:
            self.repairs.append(
                Repair("ligne_reprise", Source(page=page, box=box), after=f"ligne {row + 1} du tableau")
            )
