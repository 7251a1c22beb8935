"""A declaration completed by what a later file of the same act says: what it left unsaid, and nothing else. What a
person wrote stays, comments too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date

from pipeline.documents.model import Act, Document, Effect

_FIELDS = ("nor", "signed", "published", "url")
_NAMES = {
    "nor": "NOR",
    "signed": "date de signature",
    "published": "date de publication",
    "url": "adresse",
    "effect": "date d'effet",
}
_PRESUMED = ("inconnue", "signature")
"""Bases of a date of effect that stand for one better known."""


def learned(held: Document, described: Document) -> dict[str, str | date | Effect]:
    """What a file says of the act of an archived document that its declaration does not: nor, signed, published, url,
    and `effect` where the one declared is presumed and no words are cited for it. Empty where either has several acts
    or they are not one act."""
    if len(held.acts) != 1 or len(described.acts) != 1:
        return {}
    before, after = held.acts[0], described.acts[0]
    if not _one_act(before, after):
        return {}
    found = {name: getattr(after, name) for name in _FIELDS if not getattr(before, name) and getattr(after, name)}
    if held.url and found.get("url"):
        del found["url"]  # the document's address is the act's
    presumed = before.effect.valid_from_base in _PRESUMED and not before.effect.citation
    if presumed and after.effect.valid_from_base not in _PRESUMED:
        found["effect"] = after.effect
    return found


def told(found: Mapping[str, object]) -> str:
    """What was learned, as it is said to a person."""
    return ", ".join(_NAMES[name] for name in found)


def with_facts(text: str, found: Mapping[str, str | date | Effect]) -> str:
    """The text of a declaration of one act with these facts. ValueError when it is laid out in another way than
    [[act]] and [act.effect] tables."""
    facts = {name: value for name, value in found.items() if isinstance(value, str | date)}
    if facts:
        text = _with_keys(text, r"\[\[\s*act\s*\]\]", facts)
    effect = found.get("effect")
    if isinstance(effect, Effect):
        keys: dict[str, str | date | None] = {
            "valid_from": effect.valid_from,
            "valid_from_base": effect.valid_from_base,
        }
        keys |= {"citation": effect.citation} if effect.citation else {}
        text = _with_keys(text, r"\[\s*act\.effect\s*\]", {k: v for k, v in keys.items() if v is not None})
    tomllib.loads(text)
    return text


def _one_act(before: Act, after: Act) -> bool:
    return before.id in {after.id, after.nor} or (before.nor is not None and before.nor == after.nor)


def _with_keys(text: str, header: str, values: Mapping[str, str | date]) -> str:
    """The keys right under the header of a table, in place of those of the same name; a missing [act.effect] is put at
    the end, which is that of the only act."""
    from pipeline.documents.declaration import toml_line

    lines = text.splitlines()
    at = next((n for n, line in enumerate(lines) if re.fullmatch(rf"\s*{header}\s*(?:#.*)?", line)), None)
    if at is None and "effect" not in header:
        raise ValueError("aucune table [[act]]")
    if at is None:
        lines += ["", "[act.effect]"]
        at = len(lines) - 1
    end = next((n for n in range(at + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
    kept = [line for line in lines[at + 1 : end] if line.split("=")[0].strip() not in values]
    first = next((n + 1 for n, line in enumerate(kept) if line.split("=")[0].strip() == "id"), 0)
    new = [toml_line(name, value) for name, value in values.items()]
    return "\n".join([*lines[: at + 1], *kept[:first], *new, *kept[first:], *lines[end:]]) + "\n"
