"""The amounts of a fiche: sale price, income ceilings, threshold, rates, places; one section each, held or not."""

from __future__ import annotations

from pipeline.warehouse.fiche_model import MISSING, Commune, Line, Section, euros, number
from pipeline.warehouse.fiche_sources import Sources

_TERRITOIRES = {
    "paris_et_limitrophes": "Paris et communes limitrophes",
    "ile_de_france_hors_paris_et_limitrophes": "Île-de-France hors Paris et communes limitrophes",
    "autres_regions": "autres régions",
}
_MOTIFS = {
    "epci_non_liste": "l'annexe ne liste pas cet EPCI",
    "hors_epci": "la commune n'est dans aucun EPCI",
    "epci_attendu_absent": "agglomération que l'annexe devrait lister et n'a pas",
    "plusieurs_seuils_imprimes": "l'annexe imprime plusieurs seuils pour cet EPCI",
}
_TVA = {"971": "guadeloupe", "972": "martinique", "973": "guyane", "974": "la_reunion", "2A": "corse", "2B": "corse"}


def price(zone: str | None, sources: Sources) -> Section:
    title = "Prix de vente maximum en location-accession (PSLA)"
    held = sources.rows("SELECT * FROM prix_psla_as_of(?)", sources.on)
    if not held:
        return Section(title, (Line(MISSING, sources.absence("prix_psla")),))
    found = [row for row in held if row["zone"] == zone]
    if not found:
        why = f"zone {zone} sans prix imprimé" if zone else "zone de la commune non connue à ce jour"
        return Section(title, (Line("Prix", f"non déterminé : {why}"),))
    (row,) = found
    price = euros(row["prix_max_euros_ht_m2_su"], "€ HT par m² de surface utile")
    note = (
        "L'arrêté renvoie aux zones de 2003 ; le lien avec celles de 2009 repose sur le bulletin 8 A-2-09, note 1, et "
        "sur l'article 3, 7° de l'arrêté de zonage."
    )
    return Section(title, (Line(f"Zone {zone}", price, sources.of(row)),), (sources.validity(row), note))


def ceilings(commune: Commune, sources: Sources) -> Section:
    title = "Plafonds de ressources PLUS"
    held = sources.rows("SELECT * FROM plafonds_plus_as_of(?) ORDER BY est_increment, categorie_menage", sources.on)
    if not held:
        return Section(title, (Line(MISSING, sources.absence("plafonds_plus")),))
    (place,) = sources.of_commune(
        commune.code, "SELECT code_commune, territoire_plus FROM plafonds_par_commune_as_of(?)", sources.on
    )
    territoire = place["territoire_plus"]
    if territoire is None:
        return Section(title, (Line(MISSING, "l'outre-mer relève d'un autre arrêté"),))
    lines = [Line("Territoire", _TERRITOIRES[territoire], sources.act(held[0]["version_no"]))]
    for row in (row for row in held if row["territoire"] == territoire):
        label = "Par personne supplémentaire" if row["est_increment"] else f"Catégorie {row['categorie_menage']}"
        amount = f"{'+ ' if row['est_increment'] else ''}{euros(row['plafond_euros'])}"
        lines.append(Line(label, amount, sources.of(row)))
    note = "Revenu fiscal de référence de l'année N-2. Une catégorie de ménages n'est pas un nombre de personnes."
    around = "Les communes limitrophes de Paris sont tenues d'une source secondaire."
    return Section(
        title, tuple(lines), (sources.validity(held[0]), note, *([around] if commune.code_region == "11" else []))
    )


def threshold(commune: Commune, sources: Sources) -> Section:
    title = "Premier quartile des demandeurs de logement social"
    printed = sources.rows("SELECT * FROM premier_quartile_as_of(?) ORDER BY row_no", sources.on)
    if not printed:
        return Section(title, (Line(MISSING, sources.absence("premier_quartile")),))
    found = sources.of_commune(commune.code, "SELECT * FROM seuil_par_commune_as_of(?)", sources.on)
    if not found:
        year = printed[0]["annee"]
        return Section(title, (Line(MISSING, f"commune ou composition des EPCI au 1er janvier {year}"),))
    (row,) = found
    group = f"{row['nom_officiel']} (SIREN {row['siren']})" if row["siren"] else "aucun"
    lines = [Line("Territoire du seuil", group, f"Liste des EPCI (DGCL), {row['annee']}")]
    notes = [sources.validity(printed[0])]
    if row["seuil_euros_par_uc_an"] is None:
        why = f"aucun : {_MOTIFS[row['motif']]}"
        return Section(title, (*lines, Line("Seuil", why, sources.act(printed[0]["version_no"]))), tuple(notes))
    own = [line for line in printed if line["siren"] == row["siren"]]
    line = next((line for line in own if line["code_departement"] == commune.code_departement), own[0])
    amount = euros(row["seuil_euros_par_uc_an"], "€ par unité de consommation et par an")
    lines.append(Line(f"Seuil {row['annee']}", amount, sources.of(line)))
    if line["perimetre_calcul"] == "region_ile_de_france":
        notes.append("Quartile calculé sur toute la région Île-de-France.")
    return Section(title, tuple(lines), tuple(notes))


def rates(commune: Commune, sources: Sources) -> Section:
    title = "TVA des logements en zone de rénovation urbaine"
    territoire = _TVA.get(commune.code_departement)
    if territoire is None and commune.code_departement.startswith("97"):
        return Section(title, (Line(MISSING, "aucun taux pour ce territoire"),))
    rows = sources.rows(
        "SELECT * FROM taux_tva_logement_as_of(?) WHERE territoire = ?", sources.on, territoire or "france_continentale"
    )
    if not rows:
        return Section(title, (Line(MISSING, sources.absence("taux_tva_logement")),))
    (row,) = rows
    lines = []
    for label, rate in (("Taux normal", row["taux_normal_pct"]), ("Taux réduit", row["taux_reduit_pct"])):
        value = f"{number(rate)}\u202f%" if rate is not None else "non imprimé pour ce territoire"
        lines.append(Line(label, value, sources.of(row)))
    return Section(title, tuple(lines), (sources.validity(row),))


def undated(commune: Commune, sources: Sources) -> tuple[Section, ...]:
    """What documents without a date of effect say of the commune; no section when they say nothing."""
    rows = sources.of_commune(commune.code, "SELECT * FROM places_sites ORDER BY ordre")
    if not rows:
        return ()
    lines = []
    for row in rows:
        if row["places"] is None:
            places = "nombre non imprimé sur sa ligne"
        else:
            places = f"{number(row['places'])} places" + (
                f" (nombre commun à {row['sites_du_groupe']} sites)" if (row["sites_du_groupe"] or 1) > 1 else ""
            )
        lines.append(Line(f"Site « {row['libelle_imprime']} »", places, sources.of(row)))
    note = "Feuille de travail sans date d'effet (2017, estimée) : elle ne répond pas du jour de la fiche."
    return (Section("Places d'hébergement, document non daté", tuple(lines), (note,)),)
