"""What the columns of a printed table seem to hold: name, type, unit and parser of each, guessed from its title and its
cells. Guesses are for a person to check: `doubts` says of each what could be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold, shown, squeeze
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Check
from pipeline.extract.model import Cell, Grid

MOST_UNREAD = 0.05
"""Share of a column's cells that a parser may refuse and still be the one proposed."""
_WORDS = 6
_LITTLE = frozenset(
    (
        "a",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "n",
        "ou",
        "par",
        "pour",
        "sur",
        "un",
    )
)
TAKEN = frozenset(
    (
        *("edition", "nor", "source_url", "source_lieu", "source_role", "valid_from", "valid_to", "vigueur"),
        *("reserve", "version_no", "row_no"),
    )
)
"""Columns that every view has besides."""
_TEXTS = {"commune": "nom_commune", "departement": "nom_departement", "region": "nom_region", "epci": "nom_epci"}


@dataclass(frozen=True)
class Kind:
    """What a cell may hold: SQL type, parser (a function of `cleaning.values`, '' for text), what its name ends in."""

    type: str
    parser: str = ""
    unit: str = ""
    suffix: str = ""
    code: str = ""
    """The name of the column, where what it holds has one name everywhere."""

    @property
    def parse(self) -> Callable[[str], Any]:
        parser: Callable[[str], Any] = getattr(values, self.parser) if self.parser else squeeze
        return parser

    @property
    def measures(self) -> bool:
        """Whether the cells are quantities and not labels or codes."""
        return self.type not in ("TEXT", "DATE")


TEXT = Kind("TEXT")
SIREN = Kind("TEXT", "siren", code="siren")
COMMUNE = Kind("TEXT", "commune", code="code_commune")
DEPARTEMENT = Kind("TEXT", "departement", code="code_departement")
ZONE = Kind("TEXT", "zone", code="zone")
SHARE = Kind("DECIMAL(7,4)", "decimal", "%", "pct")
DAY = Kind("DATE", "day")
PERCENT = Kind("DECIMAL(7,4)", "percent", "%", "pct")
EUROS = Kind("INTEGER", "euros", "€", "euros")
DECIMAL_EUROS = Kind("DECIMAL(14,2)", "decimal_euros", "€", "euros")
EUROS_M2 = Kind("INTEGER", "euros", "€/m²", "euros_m2")
DECIMAL_EUROS_M2 = Kind("DECIMAL(14,2)", "decimal_euros", "€/m²", "euros_m2")
COUNT = Kind("INTEGER", "count")
DECIMAL = Kind("DECIMAL(18,6)", "decimal")

_NO_MONEY = re.compile(r"\b(?:nombres?|nb|effectifs?|population|surfaces?|superficie|taux|parts?|annees?|rang)\b")
_SQUARE_METRE = re.compile(r"(?:par|/) ?m(?:2|etres? carres?)\b")
_MONEY = re.compile(r"€|\beuros?\b|\bmontants?\b|\bprix\b|\bplafonds?\b|\bloyers?\b|\bressources\b")
_TITLED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (COMMUNE, re.compile(r"insee|\bcommunes?\b|\bcodes?\b")),
    (DEPARTEMENT, re.compile(r"\bdep")),
    (ZONE, re.compile(r"\bzon")),
)
"""Codes that are told by the title of their column too: 01004 may be a number, C a grade."""
_WRITTEN = (DAY, PERCENT, COUNT, DECIMAL)


@dataclass(frozen=True)
class Proposed:
    """One column as it would be declared, and what a person should look at."""

    name: str
    kind: Kind
    printed: int
    label: str
    pattern: str
    nullable: bool
    checks: tuple[Check, ...] = ()
    doubts: tuple[str, ...] = ()


def proposed(grids: Sequence[Grid], labels: Sequence[str], rows: Mapping[int, Sequence[int]]) -> list[Proposed]:
    """The columns of grids that have the same titles (`labels`, folded, one a column). `rows`: by position of the grid,
    the rows that are data. A column without title and without a printed cell is none."""
    names: set[str] = set(TAKEN)
    found: list[Proposed] = []
    for index, label in enumerate(labels):
        cells = [cell for n, grid in enumerate(grids) for row in rows[n] if (cell := grid.at(row, index))]
        printed = [cell for cell in cells if cell.text.strip()]
        if not printed and not label:
            continue
        kind = guessed(label, grids[0].unit, [cell.text for cell in printed])
        name = _free(_name(label, kind, index), names)
        names.add(name)
        nullable = len(printed) < sum(map(len, rows.values()))
        as_printed = grids[0].headers[index] if grids[0].header_rows else _text(grids[0].at(0, index))
        doubts = tuple(_doubts(label, kind, printed))
        checks = tuple(_checks(kind, [cell.text for cell in printed]))
        found.append(Proposed(name, kind, index, squeeze(as_printed), pattern(label), nullable, checks, doubts))
    return found


