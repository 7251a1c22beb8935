"""Which commune a fiche is about, at its day: from an INSEE code or a name, never chosen among several; and what a
fiche is made of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.cleaning.values import day_in_words
from pipeline.errors import USAGE, AnnexesError
from pipeline.gazetteer import departement_of, normalise

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_THIN = "\u202f"
MISSING = "Non détenu"
"""Label of a line that says what is not held."""


class CommuneNotFoundError(AnnexesError, LookupError):
    """No single commune is meant; the French message lists those that could be."""

    code = USAGE


class NotHeldError(AnnexesError, LookupError):
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


_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_IN_DEPARTEMENT = re.compile(r"(?P<name>.+?)\s*\(\s*(?P<code>[0-9]{2,3}|2[AB])\s*\)", re.IGNORECASE)
_KINDS = {"COMD": "commune déléguée", "COMA": "commune associée", "ARM": "arrondissement municipal"}
_SHOWN = 20

Place = tuple[str, str, str, str | None]
"""(code, name, type, code of the commune it is part of)."""


def find_commune(connection: DuckDBPyConnection, asked: str, on: date) -> Commune:
    """The commune of that code or name at `on`, among those of the newest snapshot that is not after it.

    A name may carry its département: "Saint-Denis (93)". Raises CommuneNotFoundError, with the candidates, and
    NotHeldError for a day before all snapshots.
    """
    cog_date = _snapshot(connection, on)
    places: list[Place] = connection.execute(
        "SELECT code_commune, nom, type, rattachement FROM ref.communes WHERE cog_date = ? ORDER BY ALL", [cog_date]
    ).fetchall()
    asked = asked.strip()
    if _CODE.fullmatch(asked.upper()):
        found = [p for p in places if p[0] == asked.upper()]
    else:
        within = _IN_DEPARTEMENT.fullmatch(asked)
        key = normalise(within["name"] if within else asked)
        found = [p for p in places if normalise(p[1]) == key]
        if within:
            found = [p for p in found if departement_of(p[0]) == within["code"].upper()]
    communes = [p for p in found if p[2] == "COM"]
    if len(communes) != 1:
        raise CommuneNotFoundError(_said(connection, asked, communes or found, places, cog_date))
    found_at = connection.execute(
        "SELECT code_departement, code_region FROM ref.communes "
        "WHERE cog_date = ? AND type = 'COM' AND code_commune = ?",
        [cog_date, communes[0][0]],
    ).fetchone()
    assert found_at is not None
    code_departement, code_region = found_at
    return Commune(communes[0][0], communes[0][1], code_departement, code_region, cog_date)


def _snapshot(connection: DuckDBPyConnection, on: date) -> date:
    held: list[date] = [
        d for (d,) in connection.execute("SELECT DISTINCT cog_date FROM ref.communes ORDER BY 1").fetchall()
    ]
    before = [d for d in held if d <= on]
    if not before:
        first = f" ; le premier détenu est celui du {day_in_words(held[0])}" if held else ""
        raise NotHeldError(f"aucun référentiel des communes au {day_in_words(on)}{first}")
    return before[-1]


def _said(
    connection: DuckDBPyConnection, asked: str, found: Sequence[Place], places: Sequence[Place], cog_date: date
) -> str:
    names = {p[0]: p[1] for p in places if p[2] == "COM"}
    at = f"au {day_in_words(cog_date)}"
    communes = [p for p in found if p[2] == "COM"]
    if communes:
        listed = [f"  {p[0]}  {p[1]} ({departement_of(p[0])})" for p in communes[:_SHOWN]]
        more = [f"  … et {len(communes) - _SHOWN} autres"] if len(communes) > _SHOWN else []
        head = f"« {asked} » : {len(communes)} communes de ce nom {at} ; donner le code, ou le département"
        return "\n".join([head, *listed, *more])
    if found:
        listed = [f"  {p[1]} : {_KINDS[p[2]]} de {names.get(p[3] or '', '?')} ({p[3]})" for p in found[:_SHOWN]]
        return "\n".join([f"« {asked} » n'est pas une commune {at} :", *listed])
    if _CODE.fullmatch(asked.upper()):
        return _elsewhen(connection, asked.upper(), cog_date)
    return _like(asked, names, at)


def _elsewhen(connection: DuckDBPyConnection, code: str, cog_date: date) -> str:
    """A code that is no commune of the day: what it was or became."""
    rows = connection.execute(
        "SELECT DISTINCT o.nom, o.cog_date FROM ref.communes o WHERE o.code_commune = ? AND o.type = 'COM' ORDER BY 2",
        [code],
    ).fetchall()
    head = f"« {code} » n'est le code d'aucune commune au {day_in_words(cog_date)}"
    if not rows:
        return head
    became = connection.execute(
        "SELECT DISTINCT p.code_vers, c.nom FROM ref.communes_passage p "
        "JOIN ref.communes c ON c.cog_date = p.date_vers AND c.code_commune = p.code_vers AND c.type = 'COM' "
        "WHERE p.code_depuis = ? AND p.date_vers = (SELECT max(cog_date) FROM ref.communes) ORDER BY 1",
        [code],
    ).fetchall()
    held = f"{rows[0][0]} l'est au {', '.join(day_in_words(d) for _, d in rows[:3])}"
    into = [f"  {other}  {nom}" for other, nom in became if other != code]
    return "\n".join([f"{head} ; {held}", *(["son territoire est aujourd'hui dans :", *into] if into else [])])


def _like(asked: str, names: dict[str, str], at: str) -> str:
    from rapidfuzz import fuzz, process

    codes = list(names)
    near = process.extract(normalise(asked), [normalise(names[c]) for c in codes], scorer=fuzz.ratio, limit=5)
    listed = [f"  {codes[i]}  {names[codes[i]]} ({departement_of(codes[i])})" for _, score, i in near if score >= 60]
    head = f"« {asked} » : aucune commune de ce nom {at}"
    return "\n".join([f"{head} ; noms qui y ressemblent :", *listed]) if listed else head
