"""First-quartile arrêtés in the dress of the open data, from figures that the test gives."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from tests.acquisition.served import text
from tests.extract.jorf_made import article, table

Row = tuple[str, str, str, str, int]
"""Code and name of the département, name of the EPCI, SIREN, threshold."""

HEADER = [
    "Code département",
    "Département",
    "Nom de l'EPCI",
    "SIREN de l'EPCI",
    "Valeur du seuil de ressources 1er quartile",
]
AIN: tuple[Row, ...] = (
    ("01", "Ain", "CC Bugey Sud", "200040350", 8788),
    ("01", "Ain", "CA Villefranche Beaujolais Saône", "200040590", 8256),
    ("01", "Ain", "CA Haut - Bugey Agglomération", "200042935", 9168),
)
TITLE = "Arrêté du {signed} relatif au seuil de ressources du premier quartile des demandeurs de logement social"


OVERSEAS = {"Guadeloupe": "971", "Martinique": "972", "Guyane": "973", "La Réunion": "974", "Mayotte": "976"}


def arrete(
    number: int, year: int, rows: Sequence[Row], signed: str, published: str, nor: str = "TREL3000001A"
) -> bytes:
    """A whole arrêté: its article says the year, its annex prints the rows."""
    body = [[code, name, epci, siren, f"{amount:_} €".replace("_", " ")] for code, name, epci, siren, amount in rows]
    return text(
        number,
        article(f"<p><br/>Le montant du seuil est fixé pour l'année {year} par l'annexe.</p>", "1"),
        article("<p><br/>ANNEXE</p>" + table([HEADER, *body])),
        title=TITLE.format(signed=signed),
        nor=nor,
        published=published,
    )


def figures(path: Path) -> list[Row]:
    """The lines of a republication as CSV: "01 - Ain", name, EPCI, SIREN, threshold. It prints "97 - -Guadeloupe" for
    every overseas département: their codes are put back, as an arrêté prints them."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found: list[Row] = []
    for row in rows:
        name = row["libelle_departement"].removeprefix("-")
        code = OVERSEAS.get(name) or row["departement_imprime"].split(" - ")[0]
        found.append((code, name, row["nom_epci"], row["siret_epci"], int(row["seuil_premier_quartile"])))
    return found
