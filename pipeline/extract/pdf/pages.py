"""One page after the other: which engine reads it, and its tables and lines made from characters and rules.

pdfium reads by default. pdfplumber reads the pages pdfium has doubts about, and samples others to check pdfium.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pipeline.extract.model import Box, Repair, Source, Unread
from pipeline.extract.pdf import fast, fills, frames, lattice, lattice_split, marks, pdfium, rules, signs, thresholds
from pipeline.extract.pdf.chars import EMPTY, OBLIQUE, Chars, Floats, PageChars, without_overprint
from pipeline.extract.pdf.exact import Exact
from pipeline.extract.pdf.layout import regions
from pipeline.extract.pdf.limits import Limits
from pipeline.extract.pdf.results import PageLine, PageRead, PageResults, PageSign
from pipeline.extract.pdf.unruled.tables import tables_in
from pipeline.extract.pdf.visible import without_unseen
from pipeline.extract.pdf.words import Line, Word, faced, faced_boxes, text_lines, words_of


@dataclass(slots=True)
class _Trust:
    """Which blocks of pages were sampled, and in which of them the engines disagreed. Blocks follow page numbers, so
    that the way a file is cut into chunks of whole blocks changes nothing."""

    sampled: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)


def read_pages(path: str, first: int, last: int, limits: Limits) -> PageResults:
    """Pages `first` to `last`, from 1, both included; those past the end are left out.

    Raises ExtractError when the file cannot be opened. What a page lacks is in its `unread`, never left unsaid.
    """
    with pdfium.document(path) as doc, Exact(path) as exact:
        last = min(last, pdfium.page_count(doc))
        trust = _Trust()
        return PageResults.of(first, last, (_page(doc, exact, trust, n, limits) for n in range(first, last + 1)))


def _page(doc: Any, exact: Exact, trust: _Trust, number: int, limits: Limits) -> PageRead:
    with pdfium.page(doc, number - 1) as page:
        if page is None:
            why = Unread("page_illisible", Source(page=number), "page illisible par pdfium")
            return _unread(number, (0.0, 0.0), why)
        drawn = pdfium.drawn(page, limits.page_objects)
        if drawn is None:
            return _beyond(number, page, "trop d'objets dans la page")
        found = fast.read_chars(page, drawn, limits.page_chars)
        if found is None:
            return _beyond(number, page, "trop de caractères dans la page")
        drawing = fast.read_drawing(page, drawn, limits.page_edges)
        if drawing is None:
            return _beyond(number, page, "trop de filets dans la page")
        found = without_unseen(page, drawn, found, drawing, exact.off_layers)
        return _chosen(page, exact, trust, number, found, drawing)


def _chosen(
    page: pdfium.Page, exact: Exact, trust: _Trust, number: int, found: PageChars, drawing: rules.Drawing
) -> PageRead:
    """The page as the engine to be trusted reads it."""
    block = (number - 1) // thresholds.SAMPLED
    if found.doubts or block in trust.lost:
        return _doubtful(page, exact, number, found, drawing)
    made = content(number, page.size, found, drawing)
    if not made.tables or block in trust.sampled:
        return made
    trust.sampled.add(block)
    slow = exact.read(page, number, found)
    if slow is None:
        return made
    check = _exactly(exact, number, page, slow, drawing)
    if agree(made, check):
        return made
    if _empty_beside(slow, found):
        return _disputed(made, "pdfplumber n'y voit presque aucun texte")
    trust.lost.add(block)
    return _disputed(check, "lue par pdfplumber, contre pdfium")


def _doubtful(page: pdfium.Page, exact: Exact, number: int, found: PageChars, drawing: rules.Drawing) -> PageRead:
    """A page that pdfium has doubts about, as pdfplumber reads it; as pdfium does where that reads next to nothing."""
    slow = exact.read(page, number, found)
    if slow is None:
        return content(number, page.size, found, drawing)
    if _empty_beside(slow, found):
        return _disputed(content(number, page.size, found, drawing), "pdfplumber n'y voit presque aucun texte")
    made = _exactly(exact, number, page, slow, drawing)
    if _empty_beside(found, slow):
        return _disputed(made, "pdfium n'y voit presque aucun texte")
    return made


def _empty_beside(one: PageChars, other: PageChars) -> bool:
    """Whether one engine reads next to no text where the other reads some: what is empty is not believed."""
    few, many = (int((~read.visible.blank).sum()) for read in (one, other))
    return few < thresholds.EMPTY_BESIDE * many


def _disputed(made: PageRead, detail: str) -> PageRead:
    """The page with the sign that the engines do not agree about it."""
    sign = PageSign("moteurs_en_desaccord", (0.0, 0.0, made.width, made.height), detail)
    return replace(made, signs=(*made.signs, sign))


def _exactly(exact: Exact, number: int, page: pdfium.Page, slow: PageChars, drawing: rules.Drawing) -> PageRead:
    def cells(of: rules.Rules) -> list[Box]:
        found = exact.cells(number, of)
        return lattice.cell_boxes(of) if found is None else found

    return replace(content(number, page.size, slow, drawing, cells), engine="pdfplumber")


def agree(a: PageRead, b: PageRead) -> bool:
    """Whether two readings of a page print the same, spaces aside.

    One cell of its ruled tables in a hundred may differ, and one character in two hundred of the page. How missing
    rules are inferred is no matter of engines.
    """
    first, second = _cells(a), _cells(b)
    differing = sum(first.get(key) != second.get(key) for key in first.keys() | second.keys())
    one, other = _letters(a), _letters(b)
    apart = (one - other).total() + (other - one).total()
    return differing * 100 <= max(len(first), len(second)) and apart * 200 <= one.total() + other.total()


def _cells(read: PageRead) -> dict[tuple[int, int, int], str]:
    return {
        (t, c.row, c.col): "".join("".join(c.lines).split())
        for t, table in enumerate(read.tables)
        for c in table.cells
        if c.lines and table.how == "ruled"
    }


def _letters(read: PageRead) -> Counter[str]:
    lines = [line for table in read.tables for c in table.cells for line in c.lines]
    return Counter("".join([*lines, *(line.text for line in read.lines)]).replace(" ", ""))


def _beyond(number: int, page: pdfium.Page, detail: str) -> PageRead:
    return _unread(number, page.size, Unread("hors_limites", Source(page=number), detail))


def _unread(number: int, size: tuple[float, float], why: Unread) -> PageRead:
    return PageRead(number, round(size[0], 3), round(size[1], 3), unread=(why,))


def content(
    number: int,
    size: tuple[float, float],
    found: PageChars,
    drawing: rules.Drawing,
    cells: Callable[[rules.Rules], list[Box]] = lattice.cell_boxes,
) -> PageRead:
    """Tables and lines of one page from its characters and what it draws; `cells` finds the boxes in its rules."""
    turn = _page_turn(found.visible)
    if turn:
        return _turned_back(content(number, size, _turned(found, turn), drawing.turned(turn), cells), turn)
    once = without_overprint(found.visible)
    words, raised = marks.set_apart(words_of(once))
    hidden = tuple(text_lines(words_of(found.hidden)))
    if not words and _scanned(found, drawing, size):
        read = content(number, size, replace(found, visible=found.hidden, hidden=EMPTY), drawing, cells)
        sign = PageSign("texte_reconnu", (0.0, 0.0, *size), "page numérisée, texte reconnu par un programme")
        return replace(read, signs=(*read.signs, sign))
    if not words:
        why = Unread("page_sans_texte", Source(page=number), "page sans texte : à transcrire")
        return replace(_unread(number, size, why), hidden=hidden)
    made = []
    seen = fills.evidence(drawing, words)
    boxes = cells(rules.closed(seen.rules, words))
    lattices = lattice.lattices(boxes)
    for each in lattice.inner_first(lattices):
        filled, rest = lattice.fill(each, words)
        if frames.is_table(filled, rest, lattices, seen.drawn):
            filled, rest = lattice.with_outer_labels(filled, rest)
            made.append(lattice_split.split(filled, seen.drawn))
            words = [*rest, *filled.loose]
    inferred = tables_in(words, seen.rules.h)
    framed = lattice.outlines(boxes) if inferred else []
    for table, ids in inferred:
        own = [w for w in words if id(w) in ids]
        if not frames.is_drawing(table, seen.pictures) and not frames.is_diagram(table, own, framed):
            made.append(table)
            words = [w for w in words if id(w) not in ids]
    made = [
        replace(table, signs=(*table.signs, *signs.of_columns(table), *signs.of_surroundings(table, words, size[1])))
        for table in made
    ]
    made.sort(key=lambda table: table.box[1])
    lines = (*in_reading_order(words, seen.rules.h), *_oblique(found.visible))
    return PageRead(
        number,
        round(size[0], 3),
        round(size[1], 3),
        lines,
        tuple(made),
        hidden,
        tuple(PageLine(w.text, w.box, w.size, w.bold) for w in raised),
        _overprinted(number, len(found.visible) - len(once)),
        signs=_page_signs(found, size),
    )


def _scanned(found: PageChars, drawing: rules.Drawing, size: tuple[float, float]) -> bool:
    """Whether a page is a picture with the text that a program recognised in it, which nobody sees."""
    boxes = drawing.covers[:, :4]
    largest = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).max(initial=0.0)
    return len(found.hidden) > 0 and largest >= thresholds.SCAN * size[0] * size[1]


def _page_turn(chars: Chars) -> int:
    """The quarter turns by which nearly all of a page's text is turned: a page set sideways."""
    solid = chars.turn[~chars.blank]
    for turn in (1, 2, 3):
        if len(solid) and (solid == turn).mean() >= thresholds.SIDEWAYS:
            return turn
    return 0


