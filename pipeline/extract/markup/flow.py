"""From tags to blocks: each tag and each text goes to the open table or to the running lines.

What is common to XML and HTML; `extract.xml` and `extract.html` add the elements of their dialect.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.extract.markup.limits import Limits, RepairLog
from pipeline.extract.markup.lines import Outline, Part
from pipeline.extract.markup.scan import Scanner, Tag
from pipeline.extract.markup.tables import TABLE_PARTS, Tables
from pipeline.extract.markup.text import superscript
from pipeline.extract.markup.tree import Tree
from pipeline.extract.model import Repair, Source

BLOCKS = frozenset(
    [
        *("p", "div", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "pre", "center", "address", "form", "fieldset"),
        *("section", "article", "header", "footer", "main", "aside", "nav", "figure", "figcaption", "body", "html"),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
    ]
)
_BOLD = frozenset({"b", "strong"})


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
        self.outline = Outline(self.ready.append, self.log, self.tree)
        self.tables = Tables(scanner.html, limits, self.log, self.tree, self.outline, self.ready.append)
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
        if key in ("br", "hr"):
            self._break()
        elif tag.closing:
            self._close(key)
        elif key in self.void:
            self.opened(key, tag)
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
        self.tables.end_all()
        self.outline.settle()

    def place(self, tag: Tag) -> Source:
        """Where a tag's element begins, after it was entered."""
        return Source(line=tag.line, path=self.tree.path or None, offset=tag.offset)

    def _text(self, tag: Tag) -> None:
        text = superscript(tag.text) if self._raised else tag.text
        if self.tables.any_open:
            self.tables.text(text, tag, bold=self._bold > 0)
        elif self.reads():
            self.outline.add(text, tag, bold=self._bold > 0)

    def _break(self) -> None:
        if self.tables.any_open:
            self.tables.line_break()
        else:
            self.outline.end_line(self.line_level())

    def _open(self, key: str, tag: Tag) -> None:
        if key in TABLE_PARTS:
            if self.reads():
                self._bold = self._raised = 0
                self.tables.start(key, tag)
        elif key in _BOLD:
            self._bold += not tag.empty
        elif key == "sup":
            self._raised += not tag.empty
        elif self.tracks(key):
            if self.scanner.html and ((self.tree.parent == "p" and key in BLOCKS) or self.tree.parent == key == "li"):
                self.tree.pop(self.tree.parent)  # both may be left unclosed
            if key in BLOCKS:
                self._break()
            self.tree.push(tag, key)
            self.opened(key, tag)
            if tag.empty:
                self._close(key)

    def _close(self, key: str) -> None:
        if key in TABLE_PARTS:
            self.tables.end(key)
        elif key in _BOLD:
            self._bold = max(0, self._bold - 1)
        elif key == "sup":
            self._raised = max(0, self._raised - 1)
        elif self.tracks(key):
            if key in self.walls and self.tree.is_open(key):
                self.tables.end_all()
            if key in BLOCKS:
                self._break()
                self._bold = self._raised = 0  # a mark left open ends with its block
            self.closing(key)
            self.tree.pop(key)
