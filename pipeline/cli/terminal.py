"""What reaches a terminal: text without control sequences, tables fitted to its width, records, the pager, progress.

Everything the command says goes through `safe`, for a title, a file name or a cell can hold anything.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from shutil import get_terminal_size

from rich.cells import cell_len, set_cell_size

NULL = "NULL"
LEFT_OUT = "…"
GAP = "   "
_NARROWEST = 20
"""Characters to which a column of text may be cut before columns are left out."""

# C0 but tab and newline, DEL, C1, the marks that turn the direction of writing, line separators, lone surrogates.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: str) -> str:
    """The text with every control character made visible, newlines and tabs apart: no escape sequence is left."""
    return _CONTROL.sub(_visible, text)


def safe_line(text: str) -> str:
    """The same on one line."""
    return safe(text).replace("\n", "↵").replace("\t", " ")


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"


def out(message: str) -> None:
    """Lines on standard output, for people."""
    sys.stdout.write(safe(message).rstrip("\n") + "\n")


def err(message: str, level: int = logging.ERROR) -> None:
    """Lines on standard error: for people, or one JSON record for a service that keeps logs."""
    text = safe(message).rstrip("\n")
    if _LOG["json"]:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        record = {"time": moment, "level": logging.getLevelName(level).lower(), "message": text}
        text = json.dumps(record, ensure_ascii=False)
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


_LOG = {"json": False}


def log_as_json(on: bool) -> None:
    """From now on standard error is one JSON object a line, or text."""
    _LOG["json"] = on


class LogHandler(logging.Handler):
    """Puts the records of any library on standard error in the form of `err`."""

    def emit(self, record: logging.LogRecord) -> None:
        err(self.format(record), record.levelno)


def width() -> int | None:
    """Columns of the terminal that standard output is; None when it is none: nothing is cut then."""
    return get_terminal_size().columns if sys.stdout.isatty() else None


def table(
    rows: Sequence[Sequence[str]], right: Sequence[bool], room: int | None, header_rows: int = 1
) -> tuple[str, int]:
    """Rows as lines of at most `room` characters, the header rows parted from the others, and how many columns of the
    table are shown.

    What does not fit is cut by the end, numbers (`right`) never; then columns are left out in the middle, as DuckDB
    does. `right` and each row are of one length.
    """
    rows = [[safe_line(text) for text in row] for row in rows]
    columns = list(zip(*rows, strict=True))
    natural = [max(map(cell_len, column)) for column in columns]
    least = [
        wide if number else min(wide, max(_NARROWEST, *map(cell_len, column[:header_rows]), 0))
        for column, wide, number in zip(columns, natural, right, strict=True)
    ]
    kept = list(range(len(columns))) if room is None else _kept(least, room)
    widths = {c: natural[c] for c in kept}
    if room is not None:
        widths = _shared_out(widths, least, room - _taken(len(kept), len(kept) < len(columns)))
    drawn = [_line(row, kept, widths, right) for row in rows]
    if header_rows > 0:
        drawn.insert(header_rows, " " + "─" * (max(map(cell_len, drawn)) - 1))
    return "\n".join(line.rstrip() for line in drawn), len(kept)


def _taken(columns: int, some_left_out: bool) -> int:
    """Characters of a line that are not those of the columns."""
    between = columns - 1 + some_left_out
    return 1 + len(GAP) * between + (len(LEFT_OUT) if some_left_out else 0)


def _kept(least: Sequence[int], room: int) -> list[int]:
    """The columns for which there is room, from both ends inwards, the first one always."""
    if sum(least) + _taken(len(least), False) <= room:
        return list(range(len(least)))
    kept: list[int] = []
    left, right = 0, len(least) - 1
    while left <= right:
        column = left if len(kept) % 2 == 0 else right
        if kept and sum(least[c] for c in [*kept, column]) + _taken(len(kept) + 1, True) > room:
            break
        kept.append(column)
        left, right = (left + 1, right) if column == left else (left, right - 1)
    return sorted(kept)


def _shared_out(natural: dict[int, int], least: Sequence[int], room: int) -> dict[int, int]:
    """Widths that fill the room: all columns are given their least, the widest are cut first."""
    cap = max(natural.values(), default=0)
    while cap > _NARROWEST and sum(max(least[c], min(wide, cap)) for c, wide in natural.items()) > room:
        cap -= 1
    widths = {c: max(least[c], min(wide, cap)) for c, wide in natural.items()}
    over = sum(widths.values()) - room
    if over > 0 and len(widths) == 1:  # one column alone, wider than the terminal
        widths = {c: max(1, wide - over) for c, wide in widths.items()}
    return widths


def _line(row: Sequence[str], kept: Sequence[int], widths: dict[int, int], right: Sequence[bool]) -> str:
    cells: list[str] = []
    before = -1
    for c in kept:
        if c != before + 1:
            cells.append(LEFT_OUT)
        text = row[c] if cell_len(row[c]) <= widths[c] else set_cell_size(row[c], widths[c] - 1).rstrip() + "…"
        blank = " " * (widths[c] - cell_len(text))
        cells.append(blank + text if right[c] else text + blank)
        before = c
    if kept and kept[-1] != len(row) - 1:
        cells.append(LEFT_OUT)
    return " " + GAP.join(cells)


def record(names: Sequence[str], values: Sequence[str], title: str, room: int | None) -> str:
    """One row as lines 'name  value' under a title; long values go on under themselves."""
    from textwrap import wrap

    names = [safe_line(name) for name in names]
    indent = max(map(cell_len, names), default=0) + 2
    lines = [f"── {title} " + "─" * max(2, min(room or 80, 80) - len(title) - 4)]
    for name, value in zip(names, values, strict=True):
        label = " " + name + " " * (indent - cell_len(name))
        text = safe_line(value)
        pieces = wrap(text, max(20, room - indent - 1)) if room else [text]
        lines.append(label + (pieces[0] if pieces else ""))
        lines += [" " * (indent + 1) + piece for piece in pieces[1:]]
    return "\n".join(line.rstrip() for line in lines)


def wrapped(line: str, indent: int) -> str:
    """The line in as many as the terminal needs, the next ones indented; as it is where there is no terminal."""
    from textwrap import wrap

    room = width()
    return line if room is None else "\n".join(wrap(line, max(40, room), subsequent_indent=" " * indent)) or line


def show(text: str) -> None:
    """Text for people on standard output, through the pager when it is a terminal with fewer lines."""
    text = safe(text).rstrip("\n") + "\n"
    if not (sys.stdout.isatty() and sys.stdin.isatty() and text.count("\n") >= get_terminal_size().lines):
        sys.stdout.write(text)
        return
    pager = shlex.split(os.environ.get("PAGER", "less")) or ["cat"]
    environment = {"LESS": "FSX", **os.environ}
    try:
        subprocess.run(pager, input=text.encode(), env=environment, check=False)
    except OSError:  # no such pager
        sys.stdout.write(text)


@contextmanager
def progress(total: int | None) -> Iterator[Callable[[str], None]]:
    """A function to call with the name of each step of a long work as it begins, shown on standard error: a live line
    on a terminal, plain lines elsewhere. `total` steps are expected, None when unknown."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal or _LOG["json"]:
        yield lambda name: err(name, logging.INFO)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    name_column = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), name_column, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        begun = 0

        def step(name: str) -> None:
            nonlocal begun
            bar.update(task, description=safe_line(name), completed=begun)
            begun += 1

        yield step
