"""Printed labels made comparable. The printed form itself is kept as it is."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_HYPHENS = re.compile(r"[\u2010-\u2015]")
_LETTERS = str.maketrans({"’": "'", "ʼ": "'", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})


# Characters that take no room in print and change what a text is: soft hyphens, zero-width signs, direction marks.
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def squeeze(text: str) -> str:
    """Runs of any white space, no-break ones included, as one space; ends trimmed."""
    return _SPACES.sub(" ", text).strip()


def shown(text: str) -> str:
    """A text for a message: squeezed, its line breaks as ⏎, characters that take no room in print as [U+200B]."""
    lines = (squeeze(line) for line in text.strip().split("\n"))
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", " ⏎ ".join(lines))


def fold(text: str) -> str:
    """For comparing labels: lower case, no accents, ligatures opened, one kind of apostrophe, hyphen and space."""
    flat = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    plain = "".join(c for c in flat if not unicodedata.combining(c))
    return squeeze(_HYPHENS.sub("-", plain)).lower()
