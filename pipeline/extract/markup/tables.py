"""Table tags to builders: nested, unclosed, misplaced and implied tables, and the grids they become.

Where cells fall is for `table`, running text for `lines`. What HTML leaves to the reader is done as browsers do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pipeline.extract.markup.headers import mark_headers
from pipeline.extract.markup.limits import Limits, RepairLog
from pipeline.extract.markup.lines import TITLE, Outline, Part
from pipeline.extract.markup.notices import missing
from pipeline.extract.markup.scan import Tag, attribute
from pipeline.extract.markup.table import SpanWork, TableBuilder
from pipeline.extract.markup.tree import Tree
from pipeline.extract.model import ExtractError, Grid, Paragraph, Source, Unread

TABLE_PARTS = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup"})
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_ROW_PARENTS = _GROUPS | {"table"}
_CELL_PARENTS = _ROW_PARENTS | {"tr"}
_SPAN = re.compile(r"\s*([0-9]{1,9})")


@dataclass(slots=True)
class _Open:
    """A table being read: the title found above it; `tagged` is false where rows stand in no table."""

    builder: TableBuilder
    title: str
    tagged: bool
    in_caption: bool = False


@dataclass(slots=True)
class Tables:
    """The open tables of a document, innermost last. Grids go to `emit` once the outermost is whole, in order."""

    html: bool
    limits: Limits
    log: RepairLog
    tree: Tree
    outline: Outline
    emit: Callable[[Part], None]
    _open: list[_Open] = field(default_factory=list)
    _inner: list[Grid] = field(default_factory=list)
    _work: SpanWork = field(init=False)

    def __post_init__(self) -> None:
        self._work = SpanWork(self.limits)

    @property
    def any_open(self) -> bool:
        return bool(self._open)

    def text(self, raw: str, tag: Tag, *, bold: bool) -> None:
        """Raw text before `tag`, inside a table: of its open cell, of its caption, or astray between two cells."""
        table = self._open[-1]
        if table.builder.in_cell:
            table.builder.text(raw, bold=bold)
        elif table.in_caption:
            table.builder.caption.append(raw)
        elif not raw.isspace():
            if not table.tagged:
                self._close()
                self.outline.add(raw, tag, bold=bold)
                return
            self.log.add("texte_hors_cellule", tag.text_source(self.tree.path), raw.strip())
            self.outline.add(raw, tag, bold=False)
            self.outline.settle()

    def line_break(self) -> None:
        self._open[-1].builder.line_break()

    def start(self, key: str, tag: Tag) -> None:
        """An opening tag among `TABLE_PARTS`."""
        if key == "table":
            self._start_table(tag)
            return
        if not self._open:
            if key not in ("tr", "td", "th"):
                return
            self.log.add("ligne_sans_tableau", tag.source)
            self._start_table(tag._replace(name="table", empty=False), tagged=False)
        table = self._open[-1]
        table.in_caption = key == "caption" and not table.builder.in_cell and not tag.empty
        if key in ("td", "th"):
            self._start_cell(table.builder, key, tag)
        elif key == "tr":
            table.builder.open_row(self._enter(key, tag, _ROW_PARENTS))
            if tag.empty and not self.html:
                self.end(key)
        elif key in _GROUPS:
            table.builder.close_row(tagged=False)
            self._enter(key, tag, frozenset({"table"}))
            table.builder.in_head = key == "thead"

    def end(self, key: str) -> None:
        """A closing tag among `TABLE_PARTS`; without its opening it is ignored."""
        if not self._open:
            return
        table = self._open[-1]
        if key == "table":
            self._close()
        elif key in ("td", "th"):
            table.builder.close_cell()
            self.tree.pop_to(_CELL_PARENTS)
        elif key == "tr":
            table.builder.close_row()
            self.tree.pop(key)
        elif key == "caption":
            table.in_caption = False
        elif key in _GROUPS:
            table.builder.close_row(tagged=False)
            table.builder.in_head = False
            self.tree.pop(key)

    def end_all(self) -> None:
        """What held the tables ends: those still open are closed, and counted."""
        while self._open:
            self._close_unclosed()

    def _start_table(self, tag: Tag, *, tagged: bool = True) -> None:
        if self._open and not self._open[-1].builder.in_cell:
            self._close_unclosed()
        if len(self._open) >= self.limits.nested_tables:
            reason = f"Plus de {self.limits.nested_tables} tableaux imbriqués."
            raise ExtractError(reason, "vérifier le fichier", tag.source)
        title = ""
        if self._open:
            self.line_break()
        else:
            title = self.outline.before_table()
        if self.html and self.tree.parent == "p":
            self.tree.pop("p")  # a table ends the paragraph it stands in
        path = self.tree.push(tag, "table")
        source = replace(tag.source, path=path)
        self._open.append(_Open(TableBuilder(source, self.limits, self.log, self._work), title, tagged))
        if tag.empty and not self.html:
            self._close()

    def _start_cell(self, builder: TableBuilder, key: str, tag: Tag) -> None:
        source = self._enter(key, tag, _CELL_PARENTS)
        spans = (1, 1)
        if "span" in tag.attrs.lower():
            spans = self._span(tag, "rowspan"), self._span(tag, "colspan")
        builder.open_cell(source, th=key == "th", spans=spans, needs_close=not tag.empty)
        if tag.empty and not self.html:
            self.end(key)

    def _enter(self, key: str, tag: Tag, parents: frozenset[str]) -> Source:
        """Enter an element under the nearest of `parents`, leaving what was left open there; its place."""
        self.tree.pop_to(parents)
        path = self.tree.push(tag, key)
        return Source(line=tag.line, path=path, offset=tag.offset)

    def _span(self, tag: Tag, name: str) -> int:
        value = attribute(tag.attrs, name)
        if value is None:
            return 1
        found = _SPAN.match(value)
        if not found:
            self.log.add("etendue_illisible", tag.source, f"{name}={value}", "1")
        return int(found[1]) if found else 1

    def _close_unclosed(self) -> None:
        if self._open[-1].tagged:
            self.log.add("tableau_non_ferme", self._open[-1].builder.source)
        self._close()

    def _close(self) -> None:
        table = self._open.pop()
        self.tree.pop("table")
        grid = mark_headers(table.builder.grid(self.outline.under), table.builder.styles, self.log)
        if table.title and not grid.title:
            grid = replace(grid, title=table.title)
        if self._open:
            self.line_break()
            self._inner.append(grid)
            return
        inner, self._inner = sorted(self._inner, key=lambda g: g.source.offset or 0), []
        self._emit(grid, layout=bool(inner))
        for one in inner:
            self._emit(one, layout=False)
        self.outline.leave(TITLE)

    def _emit(self, grid: Grid, *, layout: bool) -> None:
        """A grid, unless nothing is printed in it or its only words say that a table is missing."""
        texts = [cell.text for cell in grid.cells if cell.text]
        if not texts:
            if not layout:
                self.emit(Unread("tableau_non_reproduit", grid.source, grid.title or "tableau sans aucun texte"))
            return
        kind = missing(" ".join(texts), grid.under) if len(texts) <= 2 else None
        if kind is None:
            self.emit(grid)
            return
        for text in texts:
            self.emit(Paragraph(text, grid.source, grid.under))
        self.emit(Unread(kind, grid.source, " ".join(texts)))