def _turned(found: PageChars, turn: int) -> PageChars:
    """The characters as they would stand if text of that turn were upright."""

    def faces(chars: Chars) -> Chars:
        turns = np.where(chars.turn == OBLIQUE, OBLIQUE, (chars.turn - turn) % 4)
        box = faced_boxes(chars.box, turn)
        return replace(chars, box=box, turn=turns)

    return replace(found, visible=faces(found.visible), hidden=faces(found.hidden))


def _turned_back(read: PageRead, turn: int) -> PageRead:
    """What was read of a turned page, with its places on the page as it is seen."""
    back = (4 - turn) % 4

    def line(of: PageLine) -> PageLine:
        return replace(of, box=faced(of.box, back))

    tables = [
        replace(
            table,
            cells=tuple(c._replace(box=faced(c.box, back)) for c in table.cells),
            box=faced(table.box, back),
            signs=tuple(s._replace(box=faced(s.box, back)) for s in table.signs),
        )
        for table in read.tables
    ]
    lines, hidden, notes = (tuple(map(line, of)) for of in (read.lines, read.hidden, read.notes))
    return replace(read, lines=lines, hidden=hidden, notes=notes, tables=tuple(tables))


def _page_signs(found: PageChars, size: tuple[float, float]) -> tuple[PageSign, ...]:
    """What of the characters may make the whole page doubtful: letters without a meaning, text painted over."""
    made: list[PageSign] = []
    unseen = text_lines(words_of(found.unseen)) if found.unseen is not None else []
    made += [PageSign("texte_non_visible", line.box, line.text) for line in unseen]
    unknown = int((found.visible.codes == 0xFFFD).sum())
    if unknown:
        made.append(PageSign("lettres_inconnues", (0.0, 0.0, *size), f"{unknown} lettres sans correspondance"))
    return tuple(made)


def in_reading_order(words: Sequence[Word], h_rules: Floats) -> list[PageLine]:
    """Lines of text, each of the page's columns read down before the next; text that is turned comes last."""
    upright = [strip.words for lines in regions([w for w in words if not w.turn], h_rules) for strip in lines]
    made = [PageLine(line.text, line.box, line.size, line.bold) for line in map(Line, upright)]
    return [*made, *text_lines([w for w in words if w.turn])]


def _overprinted(number: int, n: int) -> tuple[Repair, ...]:
    return (Repair("surimpression", Source(page=number), f"{n} caractères imprimés deux fois"),) if n else ()


def _oblique(chars: Chars) -> list[PageLine]:
    """Slanted text (a stamp, a watermark) as one line, outside every table."""
    slanted = chars.take(chars.turn == OBLIQUE)
    if not len(slanted):
        return []
    low, high = slanted.box.min(axis=0), slanted.box.max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[2]), float(high[3]))
    return [PageLine(slanted.text, box, float(slanted.size.max()), bool(slanted.bold.all()))]
