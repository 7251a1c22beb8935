"""Acts of later years made from republished figures, in the forms that the Journal officiel prints: for the tests that
read current law, and for nothing else. The figures are not of this repository: tests are skipped where they are not at
hand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.conftest import SHARED

LATER = SHARED / "samples" / "later_years"
TITLES = (
    "CATÉGORIE<br/>de ménages",
    "PARIS<br/>et communes limitrophes",
    "ÎLE-DE-FRANCE<br/>hors Paris",
    "AUTRES RÉGIONS",
)
TERRITOIRES = ("paris_communes_limitrophes", "ile_de_france", "autres_regions")
CATEGORIES = (*(f"categorie_{n}" for n in range(1, 7)), "par_personne_supplementaire")
ZONING = "2014-08-01"
"""The act that all later zonings amend, by the id given to it here."""


@dataclass(frozen=True)
class Made:
    """One document: its folder's name, its declaration, the name and the text of its file."""

    name: str
    declared: str
    file: str
    text: str

    def write(self, raw: Path) -> None:
        folder = raw / self.name
        folder.mkdir(parents=True)
        (folder / "document.toml").write_text(self.declared, encoding="utf-8")
        (folder / self.file).write_text(self.text, encoding="utf-8")


def declared(
    name: str,
    title: str,
    file: str,
    signed: date,
    effect: date,
    more: str = "",
    relation: str = "",
    base: str = "texte",
) -> str:
    """document.toml of one act in one file."""
    return f"""\
[document]
id = "{name}"
title = "{title}"
publisher = "Ministère du logement"
nature = "arrete"

[[rendition]]
file = "{file}"
role = "published"

[[act]]
id = "{name}"
title = "{title}"
signed = {signed}

[act.effect]
valid_from = {effect}
valid_from_base = "{base}"
{relation}{more}"""


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th><br/>{title}</th>" for title in titles)
    body = "".join("<tr>" + "".join(f'<td align="center"><br/>{c}</td>' for c in row) + "</tr>" for row in rows)
    return f'<div align="center"><table border="1"><tr>{head}</tr>{body}</table></div>'


def rows_of(name: str, delimiter: str = ",") -> list[dict[str, str]]:
    with (LATER / name).open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle, delimiter=delimiter))


