"""Tab-separated sheets, flattened from HTML tables whose rows may not have been closed. One grid, places as printed.

What a cell means is the dataset's to say; a line that goes on with everything below it, as an unclosed row does once
flattened, is told by structure alone: the sequence of texts, since positions drift inside overflow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from pipeline.extract.markup.decode import cut_in_a_character, decode_text
from pipeline.extract.model import Aside, Block, Cell, Grid, Paragraph, Reading, Repair, Source, Unread
from pipeline.extract.sheets import begins_table

_BOLD = re.compile(r"</?(?:b|strong)>", re.IGNORECASE)
# Of the cells compared, how many must agree before a line that differs is still called overflow.
_LIKENESS = 0.5
# How many widths of the sheet the cells of one line may take before its overflow begins.
_REACH = 4


@dataclass(frozen=True)
class Cut:
    """One line: the cells that are its own (or could not be told apart), the overflow left out, the repair."""

    kept: tuple[Cell, ...]
    dropped: tuple[Cell, ...] = ()
    repair: Repair | None = None


def plain(text: str) -> str:
    """A cell's text without bold marks, which unclosed rows repeat or lose."""
    return _BOLD.sub("", text).strip()


def cut_overflow(rows: Sequence[Sequence[Cell]], width: int) -> list[Cut]:
    """Each line of `rows` (its printed cells, in order) cut where it begins to repeat all lines below it.

    Worked from the last line up, so that a line is compared with the lines below as already cut. `width`: columns of
    the sheet's header; a line inside it is never called a differing overflow.
    """
    cuts: list[Cut] = []
    upwards: list[Cell] = []
    for row in reversed(rows):
        # A line much shorter than all that is below it cannot repeat it: no need to turn the cells below round.
        below = upwards[::-1] if len(row) > _LIKENESS * len(upwards) else []
        cut = _cut(row, below, width)
        cuts.append(cut)
        upwards.extend(reversed(_own(cut)))
    return cuts[::-1]


def _own(cut: Cut) -> Sequence[Cell]:
    """The cells before the overflow, dropped or not."""
    if cut.repair is None:
        return cut.kept
    begins = cut.repair.source.start or 0
    return [cell for cell in cut.kept if (cell.source.start or 0) < begins]


def _cut(row: Sequence[Cell], below: Sequence[Cell], width: int) -> Cut:
    own = len(row) - len(below)
    if 0 < own < len(row) and _repeats(row[own:], below, width):
        over = tuple(row[own:])
        first, last = below[0].source.line, below[-1].source.line
        repair = Repair(
            "ligne_non_fermee",
            over[0].source | over[-1].source,
            before=plain(over[0].text),
            after=f"{len(over)} cellules retirées à partir de là, égales à celles des lignes {first} à {last}",
        )
        return Cut(tuple(row[:own]), over, repair)
    start = _differing_start(row, below, width)
    return Cut(tuple(row), (), _difference(row[start:], below) if start else None)


def _repeats(over: Sequence[Cell], below: Sequence[Cell], width: int) -> bool:
    """The same texts, pushed out of their columns. A row that repeats the last one in its own columns is a row printed
    twice, not overflow."""
    if any(plain(a.text) != plain(b.text) for a, b in zip(over, below, strict=True)):
        return False
    past_the_sheet = over[-1].col >= width and any(a.col != b.col for a, b in zip(over, below, strict=True))
    return past_the_sheet or over[0].col > below[0].col


def _differing_start(row: Sequence[Cell], below: Sequence[Cell], width: int) -> int | None:
    """Where an overflow that is not equal to the lines below begins: the start that leaves the fewest differences.

    None when the line stays within the sheet, or resembles nothing below.
    """
    if not below or row[-1].col < width:
        return None
    texts, tail = [plain(c.text) for c in row], [plain(c.text) for c in below]
    best: tuple[float, int, int] | None = None
    for start in range(1, min(len(texts), _REACH * width + 1)):
        # The sheet may be cut below: then all that is left of it begins the overflow.
        ends = (len(texts), start + len(tail))
        likeness = max(Levenshtein.normalized_similarity(texts[start:end], tail) for end in ends)
        ranked = (-likeness, abs(len(texts) - start - len(tail)), start)
        if likeness >= _LIKENESS and (best is None or ranked < best):
            best = ranked
    return best[2] if best else None


