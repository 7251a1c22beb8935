"""The rules by which findings and refusals are named, each declared once: everything that is sorted by rule asks here.

A rule says which severities its findings may have, which check of a dataset counts them, whether a publisher is told of
them, and in French what it is. A name that is not here is our own mistake (`rule_named` raises): nothing is sorted by
default. `docs/rules.md` is made from this table by `scripts/rules_page.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline.contract.findings import Severity

CheckName = Literal["lecture", "valeurs", "bilan", "cles", "temoins", "controles", "decision"]
Audience = Literal["publisher", "us"]

CHECKS: Mapping[CheckName, str] = {
    "lecture": "Tout ce que l'acte doit porter a été trouvé et lu.",
    "valeurs": "Chaque valeur imprimée a été comprise et respecte la règle de sa colonne ; sinon la ligne est écartée.",
    "bilan": "Chaque cellule imprimée a un destin et un seul : publiée, écartée ou ignorée pour un motif déclaré.",
    "cles": "Aucune clé ne désigne deux lignes.",
    "temoins": "Les fichiers du même document disent la même chose.",
    "controles": "Les contrôles propres au jeu de données (sommes, constances, références) sont respectés.",
    "decision": "L'édition est acceptée ; refusée ou en attente, la version publiée auparavant reste.",
}
"""The checks of a dataset in one document, in the order in which they are shown, and what each holds."""


@dataclass(frozen=True)
class Rule:
    """`check` is None for what is about no dataset of a document: what arrives, what is expected, the store.

    `audience` says who can answer: the publisher is told of its own print, never of our files or our reading.
    """

    name: str
    title: str
    why: str
    """One sentence: what is the matter, and what follows for the data."""
    severities: tuple[Severity, ...]
    check: CheckName | None
    audience: Audience
    also_warns: bool = False
    """Pieces are refused under this name, and rows that stay are pointed at: such a warning counts in `controles`."""

    def check_of(self, severity: Severity) -> CheckName | None:
        """The check in which a finding of this rule counts."""
        return "controles" if self.also_warns and severity != "error" else self.check


def rule_named(name: str) -> Rule:
    """The rule of that name. Raises KeyError for one that is not declared."""
    if name not in RULES:
        raise KeyError(f"{name}: rule not declared in pipeline/contract/rules.py")
    return RULES[name]


Told = Mapping[str, tuple[str, str]]
"""Name → title and sentence."""

_REFUSED: Told = {
    "code_et_nom_contradictoires": ("code contre nom", "Le code est celui d'une commune, le nom celui d'une autre."),
    "code_commune_inconnu": ("code de commune inconnu", "Le texte n'est pas un code de commune de l'INSEE."),
    "siren_et_nom_contradictoires": ("SIREN contre nom", "Le SIREN est celui d'un EPCI, le nom celui d'un autre."),
    "categorie_inconnue": ("catégorie inconnue", "Le libellé n'est pas une catégorie de ménages de 1 à 6."),
    "cellule_manquante": ("cellule manquante", "La ligne n'a pas toutes les cellules qu'elle devrait avoir."),
    "cellule_vide": ("cellule vide", "Une cellule sans laquelle la ligne ne dit rien est vide."),
    "cellules_fusionnees": ("cellules fusionnées", "Une seule cellule tient la place de plusieurs colonnes."),
    "code_departement_inconnu": ("code de département inconnu", "Le code imprimé n'est celui d'aucun département."),
    "commune_en_deux_zones": ("commune en deux zones", "Une zone la nomme, une autre la comprend."),
    "date_illisible": ("date illisible", "Le texte n'est pas une date du calendrier."),
    "date_non_lue": ("règle de date non lue", "La date d'effet imprimée ne suit aucune règle connue."),
    "debordement_non_verifie": ("débordement non vérifié", "Une ligne non fermée ne continue pas comme les suivantes."),
    "decision_contradictoire": ("décision contradictoire", "Titres et articles se contredisent sur une annexe."),
    "decision_inconnue": ("décision inconnue", "Ni titre ni article ne dit si l'annexe accorde ou rejette."),
    "dispositif_inconnu": ("dispositif inconnu", "La base légale ou le fait déclencheur n'est pas connu."),
    "libelle_inconnu": ("libellé inconnu", "Ni région, ni département, ni commune connue."),
    "ligne_coupee": ("ligne coupée", "Le fichier s'arrête au milieu de cette cellule."),
    "ligne_decalee": ("ligne décalée", "Une cellule de trop ou de moins : on ne sait ce que chacune porte."),
    "liste_incoherente": ("liste incohérente", "Ses noms ne sont pas ceux du département de son titre."),
    "liste_sans_departement": ("liste sans département", "La liste n'est sous aucun titre de département."),
    "montant_illisible": ("montant illisible", "Le texte n'est pas un montant entier en euros."),
    "nom_ambigu": ("nom ambigu", "Le nom peut désigner plusieurs communes ; aucune n'est choisie."),
    "nom_coupe": ("nom coupé", "La liste finit sans ponctuation : son dernier nom peut être incomplet."),
    "nom_non_resolu": ("nom non résolu", "Aucune commune disponible ne ressemble assez au nom imprimé."),
    "nom_repete": ("nom répété", "Le nom est déjà imprimé pour ce département dans cette zone."),
    "nombre_en_trop": ("nombre en trop", "Un nombre de plus que le libellé n'en porte le suit."),
    "nombre_illisible": ("nombre illisible", "Le texte n'est pas un nombre entier."),
    "nombre_sans_libelle": ("nombre sans libellé", "Le nombre ne suit aucun libellé qui en porte."),
    "periode_inversee": ("période inversée", "La période finit avant de commencer."),
    "region_inconnue": ("région inconnue", "Le libellé n'est le nom d'aucune région."),
    "reste_sans_zone": ("reste du territoire sans zone", "Sa phrase n'est sous aucun titre de zone."),
    "siren_cle_fausse": ("SIREN à la clé fausse", "Les neuf chiffres ne vérifient pas la clé de Luhn."),
    "siren_illisible": ("SIREN illisible", "Le texte n'a pas neuf chiffres."),
    "taux_illisible": ("taux illisible", "Le texte n'est pas un taux en pour cent."),
    "texte_reconnu_non_confirme": (
        "texte reconnu, non confirmé",
        "Un programme l'a reconnu sur l'image de la page, et aucun contrôle ne le confirme.",
    ),
    "territoire_inconnu": ("territoire inconnu", "Aucun des territoires qui ont des taux de TVA."),
    "titre_manquant": ("titre manquant", "Ce qui suit la fin de la liste n'est pas d'elle : un titre manque."),
    "valeur_absente": ("valeur absente", "Une valeur que sa colonne exige n'est pas là."),
    "valeur_hors_regle": ("valeur hors de sa règle", "La valeur ne respecte pas la règle déclarée de sa colonne."),
    "zone_absente": ("zone absente", "La liste n'est sous aucun titre de zone."),
    "zone_hors_ordre": ("zone hors de l'ordre", "Le titre n'est pas à sa place dans l'ordre des zones."),
    "zone_inconnue": ("zone inconnue", "Le texte n'est le nom d'aucune zone."),
    "zone_perdue": ("zone perdue", "Un titre de zone manque au-dessus : on ne sait de quelle zone est la liste."),
}
"""A printed row or piece is not published until it can be understood."""

_WHOLE: Told = {
    "annee_absente": ("année absente", "Elle n'est ni imprimée ni déclarée : rien de la table ne peut être daté."),
    "date_absente": ("date absente", "L'acte n'a ni signature ni effet datés : on ne sait les communes de quel jour."),
    "tableaux_absents": ("tableaux absents", "L'acte n'imprime pas tous les tableaux qui font un zonage entier."),
    "listes_absentes": ("listes absentes", "Aucune liste de communes sous un titre de zone ou de département."),
    "referentiel_absent": ("référentiel absent", "Les communes du jour de l'acte ne sont pas détenues."),
}
"""The whole edition cannot be read; told through `edition_illisible`."""

_REFUSED_OR_SEEN: Told = {
    "departement_contradictoire": (
        "département contradictoire",
        "Le code, le nom ou la commune désignent des départements différents.",
    ),
    "departement_inconnu": ("département inconnu", "Le texte n'est le nom d'aucun département à cette date."),
}
"""Refused in one dataset; in another, a row that is published is pointed at."""

_KEYS: Told = {
    "cle_en_double": ("clé en double", "Deux lignes différentes ont la même clé : aucune n'est préférée."),
    "ligne_repetee": ("ligne répétée", "La même ligne est imprimée deux fois ; elle est publiée une fois."),
}
"""Rows whose keys stand twice."""

_SURPRISING: Told = {
    "region_ancienne": (
        "région d'avant 2016",
        "La région a été réunie à d'autres : elle n'a pas de code d'aujourd'hui.",
    ),
    "nom_douteux": ("nom douteux", "Le nom est celui d'une commune ; à une lettre, une autre va mieux dans la liste."),
    "total_contradictoire": ("total contredit", "Le total imprimé n'est pas la somme des lignes lues."),
    "total_illisible": ("total illisible", "Le total imprimé n'est pas un nombre ; il n'a pu être comparé."),
    "code_contredit_nom": ("code contre nom", "Le code contredit le nom du département ; la commune décide."),
    "commune_ambigue": ("commune ambiguë", "Le nom est celui de plusieurs communes : la ligne reste sans code."),
    "commune_non_resolue": ("commune non résolue", "Aucune commune n'est choisie : la ligne reste sans code."),
    "commune_repetee": ("commune répétée", "Deux lignes disent la même commune, le même phénomène et la même période."),
    "departement_absent_de_la_grille": (
        "département sans ligne",
        "L'EPCI y a des communes cette année-là, et aucune ligne.",
    ),
    "departement_hors_grille": ("département de trop", "L'EPCI n'y a aucune commune cette année-là."),
    "departement_hors_ordre": (
        "département hors de l'ordre",
        "Il est répété, ou n'est pas à sa place dans l'ordre des codes.",
    ),
    "departement_sans_commune": ("département sans commune", "Il est listé, et aucune commune avec lui."),
    "ecart_sites": ("écart avec les sites", "Les places connues de la région ne sont pas la somme de ses sites."),
    "epci_attendu_absent": ("EPCI attendu et absent", "Une agglomération de l'année n'est pas dans l'annexe."),
    "epci_inconnu": ("EPCI inconnu", "Le SIREN n'est celui d'aucun EPCI de l'année."),
    "liste_non_terminee": (
        "liste non terminée",
        "Elle finit sans point final : les communes suivantes gardent une réserve.",
    ),
    "nom_de_deux_communes": ("nom de deux communes", "Le nom en joint deux : la ligne reste sans code."),
    "ordre_rompu": ("ordre rompu", "Un nom est hors de l'ordre que suit sa liste."),
    "periode_invraisemblable": (
        "période invraisemblable",
        "Elle finit après la signature de l'acte, ou commence avant la loi.",
    ),
    "plafond_non_croissant": (
        "plafond non croissant",
        "Une catégorie de ménages a un plafond plus bas que celle d'avant.",
    ),
    "ligne_attendue_absente": (
        "ligne attendue absente",
        "Le jeu de données dit d'avance quelles lignes un acte imprime : celle-là n'y est pas.",
    ),
    "pret_reconnu_aux_montants": (
        "prêt reconnu aux montants",
        "Rien n'imprime de quel prêt sont ces plafonds ; l'échelle des montants le dit.",
    ),
    "plus_de_connues_que_prevues": (
        "plus de connues que prévues",
        "La région a plus de places connues que de places prévues.",
    ),
    "region_a_deux_noms": ("région à deux noms", "Le libellé nomme deux régions."),
    "region_differente": ("région différente", "La commune est dans une autre région que celle où la feuille la met."),
    "reste_non_imprime": (
        "reste du territoire non imprimé",
        "Aucune phrase ne donne de zone aux communes non nommées.",
    ),
    "seuil_idf_variable": (
        "seuil d'Île-de-France variable",
        "Plusieurs seuils y sont imprimés, alors qu'un seul y vaut.",
    ),
    "seuil_variable": ("seuil variable", "Un EPCI a plusieurs seuils, alors que le seuil ne dépend que de l'EPCI."),
    "taux_non_imprime": ("taux non imprimé", "Le document ne donne pas les taux de ce territoire ; ils restent vides."),
    "territoire_nomme_autrement": (
        "territoire nommé autrement",
        "Deux passages nomment pour un même chiffre deux territoires qui ne sont pas les mêmes.",
    ),
    "titre_de_zone_manquant": ("titre de zone manquant", "Les départements recommencent sans titre de zone."),
    "tableau_remplace_en_partie": (
        "tableau remplacé par un acte partiel",
        "Une commune qui en sort sans entrer dans un autre garde sa zone d'avant.",
    ),
    "liste_contredite": (
        "liste contredite par les actes",
        "La liste que d'autres tiennent de l'état d'un jour n'est pas celui que donnent les actes détenus.",
    ),
    "montant_ecarte": (
        "montant loin des autres",
        "Il est loin de ceux de son édition, ou de ce que l'édition d'avant fait attendre.",
    ),
    "titre_sans_liste": (
        "titre sans liste",
        "Aucun nom ne suit ; les communes non nommées ailleurs restent sans zone.",
    ),
    "total_different": ("total différent", "Le total imprimé n'est pas la somme des régions."),
    "zone_indeterminee": ("zone indéterminée", "Un nom sans code laisse sans zone les communes qu'il peut désigner."),
}
"""Published as printed, and a person should look: something contradicts it, or is missing."""

_UNDERSTOOD: Told = {
    "code_departement_tronque": ("code de département tronqué", "Le code d'outre-mer est complété par le nom."),
    "commune_deleguee_ou_associee": (
        "commune déléguée ou associée",
        "Le nom est celui d'une partie d'une commune à cette date.",
    ),
    "departement_mal_ecrit": (
        "département mal écrit",
        "Le libellé est lu comme le département dont il est le plus proche.",
    ),
    "nom_abrege": ("nom abrégé", "Le nom imprimé est une forme courte de celui de la commune."),
    "nom_ancien": ("nom ancien", "Le nom n'est plus celui de la commune à cette date."),
    "nom_corrige": ("nom corrigé", "Le nom imprimé est lu comme celui de la commune dont il est le plus proche."),
    "siret_est_un_siren": ("SIRET qui est un SIREN", "La colonne dite SIRET porte des SIREN à neuf chiffres."),
}
"""Read otherwise than printed, without doubt."""

_WRONG: Told = {
    "communes_manquantes": ("communes manquantes", "Il n'y a pas une ligne, et une seule, par commune du jour."),
    "zone_sans_raison": ("zone sans raison", "La zone et la portée d'une ligne se contredisent."),
}
"""A check of the dataset fails: the edition is refused."""

_OUR_REFERENCE: Told = {
    "millesime_absent": ("millésime absent", "La liste officielle des EPCI de l'année n'est pas détenue."),
    "date_de_publication_inconnue": (
        "date de publication inconnue",
        "Certaines dates d'effet en dépendent : elles restent bornées.",
    ),
}
"""Something that we do not hold."""

_OUR_NOTES: Told = {
    "cellules_fusionnees_perdues": (
        "cellules fusionnées perdues",
        "La mise à plat a perdu les fusions ; les colonnes sont réalignées.",
    ),
    "ordre_des_listes": ("ordre des listes", "Dans quel ordre le document imprime ses listes."),
}
"""What was seen or mended while reading a dataset."""

_UNREAD: Told = {
    "annexe_non_reproduite": (
        "annexe non reproduite",
        "Le document dit ne pas reproduire une annexe ; rien n'en est publié.",
    ),
    "articles_ailleurs": (
        "texte déclaré entier, sans ses articles",
        "Le texte renvoie à un autre endroit pour ses articles.",
    ),
    "fichier_tronque": (
        "fichier déclaré entier, dont la fin semble manquer",
        "Une personne l'a dit entier ; ce qui manquerait n'est pas lu.",
    ),
    "hors_limites": (
        "hors des limites de lecture",
        "La page passe les limites de taille ou de temps ; elle n'est pas lue.",
    ),
    "image_non_lue": ("image non lue", "Une image tient lieu de texte ou de tableau ; elle n'est pas lue."),
    "page_illisible": ("page illisible", "La page est endommagée ; rien n'en est publié."),
    "page_sans_texte": ("à transcrire : page sans texte", "La page est une image : une personne doit la transcrire."),
    "rectificatif_en_prose": (
        "rectificatif en prose, à lire par une personne",
        "Il corrige par des phrases, sans tableau.",
    ),
    "tableau_non_reproduit": (
        "tableau non reproduit",
        "Le texte renvoie à un tableau imprimé ailleurs ; il n'est pas vide, il manque.",
    ),
    "passage_omis": (
        "passage omis par le document",
        "Le document dit omettre un passage entre deux parties reproduites.",
    ),
}
"""In the document, and not in the reading."""

_UNREADABLE: Told = {
    "document_refuse": (
        "document refusé",
        "Rien du document ne peut être lu tel qu'il est déclaré ; ce qui en était publié reste.",
    ),
    "edition_illisible": (
        "édition illisible",
        "Aucun fichier ne donne cette édition en entier : elle n'est pas publiée.",
    ),
    "rendition_illisible": ("fichier illisible", "Un fichier du document ne se lit pas ; les autres sont lus."),
    "rendition_refusee": (
        "fichier refusé",
        "Un fichier du document n'est pas celui qui est déclaré ; les autres sont lus.",
    ),
    "section_introuvable": ("section introuvable", "Le titre où commence un acte n'est pas dans ce fichier."),
    "tableau_inconnu": (
        "tableau inconnu",
        "L'acte porte un tableau qu'aucune déclaration ne connaît : l'édition est refusée.",
    ),
    "correction_sans_objet": (
        "correction sans objet",
        "Ce qu'une correction vise n'est plus imprimé comme elle le dit : elle n'est pas faite.",
    ),
    "corrections_contraires": (
        "corrections contraires",
        "Deux corrections visent la même cellule : aucune n'est faite.",
    ),
}
"""A file, a section or a table that cannot be taken as declared."""

_READ: Told = {
    "tableau_d_une_autre_annexe": (
        "tableau d'une autre annexe",
        "Ses colonnes ont les titres d'un tableau attendu, mais ce qui l'entoure dit qu'il est autre.",
    ),
    "acte_sans_tableau": ("acte sans tableau", "L'acte met fin à un autre par une phrase, sans tableau ni liste."),
    "liste_concordante": (
        "liste concordante",
        "La liste que d'autres tiennent de l'état d'un jour est celui que donnent les actes détenus.",
    ),
    "liste_sans_etat": ("liste sans état à comparer", "Aucun acte détenu ne répond pour le jour de cette liste."),
    "jeu_non_imprime": (
        "jeu de données non imprimé",
        "L'acte pourrait nourrir ce jeu de données et n'imprime rien pour lui : pas d'édition.",
    ),
    "acte_vise_non_detenu": ("acte visé non détenu", "L'acte met fin à un autre dont aucune table n'est détenue."),
}
"""What a document says without a table."""

_CONFIRM: Told = {
    "correction_appliquee": (
        "correction appliquée",
        "Une personne lit ce passage autrement qu'il est imprimé ; c'est ce qui est publié.",
    ),
    "correction_proposee": (
        "correction proposée",
        "Une personne propose de lire ce passage autrement ; l'imprimé est publié.",
    ),
}
"""A person's reading; the publisher is asked to confirm it."""

