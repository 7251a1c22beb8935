"""One page in French on a commune at a day: its zone, sale price, income ceilings, threshold, rates, places, each
figure with its source, each gap with its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from pipeline.cleaning.values import day_in_words
from pipeline.products.fiche.commune import MISSING, Commune, Fiche, Line, Section, euros, find_commune, number
from pipeline.products.fiche.others import others
from pipeline.products.fiche.rules import rules
from pipeline.products.fiche.sources import Row, Sources

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_PORTEE = {
    "commune": "la commune est nommée",
    "departement": "l'arrêté prend toutes les communes du département",
    "reste_du_territoire": "la commune n'est dans aucune liste : reste du territoire",
}
_RESOLUTION = {
    "exact": "nom identique",
    "normalise": "aux accents, tirets ou majuscules près",
    "article_deplace": "article déplacé",
    "ancien_nom": "ancien nom",
    "abrege": "nom abrégé",
    "corrige": "nom abîmé, reconnu par ressemblance",
    "correction": "corrigé par une personne",
    "code": "par son code INSEE, seul imprimé",
}
_RESERVE = {
    "nom_non_resolu": "un nom imprimé, qui ne désigne sûrement aucune commune, pourrait être le sien",
    "nom_douteux": "le nom imprimé est celui d'une commune et peut-être, à une lettre, celui d'une autre",
    "avec_note": "une note la suit, qui peut n'en prendre qu'une partie",
    "zone_inconnue": "une liste dont la zone ou le département n'est pas sûr pourrait la nommer",
    "liste_absente": "le titre de son département est imprimé sans sa liste",
    "deux_zones": "l'arrêté la met dans deux zones",
    "liste_non_terminee": "la liste de son département finit sans point : des noms peuvent manquer",
    "reste_non_imprime": "aucune phrase ne classe le reste du territoire",
    "retiree_sans_zone": "elle quitte le tableau d'une zone, et aucun autre ne la prend",
}
_REGLES = {
    "lendemain_publication": "le lendemain de la publication au Journal officiel",
    "premier_jour_deuxieme_mois": "le premier jour du deuxième mois suivant la publication",
}


def zoning(commune: Commune, sources: Sources) -> Section:
    """The zone, or that it is not known."""
    title = "Zone A, B1, B2, C"
    found = sources.of_commune(commune.code, "SELECT * FROM zonage_abc_as_of(?)", sources.on)
    if not found:
        return Section(title, (Line(MISSING, sources.absence("zonage_abc")),))
    (row,) = found
    notes = [f"Réserve : {_RESERVE[row['reserve']]}."] if row["reserve"] else []
    notes.append(sources.validity(row))
    if row["zone"] is None:
        lines = [Line("Zone", "indéterminée", sources.act(row["version_no"])), *_could_be(commune, row, sources)]
    else:
        lines = [Line("Zone", row["zone"], sources.of(row)), Line("Comment", _PORTEE[row["portee"]], sources.of(row))]
    if row["libelle_imprime"]:
        how = _RESOLUTION[row["resolution"]]
        score = "" if row["score"] == 1 else f", ressemblance {row['score']:.2f}".replace(".", ",")
        lines.append(Line("Nom imprimé", f"« {row['libelle_imprime']} » ({how}{score})", sources.of(row)))
    effects = sources.rows("SELECT * FROM zonage_abc_effets_as_of(?) ORDER BY point", sources.on)
    lines += [_effect(effect, sources) for effect in effects]
    if any(effect["applicable_du"] is None for effect in effects):
        notes.append(
            "La date de publication de l'arrêté n'est pas connue : le premier jour d'application, selon l'aide, "
            "est entre deux jours."
        )
    return Section(title, tuple(lines), tuple(notes))


def _could_be(commune: Commune, row: Row, sources: Sources) -> list[Line]:
    """The names in quarantine of which this commune is a candidate, and those given to another under reserve."""
    names = sources.rows(
        "SELECT raw, place, reason FROM meta.quarantine WHERE dataset = 'zonage_abc' AND edition = $1 "
        "AND contains(reason, $2) UNION ALL SELECT printed, place, message FROM meta.findings "
        "WHERE dataset = 'zonage_abc' AND edition = $1 AND rule = 'nom_douteux' AND contains(message, $2) ORDER BY 1",
        row["edition"],
        f"({commune.code})",
    )
    return [
        Line("Nom non résolu", f"« {name['raw']} » — {name['reason']}", sources.of(row, name["place"]))
        for name in names
    ]


def _effect(effect: Row, sources: Sources) -> Line:
    first, last = effect["applicable_au_plus_tot"], effect["applicable_au_plus_tard"]
    if effect["applicable_du"]:
        since = f"à compter du {day_in_words(effect['applicable_du'])}"
    else:
        since = _REGLES[effect["regle_date"]]
        if first and last:
            since += f", soit entre le {day_in_words(first)} et le {day_in_words(last)}"
    value = f"{effect['fait_declencheur']} : {since}"
    return Line(f"{effect['point']}° {effect['base_legale']}", value, sources.of(effect))


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
_REGIMES = {"vente_non_soumise": ", vente non soumise à la TVA", "hors_taxes": ", hors taxes"}
_TVA = {"971": "guadeloupe", "972": "martinique", "973": "guyane", "974": "la_reunion", "2A": "corse", "2B": "corse"}


def price(commune: Commune, sources: Sources) -> Section:
    title = "Prix de vente maximum en location-accession (PSLA)"
    held = sources.rows("SELECT * FROM prix_psla_as_of(?)", sources.on)
    if not held:
        return Section(title, (Line(MISSING, sources.absence("prix_psla")),))
    zone = sources.zone(commune.code)
    if zone and (why := _not_applicable(sources)):
        return Section(title, (Line("Prix", f"non déterminé : {why}"),))
    found = [row for row in held if row["zone"] == zone]
    if not found:
        why = f"zone {zone} sans prix imprimé" if zone else "zone de la commune non connue à ce jour"
        return Section(title, (Line("Prix", f"non déterminé : {why}"),))
    (row,) = found
    price = euros(row["prix_max_euros_m2_su"], f"€ par m² de surface utile{_REGIMES.get(row['regime_tva'], '')}")
    note = (
        "L'arrêté renvoie aux zones de 2003 ; le lien avec celles de 2009 repose sur le bulletin 8 A-2-09, note 1, et "
        "sur l'article 3, 7° de l'arrêté de zonage."
    )
    return Section(title, (Line(f"Zone {zone}", price, sources.of(row)),), (sources.validity(row), note))


def _not_applicable(sources: Sources) -> str:
    """Why the zones do not surely set the prices that day (article 3, 7°); empty when they do."""
    effects = sources.rows("SELECT * FROM zonage_abc_effets_as_of(?) WHERE dispositif = 'psla'", sources.on)
    if not effects:
        return "le jour où le zonage s'applique au PSLA n'est pas connu"
    (effect,) = effects
    first = effect["applicable_du"] or effect["applicable_au_plus_tot"]
    last = effect["applicable_du"] or effect["applicable_au_plus_tard"]
    if last and sources.reached(last):
        return ""
    if first and not sources.reached(first):
        return f"le zonage ne s'applique au PSLA qu'à compter du {day_in_words(first)} au plus tôt (article 3, 7°)"
    until = f" ; sûrement à compter du {day_in_words(last)}" if last else ""
    return f"la date de publication de l'arrêté, dont dépend l'article 3, 7°, n'est pas connue{until}"


def plus(commune: Commune, sources: Sources) -> Section:
    return _ceilings(commune, sources, "PLUS")


def plai(commune: Commune, sources: Sources) -> Section | None:
    """None where no edition is held, of whatever day."""
    return _ceilings(commune, sources, "PLAI") if sources.has("plafonds_plai") else None


def _ceilings(commune: Commune, sources: Sources, loan: str) -> Section:
    """The income ceilings of a loan (PLUS, PLAI): both have the same territories."""
    title, dataset = f"Plafonds de ressources {loan}", f"plafonds_{loan.lower()}"
    held = sources.rows(f"SELECT * FROM {dataset}_as_of(?) ORDER BY est_increment, categorie_menage", sources.on)
    if not held:
        return Section(title, (Line(MISSING, sources.absence(dataset)),))
    territoire = sources.territoire(commune.code)
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
        return _by_newest_list(commune, sources, printed)
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


def _by_newest_list(commune: Commune, sources: Sources, printed: list[Row]) -> Section:
    """The threshold of the commune's EPCI in the newest list held, where the list of the year is not: under reserve."""
    title, year = "Premier quartile des demandeurs de logement social", printed[0]["annee"]
    missing = Line(MISSING, f"commune ou composition des EPCI au 1er janvier {year}")
    groups = sources.of_commune(
        commune.code,
        "SELECT m.code_commune, m.millesime, e.siren, e.nom FROM ref.epci_membres m "
        "JOIN ref.epci e USING (millesime, siren) WHERE m.millesime = (SELECT max(millesime) FROM ref.epci_membres) "
        "ORDER BY m.niveau IN ('EPT', 'COMMUNE') DESC, e.siren",
    )
    if not groups or groups[0]["millesime"] >= year:
        return Section(title, (missing,))
    group = groups[0]
    place = f"Liste des EPCI (DGCL), {group['millesime']}"
    territory = Line("Territoire du seuil", f"{group['nom']} (SIREN {group['siren']})", place)
    own = [line for line in printed if line["siren"] == group["siren"]]
    if not own:
        why = f"l'annexe de {year} n'imprime pas ce territoire de {group['millesime']}"
        return Section(title, (territory, Line(MISSING, why)), (sources.validity(printed[0]),))
    line = next((row for row in own if row["code_departement"] == commune.code_departement), own[0])
    amount = euros(line["seuil_euros_par_uc_an"], "€ par unité de consommation et par an")
    reserve = (
        f"Réserve : la composition des EPCI au 1er janvier {year} n'est pas détenue ; la commune est prise dans son "
        f"territoire de {group['millesime']}."
    )
    return Section(
        title, (territory, Line(f"Seuil {year}", amount, sources.of(line))), (reserve, sources.validity(printed[0]))
    )


