"""A declaration completed by what a later file of the same act says: what it left unsaid, and nothing else. What a
person wrote stays, comments too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

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
    """The text of a declaration of one act with these facts. ValueError when it declares its act in another way than an
    [[act]] table."""
    try:
        whole = tomlkit.parse(text)
    except (TOMLKitError, RecursionError) as error:
        raise ValueError(str(error)) from error
    acts = whole.get("act")
    if not isinstance(acts, AoT) or len(acts) != 1:
        raise ValueError("aucune table [[act]]")
    (act,) = acts
    act.update({name: value for name, value in found.items() if not isinstance(value, Effect)})
    if isinstance(effect := found.get("effect"), Effect):
        if "effect" not in act:
            act.add(tomlkit.nl())
            act["effect"] = tomlkit.table()
        said = {"valid_from": effect.valid_from, "valid_from_base": effect.valid_from_base, "citation": effect.citation}
        act["effect"].update({name: value for name, value in said.items() if value})
    return tomlkit.dumps(whole)


def _one_act(before: Act, after: Act) -> bool:
    return before.id in {after.id, after.nor} or (before.nor is not None and before.nor == after.nor)