def guessed(label: str, unit: str, texts: Sequence[str]) -> Kind:
    """The kind of a column from its folded title, the unit of the table's figures and its cells that print something:
    the narrowest whose parser reads all of them, or nearly all."""
    if not texts:
        return TEXT
    if _reads(SIREN, texts):
        return SIREN
    for kind, title in _TITLED:
        if title.search(label) and _reads(kind, texts):
            return kind
    if (_MONEY.search(f"{label} {fold(unit)}") and not _NO_MONEY.search(label)) or any("€" in text for text in texts):
        by_area = _SQUARE_METRE.search(label)
        for kind in (PERCENT, *((EUROS_M2, DECIMAL_EUROS_M2) if by_area else (EUROS, DECIMAL_EUROS))):
            if _reads(kind, texts):
                return kind
    if "%" in label and _reads(SHARE, texts):
        return SHARE
    return next((kind for kind in _WRITTEN if _reads(kind, texts) and not _leads_with_zero(kind, texts)), TEXT)


def pattern(label: str, length: int = 60) -> str:
    """The regular expression by which a folded title is known again: its figures that look like a year may change, a
    long one is known by its beginning."""
    short = cut(label, length)
    plain = "".join(f"\\{c}" if c in r".^$*+?{}[]\|()" else c for c in short.replace('"', "."))
    dated = re.sub(r"\b(?:19|20)[0-9]{2}\b", "[0-9]{4}", plain)
    return dated + ("$" if short == label else "")


def cut(text: str, length: int) -> str:
    """The text, or its first words."""
    return text if len(text) <= length else (text[:length].rpartition(" ")[0] or text[:length])


def _reads(kind: Kind, texts: Sequence[str]) -> bool:
    refused = sum(not _is_read(kind, text) for text in texts)
    return refused <= MOST_UNREAD * len(texts)


def _is_read(kind: Kind, text: str) -> bool:
    try:
        kind.parse(text)
    except UnreadableError:
        return False
    return True


def _leads_with_zero(kind: Kind, texts: Sequence[str]) -> bool:
    """Digits that begin with zero are a code: as a number, they would lose it."""
    return kind in (COUNT, DECIMAL) and any(re.match(r"0[0-9]", text.strip()) for text in texts)


def _name(label: str, kind: Kind, index: int) -> str:
    """A French snake_case name of the title, its unit at the end."""
    if kind.code:
        return kind.code
    said = re.sub(r"\bzones? a\b", "zone_a", re.sub(r"\([^)]*\)", " ", label))
    words = [w for w in re.findall(r"[a-z0-9_]+", said) if w not in _LITTLE][:_WORDS]
    while words and words[0].isdigit():
        words.pop(0)
    name = "_".join(words) or f"colonne_{index + 1}"
    if not kind.parser:
        name = _TEXTS.get(name.removesuffix("s"), name)
    if kind.suffix:
        own = [w for w in words if w not in ("euros", "euro", "m2", "pct")]
        name = "_".join([*(own or [f"colonne_{index + 1}"]), kind.suffix])
    return name if name[0].isalpha() else f"colonne_{name}"


def _free(name: str, taken: set[str]) -> str:
    return next(n for n in (name, *(f"{name}_{i}" for i in range(2, 1000))) if n not in taken)


def _text(cell: Cell | None) -> str:
    return cell.text if cell else ""


def _checks(kind: Kind, texts: Sequence[str]) -> Iterator[Check]:
    """Bounds well outside of what is printed: a figure ten times too large is no figure of this column."""
    if kind.suffix.startswith("euros"):
        read = [float(kind.parse(text)) for text in texts if _is_read(kind, text)]
        yield Check(between=(_round(min(read) / 4), _round(max(read) * 4)))
    elif kind.suffix == "pct":
        yield Check(between=(0, 100))
    elif kind is ZONE:
        yield Check(values=("Abis", "A", "B1", "B2", "C"))


def _round(value: float) -> int:
    """One significant digit: 2 215 → 2 000."""
    whole = int(Decimal(value))
    unit: int = 10 ** (len(str(whole)) - 1)
    return round(whole / unit) * unit


def _doubts(label: str, kind: Kind, cells: Sequence[Cell]) -> Iterator[str]:
    if not label:
        yield "aucun titre imprimé"
    if not cells:
        yield "aucune cellule imprimée : type à donner"
    unread = [cell for cell in cells if not _is_read(kind, cell.text)]
    if unread:
        some = ", ".join(f"« {shown(c.text)} » ({c.source.label})" for c in unread[:3])
        yield f"{len(unread)} cellules que values.{kind.parser} refuse : {some}"
    spans = [cell for cell in cells if cell.row_span > 1]
    if spans and kind.measures:
        yield f"{len(set(spans))} cellules fusionnées, répétées sur leurs lignes : fausses si elles s'additionnent"
    if kind is COUNT and not cells[0].text.strip().startswith("0"):
        yield "nombre sans unité : la mettre dans le nom et dans unit"
    if kind is DECIMAL:
        yield "nombre décimal sans unité : la mettre dans le nom et dans unit"
