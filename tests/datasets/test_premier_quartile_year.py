"""The year of an annex, as one of the usual sentences says it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Context
from pipeline.datasets.premier_quartile import _year
from pipeline.documents.declaration import read_document
from pipeline.documents.model import Act, Document, Rendition
from pipeline.extract.model import Paragraph, Reading, Source

TITLE = "Arrêté du 13 mai 2024 relatif au seuil de ressources du premier quartile des demandeurs de logement social"


def year_of(*sentences: str, title: str = TITLE) -> object:
    act = Act("X", title, signed=date(2024, 5, 13))
    document = Document("X", title, "", "arrete", Path(), (), (act,))
    reading = Reading(tuple(Paragraph(text, Source(line=n)) for n, text in enumerate(sentences, 1)))
    context = Context(document, Rendition("a.txt", "published", "cells", ""), act, Path(), {})
    return _year(reading, context).value


@pytest.mark.parametrize(
    "sentence",
    [
        "Le montant pour l'année 2024, mentionné au vingt-quatrième alinéa de l'article L. 441-1, figure en annexe.",
        "Le montant du seuil est fixé, au titre de l'année 2024, par l'annexe au présent arrêté.",
        "Les seuils de ressources applicables en 2024 sont ceux de l'annexe.",
        "Le niveau de ressources du quartile des demandeurs pour 2024 est fixé en annexe.",
        "Pour l'année 2024, les montants sont fixés comme suit.",
        "Au titre de 2024, le seuil mentionné à l'article L. 441-1 est celui de l'annexe.",
    ],
)
def test_the_usual_sentences_say_the_year(sentence: str) -> None:
    assert year_of("Vu l'arrêté fixant les seuils pour l'année 2023 ;", sentence) == 2024


def test_the_title_says_it_where_no_sentence_does() -> None:
    assert year_of("Vu le code", title="Arrêté du 13 mai 2024 fixant les seuils pour 2024") == 2024


@pytest.mark.parametrize(
    "sentences",
    [
        ("Le seuil est fixé par l'annexe à l'arrêté du 15 juin 2020.",),
        ("Les seuils sont calculés sur les demandes actives en 2023.",),
        ("Les seuils pour 2024 sont en annexe 1.", "Les seuils pour 2025 sont en annexe 2."),
    ],
    ids=["a date of an act", "another year", "two years"],
)
def test_what_does_not_say_it_asks_for_a_line_that_can_be_pasted(sentences: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as refused:
        year_of(*sentences)
    line = refused.value.reason.split(" : ")[-1]
    folder = tmp_path / "doc"
    folder.mkdir()
    (folder / "a.txt").write_text("x", encoding="utf-8")
    (folder / "document.toml").write_text(
        '[document]\nid = "doc"\ntitle = "t"\npublisher = "p"\nnature = "arrete"\n[[rendition]]\nfile = "a.txt"\n'
        f'role = "published"\n[[act]]\nid = "A"\ntitle = "t"\n{line}\n[act.effect]\nvalid_from_base = "inconnue"\n',
        encoding="utf-8",
    )
    assert read_document(folder).acts[0].parameters["premier_quartile"]["annee"] == 2024
