"""From when a zoning applies, aid by aid (arrêté du 29 avril 2009, article 3): a small table, or its seven points of
prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.cleaning.labels import fold
from pipeline.contract.dataset import Check, Column, Context, Dataset, Expect, Recognise
from pipeline.contract.rows import Observation, Refused, Row, Rows, Value
from pipeline.datasets.toolkit import data_rows
from pipeline.extract.model import Cell, Reading

TABLE = Expect(
    "article 3 (règles d'application)",
    headers=(r"point", r"base legale", r"fait declencheur", r"applicable a compter du"),
    optional=True,
    or_prose=True,
)
_POINT = re.compile(r"([1-9])\s*°")
_ARTICLE = re.compile(r"article 3\b")
_DATES = {
    "lendemain_publication": r"\blendemain de (?:la date de )?(?:la )?publication",
    "premier_jour_deuxieme_mois": r"\bpremier jour du deuxieme mois suivant (?:la date de )?(?:la )?publication",
}


@dataclass(frozen=True)
class _Aid:
    """One aid: how it is named here, and how the text prints its legal base and what sets the date."""

    dispositif: str
    base_legale: str
    fait: str
    prints: tuple[str, ...]


_AIDS = (
    _Aid(
        "cgi_199_septvicies",
        "CGI, art. 199 septvicies",
        "acquisition ou demande de permis de construire",
        (r"199 septvicies", r"acquisitions?\b.*permis de construire"),
    ),
    _Aid(
        "cgi_31_h",
        "CGI, art. 31, I, 1°, h",
        "acquisition ou construction : demande de permis de construire",
        (
            r"\bh du 1° du i de l'article 31\b|art\. 31, i, 1°, h\b",
            r"acquisitions? (?:et|ou) constructions?\b.*permis de construire",
        ),
    ),
    _Aid(
        "cgi_31_m",
        "CGI, art. 31, I, 1°, m",
        "convention signée",
        (r"\bm du 1° du i de l'article 31\b|art\. 31, i, 1°, m\b", r"conventions? signees?\b"),
    ),
    _Aid(
        "anah",
        "aides de l'Agence nationale de l'habitat",
        "aide accordée",
        (r"agence nationale de l'habitat", r"aides? accordees?\b"),
    ),
    _Aid(
        "pret_sans_interet",
        "CGI, art. 244 quater J ; CCH, art. L. 312-1",
        "offre de prêt émise",
        (r"244 quater j\b", r"l\. 312-1\b", r"offres? de prets? emises?\b"),
    ),
    _Aid(
        "pass_foncier",
        "CGI, art. 278 sexies, 3 octies",
        "décision d'octroi du Pass-foncier",
        (r"3 octies de l'article 278 sexies|278 sexies, 3 octies", r"decisions? d'octroi du pass-foncier"),
    ),
    _Aid(
        "psla",
        "CCH, art. R. 331-76-5-1 et R. 391-1",
        "décision d'agrément",
        (r"r\. 331-76-5-1\b", r"r\. 391-1\b", r"decisions? d'agrement"),
    ),
)


def read(reading: Reading, context: Context) -> Rows:
    """One row a point of article 3. A point whose legal base, event or date is not known is quarantined whole."""
    rows: list[Row] = []
    refused: list[Refused] = []
    grids = context.grids.get(TABLE.name, ())
    points = list(_of_table(context) if grids else _of_prose(reading))
    published = context.act.published if context.act else None
    for cells in points:
        text = fold(" ".join(cell.text for cell in cells))
        number = _POINT.match(text)
        aid = next((a for a in _AIDS if all(re.search(pattern, text) for pattern in a.prints)), None)
        rule = next((name for name, pattern in _DATES.items() if re.search(pattern, text)), None)
        if number is None or aid is None:
            refused.append(Refused(cells, "dispositif_inconnu", "base légale ou fait déclencheur inconnu"))
        elif rule is None:
            refused.append(Refused(cells, "date_non_lue", "aucune règle de date connue", "regle_date"))
        else:
            rows.append(_row(int(number[1]), aid, rule, published, cells))
    pieces = () if grids else [cell for cells in points for cell in cells]
    return Rows(rows, refused, observations=() if published else [_unknown_date(context)], pieces=pieces)


def _of_table(context: Context) -> Iterator[tuple[Cell, ...]]:
    for grid in context.grids[TABLE.name]:
        for row in data_rows(grid):
            cells = tuple(cell for c in range(grid.n_cols) if (cell := grid.at(row, c)) and cell.text)
            if cells:
                yield cells


def _of_prose(reading: Reading) -> Iterator[tuple[Cell, ...]]:
    """The numbered paragraphs under the heading of the article."""
    for paragraph in reading.paragraphs:
        under = paragraph.under[-1] if paragraph.under else ""
        if _POINT.match(paragraph.text) and _ARTICLE.match(fold(under)):
            yield (Cell(0, 0, paragraph.text, paragraph.source),)


def _row(point: int, aid: _Aid, rule: str, published: date | None, cells: tuple[Cell, ...]) -> Row:
    return {
        "point": Value(point, cells[:1], "parsed"),
        "dispositif": Value(aid.dispositif, cells, "resolved"),
        "base_legale": Value(aid.base_legale, cells, "parsed"),
        "fait_declencheur": Value(aid.fait, cells, "parsed"),
        "regle_date": Value(rule, cells[-1:], "parsed"),
        "applicable_du": Value(applicable_from(rule, published), (), "resolved", ("date du Journal officiel",)),
    }


def applicable_from(rule: str, published: date | None) -> date | None:
    """The first day of a rule, for an act published that day; None while the day of publication is not known."""
    if published is None:
        return None
    if rule == "lendemain_publication":
        return published + timedelta(days=1)
    months = published.year * 12 + published.month + 1
    return date(months // 12, months % 12 + 1, 1)


def _unknown_date(context: Context) -> Observation:
    message = "la date de publication au Journal officiel n'est pas connue : applicable_du reste vide"
    return Observation("date_de_publication_inconnue", "warning", message, context.edition)


ZONAGE_ABC_EFFETS = Dataset(
    name="zonage_abc_effets",
    title="Dates d'application du zonage A, B1, B2, C, aide par aide",
    description=(
        "Les sept règles de l'article 3 de l'arrêté du 29 avril 2009 : selon l'aide, le zonage s'applique aux faits "
        "intervenus à compter du lendemain de la publication au Journal officiel ou du premier jour du deuxième mois "
        "qui la suit."
    ),
    key=("point",),
    columns=(
        Column("point", "INTEGER", "Numéro du point de l'article 3", checks=(Check(between=(1, 9)),)),
        Column(
            "dispositif",
            "TEXT",
            "Aide, sous un nom court de ce projet",
            checks=(Check(values=tuple(aid.dispositif for aid in _AIDS)),),
        ),
        Column("base_legale", "TEXT", "Base légale de l'aide, abrégée"),
        Column("fait_declencheur", "TEXT", "Fait dont la date décide si le zonage s'applique"),
        Column(
            "regle_date",
            "TEXT",
            "Premier jour d'application, par rapport à la publication au Journal officiel",
            checks=(Check(values=tuple(_DATES)),),
        ),
        Column(
            "applicable_du",
            "DATE",
            "Ce premier jour ; NULL tant que la date de publication n'est pas connue",
            nullable=True,
        ),
    ),
    acts=Recognise(ids=("LOGU0907606A",)),
    read=read,
    inventory=(TABLE,),
)
