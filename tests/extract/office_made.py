"""Office documents made here, part by part: the least that each kind needs around its cells."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

_XL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """A package of these parts; the first stands first and unpacked."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for rank, (name, content) in enumerate(parts.items()):
            package.writestr(name, content, zipfile.ZIP_STORED if rank == 0 else None)
    return buffer.getvalue()


def _relations(*targets: tuple[str, str, str]) -> str:
    inside = "".join(
        f'<Relationship Id="{identity}" Type="{_REL}/{kind}" Target="{target}"/>' for identity, kind, target in targets
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def cell(ref: str, value: str | float | None, style: int = 0, formula: str = "") -> str:
    """A cell of a sheet: a text inline, a number as it is, a formula with its value or, for None, without."""
    f = f"<f>{escape(formula)}</f>" if formula else ""
    if isinstance(value, str):
        return f'<c r="{ref}" s="{style}" t="inlineStr">{f}<is><t>{escape(value)}</t></is></c>'
    return f'<c r="{ref}" s="{style}">{f}{"" if value is None else f"<v>{value}</v>"}</c>'


def row(number: int, *cells: str, hidden: bool = False) -> str:
    mark = ' hidden="1"' if hidden else ""
    return f'<row r="{number}"{mark}>{"".join(cells)}</row>'


def sheet(*rows: str, merged: tuple[str, ...] = (), columns: str = "") -> str:
    areas = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
    tail = f"<mergeCells>{areas}</mergeCells>" if merged else ""
    return f'<worksheet xmlns="{_XL}">{columns}<sheetData>{"".join(rows)}</sheetData>{tail}</worksheet>'


def xlsx(
    sheets: dict[str, str],
    *,
    formats: tuple[str, ...] = (),
    hidden: tuple[str, ...] = (),
    more: dict[str, str | bytes] | None = None,
) -> bytes:
    """A workbook; style n of a cell is format n, from 1, and the style after the last format is bold."""
    names = list(sheets)
    states = dict.fromkeys(hidden, ' state="hidden"')
    tabs = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="s{n}"{states.get(name, "")}/>'
        for n, name in enumerate(names, start=1)
    )
    quoted = [escape(code, {'"': "&quot;"}) for code in formats]
    codes = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(quoted))
    styles = "".join(f'<xf numFmtId="{200 + n}" fontId="0"/>' for n in range(len(formats)))
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": _relations(("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_XL}" xmlns:r="{_REL}"><sheets>{tabs}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            *((f"s{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)),
            ("st", "styles", "styles.xml"),
        ),
        "xl/styles.xml": (
            f'<styleSheet xmlns="{_XL}"><numFmts>{codes}</numFmts><fonts><font/><font><b/></font></fonts>'
            f'<cellXfs><xf numFmtId="0" fontId="0"/>{styles}<xf numFmtId="0" fontId="1"/></cellXfs></styleSheet>'
        ),
    }
    parts |= {f"xl/worksheets/sheet{n}.xml": sheets[name] for n, name in enumerate(names, start=1)}
    return zipped(parts | (more or {}))


def ods(*tables: str, styles: str = "") -> bytes:
    spaces = " ".join(f'xmlns:{short}="{_ODF}:{name}:1.0"' for short, name in _ODF_NAMES.items())
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


_ODF_NAMES = {"office": "office", "table": "table", "text": "text", "style": "style", "fo": "xsl-fo-compatible"}


def docx(body: str, styles: str = "") -> bytes:
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": _relations(("r1", "officeDocument", "word/document.xml")),
        "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
    }
    if styles:
        parts["word/styles.xml"] = f'<w:styles xmlns:w="{_W}">{styles}</w:styles>'
    return zipped(parts)


def paragraph(text: str, style: str = "") -> str:
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{named}<w:r><w:t xml:space='preserve'>{escape(text)}</w:t></w:r></w:p>"


def box(content: str, properties: str = "") -> str:
    """A cell of a table of a text: paragraphs, or a text that becomes one."""
    inside = content if content.startswith("<") else paragraph(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def text_table(*rows: tuple[str, ...]) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{''.join(cells)}</w:tr>" for cells in rows) + "</w:tbl>"
