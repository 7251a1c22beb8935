"""XLSX (and XLSM, whose macros are never looked at): sheets to grids, each cell as displayed, at its A1.

Read from the parts of the package, in one pass a sheet: a number's format, the merged cells, and what is hidden stand
there. Hidden sheets, rows and columns are not printed: left out, and said. A formula's value is the one it was saved
with; links to other files are never followed.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, replace
from functools import cached_property

from lxml import etree

from pipeline.extract.displayed import BUILT_IN, displayed, general
from pipeline.extract.limits import Limits, RepairLog
from pipeline.extract.model import Aside, Block, Cell, ExtractError, Heading, Reading, Repair, Source
from pipeline.extract.office import Package, attribute, local
from pipeline.extract.sheets import Sheet, blocks_of, place

_A1 = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_MOST_COLUMNS, _MOST_ROWS = 16_384, 1_048_576


def read_xlsx(data: bytes, limits: Limits | None = None) -> Reading:
    """The tables of every sheet that is shown, under its name. ExtractError for what is no workbook or past the
    limits."""
    limits = limits or Limits()
    package = Package(data, limits)
    book = _Workbook(package, limits)
    blocks: list[Block] = []
    log = RepairLog(limits.repairs_per_kind)
    for name, path, shown in book.sheets:
        sheet = _SheetReader(book, name, path)
        sheet.read()
        if not shown:
            if sheet.cells:
                text = f"feuille masquée « {name} » : {len(sheet.cells)} cellules"
                book.asides.append(Aside("texte_masque", text, Source(path=f"feuille « {name} »", offset=book.rank)))
                book.rank += 1
            continue
        if not sheet.cells:
            continue
        blocks.append(Heading(1, name, Source(path=f"feuille « {name} »", offset=sheet.first)))
        blocks += blocks_of(Sheet(sheet.cells, sheet.bold, (name,)), log)
        book.repairs += sheet.repairs
        book.asides += sheet.asides
    repairs = (*book.repairs, *log.drain(), *log.rest())
    return Reading(tuple(blocks), repairs, asides=tuple(book.asides))


@dataclass
class _Workbook:
    """What the sheets share: texts, formats, and the order of places."""

    package: Package
    limits: Limits
    rank: int = 0
    """Of the next cell, over all sheets: the order of places."""
    count: int = 0
    repairs: list[Repair] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)

    @cached_property
    def main(self) -> str:
        """The part that is the workbook, as the package names it."""
        for relation in self.package.tree("_rels/.rels"):
            if (attribute(relation, "Type") or "").endswith("/officeDocument"):
                return (relation.get("Target") or "").lstrip("/")
        raise ExtractError("Le fichier est endommagé : le classeur n'y est pas nommé.", "le reprendre à sa source")

    @cached_property
    def _relations(self) -> dict[str, str]:
        folder, name = posixpath.split(self.main)
        return {
            relation.get("Id") or "": posixpath.normpath(posixpath.join("/", folder, relation.get("Target") or ""))[1:]
            for relation in self.package.tree(f"{folder}/_rels/{name}.rels".lstrip("/"))
            if relation.get("TargetMode") != "External"
        }

    @cached_property
    def _book(self) -> etree._Element:
        return self.package.tree(self.main)

    @property
    def sheets(self) -> list[tuple[str, str, bool]]:
        """(name, part, whether it is shown) in the order of the tabs; sheets of charts have no cells."""
        found: list[tuple[str, str, bool]] = []
        for sheet in self._book.iter("{*}sheet"):
            path = self._relations.get(attribute(sheet, "id") or "", "")
            if path and "chartsheet" not in path and "dialogsheet" not in path:
                found.append((sheet.get("name") or "", path, (sheet.get("state") or "visible") == "visible"))
        return found

    @cached_property
    def since_1904(self) -> bool:
        return any((one.get("date1904") or "0") in ("1", "true") for one in self._book.iter("{*}workbookPr"))

    @cached_property
    def texts(self) -> list[str]:
        path = next((p for p in self._relations.values() if p.rpartition("/")[2].lower() == "sharedstrings.xml"), None)
        if path is None or path not in self.package.names:
            return []
        found: list[str] = []
        for item in self.package.elements(path, *(f"{{{ns}}}si" for ns in _MAIN)):
            found.append(_text(item))
            item.clear()
            if len(found) > self.limits.book_texts:
                raise ExtractError(f"Plus de {self.limits.book_texts} textes.", "découper le fichier")
        return found

    @cached_property
    def formats(self) -> list[tuple[str, bool]]:
        """(format code, bold) of each style of a cell."""
        path = next((p for p in self._relations.values() if p.rpartition("/")[2].lower() == "styles.xml"), None)
        if path is None or path not in self.package.names:
            return []
        styles = self.package.tree(path)
        codes = dict(BUILT_IN)
        for one in styles.iter("{*}numFmt"):
            codes[int(one.get("numFmtId") or 0)] = one.get("formatCode") or "General"
        fonts = styles.find("{*}fonts")
        bold = [_is_bold(font) for font in fonts] if fonts is not None else []
        cells = styles.find("{*}cellXfs")
        found: list[tuple[str, bool]] = []
        for one in cells if cells is not None else ():
            font = int(one.get("fontId") or 0)
            code = codes.get(int(one.get("numFmtId") or 0), "General")
            found.append((code, bold[font] if font < len(bold) else False))
        return found

    def style(self, number: str | None) -> tuple[str, bool]:
        rank = int(number) if number and number.isdigit() else 0
        return self.formats[rank] if rank < len(self.formats) else ("General", False)


@dataclass
class _SheetReader:
    """The printed cells of one sheet, and what of it is hidden."""

    book: _Workbook
    name: str
    path: str
    cells: list[Cell] = field(default_factory=list)
    bold: set[tuple[int, int]] = field(default_factory=set)
    repairs: list[Repair] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    first: int = 0
    _hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    _row: int = -1

    def read(self) -> None:
        self.first = self.book.rank
        self.book.rank += 1
        merged: list[tuple[int, int, int, int]] = []
        names = [f"{{{ns}}}{name}" for ns in _MAIN for name in ("row", "mergeCell", "col")]
        for element in self.book.package.elements(self.path, *names):
            match local(element):
                case "col":
                    self._column(element)
                case "row":
                    self._read_row(element)
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]  # type: ignore[union-attr]
                case _:
                    if area := _area(element.get("ref") or ""):
                        merged.append(area)
        self._merge(merged)

    def _column(self, element: etree._Element) -> None:
        if (element.get("hidden") or "0") in ("1", "true"):
            self._hidden_columns.append((int(element.get("min") or 1) - 1, int(element.get("max") or 1) - 1))

    def _read_row(self, row: etree._Element) -> None:
        number = row.get("r")
        self._row = int(number) - 1 if number and number.isdigit() else self._row + 1
        if self._row >= _MOST_ROWS:
            reason = f"feuille « {self.name} » : ligne {self._row + 1} hors de la feuille."
            raise ExtractError(reason, "vérifier le fichier")
        row_hidden = (row.get("hidden") or "0") in ("1", "true")
        col = -1
        masked: list[str] = []
        for element in row:
            found = _A1.fullmatch(element.get("r") or "")
            col = _column_number(found[1]) if found else col + 1
            if local(element) != "c" or len(element) == 0 or col >= _MOST_COLUMNS:
                continue
            text, bold = self._cell(element, col)
            if not text:
                continue
            if row_hidden or any(low <= col <= high for low, high in self._hidden_columns):
                masked.append(text)
                continue
            source = place(self.name, self._row, col, self.book.rank)
            self.book.rank += 1
            self.cells.append(Cell(self._row, col, text, source))
            if bold:
                self.bold.add((self._row, col))
        if masked:
            where = Source(path=f"feuille « {self.name} », ligne {self._row + 1}, masqué", offset=self.book.rank)
            self.book.rank += 1
            self.asides.append(Aside("texte_masque", " | ".join(masked), where))
        self.book.count += len(row)
        if len(self.cells) > self.book.limits.sheet_cells:
            reason = f"Une feuille a plus de {self.book.limits.sheet_cells} cellules."
            raise ExtractError(reason, "découper le fichier")

    def _cell(self, element: etree._Element, col: int) -> tuple[str, bool]:
        """The displayed text of a cell, and whether it is bold."""
        code, bold = self.book.style(element.get("s"))
        kind = element.get("t") or "n"
        value = formula = None
        for child in element:
            match local(child):
                case "v":
                    value = child.text or ""
                case "f":
                    formula = child.text or ""
                case "is":
                    value, kind = _text(child), "text"
        if value is None:
            if formula is not None:
                where = place(self.name, self._row, col, self.book.rank)
                self.book.rank += 1
                self.repairs.append(Repair("formule_sans_valeur", where, f"={formula[:200]}"))
            return "", bold
        return self._shown(value, kind, code).strip(), bold

    def _shown(self, value: str, kind: str, code: str) -> str:
        if kind == "s":
            rank = int(value) if value.isdigit() else -1
            if not 0 <= rank < len(self.book.texts):
                raise ExtractError("Le fichier est endommagé : un texte y manque.", "le reprendre à sa source")
            return self.book.texts[rank]
        if kind == "b":
            return "VRAI" if value == "1" else "FAUX"
        if kind in ("str", "text", "e", "d"):
            return _unescaped(value)
        try:
            number = float(value)
        except ValueError:
            return value
        if number != number or abs(number) == float("inf"):
            return value
        return displayed(number, code, since_1904=self.book.since_1904) if code != "General" else general(number)

    def _merge(self, merged: list[tuple[int, int, int, int]]) -> None:
        """Cells that begin a merged area get its spans; what stands under it is not seen."""
        if not merged:
            return
        areas = {(top, left): (bottom, right) for top, left, bottom, right in merged}
        under = _Covered(merged)
        kept: list[Cell] = []
        for cell in self.cells:
            if (area := areas.get((cell.row, cell.col))) is not None:
                kept.append(replace(cell, row_span=area[0] - cell.row + 1, col_span=area[1] - cell.col + 1))
            elif under.covers(cell.row, cell.col):
                self.asides.append(Aside("texte_masque", cell.text, cell.source))
            else:
                kept.append(cell)
        self.cells = kept


class _Covered:
    """Positions inside merged areas, asked row by row."""

    def __init__(self, areas: list[tuple[int, int, int, int]]) -> None:
        self._areas = sorted(areas)
        self._open: list[tuple[int, int, int, int]] = []
        self._next = 0

    def covers(self, row: int, col: int) -> bool:
        while self._next < len(self._areas) and self._areas[self._next][0] <= row:
            self._open.append(self._areas[self._next])
            self._next += 1
        if self._open and any(area[2] < row for area in self._open):
            self._open = [area for area in self._open if area[2] >= row]
        return any(left <= col <= right for _, left, _, right in self._open)


def _is_bold(font: etree._Element) -> bool:
    mark = font.find("{*}b")
    return mark is not None and (mark.get("val") or "1") not in ("0", "false")


def _text(item: etree._Element) -> str:
    """The text of a string and its runs, without phonetic marks; raised digits are superscripts."""
    parts: list[str] = []
    for child in item:
        if local(child) == "t":
            parts.append(child.text or "")
        elif local(child) == "r":
            text = "".join(t.text or "" for t in child if local(t) == "t")
            raised = child.find("{*}rPr/{*}vertAlign")
            if raised is not None and raised.get("val") == "superscript" and text.strip().isdigit():
                text = text.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
            parts.append(text)
    return "\n".join(" ".join(line.split(" ")).strip() for line in _unescaped("".join(parts)).splitlines()).strip()


def _unescaped(text: str) -> str:
    """Text with the characters that a file writes as _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\r\n", "\n").replace("\r", "\n")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _area(ref: str) -> tuple[int, int, int, int] | None:
    """(top, left, bottom, right) of a range, from 0; None for what is no range inside a sheet."""
    first, _, last = ref.partition(":")
    a, b = _A1.fullmatch(first), _A1.fullmatch(last or first)
    if not a or not b:
        return None
    top, left, bottom, right = int(a[2]) - 1, _column_number(a[1]), int(b[2]) - 1, _column_number(b[1])
    inside = top <= bottom < _MOST_ROWS and left <= right < _MOST_COLUMNS
    return (top, left, bottom, right) if inside else None
