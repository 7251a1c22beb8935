"""From tags to blocks: running text to `lines`, tables to `table`, unclosed and misplaced tags mended and counted.

What is common to XML and HTML; `extract.xml` and `extract.html` add the elements of their dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.extract.markup.headers import mark_headers
from pipeline.extract.markup.limits import Limits, RepairLog
from pipeline.extract.markup.lines import TITLE, Outline, Part
from pipeline.extract.markup.notices import missing
from pipeline.extract.markup.scan import Scanner, Tag, attribute
from pipeline.extract.markup.table import SpanWork, TableBuilder
from pipeline.extract.markup.text import superscript
from pipeline.extract.markup.tree import Tree
from pipeline.extract.model import ExtractError, Grid, Paragraph, Repair, Source, Unread

BLOCKS = frozenset(
    [
        *("p", "div", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "pre", "center", "address", "form", "fieldset"),
        *("section", "article", "header", "footer", "main", "aside", "nav", "figure", "figcaption", "body", "html"),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
    ]
)
TABLE_PARTS = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup"})
_BOLD = frozenset({"b", "strong"})
_ROW_PARENTS = frozenset({"table", "thead", "tbody", "tfoot"})
_CELL_PARENTS = _ROW_PARENTS | {"tr"}
_SPAN = re.compile(r"\s*([0-9]{1,9})")


class Flow:
    """One document being read. `parts()` gives what is ready; `log` holds what was mended."""

    #: Elements that never hold anything.
    void: frozenset[str] = frozenset({"br", "hr", "img", "col"})
    #: Elements that cannot be closed while a table stays open inside them.
    walls: frozenset[str] = frozenset({"body", "html"})

    def __init__(self, scanner: Scanner, limits: Limits) -> None:
        self.limits, self.scanner = limits, scanner
        self.log = RepairLog(limits.repairs_per_kind)
        self.tree = Tree(limits.depth)
        self.ready: list[Part] = []
        self.outline = Outline(self.ready.append, self.log)
        self._work = SpanWork(limits)
        self._tables: list[TableBuilder] = []
        self._titles: list[str] = []  # of the open tables
        self._nested: list[Grid] = []
        self._implied = False  # the outermost table has no tag of its own
        self._caption = False
        self._bold = 0
        self._raised = 0

    # What dialects add

    def reads(self) -> bool:
        """Whether running text here belongs to the document."""
        return True

    def opened(self, key: str, tag: Tag) -> None:
        """A tag that is no part of a table and no inline mark."""

    def closing(self, key: str) -> None:
        """The same, before its element is left."""

    def line_level(self) -> int | None:
        """The level of the line that ends here, where its element makes it a heading."""
        return None

    def tracks(self, key: str) -> bool:  # noqa: ARG002
        """Whether the element counts in paths."""
        return True

    # Tags

    def feed(self, tag: Tag) -> None:
        if tag.text:
            self._text(tag)
        key = tag.name.lower()
        if not key:
            return
        if not tag.finished and (key in TABLE_PARTS or key in BLOCKS):
            self.log.add("balise_inachevee", tag.source, f"<{tag.name}{tag.attrs}")
        if key in self.void:
            self._void(key, tag)
        elif tag.closing:
            self._close(key)
        else:
            self._open(key, tag)

    def parts(self) -> Iterator[Part | Repair]:
        """What became ready since the last call, mended places first."""
        yield from self.log.drain()
        yield from self.ready
        self.ready.clear()

    def finish(self) -> None:
        """The document ends: whatever is still open is closed, and said."""
        if self.scanner.unfinished:
            opening, offset, line = self.scanner.unfinished
            self.log.add("construction_non_fermee", Source(line=line, offset=offset), opening)
        while self._tables:
            self._unclosed_table()
        self.outline.settle()

    def place(self, tag: Tag) -> Source:
        """Where a tag's element begins, after it was entered."""
        return Source(line=tag.line, path=self.tree.path or None, offset=tag.offset)

    def _text(self, tag: Tag) -> None:
        text = superscript(tag.text) if self._raised else tag.text
        if not self._tables:
            if self.reads():
                self.outline.add(text, lambda: self._text_source(tag), bold=self._bold > 0)
            return
        table = self._tables[-1]
        if table.in_cell:
            table.text(text, bold=self._bold > 0)
        elif self._caption:
            table.caption.append(text)
        elif not text.isspace():
            if self._implied and len(self._tables) == 1:
                self._close_table()
            else:
                self.log.add("texte_hors_cellule", self._text_source(tag), text.strip())
            self.outline.add(text, lambda: self._text_source(tag), bold=False)

    def _text_source(self, tag: Tag) -> Source:
        """Where the first printed character of a tag's text stands."""
        text = tag.text.lstrip()
        return Source(line=tag.line - text.count("\n"), path=self.tree.path or None, offset=tag.offset - len(text))

    def _void(self, key: str, tag: Tag) -> None:
        if key in ("br", "hr"):
            self._break()
        else:
            self.opened(key, tag)

    def _break(self) -> None:
        if not self._tables:
            self.outline.end_line(self.line_level())
        elif self._tables[-1].in_cell:
            self._tables[-1].line_break()

    def _open(self, key: str, tag: Tag) -> None:
        if key in TABLE_PARTS:
            self._open_table_part(key, tag)
        elif key in _BOLD:
            self._bold += not tag.empty
        elif key == "sup":
            self._raised += not tag.empty
        elif self.tracks(key):
            if self.scanner.html and ((self.tree.parent == "p" and key in BLOCKS) or self.tree.parent == key == "li"):
                self.tree.pop(self.tree.parent)  # both may be left unclosed
            if key in BLOCKS:
                self._break()
            self.tree.push(tag.name, key, tag.source)
            self.opened(key, tag)
            if tag.empty:
                self._close(key)

    def _close(self, key: str) -> None:
        if key in _BOLD:
            self._bold = max(0, self._bold - 1)
        elif key == "sup":
            self._raised = max(0, self._raised - 1)
        elif key in TABLE_PARTS:
            self._close_table_part(key)
        elif self.tracks(key):
            if key in self.walls and self.tree.is_open(key):
                while self._tables:
                    self._unclosed_table()
            if key in BLOCKS:
                self._break()
            self.closing(key)
            self.tree.pop(key)

    # Tables

    def _open_table_part(self, key: str, tag: Tag) -> None:
        if key == "table":
            self._open_table(tag)
            return
        if not self._tables:
            if not self.reads() or key not in ("tr", "td", "th"):
                return
            self.log.add("ligne_sans_tableau", tag.source)
            self._open_table(tag._replace(name="table", attrs=""))
            self._implied = True
        table = self._tables[-1]
        self._bold = self._raised = 0
        if key in ("td", "th"):
            self._open_cell(table, key, tag)
        elif key == "tr":
            self.tree.pop_to(_ROW_PARENTS)
            self.tree.push(tag.name, key, tag.source)
            table.open_row(self.place(tag))
        elif key == "caption":
            self._caption = not table.in_cell and not tag.empty
        elif key != "colgroup":
            table.close_row(tagged=False)
            self.tree.pop_to(frozenset({"table"}))
            self.tree.push(tag.name, key, tag.source)
            table.in_head = key == "thead"

    def _open_cell(self, table: TableBuilder, key: str, tag: Tag) -> None:
        self.tree.pop_to(_CELL_PARENTS)
        self.tree.push(tag.name, key, tag.source)
        spans = (1, 1)
        if "span" in tag.attrs.lower():
            spans = self._span(tag, "rowspan"), self._span(tag, "colspan")
        table.open_cell(self.place(tag), th=key == "th", spans=spans, needs_close=not tag.empty)
        if tag.empty and not self.scanner.html:
            self._close_table_part(key)

    def _span(self, tag: Tag, name: str) -> int:
        value = attribute(tag.attrs, name)
        if value is None:
            return 1
        found = _SPAN.match(value)
        if not found:
            self.log.add("etendue_illisible", tag.source, f"{name}={value}", "1")
        return int(found[1]) if found else 1

    def _open_table(self, tag: Tag) -> None:
        if not self.reads():
            return
        if self._tables and not self._tables[-1].in_cell:
            self._unclosed_table()
        if len(self._tables) >= self.limits.nested_tables:
            raise ExtractError(
                f"Plus de {self.limits.nested_tables} tableaux imbriqués.", "vérifier le fichier", tag.source
            )
        title = ""
        if self._tables:
            self._tables[-1].line_break()
        else:
            title = self.outline.before_table()
        if self.scanner.html and self.tree.parent == "p":
            self.tree.pop("p")
        path = self.tree.push(tag.name, "table", tag.source)
        self._tables.append(TableBuilder(self.place(tag), path, self.limits, self.log, self._work))
        self._titles.append(title)

    def _close_table_part(self, key: str) -> None:
        if not self._tables:
            return
        table = self._tables[-1]
        if key == "table":
            self._close_table()
        elif key in ("td", "th"):
            table.close_cell()
            self.tree.pop_to(_CELL_PARENTS)
        elif key == "tr":
            table.close_row()
            self.tree.pop("tr")
        elif key == "caption":
            self._caption = False
        elif key != "colgroup":
            table.close_row(tagged=False)
            table.in_head = False
            self.tree.pop(key)

    def _unclosed_table(self) -> None:
        if not self._implied or len(self._tables) > 1:
            self.log.add("tableau_non_ferme", self._tables[-1].source)
        self._close_table()

    def _close_table(self) -> None:
        table, title = self._tables.pop(), self._titles.pop()
        self._caption = False
        self.tree.pop("table")
        printed = table.grid(self.outline.under)
        grid = mark_headers(printed, table.styles, self.log)
        if title and not grid.title:
            grid = Grid(grid.n_rows, grid.n_cols, grid.cells, grid.source, title, grid.under)
        if self._tables:
            self._tables[-1].line_break()
            self._nested.append(grid)
            return
        self._implied = False
        self.outline.end_line()
        nested, self._nested = sorted(self._nested, key=lambda g: g.source.offset or 0), []
        self._emit(grid, layout=bool(nested))
        for inner in nested:
            self._emit(inner, layout=False)
        self.outline.leave(TITLE)

    def _emit(self, grid: Grid, *, layout: bool) -> None:
        """A grid, unless nothing is printed in it or its only words say that a table is missing."""
        texts = [cell.text for cell in grid.cells if cell.text]
        if not texts:
            if not layout:
                self.ready.append(
                    Unread("tableau_non_reproduit", grid.source, grid.title or "tableau sans aucun texte")
                )
            return
        kind = missing(" ".join(texts), grid.under) if len(texts) <= 2 else None
        if kind is None:
            self.ready.append(grid)
            return
        for text in texts:
            self.ready.append(Paragraph(text, grid.source, grid.under))
        self.ready.append(Unread(kind, grid.source, " ".join(texts)))
