"""Sale price ceilings of social rent-to-own housing (PSLA), by zone (arrêté du 26 mars 2004, annexe II)."""

from __future__ import annotations

from pipeline.cleaning import values
from pipeline.contract.dataset import Check, Column, Dataset, Expect, Recognise
from pipeline.datasets.toolkit import table

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
        "prix_max_euros_ht_m2_su",
        "INTEGER",
        "Prix maximum par m² de surface utile, vente non soumise à la TVA",
        unit="€ HT/m² SU",
        checks=(Check(between=(500, 20_000)),),
        printed=1,
        parse=values.euros,
    ),
)

PRIX_PSLA = Dataset(
    name="prix_psla",
    title="Prix de vente maximum en location-accession (PSLA)",
    description=(
        "Prix plafond par m² de surface utile, vente non soumise à la TVA. L'arrêté renvoie aux zones de 2003 ; le "
        "lien avec celles de 2009 repose sur la note 1 du bulletin 8 A-2-09 et sur l'article 3, 7° de l'arrêté du "
        "29 avril 2009."
    ),
    key=("zone",),
    columns=COLUMNS,
    acts=Recognise(titles=(r"prets conventionnes pour .*location-accession",)),
    read=table(ANNEX, COLUMNS),
    rhythm="yearly",
    inventory=(ANNEX, ANNEX_I),
)
