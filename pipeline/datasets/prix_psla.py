"""Sale price ceilings of social rent-to-own housing (PSLA), by zone (arrêté du 26 mars 2004, annexe II)."""

from __future__ import annotations

import re

from pipeline.cleaning import numbers
from pipeline.cleaning.errors import UnreadableError
from pipeline.contract.dataset import Check, Column, Context, Dataset, Expect, Recognise
from pipeline.contract.rows import Refused, Row, Rows, Value
from pipeline.datasets.toolkit import data_rows
from pipeline.extract.model import Reading

ANNEX = Expect("annexe II (prix PSLA)", headers=(r"zone( geographique)?$", r"prix maximum"))
ANNEX_I = Expect("annexe I (redevance PSLA)", under=r"annexe i\b", optional=True)
_ZONE = re.compile(r"A ?bis|A|B1|B2|C", re.IGNORECASE)


def read(_reading: Reading, context: Context) -> Rows:
    """One row a zone: two cells, the zone and euros before tax per square metre of useful floor area."""
    rows: list[Row] = []
    refused: list[Refused] = []
    for grid in context.grids.get(ANNEX.name, ()):
        for index in data_rows(grid):
            cells = tuple(cell for c in range(2) if (cell := grid.at(index, c)) and cell.text)
            if not cells:
                continue
            if len(cells) < 2:
                refused.append(Refused(cells, "cellule_manquante", "une cellule imprimée sur 2"))
                continue
            zone, price = cells
            if not _ZONE.fullmatch(zone.text):
                refused.append(Refused(cells, "zone_inconnue", f"« {zone.text} » n'est pas une zone", "zone"))
                continue
            try:
                amount = numbers.euros(price.text)
            except UnreadableError as error:
                refused.append(Refused(cells, error.rule, error.reason, "prix_max_euros_ht_m2_su"))
                continue
            name = "Abis" if zone.text.lower().endswith("bis") else zone.text.upper()
            rows.append({"zone": Value(name, (zone,)), "prix_max_euros_ht_m2_su": Value(amount, (price,), "parsed")})
    return Rows(rows, refused)


PRIX_PSLA = Dataset(
    name="prix_psla",
    title="Prix de vente maximum en location-accession (PSLA)",
    description=(
        "Prix plafond par m² de surface utile, vente non soumise à la TVA. L'arrêté renvoie aux zones de 2003 ; le "
        "lien avec celles de 2009 repose sur la note 1 du bulletin 8 A-2-09 et sur l'article 3, 7° de l'arrêté du "
        "29 avril 2009."
    ),
    key=("zone",),
    columns=(
        Column(
            "zone",
            "TEXT",
            "Zone géographique (la liste reste ouverte à Abis)",
            checks=(Check(values=("Abis", "A", "B1", "B2", "C")),),
        ),
        Column(
            "prix_max_euros_ht_m2_su",
            "INTEGER",
            "Prix maximum par m² de surface utile, vente non soumise à la TVA",
            unit="€ HT/m² SU",
            checks=(Check(between=(500, 20_000)),),
        ),
    ),
    acts=Recognise(titles=(r"prets conventionnes pour .*location-accession",), ids=("EQUU0400077A",)),
    read=read,
    rhythm="yearly",
    inventory=(ANNEX, ANNEX_I),
)
