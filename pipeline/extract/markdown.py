"""Markdown, made by OCR or from pages of Légifrance: headings of any dress, pipe tables, HTML tables, paragraphs, each
with its line and characters.

Headings come as `#` marks, as a paragraph wholly in bold, several run together, or as a table of one bold cell.
What a heading means, and whether a paragraph is a list of names, is the dataset's to say. Every pattern is linear in
the length of its line: these files are written by machines that may go mad.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.cleaning.labels import squeeze
from pipeline.extract.html import read_fragment
from pipeline.extract.limits import Limits
from pipeline.extract.markup.decode import cut_in_a_character, decode_text
from pipeline.extract.markup.lines import stacked
from pipeline.extract.markup.marks import CALL, CALL_END, without_calls
from pipeline.extract.model import (
    Aside,
    Block,
    Cell,
    ExtractError,
    Grid,
    Heading,
    Paragraph,
    Reading,
    Repair,
    Source,
    Unread,
)

_ATX = re.compile(r" {0,3}(#{1,6})(?=[ \t])")
_BOLD_MARK = re.compile(r"\*\*|</?b>", re.IGNORECASE)
_DASHES = re.compile(r":?-+:?")
_INLINE = r"b|i|u|em|strong|sup|sub|p|div|span|center|font|a|small"
_MARKS = re.compile(rf"\*\*|</?(?:{_INLINE})(?:\s[^<>]*)?>|<input[^<>]*>|\\(?=[*_|#()\[\]])", re.IGNORECASE)
_BREAK = re.compile(r"<br\s?/?>", re.IGNORECASE)
_OMITTED = re.compile(r"\(\s?(?:\.{3}|…)\s?\)")
_TABLE_TAG = re.compile(r"<(?P<close>/?)table(?=[\s>])[^<>]*>?", re.IGNORECASE)
_RAISED = re.compile(r"<sup>([^<]{1,20})</sup>|\[\^([^\[\]]{1,10})\]", re.IGNORECASE)
_LINKED = re.compile(r"\[([^\[\]]{1,10})\]\(#[^()\s]{0,200}\)")
_NO_CONTROL = {ord(CALL): None, ord(CALL_END): None}
_BOLD_LEVEL = 7
"""A paragraph in bold stands below every `#` heading."""


def plain(text: str) -> str:
    """Text without inline marks. A line break inside a cell is a space, but between two numbers it stays one."""
    lines = [squeeze(html.unescape(_MARKS.sub("", line))) for line in _BREAK.split(text)]
    return stacked([line for line in lines if line])


def bold_runs(text: str) -> tuple[list[tuple[int, str]], str]:
    """(start, content) of each run in bold, and the text outside of them."""
    runs: list[tuple[int, str]] = []
    rest: list[str] = []
    at, opened = 0, None
    for mark in _BOLD_MARK.finditer(text):
        kind = mark[0].lower()
        if opened is None:
            if kind != "</b>":
                rest.append(text[at : mark.start()])
                at, opened = mark.start(), mark
        elif (kind == "**") == (opened[0] == "**") and kind != "<b>" and mark.start() > opened.end():
            runs.append((opened.start(), text[opened.end() : mark.start()]))
            at, opened = mark.end(), None
    rest.append(text[at:])
    return runs, "".join(rest)


def _all_bold(line: str) -> bool:
    runs, rest = bold_runs(line)
    return bool(runs) and not rest.strip()


def _is_rule(line: str) -> bool:
    """The line of dashes under a table's header."""
    parts = line.strip().strip("|").split("|")
    return all(_DASHES.fullmatch(part.strip()) for part in parts)


def _is_horizontal(line: str) -> bool:
    marks = "".join(line.split())
    return len(marks) >= 3 and marks[0] in "-*_" and marks == marks[0] * len(marks)


@dataclass
class _State:
    limits: Limits
    blocks: list[Block] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    path: list[tuple[int, str]] = field(default_factory=list)
    tables: int = 0

    @property
    def under(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.path)

    def add(self, block: Block) -> None:
        self.blocks.append(block)
        if len(self.blocks) > self.limits.blocks:
            raise ExtractError(f"Plus de {self.limits.blocks} blocs de texte.", "découper le fichier", block.source)

    def heading(self, level: int, text: str, source: Source) -> None:
        while self.path and self.path[-1][0] >= level:
            self.path.pop()
        self.add(Heading(level, text, source, self.under))
        self.path.append((level, text))


