"""Pages into one Reading: margins declared, tables joined over pages, texts flowed, headings path kept.

Each step's rules live in `margins`, `stitch`, `headers`, `flow`, `blocks`; here is their order and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, repeat
from operator import itemgetter, sub

from pipeline.extract.model import Aside, Block, Cell, Grid, Heading, Paragraph, Reading, Repair, Source, Unread
from pipeline.extract.pdf import blocks, headers, stitch
from pipeline.extract.pdf.bulk import made
from pipeline.extract.pdf.flow import Vocabulary, flow
from pipeline.extract.pdf.margins import Margin, margins
from pipeline.extract.pdf.results import PageCell, PageLine, PageRead, PageTable

Part = blocks.Text | stitch.Stitched


def assemble_pages(pages: Sequence[PageRead]) -> Reading:
    """The reading of pages in order."""
    edges = margins(pages)
    parts = list(_parts(pages, edges))
    writer = _Writer(Vocabulary.of(_all_lines(pages)))
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


def _all_lines(pages: Sequence[PageRead]) -> Iterator[str]:
    for page in pages:
        for line in page.lines:
            yield line.text
        for table in page.tables:
            for cell in table.cells:
                yield from cell.lines


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

    vocabulary: Vocabulary
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
        found = flow(lines, self.vocabulary)
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
        titles = headers.title_rows([c for _, c in part.cells], part.n_rows, part.table.n_cols)
        title = ""
        for page, c in sorted(
            (pc for pc in part.cells if pc[1].row < titles and not pc[1].blank), key=lambda pc: pc[1].row
        ):
            source = Source(page=page, box=c.box)
            title = self.flowed(c.lines, source)
            self.made.append(Heading(6, title, source, self.under))
        kept = [(p, c.moved(-titles)) for p, c in part.cells if c.row >= titles] if titles else part.cells
        self.made.append(self._grid(part, kept, part.n_rows - titles, title))
        self._declare(part)

    def _grid(self, part: stitch.Stitched, kept: list[tuple[int, PageCell]], n_rows: int, title: str) -> Grid:
        n_cols = part.table.n_cols
        deep = headers.header_rows([c for _, c in kept], n_rows, n_cols)
        outline = Source(page=part.page, box=stitch.boxes(kept, part.page))
        return Grid(n_rows, n_cols, tuple(self._cells(kept, deep)), outline, title, self.under)

    def _cells(self, kept: list[tuple[int, PageCell]], deep: int) -> list[Cell]:
        """The cells in order of rows and columns, their lines flowed; the first `deep` rows are header."""
        n = len(kept)
        if not n:
            return []
        kept = sorted(kept, key=lambda pc: pc[1][:2])
        pages, cells = zip(*kept, strict=True)
        rows, cols, row_ends, col_ends, boxes, lines, _ = zip(*cells, strict=True)
        sources = made(Source, n, pages, boxes, *repeat(repeat(None), 6))
        texts = map(self.flowed, lines, sources)
        spans = map(sub, row_ends, rows), map(sub, col_ends, cols)
        return made(Cell, n, rows, cols, texts, sources, *spans, [row < deep for row in rows])

    def _declare(self, part: stitch.Stitched) -> None:
        """Repeated headers and joined rows: one repair each, and each dropped cell an aside."""
        for page, group in groupby(part.dropped, key=itemgetter(0)):
            dropped = list(group)
            cells = [c for _, c in dropped]
            source = Source(page=page, box=stitch.boxes(dropped, page))
            self.repairs.append(Repair("entete_repete", source, " | ".join(" ".join(c.lines) for c in cells)))
            self.asides += [Aside("entete_repete", " ".join(c.lines), Source(page=page, box=c.box)) for c in cells]
        for page, row, box in part.joined_rows:
            self.repairs.append(
                Repair("ligne_reprise", Source(page=page, box=box), after=f"ligne {row + 1} du tableau")
            )
