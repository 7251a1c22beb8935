"""What the head of a text says of it, as pages and first pages of PDF print it."""

from __future__ import annotations

import pytest
from fpdf import FPDF

from pipeline.extract.notice import page_notice, said_by_name
from pipeline.extract.pdf.notice import pdf_metadata

FIRST_PAGE = """\
16 mai 2024 JOURNAL OFFICIEL DE LA RÉPUBLIQUE FRANÇAISE Texte 26 sur 96
Décrets, arrêtés, circulaires
TEXTES GÉNÉRAUX
MINISTÈRE DE LA TRANSITION ÉCOLOGIQUE
Arrêté du 13 mai 2024 relatif au seuil de ressources du premier quartile
des demandeurs de logement social
NOR : TREL2412330A
Le ministre de la transition écologique,
Vu l'arrêté du 15 juin 2020 modifié,
"""
TITLE = "Arrêté du 13 mai 2024 relatif au seuil de ressources du premier quartile des demandeurs de logement social"
SAID = {
    "titre": TITLE,
    "nor": "TREL2412330A",
    "signe_le": "2024-05-13",
    "publie_le": "2024-05-16",
    "nature": "ARRÊTÉ",
    "num_sequence": "26",
}


def test_the_first_page_of_the_journal_officiel_says_what_a_page_of_the_site_does() -> None:
    assert page_notice(FIRST_PAGE) == SAID


@pytest.mark.parametrize(
    ("printed", "key", "said"),
    [
        ("JORF n°0113 du 16 mai 2024\nTexte n° 26", "num_parution", "0113"),
        ("JORF n°0113 du 16 mai 2024\nTexte n° 26", "publie_le", "2024-05-16"),
        ("1er juillet 2023 JOURNAL OFFICIEL DE LA REPUBLIQUE FRANCAISE", "publie_le", "2023-07-01"),
        ("Décret no 2019-1378 du 17 décembre 2019 relatif\nà la cote\nLe Premier ministre,", "signe_le", "2019-12-17"),
        (
            "Arrêté du 3 juin 2025 relatif aux deman\u00ad\ndeurs\nVu le code",
            "titre",
            "Arrêté du 3 juin 2025 relatif aux demandeurs",
        ),
    ],
)
def test_other_heads(printed: str, key: str, said: str) -> None:
    assert page_notice(printed)[key] == said


def test_a_date_without_a_title_and_a_title_without_a_date_say_nothing() -> None:
    assert page_notice("Fait le 13 mai 2024.\nArrêté relatif au logement\nVu le code") == {}


def test_a_file_of_the_journal_officiel_is_named_after_its_issue() -> None:
    assert said_by_name("joe_20240516_0113_0026.pdf") == {
        "publie_le": "2024-05-16",
        "num_parution": "0113",
        "num_sequence": "26",
    }
    assert said_by_name("annexe.pdf") == {}


def typeset(text: str) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=10)
    for line in text.splitlines():
        pdf.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    pdf.add_page()
    pdf.cell(text="Arrêté du 1er janvier 2001 dont la deuxième page parle")
    return bytes(pdf.output())


def test_a_pdf_says_it_with_its_first_page() -> None:
    assert pdf_metadata(typeset(FIRST_PAGE)) == SAID
    assert pdf_metadata(b"%PDF-1.7 no page") == {}
