"""The rules and figures of the tax bulletin's prose on a commune's page, one line a matter, with places."""

from __future__ import annotations

from itertools import groupby

from pipeline.cleaning.values import day_in_words
from pipeline.products.fiche.commune import Commune, Line, Section, number
from pipeline.products.fiche.sources import Row, Sources

_MATTERS = {
    "geographie": "Situation de l'immeuble",
    "destination": "Usage",
    "prix": "Prix plafonné",
    "surface": "Surface utile",
    "ressources": "Ressources",
    "remise_en_cause": "Condition manquante",
    "reversement": "Taxe à reverser",
    "revente": "Revente",
    "exception": "Sans reversement",
}
"""The matters of `regles`, the first part of a rule's name; its worked example is no rule for a commune."""


def rules(_commune: Commune, sources: Sources) -> Section | None:
    """What the bulletin asks for the reduced rate, as in force on the day, the same for every commune; None where it
    says nothing then."""
    held = sources.rows("SELECT * FROM regles_as_of(?) ORDER BY row_no", sources.on)
    told = [(matter, row) for row in held if (matter := row["regle"].partition(".")[0]) in _MATTERS]
    if not told:
        return None
    order = list(_MATTERS)
    told.sort(key=lambda one: order.index(one[0]))
    lines = []
    for matter, group in groupby(told, key=lambda one: one[0]):
        rows = [row for _, row in group]
        lines.append(
            Line(_MATTERS[matter], " ; ".join(map(_said, rows)), sources.of({**rows[0], "source_lieu": _places(rows)}))
        )
    note = f"Conditions examinées une à une : annexes eligibilite. {sources.validity(held[0])}"
    return Section("Règles du taux réduit de TVA en zone de rénovation urbaine", tuple(lines), (note,))


def _places(rows: list[Row]) -> str:
    """« ligne 107 (§ 14) ; ligne 83 (note 2) », each once."""
    said = (f"{row['source_lieu']} ({'§ ' if row['paragraphe'].isdigit() else ''}{row['paragraphe']})" for row in rows)
    return " ; ".join(dict.fromkeys(said))


def _said(row: Row) -> str:
    """« Part de la surface des annexes comptée dans la surface utile : 50 % »."""
    many = "s" if row["unite"] == "an" and abs(row["valeur"]) > 1 else ""
    figure = f"{number(row['valeur'])}\u202f{row['unite']}{many}" if row["valeur"] is not None else ""
    day = day_in_words(row["date_regle"]) if row["date_regle"] else ""
    said = " ".join(part for part in (figure, day) if part)
    return f"{row['sujet']} : {said}" if said else str(row["sujet"])