_LEDGER: Told = {
    "cellule_a_deux_destins": (
        "cellule à deux destins",
        "Une cellule est publiée et ignorée à la fois : l'édition est refusée.",
    ),
    "cellule_sans_destin": (
        "cellule sans destin",
        "Une cellule n'est ni publiée, ni écartée, ni ignorée : l'édition est refusée.",
    ),
}
"""A printed piece without exactly one fate."""

_WITNESSES: Mapping[str, tuple[Severity, Audience, str, str]] = {
    "temoins_en_desaccord": (
        "error",
        "publisher",
        "fichiers en désaccord",
        "Deux fichiers du document donnent des valeurs différentes : la ligne attend une correction.",
    ),
    "temoin_incomplet": (
        "warning",
        "us",
        "fichier incomplet",
        "Un fichier du document a des lignes qu'un autre n'a pas.",
    ),
    "temoins_concordants": (
        "info",
        "us",
        "fichiers concordants",
        "Deux fichiers du document disent la même chose, ligne à ligne.",
    ),
}
"""What the files of one document say of each other."""

_UNUSED: Told = {
    "document_sans_jeu_de_donnees": (
        "document qu'aucun jeu de données ne lit",
        "Il est archivé et lu ; rien n'en est publié qu'en tableaux tels qu'imprimés.",
    ),
}
"""A document read for nothing but its tables as printed."""

