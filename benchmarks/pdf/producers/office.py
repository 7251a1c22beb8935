"""Documents of lots set by LibreOffice Writer, from flat OpenDocument text, as word processors write them: grounds of
cells and of paragraphs, borders cell by cell. Charts are left to other producers."""

from __future__ import annotations

import subprocess
from html import escape
from pathlib import Path
from shutil import which

from benchmarks.pdf.producers.content import Cell, Table
from benchmarks.pdf.producers.document import Block, Contents, Document, Index, Letterhead, Prose, Set, Style

_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("style", "style"),
        ("text", "text"),
        ("table", "table"),
        ("fo", "xsl-fo-compatible"),
    )
)
_LINE = "0.5pt solid #000000"


def program() -> str | None:
    return which("soffice") or which("libreoffice")


def write(document: Document, path: Path) -> None:
    """Raises CalledProcessError when LibreOffice fails."""
    source = path.with_suffix(".fodt")
    source.write_text(_flat(document), encoding="utf-8")
    profile = f"-env:UserInstallation=file://{path.parent}/office"
    command = [program() or "soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(path.parent)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=180)


def _flat(document: Document) -> str:
    styles: list[str] = []
    body = "".join(_block(block, k, styles) for k, block in enumerate(document.blocks))
    family = "Liberation Serif" if document.serif else "Liberation Sans"
    default = (
        f'<style:default-style style:family="paragraph"><style:text-properties fo:font-family="{family}" '
        f'fo:font-size="{document.size}pt"/></style:default-style>'
    )
    columns = (
        '<style:style style:name="two" style:family="section"><style:section-properties><style:columns '
        'fo:column-count="2" fo:column-gap="12pt"/></style:section-properties></style:style>'
        '<style:style style:name="dots" style:family="paragraph"><style:paragraph-properties><style:tab-stops>'
        '<style:tab-stop style:position="1.2cm"/><style:tab-stop style:position="16cm" style:type="right" '
        'style:leader-style="dotted" style:leader-text="."/></style:tab-stops></style:paragraph-properties>'
        "</style:style>"
        '<style:style style:name="right" style:family="paragraph"><style:paragraph-properties fo:margin-left="9cm"/>'
        "</style:style>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {_SPACES} office:version="1.2" '
        f'office:mimetype="application/vnd.oasis.opendocument.text"><office:styles>{default}</office:styles>'
        f"<office:automatic-styles>{columns}{''.join(styles)}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document>"
    )


def _block(block: Block, k: int, styles: list[str]) -> str:
    match block:
        case Prose(text):
            return _paragraph(text)
        case Set():
            return _set(block, k, styles)
        case Contents(lines):
            return "".join(
                f'<text:p text:style-name="dots">{n}<text:tab/>{escape(title)}<text:tab/>{page}</text:p>'
                for n, title, page in lines
            )
        case Index(lines):
            inside = "".join(map(_paragraph, lines))
            return f'<text:section text:style-name="two" text:name="s{k}">{inside}</text:section>'
        case Letterhead(left, right):
            return "".join(map(_paragraph, left)) + "".join(_paragraph(line, "right") for line in right)
        case _:
            return ""


def _paragraph(text: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{escape(text)}</text:p>'


def _set(made: Set, k: int, styles: list[str]) -> str:
    styles += [
        _paragraph_style(f"p{k}{kind}", made.style, kind)
        for kind in ("H", "HF", "T", "F", "OT", "OF", "HL", "HFL", "OTL", "OFL")
    ]
    n = len(made.table.rows[0])
    width = 16.5 if made.style.wide or made.table.texts else min(16.5, 4.0 + 2.3 * n)
    first = 0.34 * width if not made.table.texts else width / n
    widths = [first, *[(width - first) / (n - 1)] * (n - 1)]
    names = [f"c{k}_{c}" for c in range(n)]
    styles += [
        f'<style:style style:name="{name}" style:family="table-column"><style:table-column-properties '
        f'style:column-width="{w:.2f}cm"/></style:style>'
        for name, w in zip(names, widths, strict=True)
    ]
    styles.append(
        f'<style:style style:name="t{k}" style:family="table"><style:table-properties style:width="{width:.2f}cm" '
        'table:align="left" fo:margin-top="6pt" fo:margin-bottom="6pt"/></style:style>'
    )
    columns = "".join(f'<table:table-column table:style-name="{name}"/>' for name in names)
    rows = "".join(_row(made, r, k, styles) for r in range(len(made.table.rows)))
    around = [_paragraph(text) if text else "" for text in (made.caption, made.note)]
    return f'{around[0]}<table:table table:name="T{k}" table:style-name="t{k}">{columns}{rows}</table:table>{around[1]}'


def _paragraph_style(name: str, style: Style, kind: str) -> str:
    align = {"HF": "center", "F": style.figures, "OF": style.figures}.get(kind.rstrip("L"), "left")
    ground = ' fo:background-color="#c8c8c8"' if kind.endswith("L") else ""
    bold = ' fo:font-weight="bold"' if kind.startswith("H") and style.bold else ""
    align = "end" if align == "right" else align
    return (
        f'<style:style style:name="{name}" style:family="paragraph"><style:paragraph-properties fo:text-align="{align}"'
        f'{ground}/><style:text-properties fo:font-size="{style.size}pt"{bold}/></style:style>'
    )


def _row(made: Set, r: int, k: int, styles: list[str]) -> str:
    cells = []
    for c, cell in enumerate(made.table.rows[r]):
        if cell is None:
            cells.append("<table:covered-table-cell/>")
            continue
        name = f"s{k}_{r}_{c}"
        styles.append(_cell_style(name, made, r, c, cell))
        header, odd = r < made.table.header, (r - made.table.header) % 2
        shaded = "L" if made.style.shade == "lines" and (header or odd) else ""
        kind = ("HF" if cell.figure else "H") if header else ("O" if odd else "") + ("F" if cell.figure else "T")
        kind = "HF" if cell.col_span > 1 else kind
        spans = f' table:number-columns-spanned="{cell.col_span}"' if cell.col_span > 1 else ""
        text = "\u00a0" * (3 * cell.indent) + cell.text
        inside = _paragraph(text, f"p{k}{kind}{shaded}")
        cells.append(f'<table:table-cell table:style-name="{name}"{spans}>{inside}</table:table-cell>')
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _cell_style(name: str, made: Set, r: int, c: int, cell: Cell) -> str:
    sides = _borders(made.style.rules, made.table, r, c, cell)
    borders = " ".join(
        f'fo:border-{side}="{_LINE if side in sides else "none"}"' for side in ("left", "right", "top", "bottom")
    )
    header, odd = r < made.table.header, (r - made.table.header) % 2
    shade = made.style.shade
    ground = ""
    if (header and shade != "none") or shade == "cells" or (shade in ("zebra", "lines") and odd and not header):
        ground = f' fo:background-color="{"#d9d9d9" if header else "#eeeeee"}"'
    return (
        f'<style:style style:name="{name}" style:family="table-cell"><style:table-cell-properties {borders}{ground} '
        f'fo:padding="{made.style.padding / 2}pt" fo:padding-left="{made.style.padding}pt" '
        f'fo:padding-right="{made.style.padding}pt" style:vertical-align="{"bottom" if header else "top"}"/>'
        "</style:style>"
    )


def _borders(rules: str, table: Table, r: int, c: int, cell: Cell) -> set[str]:
    last_row, last_col = r == len(table.rows) - 1, c + cell.col_span == len(table.rows[0])
    under_header = r == table.header - 1
    ends = {side for side, at in (("left", c == 0), ("right", last_col), ("top", r == 0), ("bottom", last_row)) if at}
    heads = {"bottom"} if under_header else set()
    return {
        "grid": {"left", "right", "top", "bottom"},
        "rows": {"bottom"} | (ends & {"top"}),
        "three": (ends & {"top", "bottom"}) | heads,
        "groups": (ends & {"top", "bottom"})
        | heads
        | ({"bottom"} if r < table.header and cell.col_span > 1 else set()),
        "header": heads,
        "outer": ends | heads,
        "columns": {"left", "right"},
    }.get(rules, set())
