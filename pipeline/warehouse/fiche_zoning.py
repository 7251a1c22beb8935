"""The zone of a commune in a fiche: how the act decides it, what leaves it open, and from when it applies."""

from __future__ import annotations

from pipeline.cleaning.written import day_in_words
from pipeline.warehouse.fiche_model import MISSING, Commune, Line, Section
from pipeline.warehouse.fiche_sources import Row, Sources

_PORTEE = {
    "commune": "la commune est nommée",
    "departement": "l'arrêté prend toutes les communes du département",
    "reste_du_territoire": "la commune n'est dans aucune liste : reste du territoire",
}
_RESOLUTION = {
    "exact": "nom identique",
    "normalised": "aux accents, tirets ou majuscules près",
    "article_moved": "article déplacé",
    "former_name": "ancien nom",
    "shortened": "nom abrégé",
    "corrected": "nom abîmé, reconnu par ressemblance",
    "correction": "corrigé par une personne",
}
_RESERVE = {
    "nom_non_resolu": "un nom imprimé, qui ne désigne sûrement aucune commune, pourrait être le sien",
    "zone_inconnue": "une liste dont la zone ou le département n'est pas sûr pourrait la nommer",
    "liste_absente": "le titre de son département est imprimé sans sa liste",
    "deux_zones": "l'arrêté la met dans deux zones",
    "liste_non_terminee": "la liste de son département finit sans point : des noms peuvent manquer",
    "reste_non_imprime": "aucune phrase ne classe le reste du territoire",
}
_REGLES = {
    "lendemain_publication": "le lendemain de la publication au Journal officiel",
    "premier_jour_deuxieme_mois": "le premier jour du deuxième mois suivant la publication",
}


def zoning(commune: Commune, sources: Sources) -> tuple[str | None, Section]:
    """The zone, None when it is not known, and its section."""
    title = "Zone A, B1, B2, C"
    found = sources.of_commune(commune.code, "SELECT * FROM zonage_abc_as_of(?)", sources.on)
    if not found:
        return None, Section(title, (Line(MISSING, sources.absence("zonage_abc")),))
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
            "reste à vérifier."
        )
    return row["zone"], Section(title, tuple(lines), tuple(notes))


def _could_be(commune: Commune, row: Row, sources: Sources) -> list[Line]:
    """The names in quarantine of which this commune is a candidate."""
    names = sources.rows(
        "SELECT raw, place, reason FROM meta.quarantine WHERE dataset = 'zonage_abc' AND edition = ? "
        "AND contains(reason, ?) ORDER BY line",
        row["edition"],
        f"({commune.code})",
    )
    return [
        Line("Nom non résolu", f"« {name['raw']} » — {name['reason']}", sources.of(row, name["place"]))
        for name in names
    ]


def _effect(effect: Row, sources: Sources) -> Line:
    since = (
        f"à compter du {day_in_words(effect['applicable_du'])}"
        if effect["applicable_du"]
        else _REGLES[effect["regle_date"]]
    )
    value = f"{effect['fait_declencheur']} : {since}"
    return Line(f"{effect['point']}° {effect['base_legale']}", value, sources.of(effect))