_REPAIRED: Mapping[str, str] = {
    "balise_inachevee": "balise inachevée",
    "caractere_de_controle": "caractère de contrôle",
    "cellule_non_fermee": "cellule non fermée",
    "cellule_sans_ligne": "cellule sans ligne",
    "cesure_annulee": "césure annulée",
    "construction_non_fermee": "construction non fermée",
    "correction": "correction d'une personne",
    "debordement_different": "débordement différent",
    "encodage_errone": "encodage erroné",
    "entete_deduit": "en-tête déduit",
    "entete_repete": "en-tête répété",
    "entite_echappee_deux_fois": "entité échappée deux fois",
    "etendue_bornee": "étendue bornée",
    "etendue_illisible": "étendue illisible",
    "fichier_tronque": "fichier tronqué",
    "formule_sans_valeur": "formule sans valeur",
    "ligne_coupee": "ligne coupée",
    "ligne_courte": "ligne courte",
    "ligne_non_fermee": "ligne non fermée",
    "ligne_reprise": "ligne reprise d'une page à l'autre",
    "ligne_sans_tableau": "ligne sans tableau",
    "surimpression": "surimpression",
    "tableau_non_ferme": "tableau non fermé",
    "texte_hors_cellule": "texte hors cellule",
    "titre_en_tableau": "titre en tableau",
    "titres_colles": "titres collés",
    "xml_mal_forme": "XML mal formé",
}
"""Kind of a repair made while extracting → title."""

