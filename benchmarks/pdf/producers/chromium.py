"""Pages printed by a headless Chromium: prose, and tables in the styles that web pages and reports give them.

What the tables say is in `content`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from html import escape
from pathlib import Path
from shutil import which

from benchmarks.pdf.producers.content import Cell, Lot, Table, table

FONTS = ("Liberation Serif", "Liberation Sans", "Liberation Sans Narrow", "DejaVu Sans", "DejaVu Serif", "serif")
RULES = {
    "none": "",
    "three": "table{border-top:1.5px solid;border-bottom:1.5px solid}tr.last th{border-bottom:.7px solid}",
    "hairlines": "td,th{border-bottom:.5px solid #999}",
    "header": "tr.last th{border-bottom:1px solid}",
    "ground": "tr.odd td{background:#e8eef4}th{background:#c8d4e0}",
    "groups": ".group{border-bottom:.7px solid;margin:0 3px}",
}


def program() -> str | None:
    """Where Chromium is, None where it is not installed."""
    return which("chromium") or which("chromium-browser") or which("google-chrome")


def write(path: Path, seed: int) -> list[Table]:
    """Prints the document of that seed to `path`; returns its tables. Raises CalledProcessError when Chromium fails."""
    lot = Lot(f"chromium {seed}")
    html, tables = _document(lot)
    print_page(html, path)
    return tables


def print_page(html: str, path: Path) -> None:
    """Prints a page of HTML to `path`. Raises CalledProcessError when Chromium fails."""
    source = path.with_suffix(".html")
    source.write_text(html, encoding="utf-8")
    profile = path.parent / "profile"
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={profile}")
    command = [program() or "chromium", *options, f"--print-to-pdf={path}", source.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def _document(lot: Lot) -> tuple[str, list[Table]]:
    tables = [table(lot) for _ in range(lot.choice((1, 1, 1, 2)))]
    blocks = [f"<p>{escape(lot.prose())}</p>" for _ in range(lot.randint(0, 2))]
    for number, made in enumerate(tables, 1):
        caption = f"<div>Table {number}. {escape(lot.words(3, 9))}</div>" if lot.random() < 0.7 else ""
        note = f"<small>Source: {escape(lot.words(3, 9))}.</small>" if lot.random() < 0.4 else ""
        blocks.append(f"<section>{caption}{_html(made, lot.random() < 0.5)}{note}</section>")
        blocks += [f"<p>{escape(lot.prose())}</p>" for _ in range(lot.randint(0, 2))]
    return f"<!doctype html><meta charset=utf-8><style>{_style(lot)}</style>{''.join(blocks)}", tables


def _style(lot: Lot) -> str:
    size, above = lot.choice((7, 8, 9, 10)), lot.choice((0, 1, 2, 4))
    figures, labels = lot.choice(("right", "right", "center", "left")), lot.choice(("right", "center", "left"))
    width = lot.choice(("width:100%", ""))
    return (
        f"@page{{size:A4;margin:18mm}}body{{font:{lot.choice((9, 10, 11))}pt '{lot.choice(FONTS)}'}}"
        f"p{{text-align:{lot.choice(('justify', 'left'))}}}section{{margin:10pt 0;break-inside:avoid}}"
        f"table{{border-collapse:collapse;font:{size}pt '{lot.choice(FONTS)}';{width}}}"
        f"td,th{{padding:{above}px {lot.choice((3, 5, 9))}px;vertical-align:top;text-align:left}}"
        f"th{{font-weight:{lot.choice(('bold', 'normal'))};vertical-align:{lot.choice(('bottom', 'top'))}}}"
        f"td.figure{{text-align:{figures};white-space:nowrap}}th.figure{{text-align:{labels}}}th[colspan]{{text-align:center}}"
        f"{RULES[lot.choice(tuple(RULES))]}"
    )


def _html(made: Table, narrow: bool) -> str:
    first = '<col style="width:35%">' if narrow and not made.texts else ""
    return f"<table>{first}{rows_html(made, _grouped)}</table>"


def _grouped(cell: Cell, text: str) -> str:
    return f'<div class="group">{text}</div>' if cell.col_span > 1 else text


def rows_html(made: Table, inside: Callable[[Cell, str], str]) -> str:
    """A table's rows, the last of its header and every other one marked; `inside` sets a cell's escaped text."""
    rows = []
    for r, row in enumerate(made.rows):
        kind = "last" if r == made.header - 1 else "odd" if (r - made.header) % 2 else ""
        cells = (_cell(c, "th" if r < made.header else "td", inside(c, escape(c.text))) for c in row if c)
        rows.append(f'<tr class="{kind}">{"".join(cells)}</tr>')
    return "".join(rows)


def _cell(cell: Cell, tag: str, inside: str) -> str:
    spans = [f' {name}="{n}"' for name, n in (("rowspan", cell.row_span), ("colspan", cell.col_span)) if n > 1]
    indent = f' style="padding-left:{14 * cell.indent}px"' if cell.indent else ""
    return f'<{tag} class="{"figure" if cell.figure else ""}"{"".join(spans)}{indent}>{inside}</{tag}>'
