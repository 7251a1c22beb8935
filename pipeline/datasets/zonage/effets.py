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
    between = _publication(context)
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
            rows.append(_row(int(number[1]), aid, rule, between, cells))
    pieces = () if grids else [cell for cells in points for cell in cells]
    known = between.earliest is not None and between.earliest == between.latest
    return Rows(rows, refused, observations=() if known else [_unknown_date(context, between)], pieces=pieces)


@dataclass(frozen=True)
class _Publication:
    """The day of publication lies between these two; NULL where nothing bounds it. `why` says what each rests on."""

    earliest: date | None
    latest: date | None
    why: tuple[str, str]


def _publication(context: Context) -> _Publication:
    """The day itself where it is known; else an act is published no earlier than it is signed, and no later than a
    document that quotes it."""
    act = context.act
    if act and act.published:
        return _Publication(act.published, act.published, ("date du Journal officiel",) * 2)
    quoted = context.document.published
    return _Publication(act.signed if act else None, quoted, ("date de signature", "date du document qui le cite"))


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


def _row(point: int, aid: _Aid, rule: str, between: _Publication, cells: tuple[Cell, ...]) -> Row:
    first, last = applicable_from(rule, between.earliest), applicable_from(rule, between.latest)
    known = first if first == last else None
    return {
        "point": Value(point, cells[:1], "parsed"),
        "dispositif": Value(aid.dispositif, cells, "resolved"),
        "base_legale": Value(aid.base_legale, cells, "parsed"),
        "fait_declencheur": Value(aid.fait, cells, "parsed"),
        "regle_date": Value(rule, cells[-1:], "parsed"),
        "applicable_du": Value(known, (), "resolved", between.why[:1]),
        "applicable_au_plus_tot": Value(first, (), "resolved", between.why[:1]),
        "applicable_au_plus_tard": Value(last, (), "resolved", between.why[1:]),
    }


def applicable_from(rule: str, published: date | None) -> date | None:
    """The first day of a rule, for an act published that day; None while the day of publication is not known."""
    if published is None:
        return None
    if rule == "lendemain_publication":
        return published + timedelta(days=1)
    months = published.year * 12 + published.month + 1
    return date(months // 12, months % 12 + 1, 1)


def _unknown_date(context: Context, between: _Publication) -> Observation:
    message = "la date de publication au Journal officiel n'est pas connue"
    if between.earliest and between.latest:
        message += f" (entre le {between.earliest:%d/%m/%Y} et le {between.latest:%d/%m/%Y})"
    message += " : applicable_du reste vide où ces deux jours ne donnent pas la même réponse"
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
        Column(
            "applicable_au_plus_tot",
            "DATE",
            "Le premier jour possible : publié au plus tôt le jour de sa signature ; avant, sûrement pas applicable",
            nullable=True,
            since=2,
        ),
        Column(
            "applicable_au_plus_tard",
            "DATE",
            "Le dernier premier jour possible : publié au plus tard le jour du document qui le cite ; dès ce jour, "
            "sûrement applicable ; NULL si rien ne borne la publication",
            nullable=True,
            since=2,
        ),
    ),
    acts=Recognise(titles=(r"classement des communes par zone",)),
    read=read,
    inventory=(TABLE,),
)
