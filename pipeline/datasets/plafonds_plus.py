"""Yearly income ceilings for PLUS housing, by household category and territory (arrêté du 29 juillet 1987)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Check, Column, Context, Dataset, Expect, FrameCheck, Ignore, Recognise
from pipeline.contract.rows import Ignored, Observation, Refused, Row, Rows, Value
from pipeline.datasets.toolkit import data_rows
from pipeline.extract.model import Cell, Grid, Reading

if TYPE_CHECKING:
    import pandas as pd

_NUMBERED = r"(?:n[o°] ?)?(?:[ivx]+|[0-9]+)"
_FIRST = r"(?:n[o°] ?)?(?:i|1)\b"
# The yearly act sets the ceilings of several loans in tables that look the same.
_OTHER_LOANS = r"(?:\bpla-?i\b|\bpla d'integration\b|\bprets? locatifs? aides? d'integration\b|\bpls\b)"
ANNEX = Expect(
    "annexe I (PLUS)",
    headers=(
        r"categorie de menages?",
        r"paris et communes limitrophes",
        r"ile-de-france hors paris",
        r"autres regions",
    ),
    annex=rf"$|annexes?(?! ?{_NUMBERED}\b)|annexe {_FIRST}",
    unit=r"(?:euros(?: par an)?)?$",
    unless=rf"^(?!annexe {_FIRST}).*{_OTHER_LOANS}",
)
ANNEX_II = Expect("annexe II (autres plafonds)", annex=r"annexe (?:n[o°] ?)?(?:ii|2)\b", optional=True)
OTHER_LOANS = Ignore("plafonds d'autres prêts", why="autres_prets", headers=ANNEX.headers, around=_OTHER_LOANS)
TERRITOIRES = ("paris_et_limitrophes", "ile_de_france_hors_paris_et_limitrophes", "autres_regions")
_CATEGORY = re.compile(r"(?:categorie )?([1-6])")
_INCREMENT = re.compile(r"par personne supplementaire.*")
_NOTE = re.compile(r"\s*(?:\([0-9a-z*]{1,2}\)|\*|nota\b|notes?\b)", re.I)


def read(_reading: Reading, context: Context) -> Rows:
    """Three rows (one a territory) for each printed row of four cells."""
    rows: list[Row] = []
    refused: list[Refused] = []
    ignored: list[Ignored] = []
    for grid in context.grids.get(ANNEX.name, ()):
        for index in data_rows(grid):
            if note := _note(grid, index):
                ignored.append(Ignored(note, "note"))
            else:
                _printed_row(grid, index, rows, refused)
    for grid in context.grids.get(ANNEX_II.name, ()):
        ignored += (Ignored(cell, "autres_prets") for cell in grid.cells if cell.text)
    return Rows(rows, refused, ignored)


def _note(grid: Grid, index: int) -> Cell | None:
    """The foot note that fills a row over the whole width."""
    cell = grid.own(index, 0)
    return cell if cell and cell.col_span == grid.n_cols and _NOTE.match(cell.text) else None


def _printed_row(grid: Grid, index: int, rows: list[Row], refused: list[Refused]) -> None:
    cells = [grid.at(index, c) for c in range(4)]
    present = tuple(cell for cell in cells if cell and cell.text)
    label = cells[0]
    if len(present) < 4 or label is None:
        if present:
            refused.append(Refused(present, "cellule_manquante", f"{len(present)} cellules imprimées sur 4"))
        return
    try:
        category, increment = _category(label.text)
    except UnreadableError as error:
        refused.append(Refused(present, error.rule, error.reason))
        return
    for territoire, amount in zip(TERRITOIRES, present[1:], strict=True):
        try:
            ceiling = values.increment(amount.text) if increment else values.euros(amount.text)
        except UnreadableError as error:
            refused.append(Refused((label, amount), error.rule, error.reason, "plafond_euros"))
            continue
        rows.append(_row(category, increment, label, territoire, amount, ceiling))


def _row(category: str, increment: bool, label: Cell, territoire: str, amount: Cell, ceiling: int) -> Row:
    return {
        "categorie_menage": Value(category, (label,), "parsed"),
        "libelle_categorie": Value(label.text, (label,)),
        "territoire": Value(territoire, (), "resolved", ("titre de colonne",)),
        "plafond_euros": Value(ceiling, (amount,), "parsed"),
        "est_increment": Value(increment, (label,), "parsed"),
        "reference_revenu": Value("rfr_n_moins_2", (), "resolved", ("bulletin 8 A-2-09, note 7",)),
    }


def _category(text: str) -> tuple[str, bool]:
    folded = fold(values.unquoted(text))
    if match := _CATEGORY.fullmatch(folded):
        return match[1], False
    if _INCREMENT.fullmatch(folded):
        return "personne_supplementaire", True
    raise UnreadableError("categorie_inconnue", f"« {text} » n'est pas une catégorie de ménages de 1 à 6")


def _growing(frame: pd.DataFrame, _context: Context) -> Iterable[Observation]:
    """Within a territory, ceilings grow with the category."""
    plain = frame[~frame["est_increment"].astype(bool)].sort_values("categorie_menage")
    for territoire, group in plain.groupby("territoire"):
        if not group["plafond_euros"].is_monotonic_increasing:
            message = f"{territoire} : un plafond ne croît pas avec la catégorie de ménages"
            yield Observation("plafond_non_croissant", "warning", message, str(territoire))


PLAFONDS_PLUS = Dataset(
    name="plafonds_plus",
    title="Plafonds de ressources annuelles pour un logement PLUS",
    description=(
        "Plafond de revenu fiscal de référence par catégorie de ménages et territoire. Une catégorie n'est pas un "
        "nombre de personnes. « Autres régions » : la métropole avec la Corse ; l'outre-mer relève d'un autre arrêté."
    ),
    key=("categorie_menage", "territoire"),
    columns=(
        Column(
            "categorie_menage",
            "TEXT",
            "Catégorie de ménages de 1 à 6, ou personne_supplementaire (montant à ajouter à la catégorie 6)",
            checks=(Check(values=("1", "2", "3", "4", "5", "6", "personne_supplementaire")),),
        ),
        Column("libelle_categorie", "TEXT", "Catégorie telle qu'imprimée"),
        Column(
            "territoire",
            "TEXT",
            "Territoire au sens de l'arrêté du 29 juillet 1987",
            checks=(Check(values=TERRITOIRES),),
        ),
        Column(
            "plafond_euros",
            "INTEGER",
            "Plafond annuel de revenu fiscal de référence ; pour personne_supplementaire, l'augmentation",
            unit="€/an",
            checks=(Check(between=(500, 500_000)),),
        ),
        Column("est_increment", "BOOLEAN", "Vrai quand le montant s'ajoute à celui de la catégorie 6"),
        Column(
            "reference_revenu",
            "TEXT",
            "Revenu comparé au plafond : revenu fiscal de référence de l'année N-2",
            checks=(Check(values=("rfr_n_moins_2",)),),
        ),
    ),
    acts=Recognise(
        titles=(r"plafonds de ressources des (?:beneficiaires|logements locatifs sociaux)",), ids=("LOGU0907602A",)
    ),
    read=read,
    rhythm="yearly",
    inventory=(ANNEX, ANNEX_II, OTHER_LOANS),
    frame_checks=(FrameCheck("plafonds_croissants", "les plafonds croissent avec la catégorie", _growing),),
    order=("territoire", "categorie_menage"),
)