_SIGNS: Told = {
    "moteurs_en_desaccord": (
        "les deux lectures de la page ne s'accordent pas",
        "Deux lecteurs n'y trouvent pas le même texte.",
    ),
    "texte_non_visible": (
        "du texte que personne ne voit a été laissé de côté",
        "Couvert, coupé ou hors de la page, il n'est pas imprimé.",
    ),
    "lettres_inconnues": (
        "des lettres ne peuvent pas être lues",
        "Le fichier ne dit pas quelles lettres sont dessinées.",
    ),
    "texte_reconnu": ("texte reconnu sur une image", "Une machine l'a reconnu ; il peut être faux."),
    "cellules_melees": ("une cellule semble en contenir plusieurs", "Plusieurs valeurs s'y suivent, écartées."),
    "texte_a_cheval": ("un texte déborde de sa cellule", "Il tombe pour une part dans la cellule voisine."),
    "genres_meles": ("une colonne mêle textes et nombres", "Ses cellules changent de genre d'une ligne à l'autre."),
    "colonne_vide": ("une colonne sans titre est presque vide", "Elle peut n'être qu'un espace entre deux autres."),
    "lignes_au_bord": (
        "des lignes semblables bordent le tableau",
        "Elles se tiennent dans ses colonnes et n'y ont pas été prises.",
    ),
    "sans_en_tete": ("le tableau commence par des nombres", "Son en-tête peut avoir été perdu."),
}
"""What a reading has against itself → title and sentence."""

