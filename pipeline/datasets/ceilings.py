"""What the families of income ceilings share: one act sets those of several loans in tables with the same titles, one
row a category of households, one column a territory. Which table is of which loan is told by its annexe, by the loan
that is named around it and, where none is, by its figures: each loan has its own scale of categories.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Check, Column, Context, FrameCheck
from pipeline.contract.rows import Ignored, Observation, Refused, Row, Rows, Value
from pipeline.datasets.toolkit import data_rows, surroundings
from pipeline.extract.model import Cell, Grid, Reading, Source

if TYPE_CHECKING:
    import pandas as pd

TERRITOIRES = ("paris_et_limitrophes", "ile_de_france_hors_paris_et_limitrophes", "autres_regions")
CATEGORIES = ("1", "2", "3", "4", "5", "6", "personne_supplementaire")
HEADERS = (
    r"categorie de menages?",
    r"paris et communes limitrophes",
    r"ile-de-france hors paris",
    r"autres regions",
)
EUROS = r"(?:euros(?: par an)?)?$"
ACTS = (r"plafonds de ressources des (?:beneficiaires|logements locatifs sociaux)",)
"""The yearly act, by its title."""
_NUMBERED = r"(?:n[o°] ?)?(?:[ivx]+|[0-9]+)"
_FIRST = r"(?:n[o°] ?)?(?:i|1)\b"
FIRST_ANNEX = rf"annexe {_FIRST}"
FIRST_OR_NO_ANNEX = rf"$|annexes?(?! ?{_NUMBERED}\b)|{FIRST_ANNEX}"
SECOND_ANNEX = r"annexe (?:n[o°] ?)?(?:ii|2)\b"
PLAI = r"(?:\bpla-?i\b|\bpla d'integration\b|\bprets? locatifs? aides? d'integration\b)"
OTHER_LOANS = rf"(?:{PLAI}|\bpls\b)"
_CATEGORY = re.compile(r"(?:categorie )?([1-6])")
_INCREMENT = re.compile(r"par personne supplementaire.*")
_INCOME = re.compile(r"revenus? fisca(?:l|ux) de r[ée]f[ée]rence", re.IGNORECASE)
_NOTE = re.compile(r"\s*(?:\([0-9a-z*]{1,2}\)|\*|nota\b|notes?\b)", re.I)


@dataclass(frozen=True)
class Scale:
    """A loan by the ceiling of category 2 for one euro of category 1, territory by territory: the act of 29 July 1987
    fixed them, and each yearly act raises all ceilings alike (the same from 1999 to 2026, to half a thousandth)."""

    loan: str
    second_to_first: tuple[float, float, float]


PLUS_SCALE = Scale("PLUS", (1.4945, 1.4945, 1.3355))
PLAI_SCALE = Scale("PLAI", (1.63, 1.63, 1.457))
_SCALES = (PLUS_SCALE, PLAI_SCALE)
_NEAR = 0.005
_ENOUGH = 2
"""Territories, of three, in which the figures must have a scale: one may hold a misprint."""


def scale_of(grid: Grid) -> Scale | None:
    """The loan whose scale the figures of a table have; None when they have none, or not beyond doubt."""
    rows = {_label(grid, index): index for index in data_rows(grid)}
    first, second = rows.get("1"), rows.get("2")
    if first is None or second is None:
        return None
    ratios = [_ratio(grid, first, second, column) for column in range(1, 4)]
    for scale in _SCALES:
        near = [r is not None and abs(r - own) < _NEAR for r, own in zip(ratios, scale.second_to_first, strict=True)]
        if sum(near) >= _ENOUGH:
            return scale
    return None


def never(other: Scale) -> Callable[[Grid], str]:
    """What the figures have against a loan: that they have the scale of another one."""

    def against(grid: Grid) -> str:
        return f"des montants à l'échelle du {other.loan}" if scale_of(grid) is other else ""

    return against


def only(own: Scale) -> Callable[[Grid], str]:
    """What the figures have against a loan where nothing printed names it: that they have not its scale."""

    def against(grid: Grid) -> str:
        return (
            "" if scale_of(grid) is own else f"rien ne nomme le prêt, et des montants hors de l'échelle du {own.loan}"
        )

    return against


def _label(grid: Grid, index: int) -> str:
    cell = grid.at(index, 0)
    try:
        return _category(cell.text)[0] if cell else ""
    except UnreadableError:
        return ""


def _ratio(grid: Grid, first: int, second: int, column: int) -> float | None:
    one, two = grid.at(first, column), grid.at(second, column)
    try:
        return values.euros(two.text) / values.euros(one.text) if one and two else None
    except (UnreadableError, ZeroDivisionError):
        return None


def reader(table: str, own: Scale, named: Callable[[Grid], bool]) -> Callable[[Reading, Context], Rows]:
    """The reader of the tables found under that name of the inventory: three rows (one a territory) for each printed
    row of four cells. A table that `named` does not know was taken by its figures: that is said."""

    def read(reading: Reading, context: Context) -> Rows:
        rows: list[Row] = []
        refused: list[Refused] = []
        ignored: list[Ignored] = []
        observations: list[Observation] = []
        for grid in context.grids.get(table, ()):
            if not named(grid):
                observations.append(_by_figures(grid, own))
            over = _over(grid, reading, context)
            for index in data_rows(grid):
                if note := _note(grid, index):
                    ignored.append(Ignored(note, "note"))
                else:
                    _printed_row(grid, index, over, rows, refused)
        return Rows(rows, refused, ignored, observations)

    return read


def around(grid: Grid, annex: str, loan: str) -> bool:
    """Whether a table stands in that annexe, or the loan is named around it."""
    return bool(re.match(annex, fold(grid.annex)) or re.search(loan, surroundings(grid)))


def _by_figures(grid: Grid, own: Scale) -> Observation:
    where = f"l'annexe « {grid.annex} »" if grid.annex else "ce qui entoure le tableau"
    message = f"{where} ne dit pas de quel prêt sont ces plafonds ; leurs montants ont l'échelle du {own.loan}"
    return Observation("pret_reconnu_aux_montants", "warning", message, own.loan, grid.source)


@dataclass(frozen=True)
class _Over:
    """What stands over a table and holds for its rows: the labels of the territories, and the words that say which
    income is compared, of which year."""

    labels: tuple[Cell | None, ...]
    income: tuple[Cell, ...]
    rules: tuple[str, ...]


def _over(grid: Grid, reading: Reading, context: Context) -> _Over:
    header = max(grid.header_rows, 1) - 1
    labels = tuple(grid.at(header, c) for c in range(1, 4))
    before = reading.blocks[: reading.blocks.index(grid)] if grid in reading.blocks else reading.blocks
    titles = [b for b in before if not isinstance(b, Grid)]
    found = [(b, match) for b in titles if (match := _INCOME.search(b.text))][-1:]
    income = [Cell(0, match.start(), match[0], b.source.piece(*match.span())) for b, match in found]
    citation, line = (context.parameter("plafonds_plus", name) for name in ("citation", "ligne"))
    if not (citation and line):
        return _Over(labels, tuple(income), ("année N-2 que l'acte n'imprime pas",))
    return _Over(labels, (*income, Cell(0, 0, str(citation), Source(line=int(line)))), ("document.toml",))


def _note(grid: Grid, index: int) -> Cell | None:
    """The foot note that fills a row over the whole width."""
    cell = grid.own(index, 0)
    return cell if cell and cell.col_span == grid.n_cols and _NOTE.match(cell.text) else None


def _printed_row(grid: Grid, index: int, over: _Over, rows: list[Row], refused: list[Refused]) -> None:
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
    for territoire, heading, amount in zip(TERRITOIRES, over.labels, present[1:], strict=True):
        try:
            ceiling = values.increment(amount.text) if increment else values.euros(amount.text)
        except UnreadableError as error:
            refused.append(Refused((label, amount), error.rule, error.reason, "plafond_euros"))
            continue
        # The row's own words first: a heading behind them is no place of the row.
        of_territory = (amount, heading) if heading and heading.text else (amount,)
        rows.append(
            {
                "categorie_menage": Value(category, (label,), "parsed"),
                "libelle_categorie": Value(label.text, (label,)),
                "territoire": Value(territoire, of_territory, "resolved", ("titre de colonne",)),
                "plafond_euros": Value(ceiling, (amount,), "parsed"),
                "est_increment": Value(increment, (label,), "parsed"),
                "reference_revenu": Value("rfr_n_moins_2", (amount, *over.income), "resolved", over.rules),
            }
        )


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


def _whole(frame: pd.DataFrame, _context: Context) -> Iterator[Observation]:
    """Each category in each territory: 21 rows. Without any, the edition is refused for want of its table."""
    if frame.empty:
        return
    printed = set(zip(frame["categorie_menage"], frame["territoire"], strict=True))
    for territoire in TERRITOIRES:
        missing = [category for category in CATEGORIES if (category, territoire) not in printed]
        if missing:
            message = f"{territoire} : catégories attendues et absentes : {', '.join(missing)}"
            yield Observation("ligne_attendue_absente", "warning", message, territoire, expected=", ".join(missing))


CHECKS = (
    FrameCheck("plafonds_croissants", "les plafonds croissent avec la catégorie", _growing),
    FrameCheck("plafonds_complets", "les sept catégories dans les trois territoires", _whole),
)
KEY = ("categorie_menage", "territoire")
ORDER = ("territoire", "categorie_menage")
COLUMNS = (
    Column(
        "categorie_menage",
        "TEXT",
        "Catégorie de ménages de 1 à 6, ou personne_supplementaire (montant à ajouter à la catégorie 6)",
        checks=(Check(values=CATEGORIES),),
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
)
