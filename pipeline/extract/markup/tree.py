"""Where the scanner is in the tree of elements: the path of the element being read, as XPath counts siblings.

A closing tag without its opening is ignored; a depth no document has is an error.
"""

from __future__ import annotations

from collections import Counter

from pipeline.extract.markup.scan import Tag
from pipeline.extract.model import ExtractError


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