_DECIDED: Mapping[str, tuple[Severity, str, str]] = {
    "edition_refusee": (
        "error",
        "édition refusée",
        "Elle n'est pas publiée ; la version d'avant, s'il y en a une, reste.",
    ),
    "version_en_attente": (
        "warning",
        "version en attente",
        "La lecture change trop de ce qui est publié : une personne décide.",
    ),
    "lecture_ecartee": ("info", "lecture écartée", "Une personne a déjà écarté cette même lecture."),
}
"""Why what was read of an edition is not what is published of it."""

_AROUND: Mapping[str, tuple[tuple[Severity, ...], str, str]] = {
    "acte_annuel_en_retard": (
        ("warning",),
        "acte annuel en retard",
        "L'acte de l'année est attendu depuis deux mois et n'est pas connu.",
    ),
    "acte_non_detenu": (
        ("warning",),
        "acte non détenu",
        "L'acte est connu et n'est pas détenu : rien ne répond pour sa période.",
    ),
    "annee_manquante": (("warning",), "année manquante", "Aucun acte n'est connu pour une année entre deux autres."),
    "fichier_ecarte": (("warning",), "fichier écarté", "Un fichier de la livraison n'a pas la forme attendue."),
    "flux_injoignable": (("warning",), "flux injoignable", "Le serveur n'a rien donné ; il sera redemandé."),
    "flux_silencieux": (
        ("warning",),
        "flux silencieux",
        "Aucune livraison nouvelle depuis plus longtemps que d'habitude.",
    ),
    "livraison_non_prise": (
        ("warning",),
        "livraison non prise",
        "La livraison n'a pu être reçue entière ; elle sera redemandée.",
    ),
    "depot_refuse": (("error",), "dépôt refusé", "Un fichier déposé ne peut être pris tel qu'il est."),
    "livraison_perdue": (("error",), "livraison perdue", "Annoncée, jamais reçue entière, et retirée de l'index."),
    "version_refusee": (("error",), "version refusée", "Un fichier de version est endommagé : elle n'est pas publiée."),
    "nom_de_livraison_inconnu": (("info",), "nom de livraison inconnu", "L'index annonce un nom qui n'est pas lu."),
    "texte_refuse": (
        ("warning", "error"),
        "texte refusé",
        "Un texte de la livraison ne peut être pris, ou ne l'est pas à la place d'un autre.",
    ),
}
"""About no dataset of a document: what arrives, what is expected, the store."""