def spaced(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ")


def ceilings(loan: str, since: date) -> dict[str, tuple[str, ...]]:
    """The ceilings of a loan from a day on, as printed, by category; empty when the day has not all of them."""
    found: dict[tuple[str, str], float] = {}
    for row in rows_of("plafonds_plus_plai_1987_2026_openfisca.csv"):
        # One value of 2020 is dated a day late by its republication.
        if row["produit"] == loan and row["valeur_a_partir_du"] in (f"{since}", f"{since.replace(day=2)}"):
            found[row["categorie"], row["territoire"]] = float(row["plafond"])
    if len(found) < 21:
        return {}
    return {c: tuple(spaced(found[c, t]) for t in TERRITOIRES) for c in CATEGORIES}


def printed(ceilings: Mapping[str, tuple[str, ...]], correct: Mapping[str, str]) -> str:
    labels = {c: c.removeprefix("categorie_") if c[-1].isdigit() else "Par personne supplémentaire" for c in CATEGORIES}
    rows = [(labels[c], *(correct.get(amount, amount) for amount in ceilings[c])) for c in CATEGORIES]
    return table([TITLES[0], *(f"{t}<br/>(en euros)" for t in TITLES[1:])], rows)


def yearly_ceilings(year: int, misprints: Mapping[str, str]) -> Made:
    """The act of the December before `year`: annexe I (PLUS), and annexe II (PLAI) where its figures are known."""
    effect = date(year, 1, 1)
    plus, plai = ceilings("PLUS", effect), ceilings("PLAI", effect)
    name = f"plafonds-{year}"
    title = (
        f"Arrêté du 20 décembre {year - 1} modifiant l'arrêté du 29 juillet 1987 relatif aux plafonds de ressources "
        "des bénéficiaires de la législation sur les habitations à loyer modéré"
    )
    annexes = article("Annexe I", "<p>PLAFONDS DE RESSOURCES ANNUELLES</p>" + printed(plus, misprints))
    if plai:
        annexes += article("Annexe II", "<p>Logements financés en PLAI</p>" + printed(plai, misprints))
    text = jorf(name, title, article("1", "<p>Les annexes I et II sont remplacées.</p>") + annexes)
    return Made(name, declared(name, title, "a.xml", date(year - 1, 12, 20), effect), "a.xml", text)


def article(number: str, content: str) -> str:
    return f"<ARTICLE><NUM>{number}</NUM><BLOC_TEXTUEL><CONTENU>{content}</CONTENU></BLOC_TEXTUEL></ARTICLE>"


def jorf(name: str, title: str, articles: str) -> str:
    head = f"<ID>{name}</ID><NATURE>ARRETE</NATURE><TITREFULL>{title}</TITREFULL>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<TEXTE>{head}<STRUCT>{articles}</STRUCT></TEXTE>'


def quartile(year: int, signed: date, effect: date) -> Made:
    name = f"quartile-{year}"
    title = (
        "Arrêté relatif au seuil de ressources du premier quartile des demandeurs de logement social "
        f"pour l'année {year}"
    )
    titles = ("Code département", "Département", "Nom de l'EPCI", "SIRET de l'EPCI", "Valeur du seuil 1er quartile")
    rows = [
        (r["departement_imprime"], r["libelle_departement"], r["nom_epci"], r["siret_epci"], f"{r['q1_annuel']} €")
        for r in rows_of(f"premier_quartile_{year}.csv")
    ]
    text = f"<html><body><h1>Annexe</h1><p>Seuils pour l'année {year}</p>{table(titles, rows)}</body></html>"
    return Made(name, declared(name, title, "a.html", signed, effect), "a.html", text)


Move = tuple[str, str, str, str]
"""Code, name, département, the zone it enters."""


def moves(name: str) -> list[Move]:
    zone = next(title for title in rows_of(name, ";")[0] if title.startswith("Reclass"))
    return [(r["CODGEO"], r["LIBGEO"], r["DEP N°"], r[zone]) for r in rows_of(name, ";")]


def zoning(name: str, title: str, signed: date, effect: date, moved: Sequence[Move]) -> Made:
    """An act that moves communes: a table for each zone that takes some in."""
    relation = f'\n[act.relation]\nkind = "modifie"\nact = "zonage-{ZONING}"\nportee = "partielle"\n'
    articles = ""
    for number, zone in enumerate(("Abis", "A", "B1", "B2", "C"), start=2):
        rows = [(departement, nom, code) for code, nom, departement, entered in moved if entered == zone]
        label = "A bis" if zone == "Abis" else zone
        said = f"<p>A l'annexe I de l'arrêté du 1er août 2014 susvisé, le tableau {label} est complété comme suit :</p>"
        if rows:
            articles += article(str(number), said + table(("DÉPARTEMENT", "COMMUNE", "CODE INSEE"), rows))
    return Made(
        name, declared(name, title, "a.xml", signed, effect, relation=relation), "a.xml", jorf(name, title, articles)
    )


def consolidated(name: str, title: str, signed: date, effect: date, source: str) -> Made:
    """A whole zoning as the ministry's file prints the consolidated state."""
    text = (LATER / source).read_text(encoding="utf-8-sig")
    return Made(name, declared(name, title, "a.csv", signed, effect, base="consolidation"), "a.csv", text)


def witness(day: str, source: str) -> Made:
    """The ministry's list of a day, a sheet; the title of its column says the day where the copy lost it."""
    text = (LATER / source).read_text(encoding="utf-8-sig")
    name = f"liste-{day}"
    head = f"""\
[document]
id = "{name}"
title = "Liste des communes selon le zonage ABC"
publisher = "Ministère du logement"
nature = "feuille"
licence = "Licence Ouverte 2.0"

[document.parameters.zonage_abc_liste]
en_vigueur = "{day}"

[[rendition]]
file = "a.csv"
role = "published"
"""
    return Made(name, head, "a.csv", text)


_AMENDING = "modifiant l'arrêté du 1er août 2014 pris en application de l'article D. 304-1 du code de la construction"
ALFORTVILLE: Move = ("94002", "Alfortville", "94", "Abis")
MISPRINTS = {"218 805": "21 805"}
"""A value of the republication with a figure too many (PLAI 2022, category 2, Paris), as the act prints it."""


def moved_in_2023() -> list[Move]:
    """What was moved between the lists of 2022 and of July 2024 and not by the act of July 2024, among the communes
    that are in both: that of October 2023."""
    before = {r["Code Commune"]: r["Zone ABC"] for r in rows_of("zonage_abc_2022.csv", ";")}
    july = {r["CODGEO"]: r["Zone avant révision 2024"] for r in rows_of("zonage_abc_reclassees_2024-07-05.csv", ";")}
    zone = "Zone en vigueur depuis le 5 juillet 2024"
    after = {
        r["CODGEO"]: (r["LIBGEO"], r["DEP"], july.get(r["CODGEO"], r[zone]))
        for r in rows_of("zonage_abc_2024-07-05.csv", ";")
    }
    return [(c, nom, dep, to) for c, (nom, dep, to) in after.items() if c in before and before[c] != to]


def everything() -> list[Made]:
    """All acts of later years, and the lists that witness their state."""
    made = [yearly_ceilings(year, MISPRINTS) for year in range(2010, 2027)]
    made += [
        quartile(2024, date(2024, 5, 13), date(2024, 5, 13)),
        quartile(2025, date(2025, 6, 3), date(2025, 1, 1)),
        quartile(2026, date(2026, 4, 23), date(2026, 5, 3)),
        consolidated(
            f"zonage-{ZONING}",
            "Arrêté du 1er août 2014 pris en application de l'article R. 304-1 du code de la construction",
            date(2022, 2, 16),
            date(2022, 2, 16),
            "zonage_abc_2022.csv",
        ),
        zoning(
            "zonage-2023",
            f"Arrêté du 2 octobre 2023 {_AMENDING}",
            date(2023, 10, 2),
            date(2023, 10, 2),
            moved_in_2023(),
        ),
        zoning(
            "zonage-2024",
            f"Arrêté du 5 juillet 2024 {_AMENDING}",
            date(2024, 7, 5),
            date(2024, 7, 5),
            moves("zonage_abc_reclassees_2024-07-05.csv"),
        ),
        zoning(
            "zonage-2025",
            f"Arrêté du 5 septembre 2025 {_AMENDING}",
            date(2025, 9, 5),
            date(2025, 9, 5),
            [*moves("zonage_abc_reclassees_2025-09-05.csv"), *moves("zonage_abc_declassees_2025-09-05.csv")],
        ),
        zoning(
            "zonage-2026", f"Arrêté du 23 juin 2026 {_AMENDING}", date(2026, 6, 23), date(2026, 6, 26), [ALFORTVILLE]
        ),
        witness("2024-07-05", "zonage_abc_2024-07-05.csv"),
        witness("2025-09-05", "zonage_abc_2025-09-05.csv"),
        witness("2026-06-26", "zonage_abc_2026-06-26_derive.csv"),
    ]
    return made
