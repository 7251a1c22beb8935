"""Figures and rules that the prose of the tax bulletin states, one a row, from a table that names the line of each."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Check, Column, Context, Dataset, Expect, Recognise
from pipeline.contract.rows import Refused, Row, Rows, Value
from pipeline.datasets.toolkit import data_rows
from pipeline.extract.model import Cell, Reading

TABLE = Expect(
    "règles de l'instruction",
    headers=(r"regle", r"paragraphe", r"sujet", r"valeur", r"unite", r"date", r"citation"),
    optional=True,
)
_NAMES = ("regle", "paragraphe", "sujet", "valeur", "unite", "date_regle", "citation")
_NUMBER = re.compile(r"-?[0-9]+(?:,[0-9]+)?")


def read(_reading: Reading, context: Context) -> Rows:
    """One row a printed row; a figure or a date that cannot be read refuses its row."""
    rows: list[Row] = []
    refused: list[Refused] = []
    for grid in context.grids.get(TABLE.name, ()):
        for index in data_rows(grid):
            cells = {name: grid.at(index, n) for n, name in enumerate(_NAMES)}
            printed = tuple(cell for cell in cells.values() if cell and cell.text)
            if not printed:
                continue
            try:
                rows.append(_row({name: cell for name, cell in cells.items() if cell and cell.text}))
            except UnreadableError as error:
                refused.append(Refused(printed, error.rule, error.reason))
    return Rows(rows, refused)


def _row(cells: dict[str, Cell]) -> Row:
    if missing := [name for name in ("regle", "paragraphe", "sujet", "citation") if name not in cells]:
        raise UnreadableError("cellule_manquante", f"cellule vide : {', '.join(missing)}")
    quoted = cells["citation"]
    row = {name: Value(cells[name].text, (cells[name],)) for name in ("regle", "paragraphe", "sujet")}
    for name, parse in (("valeur", _number), ("unite", str), ("date_regle", _day)):
        cell = cells.get(name)
        row[name] = Value(parse(cell.text), (cell,), "parsed") if cell else Value(None)
    row["citation"] = Value(quoted.text.strip("«» \u00a0"), (quoted,), "parsed")
    row["ligne"] = Value(quoted.source.line, (quoted,), "parsed")
    return row


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise UnreadableError("nombre_illisible", f"« {text} » n'est pas un nombre")
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise UnreadableError("nombre_illisible", f"« {text} » n'est pas un nombre") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnreadableError("date_illisible", f"« {text} » n'est pas une date (2009-03-28)") from error


REGLES = Dataset(
    name="regles",
    title="Règles et chiffres de l'instruction sur la TVA des logements en rénovation urbaine",
    description=(
        "Une ligne par chiffre ou règle que la prose du bulletin 8 A-2-09 énonce, avec son paragraphe, sa ligne et "
        "quelques mots cités. La prose n'est pas recopiée : les lignes sont composées par ce projet."
    ),
    key=("regle",),
    columns=(
        Column("regle", "TEXT", "Nom de la règle, sujet.objet", checks=(Check(pattern=r"[a-z_]+\.[a-z0-9_]+"),)),
        Column(
            "paragraphe",
            "TEXT",
            "Paragraphe ou note du bulletin",
            checks=(Check(pattern=r"(note )?[0-9]{1,2}"),),
        ),
        Column("sujet", "TEXT", "Ce que la règle dit, en abrégé"),
        Column("valeur", "DECIMAL(14,2)", "Le chiffre ; NULL pour une règle sans chiffre", nullable=True),
        Column("unite", "TEXT", "Unité du chiffre", nullable=True),
        Column("date_regle", "DATE", "Le jour que la règle nomme", nullable=True),
        Column("citation", "TEXT", "Quelques mots de la ligne qui l'énonce"),
        Column("ligne", "INTEGER", "Ligne du bulletin qui l'énonce", checks=(Check(between=(1, 100_000)),)),
    ),
    acts=Recognise(titles=(r"taux de tva applicables? aux? .*logements?",)),
    read=read,
    inventory=(TABLE,),
    order=("ligne", "regle"),
)