def rates(commune: Commune, sources: Sources) -> Section:
    title = "TVA des logements en zone de rénovation urbaine"
    territoire = _TVA.get(commune.code_departement)
    if territoire is None and commune.code_departement.startswith("97"):
        return Section(title, (Line(MISSING, "aucun taux pour ce territoire"),))
    held = sources.rows("SELECT * FROM taux_tva_logement_as_of(?)", sources.on)
    rows = [row for row in held if row["territoire"] == (territoire or "france_continentale")]
    if not rows:
        return Section(title, (Line(MISSING, sources.absence("taux_tva_logement")),), (_OBSERVED,))
    (row,) = rows
    lines = []
    for label, rate in (("Taux normal", row["taux_normal_pct"]), ("Taux réduit", row["taux_reduit_pct"])):
        value = f"{number(rate)}\u202f%" if rate is not None else "non imprimé pour ce territoire"
        lines.append(Line(label, value, sources.of(row)))
    return Section(title, tuple(lines), (sources.validity(row),))


_OBSERVED = (
    "Taux constatés dans un document qui ne les fixe pas : il n'en répond que du premier jour où il les emploie "
    "à celui du constat."
)


def undated(commune: Commune, sources: Sources) -> Section | None:
    """What documents without a date of effect say of the commune; None when they say nothing."""
    rows = sources.of_commune(commune.code, "SELECT * FROM places_sites ORDER BY ordre")
    if not rows:
        return None
    lines = []
    for row in rows:
        if row["places"] is None:
            places = "nombre non imprimé sur sa ligne"
        else:
            places = f"{number(row['places'])} places" + (
                f" (nombre commun à {row['sites_du_groupe']} sites)" if (row["sites_du_groupe"] or 1) > 1 else ""
            )
        lines.append(Line(f"Site « {row['libelle_imprime']} »", places, sources.of(row)))
    (document,) = sources.rows(
        "SELECT d.date_reference_estimee, d.date_reference_raison FROM meta.documents d "
        "JOIN meta.versions v ON v.document = d.document WHERE v.version_no = ?",
        rows[0]["version_no"],
    )
    year, why = document["date_reference_estimee"], document["date_reference_raison"]
    estimated = f" ({year}, estimée : {why})" if year else ""
    note = f"Feuille de travail sans date d'effet{estimated} : elle ne répond pas du jour de la fiche."
    return Section("Places, document non daté", tuple(lines), (note,))


Matter = Callable[[Commune, Sources], Section | None]
MATTERS: tuple[Matter, ...] = (
    zoning,
    price,
    plus,
    plai,
    threshold,
    rates,
    undated,
)
"""What is told of a commune, in this order, each by itself: from the commune's codes and from what it asks of its
sources alone, so that one telling serves all communes and days to which the same is answered."""


def matters_held(sources: Sources) -> tuple[Matter, ...]:
    """Those, then one for each other dataset that is held, then the rules that hold for every commune."""
    return (*MATTERS, *others(sources), rules)


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
    told = (matter(commune, sources) for matter in matters_held(sources))
    return tuple(section for section in told if section)


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
        "SELECT m.code_commune, e.siren, e.nom, e.type FROM ref.epci_membres m "
        "JOIN ref.epci e USING (millesime, siren) "
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
