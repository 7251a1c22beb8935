"""document.toml as text: a whole new one, and one more rendition in one that people may have written.

Values only; files are written by `archive`, and what comes out is read back by `declaration`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TypeAlias

from pipeline.documents.model import Act, Document, Effect, Rendition

Scalar: TypeAlias = str | int | date | tuple[str, ...] | None
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_FIRST_RENDITION = re.compile(r"(?m)^[ \t]*\[\[[ \t]*rendition[ \t]*\]\]")


def document_toml(document: Document) -> str:
    """The whole declaration. What is None, or as the reader takes it when absent, is left out."""
    lines = list(
        _table(
            "[document]",
            {
                "id": document.id,
                "title": document.title,
                "publisher": document.publisher,
                "nature": document.nature,
                "published": document.published,
                "url": document.url,
                "licence": document.licence,
            },
        )
    )
    lines += _parameters("document.parameters", document.parameters)
    for rendition in document.renditions:
        lines += _rendition(rendition)
    for act in document.acts:
        lines += _act(act)
    return "\n".join(lines).rstrip("\n") + "\n"


def with_rendition(text: str, rendition: Rendition) -> str:
    """The declaration with one more rendition, before the others: the newest is named first. Comments stay.

    ValueError when the text declares its renditions in another way than [[rendition]] tables.
    """
    found = _FIRST_RENDITION.search(text)
    if not found:
        raise ValueError("aucune table [[rendition]]")
    before, after = text[: found.start()], text[found.start() :]
    head = before.split("\n")[:-1]
    own = len(head)
    while own and head[own - 1].lstrip().startswith("#"):
        own -= 1  # comments right above belong to the table they stand on
    block = [*_rendition(rendition), *head[own:]]
    return "\n".join([*head[:own], *block]) + "\n" + after


def _rendition(rendition: Rendition) -> Iterator[str]:
    return _table(
        "[[rendition]]",
        {
            "file": rendition.file,
            "role": rendition.role,
            "format": rendition.media,
            "sha256": rendition.sha256,
            "added": rendition.added,
            "source_sha256": rendition.source_sha256,
            "line_offset": rendition.line_offset or None,
            "delivery": rendition.delivery,
            "replaces": rendition.replaces,
        },
    )


def _act(act: Act) -> Iterator[str]:
    yield from _table(
        "[[act]]",
        {
            "id": act.id,
            "nor": act.nor,
            "title": act.title,
            "signed": act.signed,
            "published": act.published,
            "url": act.url,
            "begins": act.begins,
            "ends": act.ends,
            "feeds": act.feeds or None,
        },
    )
    if act.effect != Effect():
        unsaid = vars(Effect())
        effect = {name: value for name, value in vars(act.effect).items() if value != unsaid[name]}
        yield from _table("[act.effect]", effect)
    if act.relation is not None:
        yield from _table("[act.relation]", vars(act.relation))
    yield from _parameters("act.parameters", act.parameters)


def _parameters(path: str, parameters: Mapping[str, Mapping[str, str | int]]) -> Iterator[str]:
    for dataset, values in parameters.items():
        yield from _table(f"[{path}.{_key(dataset)}]", values)


def _table(header: str, values: Mapping[str, Scalar]) -> Iterator[str]:
    yield header
    for name, value in values.items():
        if value is not None:
            yield f"{_key(name)} = {_value(value)}"
    yield ""


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: str | int | date | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        # A JSON string is a TOML basic string, but for the delete character and lone surrogates.
        clean = value.encode("utf-8", "replace").decode("utf-8")
        return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, date) else str(value)
