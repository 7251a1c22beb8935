"""The list of all communes with their zone that the ministry publishes as open data: it makes no law. It witnesses
the state that the acts give on the day from which it says it holds; each publish says whether they agree.
"""

from __future__ import annotations

import re
from datetime import date

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Check, Column, Context, Dataset, Expect, Recognise
from pipeline.contract.rows import Ignored, Refused, Row, Rows, Value
from pipeline.datasets.toolkit import data_rows, labels
from pipeline.datasets.zonage.lists import ZONES
from pipeline.datasets.zonage.tables import code_of, roles
from pipeline.datasets.zonage.targets import zones_in
from pipeline.extract.model import Cell, Grid, Reading, Source

_SINCE = re.compile(r"depuis le (?P<day>1er|[0-9]{1,2}) (?P<month>[a-z]+) (?P<year>[0-9]{4})")


def _against(grid: Grid) -> str:
    return "" if "zone" in roles(grid) else "sans colonnes de codes INSEE, de communes et de zones"


TABLE = Expect("liste des communes", content=_against)


def read(_reading: Reading, context: Context) -> Rows:
    """One row a commune printed. Raises UnreadableError when nothing says from which day the list holds."""
    rows: list[Row] = []
    refused: list[Refused] = []
    ignored: list[Ignored] = []
    shared: dict[str, Value] = {}
    for grid in context.grids.get(TABLE.name, ()):
        columns = roles(grid)
        since = _since(labels(grid)[columns["zone"]], grid.at(0, columns["zone"]), context)
        shared["en_vigueur_depuis"] = since
        for index in data_rows(grid):
            cells = tuple(cell for c in range(grid.n_cols) if (cell := grid.own(index, c)) and cell.text)
            if not cells:
                continue
            try:
                row, cited = _row(grid, index, columns["code"], columns["commune"], columns["zone"])
            except UnreadableError as error:
                refused.append(Refused(cells, error.rule, error.reason))
                continue
            rows.append({**row, "en_vigueur_depuis": since})
            ignored += (Ignored(cell, "autre_colonne") for cell in cells if cell not in cited)
    return Rows(rows, refused, ignored, shared=shared)


def _row(grid: Grid, index: int, code_at: int, name_at: int, zone_at: int) -> tuple[Row, tuple[Cell, ...]]:
    code, name, zone = grid.at(index, code_at), grid.at(index, name_at), grid.at(index, zone_at)
    found = code_of(code)
    zones = zones_in(zone.text) if zone else ()
    if len(zones) != 1:
        raise UnreadableError("zone_inconnue", f"« {zone.text if zone else ''} » n'est pas une zone")
    assert code is not None, "code_of read it"
    assert zone is not None, "zones_in read it"
    row = {
        "code_commune": Value(found, (code,), "parsed"),
        "nom_commune": Value(name.text if name else None, (name,) if name else ()),
        "zone": Value(zones[0], (zone,), "parsed"),
    }
    return row, tuple(cell for cell in (code, name, zone) if cell)


def _since(label: str, title: Cell | None, context: Context) -> Value:
    """The day that the title of the column prints, else that which document.toml declares (`en_vigueur`)."""
    if match := _SINCE.search(fold(label)):
        printed = " ".join((match["day"], match["month"], match["year"]))
        cites = (title,) if title else (Cell(0, 0, label, Source()),)
        return Value(values.day(printed), cites, "parsed")
    declared = context.parameter("zonage_abc_liste", "en_vigueur")
    try:
        return Value(date.fromisoformat(str(declared)), (), "parsed", ("document.toml",))
    except ValueError as error:
        reason = (
            "la colonne des zones ne dit pas depuis quel jour ; le déclarer dans document.toml, "
            '[document.parameters.zonage_abc_liste] en_vigueur = "2026-06-26"'
        )
        raise UnreadableError("date_absente", reason) from error


ZONAGE_ABC_LISTE = Dataset(
    name="zonage_abc_liste",
    title="Liste des communes selon le zonage ABC, telle que le ministère la publie",
    description=(
        "Une ligne par commune de la liste du ministère du logement (données ouvertes), avec le jour depuis lequel "
        "elle dit valoir. Elle ne fait pas le droit : elle témoigne de l'état que donnent les actes de zonage_abc ; "
        "l'accord est vérifié à chaque publication (anomalies liste_concordante, liste_contredite)."
    ),
    key=("code_commune",),
    columns=(
        Column("code_commune", "TEXT", "Code officiel de la commune", checks=(Check(pattern="[0-9][0-9AB][0-9]{3}"),)),
        Column("nom_commune", "TEXT", "Nom tel qu'imprimé", nullable=True),
        Column("zone", "TEXT", "Zone Abis, A, B1, B2 ou C", checks=(Check(values=ZONES),)),
        Column("en_vigueur_depuis", "DATE", "Jour depuis lequel la liste dit valoir"),
    ),
    acts=Recognise(sheets=(r"liste des communes (?:selon|par|dans) .*zon\w+ abc|zonage abc des communes",)),
    read=read,
    dated=False,
    inventory=(TABLE,),
    witness_of=("zonage_abc", "en_vigueur_depuis"),
)
