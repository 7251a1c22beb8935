"""DOCX: paragraphs, headings and tables in their order; merged cells as spans, each with its paragraph or cell.

What a reader of the page does not see is set aside: deleted text of tracked changes, hidden text. Raised digits are
superscripts, but a note call behind a number leaves it. Macros, fields, links and embedded objects are never followed;
a picture is a gap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from pipeline.extract.headers import RowStyle, mark_headers
from pipeline.extract.limits import Limits, RepairLog
from pipeline.extract.markup.lines import BREAK, printed
from pipeline.extract.markup.marks import CALL, CALL_END, without_calls, without_marks
from pipeline.extract.model import Aside, Block, Cell, ExtractError, Grid, Heading, Paragraph, Reading, Source, Unread
from pipeline.extract.office import Package, attribute, local

_HEADING = re.compile(r"(?:heading|titre|title)\s*([1-9])?", re.I)
_TRANSPARENT = frozenset(
    [
        *("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink", "AlternateContent", "Choice"),
        *("fldSimple", "dir", "bdo"),
    ]
)
_CONTROL = {ord(CALL): None, ord(CALL_END): None, ord(BREAK): " "}
_MOST_NESTED = 32


def read_docx(data: bytes, limits: Limits | None = None) -> Reading:
    """The blocks of the body. ExtractError for what is no such file, is damaged, or past the limits."""
    limits = limits or Limits()
    package = Package(data, limits)
    main = next(
        (
            (attribute(relation, "Target") or "").lstrip("/")
            for relation in package.tree("_rels/.rels")
            if (attribute(relation, "Type") or "").endswith("/officeDocument")
        ),
        "word/document.xml",
    )
    body = package.tree(main).find("{*}body")
    if body is None:
        raise ExtractError("Le fichier est endommagé : il n'a pas de corps.", "le reprendre à sa source")
    reader = _Reader(limits, _levels(package, main.rpartition("/")[0]))
    reader.read(body)
    log = reader.log
    return Reading(tuple(reader.blocks), (*log.drain(), *log.rest()), tuple(reader.unread), tuple(reader.asides))


def _levels(package: Package, folder: str) -> dict[str, int]:
    """Level of the styles that are headings, by their name or their outline level."""
    name = f"{folder}/styles.xml".lstrip("/")
    if name not in package.names:
        return {}
    found: dict[str, int] = {}
    for style in package.tree(name).iterfind("{*}style"):
        label = style.find("{*}name")
        outline = style.find("{*}pPr/{*}outlineLvl")
        match = _HEADING.fullmatch(attribute(label, "val") or "") if label is not None else None
        level = int(attribute(outline, "val") or 9) + 1 if outline is not None else 0
        if match or 0 < level < 10:
            found[attribute(style, "styleId") or ""] = int(match[1] or 1) if match else level
    return found


@dataclass
class _Text:
    """The text of one paragraph or cell being read: parts with marks, whether all of it is bold."""

    parts: list[str] = field(default_factory=list)
    bold: bool = True

    @property
    def raw(self) -> str:
        return "".join(self.parts)


@dataclass
class _Reader:
    limits: Limits
    levels: dict[str, int]
    blocks: list[Block] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    path: list[tuple[int, str]] = field(default_factory=list)
    paragraphs: int = 0
    tables: int = 0
    rank: int = 0
    cells: int = 0

    def __post_init__(self) -> None:
        self.log = RepairLog(self.limits.repairs_per_kind)

    @property
    def under(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.path)

    def source(self, words: str) -> Source:
        self.rank += 1
        return Source(path=words, offset=self.rank)

    def read(self, parent: etree._Element, depth: int = 0) -> None:
        """The blocks of a body, or of what a control wraps in it."""
        for element in parent:
            name = local(element)
            if name == "p":
                self._paragraph(element)
            elif name == "tbl":
                self._table(element, depth)
            elif name in _TRANSPARENT and depth < _MOST_NESTED:
                self.read(element, depth + 1)
            if len(self.blocks) > self.limits.blocks:
                raise ExtractError(f"Plus de {self.limits.blocks} blocs de texte.", "découper le fichier")

    def _paragraph(self, element: etree._Element) -> None:
        self.paragraphs += 1
        source = self.source(f"paragraphe {self.paragraphs}")
        read = _Text()
        self._inline(element, read, source)
        text = printed(without_marks(read.raw), source, self.log)
        if not text:
            return
        level = self._level(element)
        if level:
            while self.path and self.path[-1][0] >= level:
                self.path.pop()
            self.blocks.append(Heading(level, text.replace("\n", " "), source, self.under))
            self.path.append((level, text.replace("\n", " ")))
        else:
            self.blocks.append(Paragraph(text, source, self.under))

    def _level(self, paragraph: etree._Element) -> int:
        style = paragraph.find("{*}pPr/{*}pStyle")
        outline = paragraph.find("{*}pPr/{*}outlineLvl")
        if outline is not None and (attribute(outline, "val") or "9").isdigit():
            level = int(attribute(outline, "val") or 9) + 1
            if level < 10:
                return level
        return self.levels.get(attribute(style, "val") or "", 0) if style is not None else 0

    def _inline(self, element: etree._Element, read: _Text, source: Source, depth: int = 0) -> None:
        """The runs of a paragraph; hidden and deleted ones are set aside."""
        for child in element:
            name = local(child)
            if name == "r":
                self._run(child, read, source)
            elif name in ("del", "moveFrom"):
                if text := "".join(t.text or "" for t in child.iter("{*}delText", "{*}t")).strip():
                    self.asides.append(Aside("texte_masque", text, self.source(f"{source.path}, supprimé")))
            elif name in _TRANSPARENT and depth < _MOST_NESTED:
                self._inline(child, read, source, depth + 1)

    def _run(self, run: etree._Element, read: _Text, source: Source) -> None:
        properties = run.find("{*}rPr")
        text = "".join(_piece(child) for child in run)
        if any(local(child) in ("drawing", "pict", "object") for child in run):
            self.unread.append(Unread("image_non_lue", source, "image ou objet"))
        if not text:
            return
        if _is_on(properties, "vanish") or _is_on(properties, "webHidden"):
            if text.strip():
                self.asides.append(Aside("texte_masque", text.strip(), self.source(f"{source.path}, masqué")))
            return
        if text.strip() and not _is_on(properties, "b"):
            read.bold = False
        raised = properties.find("{*}vertAlign") if properties is not None else None
        if raised is not None and attribute(raised, "val") == "superscript":
            text = f"{CALL}s{self.rank}:{text}{CALL_END}"
        read.parts.append(text)

    def _table(self, table: etree._Element, depth: int) -> None:
        if depth >= _MOST_NESTED:
            raise ExtractError(f"Plus de {_MOST_NESTED} tableaux imbriqués.", "vérifier le fichier")
        self.tables += 1
        number = self.tables
        last = self.blocks[-1] if self.blocks else None
        title = last.text if isinstance(last, Heading | Paragraph) else ""
        start = self.source(f"tableau {number}")
        cells: list[Cell] = []
        styles: list[RowStyle] = []
        open_spans: dict[int, int] = {}  # column -> rank in `cells` of the cell that goes on downwards
        inner: list[etree._Element] = []
        under = self.under
        for row, element in enumerate(_children(table, "tr")):
            styles.append(RowStyle(in_head=_is_on(element.find("{*}trPr"), "tblHeader")))
            col = _number(element.find("{*}trPr/{*}gridBefore"), 0)
            for box in _children(element, "tc"):
                col = self._cell(box, (number, row, col), cells, styles[-1], open_spans, inner)
        width = max((cell.col + cell.col_span for cell in cells), default=0)
        if any(cell.text for cell in cells):
            grid = Grid(len(styles), width, tuple(cells), start, title, under)
            self.blocks.append(mark_headers(grid, styles, self.log))
        for one in inner:
            self._table(one, depth + 1)

    def _cell(
        self,
        box: etree._Element,
        at: tuple[int, int, int],
        cells: list[Cell],
        style: RowStyle,
        open_spans: dict[int, int],
        inner: list[etree._Element],
    ) -> int:
        """One cell added, or the one above made longer; the column after it."""
        number, row, col = at
        span = max(_number(box.find("{*}tcPr/{*}gridSpan"), 1), 1)
        if span > self.limits.col_span:
            raise ExtractError("Les étendues de cellules sont hors de toute mesure.", "vérifier le fichier")
        merge = box.find("{*}tcPr/{*}vMerge")
        goes_on = merge is not None and (attribute(merge, "val") or "continue") == "continue"
        if goes_on and col in open_spans:
            above = cells[open_spans[col]]
            cells[open_spans[col]] = Cell(
                above.row, above.col, above.text, above.source, row - above.row + 1, above.col_span
            )
            return col + span
        source = self.source(f"tableau {number}, ligne {row + 1}, colonne {col + 1}")
        read = _Text()
        self._blocks_of_cell(box, read, source, inner)
        raw, calls = without_calls(read.raw)
        self.asides += (Aside("note", call, self.source(f"{source.path}, note")) for call, _ in calls)
        text = printed(raw, source, self.log)
        open_spans.pop(col, None)
        if merge is not None:
            open_spans[col] = len(cells)
        cells.append(Cell(row, col, text, source, 1, span))
        self.cells += 1
        if self.cells > self.limits.table_cells:
            raise ExtractError(f"Plus de {self.limits.table_cells} cellules.", "découper le fichier", source)
        if text:
            style.printed += 1
            style.bold += read.bold
        return col + span

    def _blocks_of_cell(
        self, box: etree._Element, read: _Text, source: Source, inner: list[etree._Element], depth: int = 0
    ) -> None:
        for element in box:
            name = local(element)
            if name == "p":
                if read.parts:
                    read.parts.append(BREAK)
                self._inline(element, read, source)
            elif name == "tbl":
                inner.append(element)
            elif name in _TRANSPARENT and depth < _MOST_NESTED:
                self._blocks_of_cell(element, read, source, inner, depth + 1)


def _piece(element: etree._Element) -> str:
    """What an element of a run prints; `&` is written as a page writes it, for `printed` reads raw text."""
    match local(element):
        case "t":
            return (element.text or "").translate(_CONTROL).replace("&", "&amp;")
        case "br" | "cr":
            return BREAK
        case "tab" | "ptab":
            return " "
        case "noBreakHyphen":
            return "-"
        case _:
            return ""


def _children(parent: etree._Element, name: str, depth: int = 0) -> list[etree._Element]:
    """The rows of a table, or the cells of a row, those that a control wraps included."""
    found: list[etree._Element] = []
    for element in parent:
        if local(element) == name:
            found.append(element)
        elif local(element) in _TRANSPARENT and depth < _MOST_NESTED:
            found += _children(element, name, depth + 1)
    return found


def _is_on(properties: etree._Element | None, name: str) -> bool:
    mark = properties.find(f"{{*}}{name}") if properties is not None else None
    return mark is not None and (attribute(mark, "val") or "1") not in ("0", "false", "off")


def _number(element: etree._Element | None, default: int) -> int:
    value = attribute(element, "val") if element is not None else None
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 8 else default
