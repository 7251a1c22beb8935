"""The seven rules of application, from prose or from a table; a point that is not understood is quarantined whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.contract.dataset import Context
from pipeline.contract.rows import Rows
from pipeline.datasets.toolkit import take
from pipeline.datasets.zonage.effets import ZONAGE_ABC_EFFETS, applicable_from
from pipeline.documents.model import Act, Document, Rendition
from pipeline.extract.markdown import read_markdown

ACT = Act("LOGU0907606A", "Arrêté du 29 avril 2009", signed=date(2009, 4, 29))
HEADER = "| Point | Base légale | Fait déclencheur | Applicable à compter du |\n|---|---|---|---|\n"


def read(text: str, act: Act = ACT, quoted: date | None = None) -> Rows:
    reading = read_markdown(text.encode())
    document = Document("BOI-8A-2-09", "Bulletin", "", "bulletin", Path(), (), (act,), published=quoted)
    rendition = Rendition("bulletin.md", "extract", "markdown", "")
    inventory = take(reading, [ZONAGE_ABC_EFFETS])
    assert inventory.observations == []
    grids = inventory.found[ZONAGE_ABC_EFFETS.name]
    return ZONAGE_ABC_EFFETS.read(reading, Context(document, rendition, act, Path(), grids))


def test_a_point_of_prose() -> None:
    rows = read(
        "#### Article 3\n\n4° Pour le bénéfice des aides de l'Agence nationale de l'habitat, aux aides accordées à "
        "compter du premier jour du deuxième mois suivant la date de publication du présent arrêté ;\n"
    )
    (row,) = rows.rows
    said = {name: value.value for name, value in row.items()}
    assert (said["point"], said["dispositif"], said["regle_date"]) == (4, "anah", "premier_jour_deuxieme_mois")
    assert said["applicable_du"] is None
    assert [o.rule for o in rows.observations] == ["date_de_publication_inconnue"]


def test_the_same_point_in_a_table() -> None:
    row = (
        "| 4° | Agence nationale de l'habitat | aide accordée | premier jour du deuxième mois suivant la publication |"
    )
    published = replace(ACT, published=date(2009, 5, 3))
    rows = read(f"{HEADER}{row}\n", published)
    assert rows.rows[0]["dispositif"].value == "anah"
    assert rows.rows[0]["applicable_du"].value == date(2009, 7, 1)
    assert rows.observations == ()


ROWS = (
    "| 2° | CGI, art. 31, I, 1°, h | acquisition ou construction : demande de permis de construire "
    "| lendemain de la publication |\n"
    "| 4° | Agence nationale de l'habitat | aide accordée | premier jour du deuxième mois suivant la publication |\n"
)


def bounds(rows: Rows) -> list[tuple[object, ...]]:
    names = ("applicable_du", "applicable_au_plus_tot", "applicable_au_plus_tard")
    return [tuple(row[name].value for name in names) for row in rows.rows]


def test_publication_is_between_the_signature_and_the_document_that_quotes_the_act() -> None:
    rows = read(f"{HEADER}{ROWS}", quoted=date(2009, 10, 14))
    assert bounds(rows) == [
        (None, date(2009, 4, 30), date(2009, 10, 15)),
        (None, date(2009, 6, 1), date(2009, 12, 1)),
    ]
    assert "entre le 29/04/2009 et le 14/10/2009" in rows.observations[0].message


def test_a_rule_whose_bounds_agree_is_known() -> None:
    rows = read(f"{HEADER}{ROWS}", quoted=date(2009, 4, 30))
    assert bounds(rows)[0] == (None, date(2009, 4, 30), date(2009, 5, 1))
    assert bounds(rows)[1] == (date(2009, 6, 1),) * 3


def test_nothing_bounds_a_publication_that_no_dated_document_quotes() -> None:
    assert bounds(read(f"{HEADER}{ROWS}"))[0] == (None, date(2009, 4, 30), None)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("| 4° | Agence de l'eau | aide accordée | lendemain de la publication |", "dispositif_inconnu"),
        ("| 4° | Agence nationale de l'habitat | aide versée | lendemain de la publication |", "dispositif_inconnu"),
        ("| | Agence nationale de l'habitat | aide accordée | lendemain de la publication |", "dispositif_inconnu"),
        ("| 4° | Agence nationale de l'habitat | aide accordée | 1er juin 2009 |", "date_non_lue"),
    ],
)
def test_a_point_that_is_not_understood(row: str, rule: str) -> None:
    rows = read(f"{HEADER}{row}\n")
    assert rows.rows == []
    assert [refused.rule for refused in rows.refused] == [rule]


def test_numbered_paragraphs_of_another_article_are_not_read() -> None:
    assert read("#### Article 2\n\n1° Pour l'application de l'article 199 septvicies…\n").rows == []


@pytest.mark.parametrize(
    ("rule", "published", "expected"),
    [
        ("lendemain_publication", date(2009, 4, 30), date(2009, 5, 1)),
        ("premier_jour_deuxieme_mois", date(2009, 5, 3), date(2009, 7, 1)),
        ("premier_jour_deuxieme_mois", date(2009, 10, 31), date(2009, 12, 1)),
        ("premier_jour_deuxieme_mois", date(2009, 11, 1), date(2010, 1, 1)),
        ("premier_jour_deuxieme_mois", date(2009, 12, 31), date(2010, 2, 1)),
        ("lendemain_publication", None, None),
    ],
)
def test_first_day_of_application(rule: str, published: date | None, expected: date | None) -> None:
    assert applicable_from(rule, published) == expected
