"""Places of accommodation by region and by site, from a sheet whose table rows were not closed: the declarations.

How its lines become rows is in the modules of this folder, `rows` first.
"""

from __future__ import annotations

from pipeline.contract import codes
from pipeline.contract.dataset import Check, Column, Dataset, Recognise
from pipeline.datasets.places.rows import SHEET, read_regions, read_sites

DOCUMENTS = Recognise(
    sheets=(
        r"\bplaces connues et prevues par region\b",
        r"\bplaces d'hebergement pour demandeurs d'asile, par region et par site\b",
    )
)
# A sheet cut short loses whole regions: what can be read of it is published, what cannot is shown.
TOLERANCE = 0.25

_CODE_REGION = Check(pattern=codes.REGION)
_CODE_COMMUNE = Check(pattern=codes.COMMUNE)
_PLACES = Check(between=(0, 100_000))

PLACES_REGIONS = Dataset(
    name="places_regions",
    title="Places par région",
    description=(
        "Places connues et prévues par région, telles qu'une feuille de travail sans titre ni date les imprime "
        "(année estimée : meta.documents). Une région "
        "absente de la feuille est absente, non nulle ; le total imprimé est un contrôle, pas une ligne. La feuille "
        "n'est pas un acte : elle n'a pas de date d'effet."
    ),
    key=("libelle_feuille",),
    columns=(
        Column("ordre", "INTEGER", "Rang de la région dans la feuille"),
        Column("libelle_feuille", "TEXT", "Nom de la région tel qu'imprimé"),
        Column(
            "code_region",
            "TEXT",
            "Code officiel de la région au 1er septembre 2017 ; NULL si le nom imprimé en désigne deux",
            nullable=True,
            checks=(_CODE_REGION,),
        ),
        Column("nom_region", "TEXT", "Nom officiel de la région", nullable=True),
        Column("places_connues", "INTEGER", "Places connues", "places", nullable=True, merge="once", checks=(_PLACES,)),
        Column("places_prevues", "INTEGER", "Places prévues", "places", nullable=True, merge="once", checks=(_PLACES,)),
        Column(
            "ecart_sites",
            "INTEGER",
            "Places connues moins la somme des places de ses sites ; NULL si l'un des nombres n'est pas lu",
            "places",
            nullable=True,
            merge="once",
        ),
    ),
    acts=DOCUMENTS,
    read=read_regions,
    rhythm="once",
    tolerance=TOLERANCE,
    dated=False,
    inventory=(SHEET,),
    order=("ordre",),
)

PLACES_SITES = Dataset(
    name="places_sites",
    title="Sites et leurs places, par commune",
    description=(
        "Un site par ligne, avec la commune du 1er septembre 2017 que son nom désigne dans le département imprimé. Un "
        "nombre de places vaut pour le site qui le porte et peut valoir pour ceux qui le suivent sans nombre "
        "(groupe_places) : la somme par région est exacte, celle d'une commune ne l'est pas quand le groupe a "
        "plusieurs sites. La feuille n'est pas un acte : elle n'a pas de date d'effet."
    ),
    key=("ordre",),
    columns=(
        Column("ordre", "INTEGER", "Rang du site dans la feuille, sites écartés compris"),
        Column("ligne", "INTEGER", "Ligne de la feuille qui imprime le site"),
        Column("libelle_region_feuille", "TEXT", "Région sous laquelle la feuille met le site", nullable=True),
        Column(
            "code_region_feuille", "TEXT", "Code de cette région, s'il est sûr", nullable=True, checks=(_CODE_REGION,)
        ),
        Column("code_region", "TEXT", "Code de la région où est la commune", nullable=True, checks=(_CODE_REGION,)),
        Column(
            "code_departement",
            "TEXT",
            "Code du département où est la commune",
            nullable=True,
            checks=(Check(pattern=codes.DEPARTEMENT),),
        ),
        Column(
            "departement_feuille",
            "TEXT",
            "Département imprimé juste avant le site sur sa ligne, tel qu'imprimé ; il peut être celui d'un autre site "
            "là où les cellules fusionnées sont perdues",
            nullable=True,
        ),
        Column(
            "code_commune",
            "TEXT",
            "Code officiel de la commune au 1er septembre 2017 ; NULL si le nom n'en désigne pas une seule",
            nullable=True,
            checks=(_CODE_COMMUNE,),
        ),
        Column(
            "code_commune_deleguee_associee",
            "TEXT",
            "Code de la commune déléguée ou associée que le nom désigne, dans cette commune",
            nullable=True,
            checks=(_CODE_COMMUNE,),
        ),
        Column("nom_commune", "TEXT", "Nom officiel de la commune au 1er septembre 2017", nullable=True),
        Column("libelle_imprime", "TEXT", "Nom du site tel qu'imprimé, notes comprises"),
        Column(
            "communes_candidates", "TEXT[]", "Codes des communes possibles quand code_commune est NULL", nullable=True
        ),
        Column(
            "places",
            "INTEGER",
            "Places imprimées sur la ligne du site ; NULL : sous le nombre au-dessus, ou prévues en nombre inconnu",
            "places",
            nullable=True,
            merge="once",
            checks=(_PLACES,),
        ),
        Column(
            "groupe_places",
            "INTEGER",
            "Groupe de sites sous un même nombre : ordre du site qui le porte ; NULL sans nombre au-dessus",
            nullable=True,
        ),
        Column("sites_du_groupe", "INTEGER", "Nombre de sites du groupe", "sites", nullable=True),
        Column("incertain", "BOOLEAN", "Le nom est suivi de « (?) »"),
        Column("plusieurs_dispositifs", "BOOLEAN", "Le nom est suivi de « (plusieurs dispositifs?) »"),
    ),
    acts=DOCUMENTS,
    read=read_sites,
    rhythm="once",
    tolerance=TOLERANCE,
    dated=False,
    inventory=(SHEET,),
)
