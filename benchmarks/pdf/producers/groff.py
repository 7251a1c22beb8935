"""Pages set by groff and its table preprocessor: prose, and tables as manuals and reports set them since the seventies.

What the tables say is in `content`.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

from benchmarks.pdf.producers.content import Cell, Lot, Table, table

WIDEST = 7


def program() -> str | None:
    """Where groff is, None where it or its PDF device is not installed."""
    found = which("groff")
    if not found or not which("gropdf"):
        return None
    return found


def write(path: Path, seed: int) -> list[Table]:
    """Sets the document of that seed at `path`; returns its tables. Raises CalledProcessError when groff fails."""
    lot = Lot(f"groff {seed}")
    tables = [_narrow(lot) for _ in range(lot.choice((1, 1, 2)))]
    lines = [f".nr PS {lot.choice((8, 9, 10))}", ".nr VS 12", ".nr LL 6.3i", f".fam {lot.choice('THPN')}"]
    for number, made in enumerate(tables, 1):
        lines += [".LP", lot.prose(), ".LP", f"Table {number}. {lot.words(3, 9)}", ".KS", *_tbl(lot, made), ".KE"]
    lines += [".LP", lot.prose()]
    done = subprocess.run(
        [program() or "groff", "-k", "-t", "-ms", "-Tpdf"],
        input="\n".join(lines).encode() + b"\n",
        check=True,
        capture_output=True,
        timeout=60,
    )
    path.write_bytes(done.stdout)
    return tables


def _narrow(lot: Lot) -> Table:
    """A table that a page is wide enough for: tbl does not make columns smaller."""
    made = table(lot)
    while len(made.rows[0]) > WIDEST:
        made = table(lot)
    return made


def _tbl(lot: Lot, made: Table) -> list[str]:
    """The table in tbl's language: a format for each row, then its cells, parted by @."""
    figures, bold = lot.choice(("r", "c")), lot.random() < 0.5
    rules = lot.choice(("none", "header", "three"))
    # As wide as the line allows, with room for the gaps.
    width = min(2.2, 5.6 / sum(not cell.figure for cell in made.rows[-1] if cell))
    formats = [_format(row, r < made.header, figures, bold, width) for r, row in enumerate(made.rows)]
    lines = [".TS", "tab(@);", *formats[:-1], f"{formats[-1]}."]
    for r, row in enumerate(made.rows):
        if (rules == "three" and r == 0) or (rules != "none" and r == made.header):
            lines.append("_")
        lines.append("@".join(_data(cell, c == 0 or made.texts) for c, cell in enumerate(row) if cell))
    return [*lines, *(["_"] if rules == "three" else []), ".TE"]


def _format(row: tuple[Cell | None, ...], header: bool, figures: str, bold: bool, width: float) -> str:
    keys = []
    for cell in row:
        if cell is None:
            keys.append("s")
            continue
        key = ("c" if header else figures) if cell.figure else "l"
        keys.append(key + ("b" if header and bold else "") + ("" if cell.figure else f"w({width:.2f}i)"))
    return " ".join(keys)


def _data(cell: Cell, wraps: bool) -> str:
    text = "\\ \\ " * cell.indent + cell.text
    return f"T{{\n{text}\nT}}" if wraps and cell.text else text or "\\&"
