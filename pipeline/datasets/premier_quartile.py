"""First-quartile thresholds by EPCI and département (CCH, art. L. 441-1, 24e alinéa), one arrêté a year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Check, Column, Context, Dataset, Expect, FrameCheck, Recognise
from pipeline.contract.rows import Ignored, Observation, Refused, Row, Rows, Value
from pipeline.datasets.framing import frames
from pipeline.datasets.inventory import data_rows, lead_cells
from pipeline.datasets.premier_quartile_checks import ILE_DE_FRANCE, official_grid, one_for_ile_de_france, one_threshold
from pipeline.datasets.premier_quartile_places import CUT, Official, departement_of
from pipeline.extract.model import Cell, Grid, Reading, Source
from pipeline.gazetteer import ReferenceMissing, epci, load

ANNEX = Expect(
    "annexe 1er quartile",
    headers=(
        r"code (du )?departement",
        r"(nom du )?departement",
        r"nom de l'epci",
        r"(numero )?sire[nt] (de l')?epci",
        r"valeur du seuil( de ressources)?( 1er quartile)?",
    ),
)
_YEAR = re.compile(r"(?:montant|seuil)[^.]{0,40} pour l'annee (20[0-9]{2})")
_TITLE_YEAR = re.compile(r"pour l'annee (20[0-9]{2})")
_SIREN_LINE = re.compile(r"[0-9 \u00a0\u202f]{9,17}")
_EUROS_LINE = re.compile(r".*[0-9].*€")


def read(reading: Reading, context: Context) -> Rows:
    """Rows of the annex, from a grid of five columns or of one cell a line; a row that a parser refuses is quarantined.

    Raises UnreadableError when no year is printed or declared.
    """
    year = _year(reading, context)
    rows: list[Row] = []
    refused: list[Refused] = []
    ignored: list[Ignored] = []
    observations: list[Observation] = []
    official = _official(context, year.value)
    for grid in context.grids.get(ANNEX.name, ()):
        for cells, whole in _printed_rows(grid, ignored):
            if not whole:
                reason = f"{len(cells)} cellules entre deux montants, un multiple de cinq attendu"
                refused.append(Refused(cells, "ligne_decalee", reason))
                continue
            try:
                rows.append({"annee": year, **_row(cells, official)})
            except UnreadableError as error:
                refused.append(Refused(cells, error.rule, error.reason))
        observations += _siret(grid)
    observations += _cut_codes(rows)
    return Rows(rows, refused, ignored, observations, shared={"annee": year})


def _year(reading: Reading, context: Context) -> Value:
    declared = context.parameter("premier_quartile", "annee")
    if declared is not None:
        citation = str(context.parameter("premier_quartile", "citation") or "")
        return Value(int(declared), (Cell(0, 0, citation, Source()),), "parsed", ("document.toml",))
    for paragraph in reading.paragraphs:
        if match := _YEAR.search(fold(paragraph.text)):
            return Value(int(match[1]), (Cell(0, 0, match[0], paragraph.source),), "parsed")
    if context.act and (match := _TITLE_YEAR.search(fold(context.act.title))):
        return Value(int(match[1]), (Cell(0, 0, context.act.title, Source()),), "parsed", ("titre",))
    raise UnreadableError(
        "annee_absente", "l'année n'est ni imprimée ni déclarée ; la déclarer dans document.toml, act.parameters"
    )


def _printed_rows(grid: Grid, ignored: list[Ignored]) -> Iterator[tuple[tuple[Cell, ...], bool]]:
    """The printed rows, five cells each when whole. Header lines of a one-column grid go to `ignored`."""
    if grid.n_cols == 1:
        lead = lead_cells(grid, ANNEX) or ()
        header = {fold(cell.text) for cell in lead}
        body: list[Cell] = []
        for cell in grid.cells:
            if fold(cell.text) in header:
                ignored.append(Ignored(cell, "entete" if cell in lead else "entete_repete"))
            else:
                body.append(cell)
        anchors = {3: lambda t: bool(_SIREN_LINE.fullmatch(t)), 4: lambda t: bool(_EUROS_LINE.fullmatch(t))}
        yield from ((frame.cells, frame.whole) for frame in frames(body, 5, anchors))
        return
    for row in data_rows(grid):
        printed = tuple(found for c in range(5) if (found := grid.at(row, c)) and found.text)
        if printed:
            yield printed, len(printed) == 5


def _official(context: Context, year: object) -> Official:
    assert isinstance(year, int)
    try:
        groups = epci(context.reference, year)
    except ReferenceMissing:
        groups = None  # said by the check on the official grid
    return Official(year, load(context.reference, date(year, 1, 1)), groups)


def _row(cells: tuple[Cell, ...], official: Official) -> Row:
    code, name, epci_name, siren, amount = cells
    departement, code_value = departement_of(code, name, official)
    region = official.gazetteer.region(departement.code_region)
    number = values.siren(siren.text)
    group = official.epci.by_siren.get(number) if official.epci else None
    cog = f"COG {official.year}"
    scope = "region_ile_de_france" if departement.code_region == ILE_DE_FRANCE else "territoire"
    return {
        "code_region": Value(departement.code_region, (code,), "resolved", (cog,)),
        "nom_region": Value(region.nom if region else None, (code,), "resolved", (cog,)),
        "code_departement": code_value,
        "nom_departement": Value(departement.nom, (code,), "resolved", (cog,)),
        "departement_imprime": Value(name.text, (name,)),
        "siren": Value(number, (siren,), "parsed"),
        "nom_epci": Value(epci_name.text, (epci_name,)),
        "nom_officiel": Value(group.nom if group else None, (siren,), "resolved", (f"EPCI {official.year}",)),
        "type_territoire": Value(group.kind if group else None, (siren,), "resolved", (f"EPCI {official.year}",)),
        "seuil_euros_par_uc_an": Value(values.euros(amount.text), (amount,), "parsed"),
        "perimetre_calcul": Value(scope, (code,), "resolved", (cog,)),
        "cog_millesime": Value(official.year, (), "resolved", (cog,)),
    }


def _cut_codes(rows: Sequence[Row]) -> Iterable[Observation]:
    """Overseas codes printed without their last figure: said once for each département."""
    cut = {str(r["code_departement"].value): r["code_departement"] for r in rows if CUT in r["code_departement"].rules}
    for code, value in sorted(cut.items()):
        printed = value.cites[0]
        message = f"« {printed.text} » lu {code}, d'après le nom du département"
        yield Observation("code_departement_tronque", "info", message, code, printed.source, printed.text, code)


def _siret(grid: Grid) -> Iterable[Observation]:
    """The annex calls SIRET what is a SIREN: said once; no SIRET is made up."""
    label = next((cell for cell in grid.cells if fold(cell.text).startswith("siret")), None)
    if label is not None:
        yield Observation(
            "siret_est_un_siren",
            "info",
            "la colonne dite SIRET porte des SIREN à neuf chiffres",
            "siret",
            label.source,
            label.text,
            "SIREN de l'EPCI",
        )


PREMIER_QUARTILE = Dataset(
    name="premier_quartile",
    title="Seuils de ressources du premier quartile des demandeurs de logement social",
    description=(
        "Ressources annuelles par unité de consommation sous lesquelles un demandeur est dans le premier quartile, par "
        "EPCI et département (CCH, art. L. 441-1). Le seuil dépend de l'EPCI seul ; un EPCI à cheval a une ligne par "
        "département : compter les EPCI dans seuil_par_epci."
    ),
    key=("annee", "siren", "code_departement"),
    columns=(
        Column("annee", "INTEGER", "Année de l'arrêté", checks=(Check(between=(2015, 2100)),)),
        Column("code_region", "TEXT", "Code officiel de la région", checks=(Check(pattern="[0-9]{2}"),)),
        Column("nom_region", "TEXT", "Nom officiel de la région"),
        Column("code_departement", "TEXT", "Code officiel du département", checks=(Check(pattern="[0-9AB]{2,3}"),)),
        Column("nom_departement", "TEXT", "Nom officiel du département"),
        Column("departement_imprime", "TEXT", "Nom du département tel qu'imprimé"),
        Column(
            "siren",
            "TEXT",
            "SIREN de l'EPCI, de l'établissement public territorial ou de la commune (imprimé sous le titre SIRET)",
            checks=(Check(pattern="[0-9]{9}"),),
        ),
        Column("nom_epci", "TEXT", "Nom tel qu'imprimé, casse comprise"),
        Column("nom_officiel", "TEXT", "Nom officiel au 1er janvier de l'année ; NULL si absent", nullable=True),
        Column(
            "type_territoire",
            "TEXT",
            "Nature juridique au 1er janvier de l'année, d'après le référentiel et non d'après le nom imprimé",
            nullable=True,
            checks=(Check(values=("CA", "CC", "CU", "METRO", "MET69", "EPT", "COMMUNE")),),
        ),
        Column(
            "seuil_euros_par_uc_an",
            "INTEGER",
            "Seuil de ressources annuelles par unité de consommation",
            unit="€/UC/an",
            checks=(Check(between=(1000, 100_000)),),
        ),
        Column(
            "perimetre_calcul",
            "TEXT",
            "Territoire sur lequel le quartile est calculé : le territoire même, ou toute la région Île-de-France",
            checks=(Check(values=("territoire", "region_ile_de_france")),),
        ),
        Column("cog_millesime", "INTEGER", "Année du code officiel géographique et de la liste des EPCI employés"),
    ),
    acts=Recognise(
        # The paragraph of article L. 441-1 that is cited moves from year to year.
        titles=(r"premier quartile|1er quartile", r"alinea de l'article l\. ?441-1(?![-0-9])"),
        ids=("JORFTEXT000042056679",),
    ),
    read=read,
    rhythm="yearly",
    inventory=(ANNEX,),
    frame_checks=(
        FrameCheck("seuil_par_siren", "le seuil est le même dans tous les départements d'un EPCI", one_threshold),
        FrameCheck("seuil_ile_de_france", "un seul seuil en Île-de-France", one_for_ile_de_france),
        FrameCheck("grille_officielle", "SIREN × département comme dans la liste officielle des EPCI", official_grid),
    ),
    order=("annee", "code_departement", "siren"),
    edition_key=("annee",),
)
