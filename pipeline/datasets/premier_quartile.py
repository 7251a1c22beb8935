"""The département of a first-quartile row: its code and its name as printed, which must agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold
from pipeline.cleaning.values import UnreadableError
from pipeline.contract import codes
from pipeline.contract.dataset import Check, Column, Context, Dataset, Expect, FrameCheck, Recognise
from pipeline.contract.rows import Ignored, Observation, Refused, Row, Rows, Value
from pipeline.datasets.toolkit import data_rows, frames, lead_cells
from pipeline.extract.model import Cell, Grid, Reading, Source
from pipeline.gazetteer import Departement, EpciYear, Gazetteer, ReferenceMissing, epci, epci_years, load, normalise
from pipeline.gazetteer.epci_names import contradiction

if TYPE_CHECKING:
    import pandas as pd


# Republications print both in one cell, "01 - Ain"; overseas the code is cut after two figures, "97 - -Guadeloupe".
_WITH_NAME = re.compile(r"(?P<code>[0-9]{1,3}|2[ABab])\s*-\s*-?\s*(?P<name>\D.*)")
CUT = "code de département tronqué"


@dataclass(frozen=True)
class Official:
    """The official places of the edition's year. Names and natures of EPCI are those of `epci`: of the year, or of the
    newest list held where the year is after it; None where neither is. Members are never those of another year."""

    year: int
    gazetteer: Gazetteer
    epci: EpciYear | None
    reference: Path


def departement_of(code: Cell, name: Cell, official: Official) -> tuple[Departement, Value]:
    """The département and the value of its code. A cut overseas code is completed from the name it must begin.

    Raises UnreadableError when the code is none of the year, or is that of another département than the name says.
    """
    match = _WITH_NAME.fullmatch(code.text.strip())
    printed = match["code"] if match else code.text
    label = name.text.strip().removeprefix("-").strip()
    if match and normalise(match["name"]) != normalise(label):
        raise _contradiction(code, name, f"imprimé avec « {match['name']} »")
    if printed == "97" and (named := official.gazetteer.find_departement(label)) and named.code.startswith(printed):
        return named, Value(named.code, (code, name), "resolved", (CUT,))
    found = official.gazetteer.departement(values.departement(printed))
    if found is None:
        reason = f"« {code.text} » n'est pas un département de {official.year}"
        raise UnreadableError("code_departement_inconnu", reason)
    if normalise(label) != normalise(found.nom):
        raise _contradiction(code, name, f"code de « {found.nom} »")
    return found, Value(found.code, (code,), "parsed" if match else "printed")


def _contradiction(code: Cell, name: Cell, why: str) -> UnreadableError:
    return UnreadableError("departement_contradictoire", f"« {code.text} » ({why}) pour « {name.text} »")


ILE_DE_FRANCE = "11"
AGGLOMERATIONS = ("CA", "CU", "METRO", "MET69")
"""All are concerned by the CCH, art. L. 441-1; a communauté de communes only where it has housing duties."""
GRAND_PARIS = "200054781"
"""Never printed itself: its EPT and the commune of Paris are."""


def one_threshold(frame: pd.DataFrame, _context: Context) -> Iterable[Observation]:
    """The threshold depends on the EPCI alone, whatever the département."""
    for siren, group in frame.groupby("siren"):
        amounts = sorted(int(v) for v in group["seuil_euros_par_uc_an"].unique())
        if len(amounts) > 1:
            shown = " ; ".join(map(str, amounts))
            message = f"{siren} : plusieurs seuils imprimés ({shown})"
            yield Observation("seuil_variable", "warning", message, str(siren), printed=shown)


def one_for_ile_de_france(frame: pd.DataFrame, _context: Context) -> Iterable[Observation]:
    """One threshold for the whole region Île-de-France."""
    inside = frame[frame["perimetre_calcul"] == "region_ile_de_france"]
    amounts = sorted(int(v) for v in inside["seuil_euros_par_uc_an"].unique())
    if len(amounts) > 1:
        shown = " ; ".join(map(str, amounts))
        message = f"plusieurs seuils imprimés en Île-de-France ({shown})"
        yield Observation("seuil_idf_variable", "warning", message, ILE_DE_FRANCE, printed=shown)


def official_grid(frame: pd.DataFrame, context: Context) -> Iterable[Observation]:
    """The SIREN × département grid against the official one of the year, both ways, and agglomerations left out."""
    if frame.empty:
        return
    year = int(frame["annee"].iloc[0])
    try:
        official = epci(context.reference, year)
    except ReferenceMissing as error:
        newest = _groups(context.reference, year)
        named = f" Noms et natures d'après la liste de {newest.millesime}." if newest else ""
        yield Observation("millesime_absent", "warning", f"{error}{named}", f"epci {year}")
        yield from _unknown(frame, newest) if newest else ()
        return
    yield from _unknown(frame, official)
    printed = set(zip(frame["siren"], frame["code_departement"], strict=True))
    expected = official.grid(frame["siren"])
    held = {(siren, code) for siren, code in printed if siren in official.by_siren}
    for siren, code in sorted(expected - printed):
        name = official.by_siren[siren].nom
        message = f"{name} ({siren}) a des communes dans le {code} en {year} : aucune ligne imprimée"
        yield Observation("departement_absent_de_la_grille", "warning", message, f"{siren} {code}", expected=code)
    for siren, code in sorted(held - expected):
        name = official.by_siren[siren].nom
        message = f"{name} ({siren}) n'a aucune commune dans le {code} en {year}"
        yield Observation("departement_hors_grille", "warning", message, f"{siren} {code}", printed=code)
    present = set(frame["siren"])
    concerned = [item for item in official.epci if item.kind in AGGLOMERATIONS and item.siren != GRAND_PARIS]
    missing = {code for _, code in official.grid(item.siren for item in concerned)} - set(frame["code_departement"])
    if missing:
        shown = ", ".join(sorted(missing))
        message = f"départements où l'annexe doit avoir des lignes et n'en a aucune : {shown}"
        yield Observation("ligne_attendue_absente", "warning", message, f"départements {year}", expected=shown)
    for item in concerned:
        if item.siren not in present:
            message = f"{item.nom} ({item.siren}, {item.kind}) : attendue en {year}, absente de l'annexe"
            yield Observation("epci_attendu_absent", "warning", message, item.siren, expected=item.nom)


def _unknown(frame: pd.DataFrame, official: EpciYear) -> Iterable[Observation]:
    for siren, name in sorted(set(zip(frame["siren"], frame["nom_epci"], strict=True))):
        if siren not in official.by_siren:
            message = f"{name} ({siren}) n'est pas un EPCI de {official.millesime}"
            yield Observation("epci_inconnu", "warning", message, str(siren), printed=str(name))


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
_SAYS_YEAR = (
    r"(?:pour|au titre de|applicables? en|en vigueur en|millesime)(?: l'annee| l'exercice| le millesime)?"
    r" (20[0-9]{2})\b(?! ?[-/])"
)
# A sentence on the thresholds that says of which year they are; the texts seen are not worded alike.
_YEAR = re.compile(rf"(?:montants?|seuils?|ressources|quartile|valeurs?)\b[^.;]{{0,200}}? {_SAYS_YEAR}")
_YEAR_FIRST = re.compile(rf"(?:^|[.;,] ?){_SAYS_YEAR},? [^.;]{{0,80}}?(?:montants?|seuils?|valeurs?)\b")
_TITLE_YEAR = re.compile(rf"{_SAYS_YEAR}|\bannee (20[0-9]{{2}})\b")
_VISA = re.compile(r"\W*(?:vu|considerant|modifiant)\b")
_SIREN_LINE = re.compile(r"[0-9 \u00a0\u202f]{9,17}")
_SIRET = re.compile(r"\s*(?:[0-9][ \u00a0\u202f]?){14}\s*")
_EUROS_LINE = re.compile(r".*[0-9].*€")


def read(reading: Reading, context: Context) -> Rows:
    """Rows of the annex, from a grid of five columns or of one cell a line; a row that a parser refuses is quarantined.

    Raises UnreadableError when no year is printed or declared, and for a text that ends inside a row.
    """
    year = _year(reading, context)
    rows: list[Row] = []
    refused: list[Refused] = []
    ignored: list[Ignored] = []
    observations: list[Observation] = []
    official = _official(context, year.value)
    for grid in context.grids.get(ANNEX.name, ()):
        cells: tuple[Cell, ...] = ()
        whole = True
        for cells, whole in _printed_rows(grid, ignored):
            if not whole:
                reason = f"{len(cells)} cellules entre deux montants, un multiple de cinq attendu"
                if grid.n_cols > 1:
                    reason = f"{len(cells)} cellules imprimées sur la ligne, cinq attendues"
                refused.append(Refused(cells, "ligne_decalee", reason))
                continue
            try:
                rows.append({"annee": year, **_row(cells, official)})
            except UnreadableError as error:
                refused.append(Refused(cells, error.rule, error.reason))
        if grid.n_cols == 1 and not whole and not context.rendition.complete and _is_last(cells[-1], reading):
            raise UnreadableError("fichier_tronque", f"le texte s'arrête au milieu d'une ligne, à « {cells[-1].text} »")
        observations += _siret(grid)
    observations += _cut_codes(rows)
    return Rows(rows, refused, ignored, observations, shared={"annee": year})


def _is_last(cell: Cell, reading: Reading) -> bool:
    """Whether nothing is printed after a cell: neither another one, nor a place and a date of signature."""
    last = reading.blocks[-1]
    return isinstance(last, Grid) and bool(last.cells) and last.cells[-1].source == cell.source


def _year(reading: Reading, context: Context) -> Value:
    declared = context.parameter("premier_quartile", "annee")
    if declared is not None:
        citation = str(context.parameter("premier_quartile", "citation") or "")
        line = context.parameter("premier_quartile", "ligne")
        place = Source(line=int(line)) if line else Source()
        return Value(int(declared), (Cell(0, 0, citation, place),), "parsed", ("document.toml",))
    said = dict[int, Value]()
    for paragraph in reading.paragraphs:
        folded = fold(paragraph.text)
        if not _VISA.match(folded) and (match := _YEAR.search(folded) or _YEAR_FIRST.search(folded)):
            year = int(match[1])
            said.setdefault(year, Value(year, (Cell(0, 0, match[0].strip(" .;,"), paragraph.source),), "parsed"))
    if len(said) == 1:
        return next(iter(said.values()))
    if not said and context.act and (match := _TITLE_YEAR.search(fold(context.act.name))):
        year = int(match[1] or match[2])
        return Value(year, (Cell(0, 0, context.act.name, Source()),), "parsed", ("titre",))
    if said:
        raise UnreadableError("annee_absente", f"plusieurs années imprimées ({', '.join(map(str, said))}) ; {_DECLARE}")
    raise UnreadableError("annee_absente", f"l'année n'est ni imprimée ni déclarée ; {_DECLARE}")


_DECLARE = (
    "la déclarer dans document.toml, sous [[act]] et avant [act.effect] : "
    'parameters.premier_quartile = { annee = 2024, citation = "les mots qui le disent" }'
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
    place: tuple[Cell, ...] = ()
    for row in data_rows(grid):
        cells = [grid.at(row, c) for c in range(5)]
        printed = tuple(cell for cell in cells if cell and cell.text)
        named = tuple(cell for cell in cells[:2] if cell and cell.text)
        if len(printed) == 3 and not named and place:
            printed = (*place, *printed)  # a blank label under a label is the same label
        if len(named) == 2:
            place = named
        if printed:
            yield printed, len(printed) == 5


def _official(context: Context, year: object) -> Official:
    assert isinstance(year, int)
    groups = _groups(context.reference, year)
    return Official(year, load(context.reference, date(year, 1, 1)), groups, context.reference)


def _groups(reference: Path, year: int) -> EpciYear | None:
    """The EPCI of the year; of the newest list held, for a later year (said by the check on the official grid)."""
    held = epci_years(reference)
    if year in held:
        return epci(reference, year)
    return epci(reference, held[-1]) if held and held[-1] < year else None


def _row(cells: tuple[Cell, ...], official: Official) -> Row:
    code, name, epci_name, siren, amount = cells
    departement, code_value = departement_of(code, name, official)
    region = official.gazetteer.region(departement.code_region)
    number = values.siren(siren.text)
    _check_name(epci_name.text, number, official)
    group = official.epci.by_siren.get(number) if official.epci else None
    cog, listed = f"COG {official.year}", f"EPCI {official.epci.millesime if official.epci else official.year}"
    scope = "region_ile_de_france" if departement.code_region == ILE_DE_FRANCE else "territoire"
    return {
        "code_region": Value(departement.code_region, (code,), "resolved", (cog,)),
        "nom_region": Value(region.nom if region else None, (code,), "resolved", (cog,)),
        "code_departement": code_value,
        "nom_departement": Value(departement.nom, (code,), "resolved", (cog,)),
        "departement_imprime": Value(name.text, (name,)),
        "siren": Value(number, (siren,), "parsed"),
        "nom_epci": Value(epci_name.text, (epci_name,)),
        "nom_officiel": Value(group.nom if group else None, (siren,), "resolved", (listed,)),
        "type_territoire": Value(group.kind if group else None, (siren,), "resolved", (listed,)),
        "seuil_euros_par_uc_an": Value(values.euros(amount.text), (amount,), "parsed"),
        "perimetre_calcul": Value(scope, (code,), "resolved", (cog,)),
        "millesime": Value(official.year, (), "resolved", (cog,)),
    }


def _check_name(printed: str, siren: str, official: Official) -> None:
    """Raises UnreadableError when the name is clearly that of another EPCI: a threshold is given to neither."""
    if official.epci and (found := contradiction(printed, siren, official.epci.millesime, official.reference)):
        reason = (
            f"« {printed} » est le nom de {found.by_name.nom} ({found.by_name.siren}) ; le SIREN {siren} est celui de "
            f"{found.by_siren.nom}"
        )
        raise UnreadableError("siren_et_nom_contradictoires", reason)


def _cut_codes(rows: Sequence[Row]) -> Iterable[Observation]:
    """Overseas codes printed without their last figure: said once for each département."""
    cut = {str(r["code_departement"].value): r["code_departement"] for r in rows if CUT in r["code_departement"].rules}
    for code, value in sorted(cut.items()):
        printed = value.cites[0]
        message = f"« {printed.text} » lu {code}, d'après le nom du département"
        yield Observation("code_departement_tronque", "info", message, code, printed.source, printed.text, code)


def _siret(grid: Grid) -> Iterable[Observation]:
    """The annex calls SIRET what is a SIREN: said once, where it prints no SIRET; none is made up."""
    label = next((cell for cell in grid.cells if fold(cell.text).startswith("siret")), None)
    if label is not None and not any(_SIRET.fullmatch(cell.text) for cell in grid.cells):
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
        Column("code_region", "TEXT", "Code officiel de la région", checks=(Check(pattern=codes.REGION),)),
        Column("nom_region", "TEXT", "Nom officiel de la région"),
        Column("code_departement", "TEXT", "Code officiel du département", checks=(Check(pattern=codes.DEPARTEMENT),)),
        Column("nom_departement", "TEXT", "Nom officiel du département"),
        Column("departement_imprime", "TEXT", "Nom du département tel qu'imprimé"),
        Column(
            "siren",
            "TEXT",
            "SIREN de l'EPCI, de l'établissement public territorial ou de la commune (imprimé sous le titre SIRET)",
            checks=(Check(pattern="[0-9]{9}"),),
        ),
        Column("nom_epci", "TEXT", "Nom tel qu'imprimé, casse comprise"),
        Column(
            "nom_officiel",
            "TEXT",
            "Nom officiel au 1er janvier de l'année, ou dans la dernière liste détenue si celle de l'année ne l'est "
            "pas ; NULL si absent",
            nullable=True,
        ),
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
        Column(
            "millesime",
            "INTEGER",
            "Année du code officiel géographique et de la liste des EPCI employés, tels au 1er janvier",
            formerly="cog_millesime",
        ),
    ),
    acts=Recognise(
        # The paragraph of article L. 441-1 that is cited moves from year to year.
        titles=(r"premier quartile|1er quartile", r"alinea de l'article l\. ?441-1(?![-0-9])"),
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
