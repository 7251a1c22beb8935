"""One page in French on a commune at a day: all that the warehouse holds of it, each figure with its source.

Finding the commune is in `fiche_commune`, zone and amounts in their own modules, writing the page in `fiche_pages`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pipeline.cleaning.written import day_in_words
from pipeline.warehouse.fiche_amounts import ceilings, price, rates, threshold, undated
from pipeline.warehouse.fiche_commune import find_commune
from pipeline.warehouse.fiche_model import MISSING, Commune, Fiche, Line, Section
from pipeline.warehouse.fiche_sources import Sources
from pipeline.warehouse.fiche_zoning import zoning

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_KINDS = {
    "CA": "Communauté d'agglomération",
    "CC": "Communauté de communes",
    "CU": "Communauté urbaine",
    "METRO": "Métropole",
    "MET69": "Métropole de Lyon",
    "EPT": "Établissement public territorial",
    "COMMUNE": "Commune tenant lieu de territoire",
}


def fiche(connection: DuckDBPyConnection, asked: str, on: date) -> Fiche:
    """The page on the commune of that code or name. Raises CommuneNotFoundError when it is not one commune,
    NotHeldError when the communes of that day are not held."""
    commune = find_commune(connection, asked, on)
    sources = Sources(connection, on)
    sections = (_identity(commune, sources), *matters(commune, sources))
    missing = tuple(
        f"{section.title} : {line.value}" for section in sections for line in section.lines if line.label == MISSING
    )
    title = f"{commune.nom} ({commune.code}) au {day_in_words(on)}"
    return Fiche(title, sections, sources.list(), missing)


def matters(commune: Commune, sources: Sources) -> tuple[Section, ...]:
    """What is held on the commune at the day of `sources`, and what is not; its identity is told apart."""
    zone, zone_section = zoning(commune, sources)
    return (
        zone_section,
        price(zone, sources),
        ceilings(commune, sources),
        threshold(commune, sources),
        rates(commune, sources),
        *undated(commune, sources),
    )


def _identity(commune: Commune, sources: Sources) -> Section:
    cog = f"Code officiel géographique, {day_in_words(commune.cog_date)}"
    (place,) = sources.rows(
        "SELECT d.nom AS departement, r.nom AS region FROM ref.departements d JOIN ref.regions r USING (cog_date) "
        "WHERE d.cog_date = ? AND d.code_departement = ? AND r.code_region = ?",
        commune.cog_date,
        commune.code_departement,
        commune.code_region,
    )
    lines = [
        Line("Commune", f"{commune.nom}, code {commune.code}", cog),
        Line("Département", f"{place['departement']} ({commune.code_departement})", cog),
        Line("Région", f"{place['region']} ({commune.code_region})", cog),
        *_groupings(commune, sources),
    ]
    return Section("Identité", tuple(lines), tuple(_became(commune, sources)))


def _groupings(commune: Commune, sources: Sources) -> list[Line]:
    year = sources.on.year
    held = [row["millesime"] for row in sources.rows("SELECT DISTINCT millesime FROM ref.epci ORDER BY 1")]
    if year not in held:
        years = f"{held[0]} à {held[-1]}" if held else "aucune"
        return [Line(MISSING, f"composition des EPCI de {year} (années détenues : {years})")]
    found = sources.of_commune(
        commune.code,
        "SELECT m.code_commune, e.siren, e.nom, e.type FROM ref.epci_membres m JOIN ref.epci e USING (millesime, siren) "
        "WHERE m.millesime = ? ORDER BY m.niveau = 'EPCI' DESC, e.siren",
        year,
    )
    place = f"Liste des EPCI (DGCL), {year}"
    if not found:
        return [Line("EPCI", f"aucun au 1er janvier {year}", place)]
    return [Line(_KINDS[row["type"]], f"{row['nom']}, SIREN {row['siren']}", place) for row in found]


def _became(commune: Commune, sources: Sources) -> list[str]:
    """Where its territory is today, when the commune is not the same any more."""
    rows = sources.of_commune(
        commune.code,
        "SELECT p.code_depuis AS code_commune, p.code_vers AS code, c.nom, p.date_vers AS le "
        "FROM ref.communes_passage p "
        "JOIN ref.communes c ON c.cog_date = p.date_vers AND c.code_commune = p.code_vers AND c.type = 'COM' "
        "WHERE p.date_depuis = ? AND p.date_vers = (SELECT max(cog_date) FROM ref.communes) ORDER BY 2",
        commune.cog_date,
    )
    if not rows or [(row["code"], row["nom"]) for row in rows] == [(commune.code, commune.nom)]:
        return []
    named = ", ".join(f"{row['nom']} ({row['code']})" for row in rows)
    return [f"Au {day_in_words(rows[0]['le'])}, son territoire est dans : {named}."]
