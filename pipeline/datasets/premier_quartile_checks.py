"""What a first-quartile annex is held against: one threshold an EPCI, and the official EPCI of its year."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.contract.dataset import Context
from pipeline.contract.rows import Observation
from pipeline.gazetteer import EpciYear, ReferenceMissing, epci

if TYPE_CHECKING:
    import pandas as pd

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
        yield Observation("millesime_absent", "warning", str(error), f"epci {year}")
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
    for item in official.epci:
        if item.kind in AGGLOMERATIONS and item.siren not in present and item.siren != GRAND_PARIS:
            message = f"{item.nom} ({item.siren}, {item.kind}) : attendue en {year}, absente de l'annexe"
            yield Observation("epci_attendu_absent", "warning", message, item.siren, expected=item.nom)


def _unknown(frame: pd.DataFrame, official: EpciYear) -> Iterable[Observation]:
    for siren, name in sorted(set(zip(frame["siren"], frame["nom_epci"], strict=True))):
        if siren not in official.by_siren:
            message = f"{name} ({siren}) n'est pas un EPCI de {official.millesime}"
            yield Observation("epci_inconnu", "warning", message, str(siren), printed=str(name))
