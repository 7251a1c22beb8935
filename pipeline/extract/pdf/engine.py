"""Pages of a PDF read into results, and results assembled into a Reading. The worker calls these two functions.

Which engine reads a page is decided here; how it reads is in `chars_*`, `rules_*`, `cells`, `tables`, `infer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.extract.model import Reading, Source, Unread
from pipeline.extract.pdf import cells, chars_pdfium, pdfium, rules, rules_pdfium, tables
from pipeline.extract.pdf.assemble import assemble_pages
from pipeline.extract.pdf.chars import PageChars, without_overprint
from pipeline.extract.pdf.limits import Limits
from pipeline.extract.pdf.results import PageLine, PageRead, PageResults
from pipeline.extract.pdf.words import Line, lines_of, words_of


def read_pages(path: str, first: int, last: int, limits: Limits) -> PageResults:
    """Pages `first` to `last` (from 1, both included; those past the end are left out).

    Raises ExtractError when the file cannot be opened. What a page lacks is in its `unread`, never left unsaid.
    """
    with pdfium.document(path) as doc:
        last = min(last, pdfium.page_count(doc))
        return PageResults(first, last, tuple(_read_page(doc, n, limits) for n in range(first, last + 1)))


def assemble(results: Sequence[PageResults]) -> Reading:
    """The reading of the whole file from the results of all its chunks, given in any order."""
    pages = [page for chunk in sorted(results, key=lambda r: r.first) for page in chunk.pages]
    return assemble_pages(pages)


def _read_page(doc: Any, number: int, limits: Limits) -> PageRead:
    with pdfium.page(doc, number - 1) as page:
        if page is None:
            return _unread(number, 0.0, 0.0, Unread("page_illisible", Source(page=number), "page illisible par pdfium"))
        drawn = pdfium.drawn(page, limits.page_objects)
        if drawn is None:
            return _beyond(number, page, "trop d'objets dans la page")
        found = chars_pdfium.read(page, drawn, limits.page_chars)
        if found is None:
            return _beyond(number, page, "trop de caractères dans la page")
        segments = rules_pdfium.read(page, drawn, limits.page_edges)
        if segments is None:
            return _beyond(number, page, "trop de filets dans la page")
        return _content(number, page.size, found, rules.merged(*segments))


def _beyond(number: int, page: pdfium.Page, detail: str) -> PageRead:
    width, height = page.size
    return _unread(number, width, height, Unread("hors_limites", Source(page=number), detail))


def _unread(number: int, width: float, height: float, why: Unread) -> PageRead:
    return PageRead(number, round(width, 3), round(height, 3), unread=(why,))


def _content(number: int, size: tuple[float, float], found: PageChars, ruled: rules.Rules) -> PageRead:
    """Tables and lines of one page from its characters and rules."""
    words = words_of(without_overprint(found.visible))
    hidden = tuple(_line(line) for line in lines_of(words_of(found.hidden)))
    if not words:
        why = Unread("page_sans_texte", Source(page=number), "page sans texte : à transcrire")
        return PageRead(number, size[0], size[1], hidden=hidden, unread=(why,))
    made = []
    for lattice in cells.lattices(ruled):
        filled, words = tables.fill(lattice, words)
        made.append(tables.page_table(filled))
        words = [*words, *filled.loose]
    lines = tuple(_line(line) for line in lines_of(words))
    return PageRead(number, size[0], size[1], lines, tuple(made), hidden)


def _line(line: Line) -> PageLine:
    return PageLine(line.text, line.box, line.size, line.bold)
