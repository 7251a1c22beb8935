"""Where the pages of the catalogue stand, from the root of its folder: what others link to."""

from __future__ import annotations

import hashlib
import re

HOME = "index.html"
ACTS = "actes.html"
SERVED = "http://127.0.0.1:8765/"
"""Where `annexes site --serve` shows it."""


def of_dataset(name: str) -> str:
    return f"jeux/{name}.html"


def of_act(act: str) -> str:
    return f"actes/{slug(act)}.html"


def slug(name: str) -> str:
    """A name as part of an address: of another name another one, whatever signs they hold."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:60]
    return plain if plain and plain == name else f"{plain or 'x'}-{digest(name)[:8]}"


def digest(*parts: str) -> str:
    """A short hash of texts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
