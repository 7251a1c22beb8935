"""Pages into one Reading: margins declared, tables joined over pages, texts flowed, headings path kept.

Each step's rules live in `margins`, `stitch`, `headers`, `flow`, `blocks`; here is their order and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from operator import sub

from pipeline.extract.model import Aside, Block, Cell, Grid, Heading, Paragraph, Reading, Repair, Source, Unread
from pipeline.extract.pdf import blocks, headers, stitch
from pipeline.extract.pdf.bulk import made
from pipeline.extract.pdf.flow import flow
from pipeline.extract.pdf.margins import Margin, margins
from pipeline.extract.pdf.results import PageCell, PageLine, PageRead, PageTable

Part = blocks.Text | stitch.Stitched

# A header is told from so many rows that follow it, and no more: what a table prints a hundred pages further on says
# nothing of its header, and takes time.
HEADER_LOOK = 400


def assemble_pages(pages: Sequence[PageRead], words: frozenset[str]) -> Reading:
    """The reading of pages in order; `words` is the document's vocabulary."""
    edges = margins(pages)
    parts = list(_parts(pages, edges))
    writer = _Writer(words)
    for part in parts:
        if isinstance(part, blocks.Text):
            writer.text(part)
        else:
            writer.table(part)
    asides = [*_margin_asides(pages, edges), *_hidden_asides(pages), *writer.asides]
    repairs = [r for page in pages for r in page.repairs] + writer.repairs
    unread: list[Unread] = [u for page in pages for u in page.unread]
    return Reading(
        tuple(writer.made),
        tuple(sorted(repairs, key=lambda r: r.source.order)),
        tuple(unread),
        tuple(sorted(asides, key=lambda a: a.source.order)),
        _meta(pages),
    )


def _meta(pages: Sequence[PageRead]) -> dict[str, str]:
    """How many pages, and which of them only the exact engine could be trusted with."""
    exact = ", ".join(str(page.number) for page in pages if page.engine == "pdfminer")
    return {"pages": str(len(pages))} | ({"pages_lues_par_pdfminer": exact} if exact else {})


def _margin_asides(pages: Sequence[PageRead], edges: Mapping[tuple[int, int], Margin]) -> Iterator[Aside]:
    for page in pages:
        for i, line in enumerate(page.lines):
            reason = edges.get((page.number, i))
            if reason == "numero_de_page":
                yield Aside("numero_de_page", line.text, Source(page=page.number, box=line.box))
            elif reason == "titre_courant":
                yield Aside("titre_courant", line.text, Source(page=page.number, box=line.box))


def _hidden_asides(pages: Sequence[PageRead]) -> Iterator[Aside]:
    for page in pages:
        for line in page.hidden:
            yield Aside("texte_masque", line.text, Source(page=page.number, box=line.box))


def _parts(pages: Sequence[PageRead], edges: Mapping[tuple[int, int], Margin]) -> list[Part]:
    """Texts and tables in reading order, a table that goes on over a page counted once, where it begins."""
    usual = blocks.body_size([line for page in pages for line in page.lines])
    parts: list[Part] = []
    for page in pages:
        lines = [line for i, line in enumerate(page.lines) if (page.number, i) not in edges]
        for item in _reading_order(page, lines, usual):
            last = parts[-1] if parts else None
            if isinstance(item, blocks.Text):
                parts.append(item)
            elif isinstance(last, stitch.Stitched) and stitch.continues(last, page.number, item):
                stitch.append(last, page.number, item)
            else:
                parts.append(stitch.Stitched.of(page.number, item))
    return parts


def _reading_order(page: PageRead, lines: Sequence[PageLine], usual: float) -> Iterator[blocks.Text | PageTable]:
    """Texts and tables: each table after the last line that stands above it in its own column of the page."""
    done = 0
    for at, table in sorted(((_place(table, lines), table) for table in page.tables), key=lambda pair: pair[0]):
        yield from blocks.texts(page.number, lines[done:at], usual)
        yield table
        done = max(done, at)
    yield from blocks.texts(page.number, lines[done:], usual)


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

    def text(self, part: blocks.Text) -> None:
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
        first = part.leading(HEADER_LOOK)
        titles = headers.title_rows(first, part.n_rows, part.table.n_cols)
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
        deep = headers.header_rows(first, min(n_rows, HEADER_LOOK - titles), n_cols)
        pieces = stitch.without_rows(part.pieces, titles)
        outline = Source(page=pieces[0].page, box=pieces[0].box) if pieces else Source(page=part.pieces[0].page)
        cells = tuple(chain.from_iterable(self._cells(piece, deep) for piece in pieces))
        return Grid(n_rows, n_cols, cells, outline, title, self.under)

    def _cells(self, piece: stitch.Piece, deep: int) -> list[Cell]:
        """The cells in order of rows and columns, their lines flowed; the first `deep` rows are header."""
        own_rows, cols, row_ends, col_ends, boxes, lines, _ = zip(*piece.cells, strict=True)
        n = len(own_rows)
        sources = made(Source, n, repeat(piece.page), boxes, *repeat(repeat(None), 6))
        texts = [t[0] if len(t) == 1 else self.flowed(t, source) for t, source in zip(lines, sources, strict=True)]
        spans = map(sub, row_ends, own_rows), map(sub, col_ends, cols)
        rows = [row + piece.shift for row in own_rows]
        return made(Cell, n, rows, cols, texts, sources, *spans, [row < deep for row in rows])

    def _declare(self, part: stitch.Stitched) -> None:
        """Repeated headers and joined rows: one repair each, and each dropped cell an aside."""
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
