"""Comments of TOML that people write: those right above a table belong to it, wherever tables come and go."""

from __future__ import annotations

from typing import Any

from tomlkit import TOMLDocument
from tomlkit.items import AoT, Comment, Null, Table


def with_comments(whole: TOMLDocument, name: str) -> AoT:
    """The tables [[name]], each holding the comments right above it, which the parser leaves to what stands before.

    ValueError when the document has none, or writes them in another way.
    """
    tables = whole.get(name)
    if not isinstance(tables, AoT):
        raise ValueError(f"aucune table [[{name}]]")
    first = next(i for i, (key, _) in enumerate(whole.body) if key is not None and key.key == name)
    above = _last_comments(whole.body, first)
    for table in tables.body:
        table.trivia.indent = above + table.trivia.indent
        above = _last_comments(table.value.body)
    return tables


def _last_comments(body: list[tuple[Any, Any]], end: int | None = None) -> str:
    """The comments at the end of a body (before the item `end`), taken out of it."""
    end = len(body) if end is None else end
    while end and isinstance(last := body[end - 1][1], Table | AoT):
        body = (last.body[-1] if isinstance(last, AoT) else last).value.body
        end = len(body)
    text = ""
    while end and isinstance(comment := body[end - 1][1], Comment):
        end -= 1
        text = comment.as_string() + text
        body[end] = (None, Null())
    return text