def read_markdown(data: bytes, limits: Limits | None = None) -> Reading:
    """Blocks of a Markdown file, its HTML tables read as in a page. A passage replaced by "(...)" is `Unread`, with the
    heading it stands under."""
    text, encoding = decode_text(data)
    state = _State(limits or Limits())
    state.repairs += encoding.repairs
    pages = _html_tables(text)
    for page in pages:  # what stands in a table of HTML is no Markdown: blank, its lines kept
        text = text[: page.start] + re.sub(r"[^\n]", " ", text[page.start : page.end]) + text[page.end :]
    for kind, first, lines in _chunks(text.split("\n")):
        while pages and (pages[0].line, pages[0].column) < (first, len(lines[0]) - len(lines[0].lstrip())):
            _html(state, pages.pop(0))
        if kind == "table":
            _table(state, first, lines)
        else:
            _prose(state, first, lines)
    for page in pages:
        _html(state, page)
    if cut := cut_in_a_character(encoding) or _cut_line(text):
        state.unread.append(cut)
    return Reading(tuple(state.blocks), tuple(state.repairs), tuple(state.unread), tuple(state.asides))


def _cut_line(text: str) -> Unread | None:
    """The gap of a file whose last line, without a line end, stops inside a row of a table or inside a sentence: a list
    of names without its full stop, or a long line."""
    *above, last = text.split("\n")
    line = last.strip()
    if not line:
        return None
    in_row = line.startswith("|") and not line.endswith("|") and bool(above) and above[-1].rstrip().endswith("|")
    in_sentence = (line[-1].isalnum() or line[-1] in ",;-’'(") and ("," in line or len(line) > _LONG_LINE)
    if not in_row and (line.startswith(("|", "#", "<")) or not in_sentence):
        return None
    return Unread("fichier_tronque", Source(line=len(above) + 1), f"la dernière ligne s'arrête à « {line[-30:]} »")


_LONG_LINE = 80


@dataclass(frozen=True)
class _HtmlTable:
    """A table of HTML in the text: characters `start` to `end`, the place where it begins, and its markup."""

    start: int
    end: int
    line: int
    column: int
    markup: str


def _html_tables(text: str) -> list[_HtmlTable]:
    """The outermost tables; one that is not closed goes to the end of the file."""
    if "<table" not in text.lower():
        return []
    newlines = [found.start() for found in re.finditer("\n", text)]
    found: list[_HtmlTable] = []
    depth = start = 0
    for tag in _TABLE_TAG.finditer(text):
        if not tag["close"]:
            start = start if depth else tag.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                found.append(_placed(text, newlines, start, tag.end()))
    if depth:
        found.append(_placed(text, newlines, start, len(text)))
    return found


def _placed(text: str, newlines: Sequence[int], start: int, end: int) -> _HtmlTable:
    before = bisect_right(newlines, start - 1) if start else 0
    column = start - (newlines[before - 1] + 1 if before else 0)
    return _HtmlTable(start, end, before + 1, column, text[start:end])


def _html(state: _State, page: _HtmlTable) -> None:
    """The blocks of one HTML table, placed in the file: lines and characters are the file's, paths begin at the rank
    of the table."""
    read = read_fragment(page.markup, state.limits)
    state.tables += 1
    rank = f"/table[{state.tables}]"

    def moved(source: Source) -> Source:
        path = source.path and rank + source.path.removeprefix("/table[1]")
        line = source.line and source.line + page.line - 1
        offset = source.offset + page.start if source.offset is not None else None
        return replace(source, path=path, line=line, offset=offset)

    title, under = _title(state), state.under
    for block in read.blocks:
        if isinstance(block, Grid):
            cells = tuple(replace(cell, source=moved(cell.source)) for cell in block.cells)
            state.add(replace(block, cells=cells, source=moved(block.source), title=block.title or title, under=under))
        else:
            state.add(replace(block, source=moved(block.source), under=under))
    state.repairs += (replace(repair, source=moved(repair.source)) for repair in read.repairs)
    state.unread += (replace(gap, source=moved(gap.source)) for gap in read.unread)
    state.asides += (replace(aside, source=moved(aside.source)) for aside in read.asides)


def _chunks(lines: Sequence[str]) -> Iterator[tuple[str, int, list[str]]]:
    """(kind, first line number, lines): runs of table lines, single heading lines, runs of other non-blank lines."""
    run: list[str] = []
    kind, first = "prose", 1
    for n, line in enumerate(lines, start=1):
        piped = line.lstrip().startswith("|")
        alone = bool(_ATX.match(line)) or (not piped and _all_bold(line))
        this = "table" if piped else "alone" if alone else "prose"
        if not line.strip() or this != kind or this == "alone":
            if run:
                yield kind, first, run
            run = []
        if line.strip():
            if not run:
                first = n
            kind = this
            run.append(line)
    if run:
        yield kind, first, run


