"""A scanner of tags over text that comes in chunks, and where it is in the tree of elements.

Each tag comes with the text before it, its offset and its line; paths are counted as XPath counts siblings. What tags
mean is for `flow` and `tables`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.extract.model import ExtractError, Source

# Neither an attribute value nor an unfinished tag runs over a '<': so a chunk can be cut before any '<', and no
# piece of text is looked at more than twice whatever is left unclosed.
_NEXT = re.compile(
    r"""<(?:(?P<close>/?)(?P<name>[A-Za-z][^\s/<>"'=]{0,63})(?P<attrs>(?:[^<>"']++|"[^<"]*+"|'[^<']*+')*+)>"""
    r"""|(?P<special>!--|!\[CDATA\[|!|\?)"""
    r"""|(?P<close2>/?)(?P<name2>[A-Za-z][^\s/<>"'=]{0,63})(?P<attrs2>[^<>]*+)>?)"""
)
_ATTRIBUTE = re.compile(r"""([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ENDS = {"!--": "-->", "![CDATA[": "]]>", "?": ">", "!": ">"}

# An internal subset: the only place where a document can make entities of its own.
_DECLARES = re.compile(r"\s*(ENTITY\b|DOCTYPE[^>]*\[)", re.I)

# Longest text kept waiting for the tag that ends it.
_LONGEST_TEXT = 1 << 18

# What a file that was cut inside a tag ends with.
_CUT_TAG = re.compile(r"</?(?:[A-Za-z][^<>]*)?\Z")

RAW_TEXT = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "svg"})


class Tag(NamedTuple):
    """A tag and the raw text before it. `name` is '' where text ends without a tag (comment, end, very long text)."""

    text: str
    name: str
    closing: bool
    empty: bool
    attrs: str
    offset: int
    line: int
    finished: bool = True

    @property
    def source(self) -> Source:
        return Source(line=self.line, offset=self.offset)

    def text_source(self, path: str | None) -> Source:
        """Where the first printed character of the text stands, inside the element of that path."""
        text = self.text.lstrip()
        return Source(line=self.line - text.count("\n"), path=path, offset=self.offset - len(text))


def attribute(attrs: str, name: str) -> str | None:
    """The value of one attribute as printed, entities not decoded; None when it is absent."""
    for found in _ATTRIBUTE.finditer(attrs):
        if found[1].lower() == name:
            return found[2] or found[3] or found[4] or ""
    return None


class Scanner:
    """One pass over one document. `unfinished` then says what was still open at the end: (opening, offset, line)."""

    def __init__(self, *, html: bool) -> None:
        self.html = html
        self._buffer = ""
        self._at = 0  # next character of the buffer to look at
        self._base = 0  # offset of the buffer's first character
        self._line = 1
        self._until: re.Pattern[str] | None = None  # end of the construct being skipped
        self._keeping = False  # CDATA: what is skipped is text
        self.sheets: list[str] = []
        """Texts of style elements that nobody has taken yet."""
        self.unfinished: tuple[str, int, int] | None = None
        self.ends_in_a_tag = False
        self._cut_tag_end = -1  # where the last unfinished tag ended

    def tags(self, chunks: Iterable[str]) -> Iterator[Tag]:
        """The tags of a document, in order; at last one without a name holds the text after the last tag."""
        for chunk in chunks:
            self._base += self._at
            self._buffer, self._at = self._buffer[self._at :] + chunk, 0
            cut = self._buffer.rfind("<")
            held = len(self._buffer) - cut
            yield from self._scan(cut if cut >= 0 and held < _LONGEST_TEXT else len(self._buffer), last=False)
        yield from self._scan(len(self._buffer), last=True)
        rest = self._text(len(self._buffer))
        reaches_end = self._cut_tag_end == self._base + len(self._buffer)
        self.ends_in_a_tag = reaches_end or bool(_CUT_TAG.search(rest.text[-200:]))
        yield rest

    def _scan(self, end: int, *, last: bool) -> Iterator[Tag]:
        while self._at < end:
            if self._until:
                if not (skipped := self._skip(last=last)):
                    return
                yield from skipped
            elif found := _NEXT.search(self._buffer, self._at, end):
                yield self._tag(found)
            else:
                if end - self._at >= _LONGEST_TEXT:
                    yield self._text(end)
                return

    def _tag(self, found: re.Match[str]) -> Tag:
        start, end = found.span()
        text = self._buffer[self._at : start]
        offset, line = self._base + start, self._line + text.count("\n")
        self._at, self._line = end, line
        close, name, attrs = found.group(1, 2, 3)
        finished = name is not None
        if not finished:
            self._line += self._buffer.count("\n", start, end)
            if special := found["special"]:
                self._open_special(special, offset, line)
                return Tag(text, "", False, False, "", offset, line)
            close, name, attrs = found.group("close2", "name2", "attrs2")
            self._cut_tag_end = self._base + end if not found[0].endswith(">") else -1
        elif "\n" in attrs:
            self._line += attrs.count("\n")
        if self.html and not close and name.lower() in RAW_TEXT and not attrs.endswith("/"):
            self._until = re.compile(rf"</{name}\b[^<>]*>", re.I)
            self.unfinished = f"<{name}>", offset, line
        return Tag(text, name, close == "/", attrs.endswith("/"), attrs, offset, line, finished)

    def _open_special(self, special: str, offset: int, line: int) -> None:
        self._until = re.compile(re.escape(_ENDS[special]))
        self._keeping = special == "![CDATA[" and not self.html
        self.unfinished = f"<{special}", offset, line

    def _skip(self, *, last: bool) -> list[Tag]:
        """What the construct being skipped gives as text, at least one tag; nothing when more text is needed."""
        assert self._until
        found = self._until.search(self._buffer, self._at)
        if not found and not last and len(self._buffer) - self._at < _LONGEST_TEXT:
            return []
        stop = found.start() if found else max(self._at, len(self._buffer) - 64) if not last else len(self._buffer)
        piece = self._text(stop)
        if self.html and self.unfinished and self.unfinished[0].lower() == "<style>":
            self.sheets.append(piece.text)
        if not self.html and _DECLARES.match(piece.text) and self.unfinished and self.unfinished[0] == "<!":
            raise ExtractError(
                "Le fichier déclare ses propres entités.", "reprendre le fichier à sa source", piece.source
            )
        if found:
            self._line += found[0].count("\n")
            self._at, self._until, self.unfinished = found.end(), None, None
        return [piece._replace(text=piece.text.replace("&", "&amp;") if self._keeping else "")]

    def _text(self, stop: int) -> Tag:
        text = self._buffer[self._at : stop]
        self._line += text.count("\n")
        self._at = stop
        return Tag(text, "", False, False, "", self._base + stop, self._line)


class _Frame:
    __slots__ = ("counts", "key", "name", "path")

    def __init__(self, name: str, key: str, path: str) -> None:
        self.name, self.key, self.path = name, key, path
        self.counts: dict[str, int] | None = None  # children by name; most elements have none


class Tree:
    """Open elements, from the root down. What is outside a table cannot be closed from inside it."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._frames = [_Frame("", "", "")]
        self._scopes: list[Counter[str]] = [Counter()]

    @property
    def path(self) -> str:
        return self._frames[-1].path

    @property
    def parent(self) -> str:
        """Lower-case name of the innermost open element; '' at the root."""
        return self._frames[-1].key

    @property
    def depth(self) -> int:
        return len(self._frames) - 1

    @property
    def unclosed(self) -> list[str]:
        return [frame.name for frame in self._frames[1:]]

    def is_open(self, key: str) -> bool:
        return any(scope[key] for scope in self._scopes)

    def push(self, tag: Tag, key: str) -> str:
        """Enter the element a tag opens, `key` being its lower-case name; its path."""
        if len(self._frames) > self._depth:
            raise ExtractError(f"Plus de {self._depth} éléments imbriqués.", "vérifier le fichier", tag.source)
        name = tag.name
        above = self._frames[-1]
        if above.counts is None:
            above.counts = {}
        rank = above.counts[name] = above.counts.get(name, 0) + 1
        frame = _Frame(name, key, f"{above.path}/{name}[{rank}]")
        self._frames.append(frame)
        if key == "table":
            self._scopes.append(Counter())
        self._scopes[-1][key] += 1
        return frame.path

    def pop(self, key: str) -> bool:
        """Leave the innermost element of that name with all it holds; False when none is open in this table."""
        if not self._scopes[-1][key]:
            return False
        while self._leave() != key:
            pass
        return True

    def pop_to(self, keys: frozenset[str]) -> None:
        """Leave elements of this table until the innermost is one of `keys`."""
        frames = self._frames
        while (key := frames[-1].key) not in keys and key != "table" and len(frames) > 1:
            self._leave()

    def _leave(self) -> str:
        key = self._frames.pop().key
        self._scopes[-1][key] -= 1
        if key == "table":
            self._scopes.pop()
        return key
