"""A whole text with the shapes the Journal officiel prints, and the golden file of what is read of it.

After a wanted change of behaviour: python -m tests.extract.golden_xml.make, and look at the diff.
"""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.extract.model import Grid, Heading, Reading
from pipeline.extract.xml import read_xml
from tests.extract.jorf_made import article, jorf_text, section, table

GOLDEN = Path(__file__).with_name("reading.json")

SPANS = """<table><tr><td colspan="3">Loyers par zone</td></tr>
<tr><th rowspan="2">Zone</th><th colspan="2">Loyer<br/>mensuel</th></tr><tr><th>2029</th><th>2030</th></tr>
<tr><td rowspan="2">A</td><td>12,5</td><td>13<sup>(1)</sup></td></tr><tr><td>11</td><td/></tr></table>"""
BROKEN = "<table><tr><td>Ain<br/>Aisne<td>1 200<sup>2</sup><tr><td>Is&amp;egrave;re</td><td>900</td></table>"
NESTED = "<table><tr><td>Avant<table><tr><td>Dedans</td></tr></table>après</td><td>Seul</td></tr></table>"


def text() -> bytes:
    plain = table([["Commune", "Plafond"], ["Ambérieu", "1 200"], ["Bourg", "900"], ["Oyonnax", ""], ["Nantua", "850"]])
    return jorf_text(
        article("<p><br/>Les plafonds sont fixés en annexe.<br/>Ils sont révisés chaque année.</p>", "1er"),
        section(
            "Annexes",
            article("<p><br/>ANNEXE I<br/>Plafonds par commune</p>" + plain + "<p>(1) Hors charges.</p>"),
            article("<p>ANNEXE II</p>" + SPANS + BROKEN),
            article("<p>ANNEXE III</p><p><b>Titre gras</b></p>" + NESTED),
            article("<p>ANNEXE IV</p><p>Vous pouvez consulter le tableau dans le JO n° 31 du 6 février 2030.</p>"),
        ),
    )


def shown(reading: Reading) -> dict[str, object]:
    """The reading as JSON: blocks in order with line and headings path, one string a cell (★ header, r×c spans)."""
    blocks = []
    for block in reading.blocks:
        kind = f"{type(block).__name__} l. {block.source.line}"
        under = " > ".join(block.under)
        if isinstance(block, Grid):
            blocks.append([kind, under, block.title, _rows(block)])
        else:
            blocks.append([kind, under, block.text, block.level if isinstance(block, Heading) else 0])
    return {
        "meta": reading.meta,
        "blocks": blocks,
        "repairs": [[r.kind, r.source.line, r.before, r.after] for r in reading.repairs],
        "unread": [[u.kind, u.source.line, u.detail] for u in reading.unread],
    }


def _rows(grid: Grid) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(grid.n_rows)]
    for cell in grid.cells:
        spans = f" {cell.row_span}×{cell.col_span}" if (cell.row_span, cell.col_span) != (1, 1) else ""
        rows[cell.row].append(f"{'★ ' if cell.header else ''}{cell.text}{spans}")
    return rows


def dumped(reading: Reading) -> str:
    return json.dumps(shown(reading), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(dumped(read_xml(text())), encoding="utf-8")
