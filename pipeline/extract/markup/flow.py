"""From tags to blocks: each tag and each text goes to the open table or to the running lines; the parts of a document.

What is common to XML and HTML; `extract.xml` and `extract.html` add the elements of their dialect. Streams are
seekable and stay open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO, Literal

from pipeline.extract.limits import Limits, RepairLog
from pipeline.extract.markup.decode import Encoding, cut_in_a_character, encoding_of, size_of, text_chunks
from pipeline.extract.markup.lines import Outline, Printed, is_rectificatif
from pipeline.extract.markup.marks import INLINE, Hidden, HiddenPart, InlineMarks, hiding
from pipeline.extract.markup.scan import Scanner, Tag, Tree
from pipeline.extract.markup.styles import Sheet, is_block
from pipeline.extract.markup.tables import TABLE_PARTS, Tables
from pipeline.extract.model import Aside, Block, ExtractError, Grid, Paragraph, Reading, Repair, Source, Unread

Part = Block | Repair | Unread | Aside

BLOCKS = frozenset(
    [
        *("p", "div", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "pre", "center", "address", "form", "fieldset"),
        *("section", "article", "header", "footer", "main", "aside", "nav", "figure", "figcaption", "body", "html"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "details", "summary", "dialog", "legend", "option", "optgroup"),
    ]
)
_UNTRACKED = frozenset({"b", "strong", "sup"})
_NEVER_HIDDEN = frozenset({"html", "body", "caption", "colgroup"})


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
        self.ready: list[Printed | Aside] = []
        self.outline = Outline(self.ready.append, self.log, self.tree)
        self.tables = Tables(scanner.html, limits, self.log, self.tree, self.outline, self.ready.append)
        self._marks = InlineMarks()
        self._hidden: HiddenPart | None = None
        self._sheet = Sheet()
        self._on_lines: list[str] = []
        """Running elements that a style puts on lines of their own."""

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
        if self._hidden:
            inside, used_up = self._hidden.takes(tag)
            if not inside:
                self._end_hidden()
            if used_up:
                return
            tag = tag._replace(text="")
        if tag.text:
            self._text(tag)
        key = tag.name.lower()
        if not key:
            return
        if self.scanner.html and not tag.closing:
            tag = self._styled(key, tag)
        if not tag.finished and (key in TABLE_PARTS or key in BLOCKS):
            self.log.add("balise_inachevee", tag.source, f"<{tag.name}{tag.attrs}")
        if key in ("br", "hr"):
            self._break()
        elif tag.closing:
            self._close(key)
        elif key in self.void:
            self.opened(key, tag)
        elif not tag.empty and key not in _NEVER_HIDDEN and (how := hiding(key, tag.attrs, is_html=self.scanner.html)):
            self._start_hidden(key, tag, how)
        else:
            self._open(key, tag)

    def parts(self) -> Iterator[Part]:
        """What became ready since the last call, mended places first."""
        yield from self.log.drain()
        yield from self.ready
        self.ready.clear()

    def finish(self) -> None:
        """The document ends: whatever is still open is closed, and said."""
        if self.scanner.unfinished:
            opening, offset, line = self.scanner.unfinished
            self.log.add("construction_non_fermee", Source(line=line, offset=offset), opening)
        if self._hidden:
            self._end_hidden()
        self.tables.end_all()
        self.outline.settle()

    def place(self, tag: Tag) -> Source:
        """Where a tag's element begins, after it was entered."""
        return Source(line=tag.line, path=self.tree.path or None, offset=tag.offset)

    def _styled(self, key: str, tag: Tag) -> Tag:
        """The tag with the styles that the page's sheets give it."""
        while self.scanner.sheets:
            self._sheet.add(self.scanner.sheets.pop(0))
        return tag._replace(attrs=self._sheet.applied(key, tag.attrs))

    def _text(self, tag: Tag) -> None:
        if self.tables.any_open:
            raw, bold = self._marks.marked(tag), self._marks.bold > 0
            lines = raw.split("\n") if "\n" in raw and self.tree.is_open("pre") else [raw]
            for number, line in enumerate(lines):
                if number:
                    self.tables.line_break()
                self.tables.text(line, tag, bold=bold)
        elif self.reads():
            self.outline.add(self._marks.marked(tag), tag, bold=self._marks.bold > 0)

    def _start_hidden(self, key: str, tag: Tag, how: Hidden) -> None:
        """Pass over a hidden element. A cell that is only invisible keeps its place; a twin needs a cell to be in."""
        in_part = key in TABLE_PARTS
        if how == "twin" and (in_part or not self.tables.in_cell):
            self._open(key, tag)
            return
        source = tag.source
        if how in ("blank", "struck") and key in ("td", "th"):
            self._open(key, tag)
        elif in_part:
            source = self.tables.pass_over(key, tag)
        elif self.tracks(key):
            source = Source(line=tag.line, path=self.tree.push(tag, key), offset=tag.offset)
            self.tree.pop(key)
        self._hidden = HiddenPart(key, source, how)

    def _end_hidden(self) -> None:
        part, self._hidden = self._hidden, None
        if part is None or not part.text:
            return
        if part.how == "twin":
            self.tables.twin(part.text, part.source)
        else:
            # Its own place, even where the element is a cell that keeps its place.
            reason: Literal["texte_barre", "texte_masque"] = "texte_barre" if part.how == "struck" else "texte_masque"
            self.ready.append(Aside(reason, part.text, replace(part.source, start=0)))

    def _break(self) -> None:
        if self.tables.any_open:
            self.tables.line_break()
        else:
            self.outline.end_line(self.line_level())

    def _open(self, key: str, tag: Tag) -> None:
        if key in INLINE:
            self._marks.open(key, tag)
        if key not in BLOCKS and key not in TABLE_PARTS and is_block(tag.attrs):
            self._on_lines.append(key)
            self._break()
        if key in TABLE_PARTS:
            if self.reads():
                self._marks.reset()
                self._on_lines.clear()
                self.tables.start(key, tag)
        elif key in _UNTRACKED:
            return
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
        if key in INLINE:
            self._marks.close(key)
        if self._on_lines and self._on_lines[-1] == key:
            self._on_lines.pop()
            self._break()
        if key in TABLE_PARTS:
            self.tables.end(key)
        elif key in _UNTRACKED:
            return
        elif self.tracks(key):
            if key in self.walls and self.tree.is_open(key):
                self.tables.end_all()
            if key in BLOCKS:
                self._break()
                self._marks.reset()  # a mark left open ends with its block
            self.closing(key)
            self.tree.pop(key)


