"""What a fiche is made of, and how its French dates and numbers are written. Plain values; nothing is queried here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_THIN = "\u202f"
MISSING = "Non détenu"
"""Label of a line that says what is not held."""


class CommuneNotFoundError(LookupError):
    """No single commune is meant; the French message lists those that could be."""


class NotHeldError(LookupError):
    """The warehouse cannot tell the communes of that day; the French message says what it holds."""


@dataclass(frozen=True)
class Commune:
    """A commune at the date of a snapshot of the reference."""

    code: str
    nom: str
    code_departement: str
    code_region: str
    cog_date: date


@dataclass(frozen=True)
class Line:
    """One thing known, or known to be missing (then `value` says so), and where it is printed."""

    label: str
    value: str
    source: str = ""


@dataclass(frozen=True)
class Section:
    """Lines under a title; `notes` are said below them."""

    title: str
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fiche:
    """One page on a commune at a day."""

    title: str
    sections: tuple[Section, ...]
    sources: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def number(value: int | Decimal) -> str:
    """Thousands apart by thin spaces, decimal comma, no useless zeros: "21 802", "19,6"."""
    whole, _, decimals = f"{value:,}".replace(",", _THIN).partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole},{decimals}" if decimals else whole


def euros(value: int | Decimal, unit: str = "€") -> str:
    return f"{number(value)}{_THIN}{unit}"