def _difference(over: Sequence[Cell], below: Sequence[Cell]) -> Repair:
    """The repair of an overflow that differs: it covers all of it, and shows the first cell where they part."""
    texts, tail = [plain(c.text) for c in over], [plain(c.text) for c in below]
    at = next((i for i, (a, b) in enumerate(zip(texts, tail, strict=False)) if a != b), min(len(texts), len(tail)))
    return Repair(
        "debordement_different",
        over[0].source | over[-1].source,
        before=texts[at] if at < len(texts) else "",
        after=tail[at] if at < len(tail) else "",
    )


_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True)
class _Line:
    number: int
    raw: str

    @property
    def tabs(self) -> int:
        return self.raw.count("\t")

    @property
    def printed(self) -> list[str]:
        return [plain(text) for text in self.raw.split("\t")]

    @property
    def blank(self) -> bool:
        return not self.raw.strip()


def read_tsv(data: bytes) -> Reading:
    """Each table of the sheet as a grid: a cell for each text between tabs (row: rank of its line among those of the
    table; col: rank between tabs), no cell where nothing is printed; lines of prose around them as paragraphs.

    A line that goes on with the cells of all lines below it (an unclosed row) ends where that overflow begins: the
    overflow is kept out as asides, with a repair `ligne_non_fermee`. One that differs from those lines stays in the
    grid, with a repair `debordement_different` that covers it. A sheet cut inside its last line has a repair
    `ligne_coupee` on its last cell, and is not whole. Raises ExtractError when the bytes are no text.
    """
    content, encoding = decode_text(data)
    lines = [_Line(n, raw.rstrip("\r")) for n, raw in enumerate(content.split("\n"), start=1)]
    blocks: list[Block] = []
    repairs: list[Repair] = list(encoding.repairs)
    asides: list[Aside] = []
    parts, after = _parts(lines)
    for rank, (before, table) in enumerate(parts, start=1):
        cells = _cells(table)
        cuts = cut_overflow(cells, _width(cells))
        kept = tuple(cell for cut in cuts for cell in cut.kept)
        blocks += [*_paragraphs(before), _grid(kept, len(table), before)]
        mended = [cut.repair for cut in cuts if cut.repair]
        ends_open = rank == len(parts) and not after and not content.endswith("\n")
        if ends_open and (encoding.lost_tail or _is_cut(table) or _falls_short(mended, cells[-1][-1])):
            mended.append(_cut_line(cells[-1]))
        repairs += mended
        asides += _asides(cuts)
    blocks += _paragraphs(after)
    cut_end = cut_in_a_character(encoding)
    unread = [cut_end] if cut_end else []
    if not unread and (cut := next((r for r in repairs if r.kind == "ligne_coupee"), None)):
        unread.append(Unread("fichier_tronque", cut.source, f"la dernière ligne s'arrête à « {cut.before} »"))
    return Reading(tuple(blocks), tuple(repairs), tuple(unread), tuple(asides))


def _parts(lines: Sequence[_Line]) -> tuple[list[tuple[list[_Line], list[_Line]]], list[_Line]]:
    """(prose above, lines of the table without blank ones) for each table, and the prose below the last.

    Only a blank line parts prose from the table below it: a row may have lost its tabs. Behind a blank line another
    table begins where its header does; behind a line of text, where the header of the table above comes again.
    """
    tabbed = [i for i, line in enumerate(lines) if line.tabs and not line.blank]
    if not tabbed:
        return [], list(lines)
    first, end = tabbed[0], tabbed[-1] + 1
    while end < len(lines) and not lines[end].blank:
        end += 1
    parts: list[tuple[list[_Line], list[_Line]]] = [(list(lines[:first]), [])]
    at = first
    while at < end:
        table = parts[-1][1]
        titles, head = _head_below(lines, at, end)
        if table and head is not None and _is_another(lines, at, titles, head, table, end):
            parts.append((titles, [lines[head]]))
            at = head + 1
            continue
        if not lines[at].blank:
            table.append(lines[at])
        at += 1
    return parts, list(lines[end:])


