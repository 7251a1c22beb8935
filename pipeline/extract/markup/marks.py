"""What inline markup and attributes say of the text inside: bold, raised, a link to a note, small print, hidden.

A page prints what its reader sees: a note call is no digit of the number before it, and hidden text is not printed.
Where the text goes is for `flow` and `tables`.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from pipeline.extract.markup.scan import Tag, attribute
from pipeline.extract.markup.styles import is_heavy, is_raised, shown
from pipeline.extract.model import Source

Mark = Literal["bold", "raised", "link", "small", "plain"]
Hidden = Literal["", "whole", "blank", "twin", "struck"]

INLINE = frozenset({"a", "b", "font", "small", "span", "strong", "sup"})

# In raw text: a call opens with its kind and offset; small print begins.
CALL, CALL_END, SMALL = "\x1c", "\x1d", "\x1f"
_MARKERS = re.compile("[\x1c\x1d\x1f]")
_CALL = re.compile("\x1c(?P<kind>[sa])(?P<offset>[0-9]+):(?P<text>[^\x1c\x1d]*)\x1d")
_CALLS_TOUCH = re.compile("\x1d\\s*\x1c[sa][0-9]+:")
_SMALL_DIGITS = re.compile(r"(?<=[0-9])\x1f+(?=\s*[0-9])")

_CALL_TEXT = re.compile(r"\(?(?:[0-9]{1,2}|[a-z]|\*{1,4}|†|‡)\)?")
_ORDINALS = frozenset({"e", "d", "r"})
_BEHIND_FIGURE = re.compile(r"[0-9][\s\u00a0\u202f]*(?:€|%|F|euros?|francs?)?\s*\Z", re.I)
_POWER = re.compile(r"[x×]\s*10\s*\Z", re.I)
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)""")
_STRUCK = frozenset({"del", "s", "strike"})
_UNSHOWN = frozenset({"template", "noscript"})

_CELLS = frozenset({"td", "th"})
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_ENDS_P = frozenset({"p", "div", "table", "ul", "ol", "section", "h1", "h2", "h3", "h4", "h5", "h6"})
_ENDS_CELL = _CELLS | _GROUPS | {"tr"}
_CLOSES_CELL = _CELLS | _GROUPS | {"tr", "table"}


class InlineMarks:
    """The inline elements in force; one left open ends with its block."""

    __slots__ = ("_counts", "_open", "bold")

    def __init__(self) -> None:
        self._open: dict[str, list[Mark]] = {}
        self._counts: Counter[Mark] = Counter()  # of marks other than bold and plain ones
        self.bold = 0

    def open(self, key: str, tag: Tag) -> None:
        if tag.empty:
            return
        mark = _mark(key, tag.attrs)
        self._open.setdefault(key, []).append(mark)
        self._count(mark, 1)

    def close(self, key: str) -> None:
        if stack := self._open.get(key):
            self._count(stack.pop(), -1)

    def _count(self, mark: Mark, by: int) -> None:
        if mark == "bold":
            self.bold += by
        elif mark != "plain":
            self._counts[mark] += by
            if not self._counts[mark]:
                del self._counts[mark]

    def reset(self) -> None:
        if self._open:
            self._open.clear()
            self._counts.clear()
            self.bold = 0

    def marked(self, tag: Tag) -> str:
        """The raw text before a tag, with what the marks in force say of it."""
        text = tag.text
        if CALL in text or CALL_END in text or SMALL in text:
            text = _MARKERS.sub("\x01", text)  # a control character like others: taken out and said
        if not self._counts or text.isspace():
            return text
        kind = "s" if self._counts["raised"] > 0 else "a" if self._counts["link"] > 0 else ""
        if kind:
            return f"{CALL}{kind}{tag.text_source(None).offset}:{text}{CALL_END}"
        return f"{SMALL}{text}" if self._counts["small"] > 0 else text


def _mark(key: str, attrs: str) -> Mark:
    if key in ("b", "strong"):
        return "bold"
    if key == "sup":
        return "raised"
    if key == "small":
        return "small"
    if key == "a":
        return "link" if attribute(attrs, "href") else "plain"
    if key == "font" and (attribute(attrs, "size") or "3").strip().startswith(("1", "-")):
        return "small"
    if is_raised(attrs):
        return "raised"
    return "bold" if is_heavy(attrs) else "plain"


def without_marks(raw: str) -> str:
    """Raw text with its marks as characters: raised digits as superscripts, small digits apart from those before."""
    return _resolved(raw, [])


