"""Place names made comparable: folding, articles put behind, Saint and St. Nothing here knows a commune.

The forms returned are keys for comparison, never names to show.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "OE", "Æ": "AE"})
# An article behind is always in brackets in the lists of the Journal officiel: "Pouzin (Le)", "Escarène (L')".
_BEHIND = re.compile(r"^(?P<bare>.*\S)\s*\(\s*(?P<article>le|la|les|l\s*['’ʼ`´]?|las|los|aux)\s*\)\s*$", re.IGNORECASE)
_IN_FRONT = re.compile(
    r"^\s*(?P<article>(?:le|la|les|las|los|aux)(?=[\s-])|l\s*['’ʼ`´])[\s-]*(?P<bare>\S.*)$", re.IGNORECASE
)
_NO_WORD = re.compile(r"[^a-z0-9]+")
_SAINTS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}


@lru_cache(maxsize=1 << 16)
def fold(label: str) -> str:
    """Lower-case words of a label without accents, ligatures or punctuation: "L'Haÿ-les-Roses" → "l hay les roses"."""
    if label.isascii():  # most labels: nothing to decompose
        return _NO_WORD.sub(" ", label.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", label.translate(_LIGATURES)).casefold()
    letters = (c for c in unicodedata.normalize("NFKD", decomposed) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


def split_article(label: str) -> tuple[str, str]:
    """The article (lower case, "" if none) and the name without it, wherever the article is printed.

    "Le Pouzin" and "Pouzin (Le)" both give ("le", "Pouzin"). "Lens" has no article: it must stand apart.
    """
    found = _BEHIND.match(label) or _IN_FRONT.match(label)
    if not found:
        return "", label.strip()
    return fold(found["article"]), found["bare"].strip()


def article_in_front(label: str) -> str:
    """The label with an article printed behind, in brackets, moved in front; other labels unchanged.

    "Escarène (L')" → "L'Escarène".
    """
    found = _BEHIND.match(label)
    if not found:
        return label
    article = fold(found["article"])
    return f"L'{found['bare']}" if article == "l" else f"{article.capitalize()} {found['bare']}"


@lru_cache(maxsize=1 << 16)
def normalise(label: str) -> str:
    """The comparison key of a place name: folded, article in front, St and Ste written out.

    Two labels with one key are the same name in another spelling: "ST-PAUL", "Saint Paul"; "Pouzin (Le)", "Le Pouzin".
    The article is kept, since "Le Mesnil" and "Mesnil" may be two communes. Idempotent.
    """
    return " ".join(_SAINTS.get(word, word) for word in fold(article_in_front(label)).split())
