"""Yearly income ceilings for PLUS housing, by household category and territory (act of 29 July 1987, annexe I)."""

from __future__ import annotations

from functools import partial

from pipeline.contract.dataset import Dataset, Expect, Ignore, Recognise
from pipeline.datasets import ceilings

ANNEX = Expect(
    "annexe I (PLUS)",
    headers=ceilings.HEADERS,
    annex=ceilings.FIRST_OR_NO_ANNEX,
    unit=ceilings.EUROS,
    unless=rf"^(?!{ceilings.FIRST_ANNEX}).*{ceilings.OTHER_LOANS}",
    content=ceilings.never(ceilings.PLAI_SCALE),
)
UNNAMED = Expect(
    ANNEX.name,
    headers=ceilings.HEADERS,
    unit=ceilings.EUROS,
    unless=ceilings.OTHER_LOANS,
    content=ceilings.only(ceilings.PLUS_SCALE),
)
ANNEX_II = Ignore("annexe II (autres plafonds)", why="autres_prets", annex=ceilings.SECOND_ANNEX)
OTHER_LOANS = Ignore(
    "plafonds d'autres prêts", why="autres_prets", headers=ceilings.HEADERS, around=ceilings.OTHER_LOANS
)

PLAFONDS_PLUS = Dataset(
    name="plafonds_plus",
    title="Plafonds de ressources annuelles pour un logement PLUS",
    description=(
        "Plafond de revenu fiscal de référence par catégorie de ménages et territoire. Une catégorie n'est pas un "
        "nombre de personnes. « Autres régions » : la métropole avec la Corse ; l'outre-mer relève d'un autre arrêté."
    ),
    key=ceilings.KEY,
    columns=ceilings.COLUMNS,
    acts=Recognise(titles=ceilings.ACTS),
    read=ceilings.reader(
        ANNEX.name, ceilings.PLUS_SCALE, partial(ceilings.around, annex=ceilings.FIRST_OR_NO_ANNEX, loan=r"\bplus\b")
    ),
    rhythm="yearly",
    inventory=(ANNEX, UNNAMED, ANNEX_II, OTHER_LOANS),
    frame_checks=ceilings.CHECKS,
    order=ceilings.ORDER,
)
