"""VAT rates on housing sales by territory, from the tax bulletin: a small table, or the two notes that state them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Check, Column, Context, Dataset, Expect, Ignore, Recognise
from pipeline.contract.rows import Observation, Refused, Row, Rows, Value
from pipeline.datasets.toolkit import data_rows
from pipeline.extract.model import Cell, Paragraph, Reading

TABLE = Expect("taux de TVA", headers=(r"territoire", r"taux normal", r"taux reduit"), optional=True)
TERRITOIRES = {
    "france_continentale": r"france continentale",
    "corse": r"(?:la )?corse",
    "guadeloupe": r"(?:la )?guadeloupe",
    "martinique": r"(?:la )?martinique",
    "la_reunion": r"(?:la )?reunion",
    "guyane": r"(?:la )?guyane",
}
_RATE = re.compile(r"[0-9]+(?:,[0-9]+)?\s*%")
_NOTE = re.compile(r"taux (normal|reduit) de tva en vigueur\b")
_OVERSEAS = re.compile(r"\bles DOM\b")
_DEPARTMENTS = re.compile(r"\bla Guadeloupe, (?:de )?la Martinique et (?:de )?la Réunion\b")
_MAINLAND = re.compile(r"\bla métropole\b")
_CONTINENTAL = re.compile(r"\bla France continentale\b")


@dataclass
class _Rates:
    label: Cell | None = None
    normal: Cell | None = None
    reduit: Cell | None = None


def read(reading: Reading, context: Context) -> Rows:
    """One row a territory, six in all; a rate that no source prints is NULL and said so. Where two notes give a rate
    of one territory, the first is cited."""
    rates: dict[str, _Rates] = {name: _Rates() for name in TERRITOIRES}
    refused: list[Refused] = []
    observations: list[Observation] = []
    for grid in context.grids.get(TABLE.name, ()):
        for row in data_rows(grid):
            label, normal, reduit = (grid.at(row, c) for c in range(3))
            printed = tuple(cell for cell in (label, normal, reduit) if cell and cell.text)
            name = _territoire(label.text) if label else None
            if name is None:
                refused.append(Refused(printed, "territoire_inconnu", "territoire inconnu des taux de TVA"))
            else:
                rates[name] = _Rates(label, normal, reduit)
    if not context.grids.get(TABLE.name):
        for paragraph in reading.paragraphs:
            _from_note(paragraph, rates)
    rows: list[Row] = []
    for name, found in rates.items():
        try:
            rows.append(_row(name, found))
        except UnreadableError as error:
            refused.append(Refused(_cells(found), error.rule, error.reason))
            continue
        if found.normal is None or found.reduit is None:
            observations.append(_not_stated(name, reading))
    observations += _named_otherwise(reading)
    return Rows(rows, refused, observations=observations)


def _territoire(text: str) -> str | None:
    return next((name for name, pattern in TERRITOIRES.items() if re.fullmatch(pattern, fold(text))), None)


def _cells(found: _Rates) -> tuple[Cell, ...]:
    return tuple(cell for cell in (found.label, found.normal, found.reduit) if cell)


def _row(name: str, found: _Rates) -> Row:
    label = (found.label,) if found.label else ()
    known = () if label else ("territoire qu'aucune note ne nomme",)
    return {
        "territoire": Value(name, label, "resolved", known),
        "taux_normal_pct": _rate(found.normal),
        "taux_reduit_pct": _rate(found.reduit),
    }


def _rate(cell: Cell | None) -> Value:
    return Value(values.percent(cell.text), (cell,), "parsed") if cell and cell.text else Value(None)


def _from_note(paragraph: Paragraph, rates: dict[str, _Rates]) -> None:
    """'19,6 % pour la France continentale, 8 % pour la Corse …': each rate holds for what stands before the next."""
    note = _NOTE.search(fold(paragraph.text))
    if not note:
        return
    for rate, places in _pieces(paragraph):
        for name, pattern in TERRITOIRES.items():
            if re.search(rf"\b{pattern}\b", fold(places)):
                found = rates[name]
                found.label = found.label or _named(paragraph, pattern)
                if note[1] == "normal":
                    found.normal = found.normal or rate
                else:
                    found.reduit = found.reduit or rate


def _pieces(paragraph: Paragraph) -> Iterator[tuple[Cell, str]]:
    found = list(_RATE.finditer(paragraph.text))
    for i, match in enumerate(found):
        end = found[i + 1].start() if i + 1 < len(found) else len(paragraph.text)
        yield _piece(paragraph, match), paragraph.text[match.end() : end]


def _piece(paragraph: Paragraph, match: re.Match[str]) -> Cell:
    return Cell(0, match.start(), match.group(), paragraph.source.piece(*match.span()))


def _named(paragraph: Paragraph, pattern: str) -> Cell | None:
    """The name of a territory where the note prints it. Folding keeps the number of characters of these names."""
    words = (match for match in re.finditer(r"(?:la )?[\w-]+(?: continentale)?", paragraph.text))
    return next(
        (_piece(paragraph, match) for match in words if re.fullmatch(rf"(?:la )?{pattern}", fold(match[0]))), None
    )


def _first(reading: Reading, pattern: re.Pattern[str]) -> Cell | None:
    """The first place of the notes on rates that prints these words."""
    notes = (p for p in reading.paragraphs if _NOTE.search(fold(p.text)))
    return next((_piece(p, match) for p in notes if (match := pattern.search(p.text))), None)


def _not_stated(name: str, reading: Reading) -> Observation:
    """The bulletin names three overseas territories in two notes and 'les DOM' in two others: the rate is left NULL."""
    general, named = _first(reading, _OVERSEAS), _first(reading, _DEPARTMENTS)
    message = f"{name} : aucun taux imprimé pour ce territoire"
    if general:
        other = f", {named.source.label} « {named.text} »" if named else ""
        message += f" ({general.source.label} « {general.text} » ne vaut pas désignation{other})"
    source, printed = (general.source, general.text) if general else (None, "")
    return Observation(
        "taux_non_imprime", "warning", f"{message} ; laissé vide", name, source, printed, "un taux pour ce territoire"
    )


def _named_otherwise(reading: Reading) -> Iterator[Observation]:
    """One territory under two names that are not the same: 'la métropole' holds Corsica too."""
    wide, narrow = _first(reading, _MAINLAND), _first(reading, _CONTINENTAL)
    if wide and narrow:
        message = (
            f"{wide.source.label} « {wide.text} » et {narrow.source.label} « {narrow.text} » pour le même taux : la "
            "métropole comprend la Corse, la France continentale non"
        )
        yield Observation(
            "territoire_nomme_autrement", "warning", message, "métropole", wide.source, wide.text, narrow.text
        )


_PERCENT = (Check(between=(0, 30)),)

TAUX_TVA_LOGEMENT = Dataset(
    name="taux_tva_logement",
    title="Taux de TVA des ventes et livraisons à soi-même de logements",
    description=(
        "Taux normal et réduit que le bulletin 8 A-2-09 constate sans les fixer, par territoire ; NULL : non imprimé. "
        "Répond des jours où il les emploie ou les dit en vigueur ; au-delà sur demande (avec_a_verifier := true)."
    ),
    key=("territoire",),
    columns=(
        Column("territoire", "TEXT", "Territoire fiscal", checks=(Check(values=tuple(TERRITOIRES)),)),
        Column("taux_normal_pct", "DECIMAL(5,2)", "Taux normal", unit="%", nullable=True, checks=_PERCENT),
        Column("taux_reduit_pct", "DECIMAL(5,2)", "Taux réduit", unit="%", nullable=True, checks=_PERCENT),
    ),
    acts=Recognise(titles=(r"taux de tva applicables? aux? .*logements?",)),
    read=read,
    inventory=(
        TABLE,
        Ignore(
            "documents à produire",
            "liste de pièces à joindre, sans donnée",
            headers=(r"nature de l'operation initiale", r"documents a produire"),
        ),
        Ignore(
            "modèle de lettre",
            "formulaire à remplir, sans donnée (annexe 3)",
            containing=r"montant du complement de tva a reverser",
        ),
    ),
)
