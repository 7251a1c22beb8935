"""Documents of lots as pages of the web, printed by Chromium: grounds and rules of style sheets, charts in SVG."""

from __future__ import annotations

from html import escape
from pathlib import Path

from benchmarks.pdf.producers import chromium
from benchmarks.pdf.producers.content import Table
from benchmarks.pdf.producers.document import Block, Chart, Contents, Document, Index, Letterhead, Prose, Set, Style

RULES = {
    "grid": "td,th{border:.6px solid #222}",
    "rows": "td,th{border-bottom:.5px solid #555}",
    "three": "table{border-top:1.4px solid;border-bottom:1.4px solid}tr.last th{border-bottom:.6px solid}",
    "groups": "table{border-top:1.2px solid;border-bottom:1.2px solid}tr.last th,th[colspan]{border-bottom:.6px solid}",
    "header": "tr.last th{border-bottom:.8px solid}",
    "outer": "table{border:.8px solid}tr.last th{border-bottom:.8px solid}",
    "columns": "td,th{border-left:.5px solid;border-right:.5px solid}",
    "none": "",
}
SHADES = {
    "none": "",
    "header": "th{background:#d0d8e4}",
    "zebra": "tr.odd td{background:#e8eef4}",
    "cells": "td{background:#eef2e6}th{background:#d6dfc4}",
    "lines": "th{background:#ccd}th span{background:#bbc}tr.odd td{background:#eee}tr.odd span{background:#ddd}",
}


program = chromium.program


def write(document: Document, path: Path) -> None:
    """Raises CalledProcessError when Chromium fails."""
    chromium.print_page(page(document), path)


def page(document: Document) -> str:
    family = "Liberation Serif" if document.serif else "Liberation Sans"
    base = f"@page{{size:A4;margin:18mm}}body{{font:{document.size}pt '{family}'}}"
    base += "section{margin:8pt 0;break-inside:avoid}"
    return f"<!doctype html><meta charset=utf-8><style>{base}</style>{''.join(map(_block, document.blocks))}"


def _block(block: Block) -> str:
    match block:
        case Prose(text, heading):
            return f"<h3>{escape(text)}</h3>" if heading else f"<p style='text-align:justify'>{escape(text)}</p>"
        case Set():
            return _set(block)
        case Contents(lines):
            return "".join(map(_leader, lines))
        case Index(lines):
            return f"<div style='columns:2'>{''.join(f'<div>{escape(line)}</div>' for line in lines)}</div>"
        case Letterhead(left, right):
            sides = "".join(f"<div>{'<br>'.join(map(escape, side))}</div>" for side in (left, right))
            return f"<div style='display:flex;justify-content:space-between'>{sides}</div>"
        case Chart():
            return _chart(block)


def _leader(line: tuple[str, str, str]) -> str:
    number, title, page_number = map(escape, line)
    dots = "<span style='flex:1;overflow:hidden;height:1.2em;word-break:break-all'>" + "." * 200 + "</span>"
    indent = 10 * number.count(".")
    numbered = f"<span style='width:30pt'>{number}</span>{title}"
    return f"<div style='display:flex;margin-left:{indent}pt'>{numbered}{dots}{page_number}</div>"


def _chart(chart: Chart) -> str:
    parts = [
        "<svg width='420' height='150' font-size='9'>",
        "<line x1='30' y1='120' x2='410' y2='120' stroke='black'/>",
    ]
    for k, (label, value) in enumerate(chart.bars):
        x = 40 + 46 * k
        parts.append(f"<rect x='{x}' y='{120 - value}' width='30' height='{value}' fill='#47a'/>")
        parts.append(f"<text x='{x}' y='132'>{escape(label)}</text><text x='{x}' y='{116 - value}'>{value}</text>")
    parts += [f"<text x='4' y='{122 - v}'>{v}</text>" for v in (0, 50, 100)]
    return "".join([*parts, "</svg>"])


def _set(made: Set) -> str:
    name = f"t{abs(hash(made)) % 10**9}"
    caption = f"<div>{escape(made.caption)}</div>" if made.caption else ""
    note = f"<small>{escape(made.note)}</small>" if made.note else ""
    return f"<section><style>{_scoped(made.style, name)}</style>{caption}{_table(made.table, name)}{note}</section>"


def _scoped(style: Style, name: str) -> str:
    rules = (
        f"table{{border-collapse:collapse;font-size:{style.size}pt;{'width:100%' if style.wide else ''}}}"
        f"td,th{{padding:{style.padding / 2}pt {style.padding}pt;vertical-align:top;text-align:left}}"
        f"th{{font-weight:{'bold' if style.bold else 'normal'};vertical-align:bottom}}"
        f"td.figure{{text-align:{style.figures};white-space:nowrap}}th.figure,td[colspan]{{text-align:center}}"
        f"{RULES[style.rules]}{SHADES[style.shade]}"
    )
    parts = [part for part in rules.split("}") if part]
    return "".join(
        f"{','.join(_within(s, name) for s in part.split('{')[0].split(','))}{{{part.split('{')[1]}}}" for part in parts
    )


def _within(selector: str, name: str) -> str:
    return f"table.{name}{selector[5:]}" if selector.startswith("table") else f"table.{name} {selector}"


def _table(made: Table, name: str) -> str:
    return f'<table class="{name}">{chromium.rows_html(made, lambda _, text: f"<span>{text}</span>")}</table>'