def without_calls(raw: str) -> tuple[str, list[tuple[str, int]]]:
    """Raw text of a cell, note calls behind a number taken out; those calls, each with its offset."""
    calls: list[tuple[str, int]] = []
    return _resolved(raw, calls, drop=True), calls


def _resolved(raw: str, calls: list[tuple[str, int]], *, drop: bool = False) -> str:
    if CALL in raw:
        raw = _CALLS_TOUCH.sub("", raw)
        parts: list[str] = []
        at = 0
        for found in _CALL.finditer(raw):
            parts.append(raw[at : found.start()])
            at = found.end()
            before = html.unescape("".join(parts[-3:])[-60:])
            kept = _as_text(found["kind"], found["text"], before)
            if drop and _is_call(found["text"], before):
                calls.append((html.unescape(found["text"]).strip(), int(found["offset"])))
                kept = ""
            parts.append(kept)
        raw = "".join(parts) + raw[at:]
    if SMALL in raw:
        raw = _SMALL_DIGITS.sub(" ", raw).replace(SMALL, "")
    return raw


def _is_call(text: str, before: str) -> bool:
    call = html.unescape(text).strip()
    return bool(
        _CALL_TEXT.fullmatch(call)
        and call not in _ORDINALS
        and _BEHIND_FIGURE.search(before)
        and not _POWER.search(before)
    )


def _as_text(kind: str, text: str, before: str) -> str:
    if not text.strip().isdigit() or (kind == "a" and (not before.strip() or len(text.strip()) > 2)):
        return text
    return text.translate(_SUPERSCRIPTS)


def hiding(key: str, attrs: str, *, is_html: bool) -> Hidden:
    """How an element keeps its text from the reader: `whole` (it takes no place), `blank` (an empty place), `struck`
    out, `twin` (if said again)."""
    if is_html and (key in _UNSHOWN or (key == "dialog" and not _has(attrs, "open"))):
        return "whole"
    if is_html and key in _STRUCK:
        return "struck"
    return _hiding(key in INLINE, attrs) if attrs else ""


@lru_cache(maxsize=4096)
def _hiding(inline: bool, attrs: str) -> Hidden:
    if "hid" in attrs.lower() and (_has(attrs, "hidden") or attribute(attrs, "hidden")):
        return "whole"
    if how := shown(attrs, inline=inline):
        return how
    return "twin" if (attribute(attrs, "aria-hidden") or "").strip().lower() == "true" else ""


def _has(attrs: str, name: str) -> bool:
    """Whether an attribute is there, with a value or without."""
    return any(word.lower() == name for word in _QUOTED.sub(" ", attrs).split())


@dataclass(slots=True)
class HiddenPart:
    """A hidden element being passed over: it ends with its own tag, or where its parent must end."""

    key: str
    source: Source
    how: Hidden
    texts: list[str] = field(default_factory=list)
    _depth: int = 1
    _tables: int = 0
    _inside: Counter[str] = field(default_factory=Counter)
    """Parts of tables opened inside it."""

    def takes(self, tag: Tag) -> tuple[bool, bool]:
        """(still inside, the tag is used up) after a tag; its text is inside in any case."""
        if tag.text and not tag.text.isspace():
            self.texts.append(tag.text)
        key = tag.name.lower()
        if (key in ("body", "html") and tag.closing) or (self.key == "p" and key in _ENDS_P and not tag.closing):
            return False, False
        if key in ("br", "p", "div", "td", "tr") and self.texts:
            self.texts.append(" ")
        if key == "table" and self.key != "table":
            if tag.closing and not self._tables:
                return False, False
            self._tables += -1 if tag.closing else 1
            return True, True
        if not key or self._tables:
            return True, True
        if self._parent_ends(key, closing=tag.closing):
            return False, self.how in ("whole", "struck") and tag.closing and key == self.key
        if key == self.key and not tag.empty:
            self._depth += -1 if tag.closing else 1
        return self._depth > 0, True

    def _parent_ends(self, key: str, *, closing: bool) -> bool:
        if self.key in _UNSHOWN and key in _ENDS_CELL:
            self._inside[key] += -1 if closing else 1
            return self._inside[key] < 0
        if self.key in _CELLS:
            return key in (_CLOSES_CELL if closing else _ENDS_CELL)
        if self.key == "tr":
            return key in (_GROUPS | {"tr"})
        if self.key in _GROUPS:
            return key in _GROUPS
        if self.key == "table":
            return False
        return key in (_CLOSES_CELL if closing else _ENDS_CELL)

    @property
    def text(self) -> str:
        return " ".join(html.unescape("".join(self.texts)).split())