def _prose(state: _State, first: int, lines: Sequence[str]) -> None:
    line = lines[0]
    source = Source(line=first, start=len(line) - len(line.lstrip()), end=len(line.rstrip()))
    if match := _ATX.match(line):
        _headings(state, len(match[1]), line[match.end() :].strip().rstrip("#").rstrip(), source, line)
    elif len(lines) == 1 and _all_bold(line):
        _headings(state, _BOLD_LEVEL, line, source, line)
    elif len(lines) == 1 and _OMITTED.fullmatch(line.strip()):
        place = state.under[-1] if state.under else ""
        state.unread.append(Unread("passage_omis", source, place))
    else:
        for n, text in enumerate(lines, start=first):
            if not _is_horizontal(text) and plain(text):
                start = len(text) - len(text.lstrip())
                where = Source(line=n, start=start, end=start + len(text.strip()))
                state.add(Paragraph(text.strip(), where, state.under))


def _headings(state: _State, level: int, text: str, source: Source, line: str) -> None:
    """One heading, or several that were run together ('**Zone B2****01-Ain**')."""
    runs, rest = bold_runs(text)
    if len(runs) < 2 or plain(rest):
        state.heading(level, plain(text), source)
        return
    state.repairs.append(Repair("titres_colles", source, line.strip(), " / ".join(plain(r) for _, r in runs)))
    offset = line.find(text)
    for start, run in runs:
        state.heading(level, plain(run), Source(line=source.line, start=offset + start, end=offset + start + len(run)))
        level = _BOLD_LEVEL


def _table(state: _State, first: int, lines: Sequence[str]) -> None:
    rules = [_is_rule(line) for line in lines]
    rows = [(n, _row_cells(state, line, n)) for n, line in enumerate(lines, start=first) if not rules[n - first]]
    header_rows = rules.index(True) if True in rules else 0
    printed = [cell for _, cells in rows for cell in cells if cell.text]
    if not printed:
        return
    whole = printed[0].source | printed[-1].source
    if len(printed) == 1 and _all_bold(lines[(printed[0].source.line or first) - first].strip(" |")):
        state.repairs.append(Repair("titre_en_tableau", whole, lines[0].strip(), printed[0].text))
        state.heading(_BOLD_LEVEL, printed[0].text, whole)
        return
    width = max(len(cells) for _, cells in rows)
    cells: list[Cell] = []
    for r, (n, row) in enumerate(rows):
        if len(row) < width:
            state.repairs.append(
                Repair("ligne_courte", Source(line=n), lines[n - first].strip(), f"{len(row)} / {width}")
            )
        cells.extend(Cell(r, c.col, c.text, c.source, header=r < header_rows) for c in row if c.text)
        if len(cells) > state.limits.table_cells:
            reason = f"Un tableau a plus de {state.limits.table_cells} cellules."
            raise ExtractError(reason, "découper le fichier", whole)
    state.add(Grid(len(rows), width, tuple(cells), whole, _title(state), state.under))


def _title(state: _State) -> str:
    last = state.blocks[-1] if state.blocks else None
    return plain(last.text) if isinstance(last, Heading | Paragraph) else ""


def _row_cells(state: _State, line: str, n: int) -> list[Cell]:
    """The cells of a pipe row, blank ones included, with their characters; an escaped pipe does not cut."""
    cells: list[Cell] = []
    position = line.index("|") + 1
    body = line.rstrip()
    end = len(body) - 1 if body.endswith("|") and not body.endswith("\\|") else len(body)
    for part in re.split(r"(?<!\\)\|", body[position:end]):
        start = position + len(part) - len(part.lstrip())
        source = Source(line=n, start=start, end=start + len(part.strip()))
        cells.append(Cell(0, len(cells), _cell_text(state, part, position, n), source))
        position += len(part) + 1
    return cells


def _cell_text(state: _State, part: str, position: int, n: int) -> str:
    """The printed text of a cell; a note call behind a number is set aside, other raised digits are superscripts."""
    if "[" not in part and "<" not in part:
        return plain(part)
    raw = part.translate(_NO_CONTROL)
    raw = _RAISED.sub(lambda m: f"{CALL}s{position + m.start()}:{m[1] or m[2]}{CALL_END}", raw)
    raw = _LINKED.sub(lambda m: f"{CALL}a{position + m.start()}:{m[1]}{CALL_END}", raw)
    text, calls = without_calls(raw)
    state.asides += [Aside("note", call, Source(line=n, start=at, end=at + len(call))) for call, at in calls]
    return plain(text)
