"""Damages names the way scanners and typists do, from a seed. Knows nothing of the resolver or of its weights."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

Damage = Callable[[str, random.Random], str]

CONFUSIONS = (
    *(("rn", "m"), ("m", "rn"), ("cl", "d"), ("d", "cl")),
    *((a, b) for a in "lit1" for b in "lit1" if a != b and a != "1"),
    *(("c", "e"), ("e", "c"), ("o", "0"), ("u", "n"), ("n", "u"), ("é", "c"), ("è", "c"), ("ê", "c")),
)
ENDINGS = ("s", "e", "x", "t", "es", "z")


def confuse(name: str, draw: random.Random) -> str:
    """One listed confusion of look-alikes, anywhere it applies."""
    places = [(m.start(), old, new) for old, new in CONFUSIONS for m in re.finditer(re.escape(old), name.lower())]
    if not places:
        return name
    at, old, new = draw.choice(places)
    return name[:at] + new + name[at + len(old) :]


def double(name: str, draw: random.Random) -> str:
    """A letter printed twice."""
    at = draw.choice([i for i, c in enumerate(name) if c.isalpha()])
    return name[: at + 1] + name[at].lower() + name[at + 1 :]


def lose(name: str, draw: random.Random) -> str:
    """A letter not printed."""
    at = draw.choice([i for i, c in enumerate(name) if c.isalpha()])
    return name[:at] + name[at + 1 :]


def end_otherwise(name: str, draw: random.Random) -> str:
    """The last letter lost, or another ending put on."""
    return name[:-1] if draw.random() < 0.5 else name + draw.choice(ENDINGS)


def unaccent(name: str, draw: random.Random) -> str:
    """One accent lost."""
    places = [i for i, c in enumerate(name) if len(unicodedata.normalize("NFD", c)) > 1]
    if not places:
        return name
    at = draw.choice(places)
    return name[:at] + unicodedata.normalize("NFD", name[at])[0] + name[at + 1 :]


def join_words(name: str, draw: random.Random) -> str:
    """A hyphen, space or apostrophe turned into another or lost."""
    places = [i for i, c in enumerate(name) if c in "- '’"]
    if not places:
        return name
    at = draw.choice(places)
    return name[:at] + draw.choice(["", " ", "-"]) + name[at + 1 :]


def abbreviate(name: str, draw: random.Random) -> str:
    """Saint written St, Sainte written Ste."""
    return re.sub(r"\bSaint(e?)\b", r"St\1", name, count=1)


def any_letter(name: str, draw: random.Random) -> str:
    """One letter replaced, added, lost or swapped with the next, all letters alike: harder than what scanners do."""
    at = draw.randrange(len(name))
    letter = draw.choice("abcdefghijklmnopqrstuvwxyz")
    kind = draw.randrange(4)
    if kind == 0:
        return name[:at] + letter + name[at + 1 :]
    if kind == 1:
        return name[:at] + letter + name[at:]
    if kind == 2:
        return name[:at] + name[at + 1 :]
    return name[:at] + name[at : at + 2][::-1] + name[at + 2 :]


LISTED: tuple[Damage, ...] = (confuse, confuse, confuse, double, lose, end_otherwise, unaccent, join_words, abbreviate)
ANY: tuple[Damage, ...] = (any_letter,)


def damage(name: str, edits: int, draw: random.Random, kinds: tuple[Damage, ...], fold: Callable[[str], str]) -> str:
    """`name` after `edits` damages, each of which changes what `fold` makes of it: an accent lost alone is none."""
    done = 0
    for _ in range(200):
        if done == edits:
            break
        worse = draw.choice(kinds)(name, draw)
        if worse.strip() and fold(worse) != fold(name):
            name, done = worse, done + 1
    return name
