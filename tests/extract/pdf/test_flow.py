"""Lines joined into text, and hyphens undone only where the halves are one word."""

from __future__ import annotations

import pytest

from pipeline.extract.pdf.flow import flow, vocabulary

NOTHING: frozenset[str] = frozenset()


def flowed(*lines: str, known: tuple[str, ...] = ()) -> str:
    return flow(lines, frozenset(known)).text


def test_lines_are_joined_by_a_space() -> None:
    assert flowed("CA du Bassin de", "Bourg-en-Bresse") == "CA du Bassin de Bourg-en-Bresse"


def test_a_word_cut_at_the_end_of_a_line_is_put_together_and_said() -> None:
    found = flow(["la valorisa-", "tion des déchets"], NOTHING)
    assert found.text == "la valorisation des déchets"
    assert found.undone == (("valorisa- tion", "valorisation"),)


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("La Chapelle-Saint-", "Sulpice", "La Chapelle-Saint-Sulpice"),
        ("Chalon-sur-", "saône", "Chalon-sur-saône"),
        ("Seine-", "Saint-Denis", "Seine-Saint-Denis"),
        ("ci-", "dessus", "ci-dessus"),
        ("sous-", "préfecture", "sous-préfecture"),
        ("les haut-", "parleurs", "les haut-parleurs"),
    ],
)
def test_the_hyphen_of_a_compound_stays(first: str, second: str, whole: str) -> None:
    found = flow([first, second], NOTHING)
    assert found.text == whole
    assert not found.undone


def test_what_the_document_prints_in_one_piece_decides() -> None:
    assert flowed("plate-", "forme", known=("plate-forme",)) == "plate-forme"
    assert flowed("sous-", "traitance", known=("soustraitance",)) == "soustraitance"


def test_a_dash_between_words_or_figures_is_no_hyphenation() -> None:
    assert flowed("période 2019 -", "2020") == "période 2019 - 2020"
    assert flowed("2019-", "2020") == "2019- 2020"


@pytest.mark.parametrize(
    ("lines", "known", "whole"),
    [
        (("Rubriqu", "e"), ("rubrique",), "Rubrique"),
        (("Haute", "ur en m"), ("hauteur",), "Hauteur en m"),
        (("N°", "condu", "it"), ("conduit",), "N° conduit"),
        (("Valeur", "limite"), ("valeur", "limite"), "Valeur limite"),
        (("en", "fin de mois"), ("enfin",), "en fin de mois"),
        (("Plus", "Value"), ("plusvalue",), "Plus Value"),
        (("la", "quelle"), ("quelle",), "la quelle"),
    ],
)
def test_a_word_wider_than_its_cell_is_put_together_when_the_document_prints_it_elsewhere(
    lines: tuple[str, ...], known: tuple[str, ...], whole: str
) -> None:
    assert flowed(*lines, known=known) == whole


def test_the_vocabulary_leaves_out_what_a_line_end_cuts() -> None:
    assert vocabulary(["la valorisa-", "tion porte-clés"]) == {"la", "tion", "porte-clés"}
