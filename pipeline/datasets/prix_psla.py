"""Sale price ceilings of social rent-to-own housing (PSLA), by zone (arrêté du 26 mars 2004, annexe II)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipeline.cleaning import values
from pipeline.contract.dataset import Check, Column, Context, Dataset, Expect, Recognise
from pipeline.contract.rows import Rows, Value
from pipeline.datasets.toolkit import table
from pipeline.extract.model import Block, Cell, Grid, Reading, Source

ANNEX = Expect(
    "annexe II (prix PSLA)", headers=(r"zone( geographique)?$", r"prix maximum"), unit=r"(?:euros(?: par m2)?)?$"
)
ANNEX_I = Expect("annexe I (redevance PSLA)", under=r"annexe i\b", optional=True)
COLUMNS = (
    Column(
        "zone",
        "TEXT",
        "Zone géographique (la liste reste ouverte à Abis)",
        checks=(Check(values=("Abis", "A", "B1", "B2", "C")),),
        printed=0,
        parse=values.zone,
    ),
    Column(
        "prix_max_euros_m2_su",
        "INTEGER",
        "Prix maximum par m² de surface utile ; ce qu'il en est de la TVA est dans regime_tva",
        unit="€/m² SU",
        checks=(Check(between=(500, 20_000)),),
        printed=1,
        parse=values.euros,
        formerly="prix_max_euros_ht_m2_su",
    ),
    Column(
        "regime_tva",
        "TEXT",
        "Ce que l'annexe dit de la TVA : vente_non_soumise (la vente n'en porte pas), hors_taxes (elle s'ajoute)",
        nullable=True,
        checks=(Check(values=("vente_non_soumise", "hors_taxes")),),
        since=2,
    ),
)
_NOT_SUBJECT = re.compile(r"vente n'est pas soumise à la TVA", re.IGNORECASE)
_BEFORE_TAX = re.compile(r"\bhors taxes?\b|\bHT\b")


def read(reading: Reading, context: Context) -> Rows:
    """The rows of the annex, and for all of them what its notes or headings say of VAT."""
    rows = table(ANNEX, COLUMNS)(reading, context)
    regime = _regime(reading, context)
    return replace(rows, rows=[{**row, "regime_tva": regime} for row in rows.rows], shared={"regime_tva": regime})


def _regime(reading: Reading, context: Context) -> Value:
    for block in reading.blocks:
        for text, source in _texts(block, context):
            for pattern, regime in ((_NOT_SUBJECT, "vente_non_soumise"), (_BEFORE_TAX, "hors_taxes")):
                if match := pattern.search(text):
                    cell = Cell(0, match.start(), match[0], source.piece(*match.span()))
                    return Value(regime, (cell,), "resolved")
    return Value(None)


def _texts(block: Block, context: Context) -> Iterator[tuple[str, Source]]:
    """What is printed around the prices: headings, notes, and the labels of the annex itself."""
    if not isinstance(block, Grid):
        yield block.text, block.source
    elif block in context.grids.get(ANNEX.name, ()):
        yield from ((cell.text, cell.source) for cell in block.cells)


PRIX_PSLA = Dataset(
    name="prix_psla",
    title="Prix de vente maximum en location-accession (PSLA)",
    description=(
        "Prix plafond par m² de surface utile. L'arrêté renvoie aux zones de 2003 ; le "
        "lien avec celles de 2009 repose sur la note 1 du bulletin 8 A-2-09 et sur l'article 3, 7° de l'arrêté du "
        "29 avril 2009."
    ),
    key=("zone",),
    columns=COLUMNS,
    acts=Recognise(titles=(r"prets conventionnes pour .*location-accession",)),
    read=read,
    rhythm="yearly",
    inventory=(ANNEX, ANNEX_I),
)
