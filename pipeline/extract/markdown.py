"""Markdown made by OCR: headings of any dress, pipe tables, paragraphs, each with its line and characters.

Headings come as `#` marks, as a paragraph wholly in bold, several run together, or as a table of one bold cell.
What a heading means, and whether a paragraph is a list of names, is the dataset's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.cleaning.labels import squeeze
from pipeline.extract.model import Block, Cell, Grid, Heading, Paragraph, Reading, Repair, Source, Unread
from pipeline.extract.text import decode

_ATX = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BOLD_RUN = re.compile(r"\*\*(?P<star>.+?)\*\*|<b>(?P<tag>.+?)</b>", re.IGNORECASE)
_ALL_BOLD = re.compile(r"\s*(?:(?:\*\*.+?\*\*|<b>.+?</b>)\s*)+$", re.IGNORECASE)
_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_HORIZONTAL = re.compile(r"\s*([-*_])(\s*\1){2,}\s*$")
_MARKS = re.compile(r"\*\*|</?(?:b|i|u|em|strong|sup|sub)>|<br\s*/?>|<input[^>]*>|\\(?=[*_|#()\[\]])", re.IGNORECASE)
_OMITTED = re.compile(r"\s*\(\s*(?:\.{3}|…)\s*\)\s*$")
_BOLD_LEVEL = 7
"""A paragraph in bold stands below every `#` heading."""


def plain(text: str) -> str:
    """Text without inline marks; a line break inside a cell is a space."""
    return squeeze(_MARKS.sub(lambda m: " " if m.group().lower().startswith("<br") else "", text))


@dataclass
class _State:
    blocks: list[Block] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    path: list[tuple[int, str]] = field(default_factory=list)

    @property
    def under(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.path)

    def heading(self, level: int, text: str, source: Source) -> None:
        while self.path and self.path[-1][0] >= level:
            self.path.pop()
        self.blocks.append(Heading(level, text, source, self.under))
        self.path.append((level, text))


def read_markdown(data: bytes) -> Reading:
    """Blocks of an OCR Markdown file. A passage replaced by "(...)" is `Unread`, with the heading it stands under."""
    state = _State()
    for kind, first, lines in _chunks(decode(data).split("\n")):
        if kind == "table":
            _table(state, first, lines)
        else:
            _prose(state, first, lines)
    return Reading(tuple(state.blocks), tuple(state.repairs), tuple(state.unread))


def _chunks(lines: Sequence[str]) -> Iterator[tuple[str, int, list[str]]]:
    """(kind, first line number, lines): runs of table lines, single heading lines, runs of other non-blank lines."""
    run: list[str] = []
    kind, first = "prose", 1
    for n, line in enumerate(lines, start=1):
        alone = bool(_ATX.match(line)) or (not line.lstrip().startswith("|") and bool(_ALL_BOLD.match(line)))
        this = "table" if line.lstrip().startswith("|") else "alone" if alone else "prose"
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
        _headings(state, len(match.group(1)), match.group(2), source, line)
    elif len(lines) == 1 and _ALL_BOLD.match(line):
        _headings(state, _BOLD_LEVEL, line, source, line)
    elif len(lines) == 1 and _OMITTED.match(line):
        place = state.under[-1] if state.under else ""
        state.unread.append(Unread("passage_omis", source, place))
    else:
        for n, text in enumerate(lines, start=first):
            if not _HORIZONTAL.match(text) and plain(text):
                start = len(text) - len(text.lstrip())
                where = Source(line=n, start=start, end=start + len(text.strip()))
                state.blocks.append(Paragraph(text.strip(), where, state.under))


def _headings(state: _State, level: int, text: str, source: Source, line: str) -> None:
    """One heading, or several that were run together ('**Zone B2****01-Ain**')."""
    runs = [(m.start(), m.group("star") or m.group("tag")) for m in _BOLD_RUN.finditer(text)]
    rest = _BOLD_RUN.sub("", text)
    if len(runs) < 2 or plain(rest):
        state.heading(level, plain(text), source)
        return
    state.repairs.append(Repair("titres_colles", source, line.strip(), " / ".join(plain(r) for _, r in runs)))
    offset = line.find(text)
    for start, run in runs:
        state.heading(level, plain(run), Source(line=source.line, start=offset + start, end=offset + start + len(run)))
        level = _BOLD_LEVEL


def _table(state: _State, first: int, lines: Sequence[str]) -> None:
    rows = [(n, _row_cells(line, n)) for n, line in enumerate(lines, start=first) if not _RULE.match(line)]
    header_rows = next((i for i, line in enumerate(lines) if _RULE.match(line)), 0)
    printed = [cell for _, cells in rows for cell in cells if cell.text]
    if not printed:
        return
    whole = printed[0].source | printed[-1].source
    if len(printed) == 1 and _ALL_BOLD.match(
        lines[printed[0].source.line - first].strip(" |") if printed[0].source.line else ""
    ):
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
    state.blocks.append(Grid(len(rows), width, tuple(cells), whole, _title(state), state.under))


def _title(state: _State) -> str:
    last = state.blocks[-1] if state.blocks else None
    return plain(last.text) if isinstance(last, Heading | Paragraph) else ""


def _row_cells(line: str, n: int) -> list[Cell]:
    """The cells of a pipe row, blank ones included, with their characters; an escaped pipe does not cut."""
    cells: list[Cell] = []
    position = line.index("|") + 1
    body = line.rstrip()
    end = len(body) - 1 if body.endswith("|") and not body.endswith("\\|") else len(body)
    for part in re.split(r"(?<!\\)\|", body[position:end]):
        start = position + len(part) - len(part.lstrip())
        source = Source(line=n, start=start, end=start + len(part.strip()))
        cells.append(Cell(0, len(cells), plain(part), source))
        position += len(part) + 1
    return cells
