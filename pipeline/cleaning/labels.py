"""Printed labels made comparable. The printed form itself is kept as it is."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_HYPHENS = re.compile(r"[\u2010-\u2015]")
_LETTERS = str.maketrans({"’": "'", "ʼ": "'", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})


def squeeze(text: str) -> str:
    """Runs of any white space, no-break ones included, as one space; ends trimmed."""
    return _SPACES.sub(" ", text).strip()


def fold(text: str) -> str:
    """For comparing labels: lower case, no accents, ligatures opened, one kind of apostrophe, hyphen and space."""
    flat = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    plain = "".join(c for c in flat if not unicodedata.combining(c))
    return squeeze(_HYPHENS.sub("-", plain)).lower()
