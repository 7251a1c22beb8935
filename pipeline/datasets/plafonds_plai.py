"""Yearly income ceilings for PLAI housing, for the poorest tenants (act of 29 July 1987, annexe II)."""

from __future__ import annotations

from functools import partial

from pipeline.contract.dataset import Dataset, Expect, Recognise
from pipeline.datasets import ceilings

_PLS = r"\bpls\b"
ANNEX = Expect(
    "annexe II (autres plafonds)",
    headers=ceilings.HEADERS,
    annex=ceilings.SECOND_ANNEX,
    unit=ceilings.EUROS,
    unless=_PLS,
    content=ceilings.never(ceilings.PLUS_SCALE),
    optional=True,
)
NAMED = Expect(
    ANNEX.name,
    headers=ceilings.HEADERS,
    annex=rf"(?!{ceilings.FIRST_ANNEX})",
    unit=ceilings.EUROS,
    around=ceilings.PLAI,
    unless=_PLS,
    content=ceilings.never(ceilings.PLUS_SCALE),
    optional=True,
)
UNNAMED = Expect(
    ANNEX.name,
    headers=ceilings.HEADERS,
    annex=rf"(?!{ceilings.FIRST_ANNEX})",
    unit=ceilings.EUROS,
    unless=_PLS,
    content=ceilings.only(ceilings.PLAI_SCALE),
    optional=True,
)

PLAFONDS_PLAI = Dataset(
    name="plafonds_plai",
    title="Plafonds de ressources annuelles pour un logement PLAI",
    description=(
        "Plafond de revenu fiscal de référence par catégorie de ménages et territoire pour les logements financés en "
        "prêt locatif aidé d'intégration. Une catégorie n'est pas un nombre de personnes. « Autres régions » : la "
        "métropole avec la Corse ; l'outre-mer relève d'un autre arrêté."
    ),
    key=ceilings.KEY,
    columns=ceilings.COLUMNS,
    acts=Recognise(titles=ceilings.ACTS),
    read=ceilings.reader(
        ANNEX.name, ceilings.PLAI_SCALE, partial(ceilings.around, annex=ceilings.SECOND_ANNEX, loan=ceilings.PLAI)
    ),
    rhythm="yearly",
    inventory=(ANNEX, NAMED, UNNAMED),
    frame_checks=ceilings.CHECKS,
    order=ceilings.ORDER,
)
