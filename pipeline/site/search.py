"""The index behind the search box: datasets, acts, EPCI and every commune, in one small data file.

Communes are told by département, the last three signs of the code and the name, one text a département: a tenth of the
weight of a list of objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.gazetteer import departement_of
from pipeline.products.addresses import slug
from pipeline.site.catalogue import acts
from pipeline.site.source import SiteSource


def index(source: SiteSource) -> Mapping[str, Any]:
    """What can be found, each kind in the shape that takes least."""
    return {
        "jeux": [[d.name, d.title] for d in source.datasets.values()],
        "actes": [
            [slug(a["act_id"]), a["title"] or a["act_id"], a["nor"] or "", 1 if a["detenu"] else 0]
            for a in acts(source)
        ],
        "epci": [[row["siren"], row["nom"]] for row in groupings(source)],
        "communes": communes(source),
    }


def groupings(source: SiteSource) -> list[dict[str, Any]]:
    """Every EPCI of any year held, by its newest name: siren, nom, type, millesime."""
    return source.rows(
        "SELECT siren, arg_max(nom, millesime) AS nom, arg_max(type, millesime) AS type, max(millesime) AS millesime "
        "FROM ref.epci GROUP BY siren ORDER BY nom, siren"
    )


def communes(source: SiteSource) -> dict[str, str]:
    """Département → '001L'Abergement-Clémenciat|002…': every code that was a commune at a date held, by its newest
    name. The three signs are those after the département of a code of five."""
    found: dict[str, list[str]] = {}
    for row in source.rows(
        "SELECT code_commune, arg_max(nom, cog_date) AS nom FROM ref.communes WHERE type = 'COM' GROUP BY 1 ORDER BY 1"
    ):
        code = row["code_commune"]
        departement = departement_of(code)
        found.setdefault(departement, []).append(f"{code[len(departement) :]}{row['nom']}")
    return {departement: "|".join(places) for departement, places in found.items()}
