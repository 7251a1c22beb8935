"""CSV: separator and encoding are told by the content and said; quotes, line breaks in cells, decimal commas.

Each table is a grid, each cell with its line and characters. Other sheets are in `xlsx` and `ods`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.cleaning.labels import squeeze
from pipeline.extract.limits import Limits, RepairLog
from pipeline.extract.markup.decode import cut_in_a_character, decode_text
from pipeline.extract.model import Cell, ExtractError, Reading, Source, Unread
from pipeline.extract.sheets import Sheet, blocks_of

_SEPARATORS = {";": "point-virgule", "\t": "tabulation", ",": "virgule", "|": "barre verticale"}
_SAMPLE = 1 << 16
# Excel's own way of saying the separator, as a first line.
_SAID = re.compile(r"sep=(?P<separator>[;,\t|])\r?\n", re.I)


@dataclass(frozen=True, slots=True)
class _Field:
    text: str
    start: int
    end: int


def read_csv(data: bytes, limits: Limits | None = None) -> Reading:
    """The tables of one file; `meta` says how it was read (lecture).

    ExtractError when the bytes are no text or a table goes past the limits; a quote that nothing closes is a gap.
    """
    limits = limits or Limits()
    text, encoding = decode_text(data)
    said = _SAID.match(text)
    separator = said["separator"] if said else _separator(text[:_SAMPLE])
    log = RepairLog(limits.repairs_per_kind)
    cells: list[Cell] = []
    starts = _line_starts(text)
    line = 0
    open_quote = 0
    widths: list[int] = []
    for row, fields in enumerate(_records(text, separator, said.end() if said else 0)):
        if any(item.text.strip() for item in fields):
            widths.append(len(fields))
        for col, item in enumerate(fields):
            printed = "\n".join(squeeze(part) for part in item.text.strip().split("\n"))
            if not printed:
                continue
            while line + 1 < len(starts) and starts[line + 1] <= item.start:
                line += 1
            last = line
            while last + 1 < len(starts) and starts[last + 1] < item.end:
                last += 1
            source = Source(
                line=line + 1,
                last_line=last + 1 if last != line else None,
                start=item.start - starts[line],
                end=item.end - starts[last],
            )
            if item.end > len(text):
                open_quote = line + 1
            cells.append(Cell(row, col, printed, source))
        if len(cells) > limits.table_cells:
            raise ExtractError(f"Le fichier a plus de {limits.table_cells} cellules.", "découper le fichier")
    unread = [cut] if (cut := cut_in_a_character(encoding)) else []
    if open_quote:
        unread.append(Unread("fichier_tronque", Source(line=open_quote), "un guillemet ouvert n'est jamais fermé"))
    elif len(widths) > 2 and widths[-1] < min(widths[:-1]) and not text.endswith(("\n", "\r")):
        unread.append(Unread("fichier_tronque", cells[-1].source, "la dernière ligne s'arrête avant les autres"))
    blocks = blocks_of(Sheet(cells), log)
    meta = {"lecture": f"séparateur : {_SEPARATORS[separator]} ; encodage : {encoding.name}"}
    return Reading(tuple(blocks), (*encoding.repairs, *log.drain()), tuple(unread), meta=meta)


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))]


def _separator(sample: str) -> str:
    """The sign that cuts most lines into one same number of cells, more than one; a semicolon where none does."""
    best, score = ";", (0.0, 0)
    for separator in _SEPARATORS:
        records = _records(sample, separator, 0)
        widths = Counter(len(fields) for fields in records if any(item.text.strip() for item in fields))
        widths.pop(1, None)
        if not widths:
            continue
        width, lines = widths.most_common(1)[0]
        total = sum(1 for line in sample.splitlines() if line.strip())
        if (found := (lines / max(total, 1), width)) > score:
            best, score = separator, found
    return best


def _records(text: str, separator: str, at: int) -> Iterator[list[_Field]]:
    """The records of a text, in time linear in its length. A last quote left open ends past the text."""
    ends = re.compile(rf"{re.escape(separator)}|\r\n|\n|\r")
    fields: list[_Field] = []
    length = len(text)
    while at < length or fields:
        start, content = at, ""
        if text.startswith('"', at):
            close = _closing_quote(text, at + 1)
            if close < 0:
                fields.append(_Field(text[at + 1 :].replace('""', '"'), start, length + 1))
                yield fields
                return
            content, at = text[at + 1 : close].replace('""', '"'), close + 1
        found = ends.search(text, at)
        stop = found.start() if found else length
        fields.append(_Field(content + text[at:stop], start, stop))
        at = found.end() if found else length
        if found is None or found[0] != separator:
            yield fields
            fields = []


def _closing_quote(text: str, at: int) -> int:
    while (close := text.find('"', at)) >= 0 and text.startswith('"', close + 1):
        at = close + 2
    return close