_NEVER_PROMISED = ("ordre_rompu", "departement_hors_ordre")
"""What surprises us and no act ever said of itself: in which order its lists go."""


def _declared() -> Iterator[Rule]:
    groups: tuple[tuple[Told, tuple[Severity, ...], CheckName, Audience], ...] = (
        (_REFUSED, ("error",), "valeurs", "publisher"),
        (_WHOLE, ("error",), "lecture", "us"),
        (_KEYS, ("error",), "cles", "publisher"),
        (_SURPRISING, ("warning",), "controles", "publisher"),
        (_UNDERSTOOD, ("info",), "controles", "publisher"),
        (_WRONG, ("error",), "controles", "us"),
        (_OUR_REFERENCE, ("warning",), "controles", "us"),
        (_OUR_NOTES, ("info",), "controles", "us"),
        (_UNREADABLE, ("error",), "lecture", "us"),
        (_READ, ("info",), "lecture", "us"),
        (_CONFIRM, ("info",), "lecture", "publisher"),
        (_LEDGER, ("error",), "bilan", "us"),
    )
    for told, severities, check, audience in groups:
        for name, (title, why) in told.items():
            yield Rule(name, title, why, severities, check, "us" if name in _NEVER_PROMISED else audience)
    for name, (title, why) in _REFUSED_OR_SEEN.items():
        yield Rule(name, title, why, ("error", "warning"), "valeurs", "publisher", also_warns=True)
    for name, (title, why) in _UNREAD.items():
        severity: Severity = "info" if name == "passage_omis" else "warning"
        # "(...)" is an omission that the document itself marks: nobody is told of what they said.
        marked = name in ("passage_omis", "annexe_non_reproduite")
        yield Rule(name, title, why, (severity,), "lecture", "us" if marked else "publisher")
    for name, (severity, audience, title, why) in _WITNESSES.items():
        yield Rule(name, title, why, (severity,), "temoins", audience)
    for kind, title in _REPAIRED.items():
        why = "Réparé à la lecture ; ce qui est imprimé est gardé avec sa place."
        yield Rule(f"reparation_{kind}", f"réparation : {title}", why, ("info",), "lecture", "us")
    for name, (title, why) in _UNUSED.items():
        yield Rule(name, title, why, ("warning",), "lecture", "us")
    for kind, (title, why) in _SIGNS.items():
        yield Rule(f"signe_{kind}", title, why, ("warning",), "lecture", "us")
    for name, (severity, title, why) in _DECIDED.items():
        yield Rule(name, title, why, (severity,), "decision", "us")
    for name, (severities, title, why) in _AROUND.items():
        yield Rule(name, title, why, severities, None, "us")


RULES: Mapping[str, Rule] = {rule.name: rule for rule in _declared()}
"""Every rule, by name."""
