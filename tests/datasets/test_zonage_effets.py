"""The seven rules of application, from prose or from a table; a point that is not understood is quarantined whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.contract.dataset import Context
from pipeline.contract.rows import Rows
from pipeline.datasets.toolkit import take
from pipeline.datasets.zonage_effets import ZONAGE_ABC_EFFETS, applicable_from
from pipeline.documents.model import Act, Document, Rendition
from pipeline.extract.markdown import read_markdown

ACT = Act("LOGU0907606A", "Arrêté du 29 avril 2009", signed=date(2009, 4, 29))
HEADER = "| Point | Base légale | Fait déclencheur | Applicable à compter du |\n|---|---|---|---|\n"


def read(text: str, act: Act = ACT) -> Rows:
    reading = read_markdown(text.encode())
    document = Document("BOI-8A-2-09", "Bulletin", "", "bulletin", Path(), (), (act,))
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