def opened(stream: BinaryIO, limits: Limits) -> Encoding:
    """The encoding of a stream worth reading. ExtractError for an empty one, or one past the bound."""
    size = size_of(stream)
    if not size:
        raise ExtractError("Le fichier est vide.", "le télécharger de nouveau")
    if size > limits.file_bytes:
        raise ExtractError(f"Le fichier dépasse {limits.file_bytes >> 20} Mio.", "le découper")
    return encoding_of(stream)


def parts_of(stream: BinaryIO, encoding: Encoding, flow: Flow) -> Iterator[Part]:
    """Blocks, repairs and missing parts in reading order. Memory is that of the largest table, not of the file."""
    yield from encoding.repairs
    if cut := cut_in_a_character(encoding):
        yield cut
    for tag in flow.scanner.tags(text_chunks(stream, encoding)):
        flow.feed(tag)
        if flow.ready:
            yield from flow.parts()
    flow.finish()
    yield from flow.parts()
    yield from flow.log.rest()


def naming_rectificatif(parts: Iterable[Part], meta: dict[str, str]) -> Iterator[Part]:
    """The parts, and a gap where the text corrects another in prose.

    It says so by a RECT element, or by its title or NOR while it has no table.
    """
    first: Source | None = None
    told = has_table = False
    for part in parts:
        yield part
        has_table = has_table or isinstance(part, Grid)
        if isinstance(part, Paragraph):
            first = first or part.source
            if not told and "/RECT[" in (part.source.path or ""):
                told = True
                yield Unread("rectificatif_en_prose", part.source, part.text)
    title = meta.get("titre", "")
    if is_rectificatif(title, meta.get("nor", "")) and not has_table and not told:
        yield Unread("rectificatif_en_prose", first or Source(), title)


def gathered(parts: Iterable[Part], meta: dict[str, str], limits: Limits, *, empty: bool = False) -> Reading:
    """One Reading of all the parts; ExtractError past the bound of blocks, or, unless `empty` is right, for no text."""
    blocks: list[Block] = []
    repairs: list[Repair] = []
    unread: list[Unread] = []
    asides: list[Aside] = []
    for part in parts:
        if isinstance(part, Aside):
            asides.append(part)
        elif isinstance(part, Repair):
            repairs.append(part)
        elif isinstance(part, Unread):
            unread.append(part)
        else:
            blocks.append(part)
            if len(blocks) > limits.blocks:
                raise ExtractError(f"Plus de {limits.blocks} blocs de texte.", "découper le fichier", part.source)
    if not blocks and not unread and not empty:
        raise ExtractError("Le fichier n'a aucun texte à lire.", "vérifier ce qui a été déposé")
    return Reading(tuple(blocks), tuple(repairs), tuple(unread), tuple(asides), meta)