def _head_below(lines: Sequence[_Line], at: int, end: int) -> tuple[list[_Line], int | None]:
    """The lines of text that stand at `at`, after blank ones, and the row with tabs that follows them."""
    titles: list[_Line] = []
    while at < end and (lines[at].blank or not lines[at].tabs):
        if not lines[at].blank:
            titles.append(lines[at])
        at += 1
    return titles, at if at < end else None


def _is_another(
    lines: Sequence[_Line], at: int, titles: Sequence[_Line], head: int, table: Sequence[_Line], end: int
) -> bool:
    """Whether the row at `head` is the header of another table; only lines that are blank or text stand before it."""
    if head == at:
        return False
    if titles and lines[head].printed == table[0].printed:
        return True
    if not lines[at].blank:
        return False
    below = []
    for line in lines[head + 1 : end]:
        if line.blank:
            break
        below.append(line.printed)
    return begins_table(lines[head].printed, below)


def _paragraphs(lines: Iterable[_Line]) -> list[Paragraph]:
    found = []
    for line in lines:
        text = line.raw.strip()
        if text:
            start = line.raw.index(text)
            found.append(Paragraph(text, Source(line=line.number, start=start, end=start + len(text))))
    return found


def _cells(table: Sequence[_Line]) -> list[list[Cell]]:
    """Per line of the table, its printed cells; those of the first line are headers when none holds a digit."""
    rows: list[list[Cell]] = []
    for row, line in enumerate(table):
        cells: list[Cell] = []
        at = 0
        for col, raw in enumerate(line.raw.split("\t")):
            text = raw.strip()
            if text:
                start = at + raw.index(text)
                cells.append(Cell(row, col, text, Source(line=line.number, start=start, end=start + len(text))))
            at += len(raw) + 1
        rows.append(cells)
    if len(rows) > 1 and not any(_DIGIT.search(cell.text) for cell in rows[0]):
        rows[0] = [replace(cell, header=True) for cell in rows[0]]
    return rows


def _width(rows: Sequence[Sequence[Cell]]) -> int:
    """How many columns the sheet means to have: as far as its header goes, else as most of its lines go."""
    ends = [row[-1].col + 1 for row in rows]
    return ends[0] if rows[0][0].header else max(set(ends), key=ends.count)


def _grid(cells: tuple[Cell, ...], n_rows: int, before: Sequence[_Line]) -> Grid:
    above = [line.raw.strip() for line in before if not line.blank]
    return Grid(
        n_rows=n_rows,
        n_cols=max(cell.col for cell in cells) + 1,
        cells=cells,
        source=cells[0].source | cells[-1].source,
        title=above[-1] if above else "",
    )


def _is_cut(table: Sequence[_Line]) -> bool:
    """Every line is filled up to one number of tabs, and the last, which has no line end, is not."""
    filled = {line.tabs for line in table[:-1]}
    is_filled = len(filled) == 1 and any(line.raw.endswith("\t") for line in table[:-1])
    return is_filled and table[-1].tabs < min(filled)


def _falls_short(repairs: Iterable[Repair], last: Cell) -> bool:
    """An unclosed row above prints the last cell of the sheet longer than the sheet's last line does."""
    text = plain(last.text)
    differing = [r for r in repairs if r.kind == "debordement_different" and r.after == text != r.before]
    return any(repair.before.startswith(text) for repair in differing)


def _cut_line(cells: Sequence[Cell]) -> Repair:
    last = cells[-1]
    return Repair("ligne_coupee", last.source, before=last.text)


def _asides(cuts: Iterable[Cut]) -> tuple[Aside, ...]:
    return tuple(Aside("debordement_verifie", cell.text, cell.source) for cut in cuts for cell in cut.dropped)
