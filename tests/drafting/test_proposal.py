"""A dataset proposed from a table: its key, its rows of totals, the other tables, and the module that declares it."""

from __future__ import annotations

import ast

import pytest

from pipeline.drafting.module import module_text
from pipeline.drafting.proposal import UnfitTableError, propose, recognised
from pipeline.extract.model import Grid, Reading
from tests.drafting.test_columns import grid

ACT = "Arrêté du 3 mars 2025 fixant, pour l'année 2025, les loyers maximaux"


def proposal(*grids: Grid, number: int = 1, title: str = ACT, has_act: bool = True):  # type: ignore[no-untyped-def]
    return propose("loyers", Reading(grids), number, title, has_act)


def test_the_key_is_the_fewest_columns_that_tell_rows_apart() -> None:
    rows = (("Région", "Commune", "Logements"), ("Bretagne", "Rennes", "5"), ("Bretagne", "Brest", "5"))
    assert proposal(grid(*rows)).key == ("nom_commune",)
    assert proposal(grid(*rows, ("Corse", "Brest", "5"))).key == ("nom_region", "nom_commune")


def test_rows_that_share_every_key_are_told() -> None:
    rows = (("Commune", "Logements"), ("Rennes", "5"), ("Rennes", "5"))
    assert any("des lignes la partagent" in doubt for doubt in proposal(grid(*rows)).doubts)


def test_a_row_of_totals_is_one_and_no_data() -> None:
    found = proposal(grid(("Commune", "Logements"), ("Rennes", "5"), ("Brest", "6"), ("Total", "11")))
    assert found.total == "logements"
    assert 'Total(r"(?:total|ensemble)", "logements")' in module_text(found, has_act=True)


def test_another_table_is_ignored_and_one_of_the_same_titles_read_too() -> None:
    first = grid(("Commune", "Logements"), ("Rennes", "5"))
    same = grid(("Commune", "Logements"), ("Brest", "6"))
    other = grid(("Pièce à joindre", "Nombre"), ("Plan", "1"))
    found = proposal(first, same, other)
    assert [(o.number, o.headers) for o in found.others] == [(3, ("piece a joindre$", "nombre$"))]
    assert any("2 tableaux de ces mêmes titres" in doubt for doubt in found.doubts)


def test_one_cell_a_line_is_no_table_of_rows() -> None:
    with pytest.raises(UnfitTableError, match="une seule colonne"):
        proposal(grid(("Commune",), ("Rennes",)))


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (ACT, r"fixant, pour l'annee [0-9]{4}, les loyers maximaux"),
        ("Décret n° 2019-1378 du 17 décembre 2019 relatif à la cote", "relatif a la cote"),
        ("Arrêté du 5 juin 2024 modifiant l'arrêté du 1er août 2014 de zonage", "modifiant l'arrete du .+ de zonage"),
        ("Places par région", "places par region"),
    ],
)
def test_the_next_act_of_the_kind_is_known_by_these_words(title: str, words: str) -> None:
    assert recognised(title) == words


def test_the_module_declares_what_was_proposed() -> None:
    found = proposal(
        grid(('Nom "usuel"', "Loyer (€)"), ("Rennes", "5 €"), ("Brest", "6 €")), title="Liste", has_act=False
    )
    text = module_text(found, has_act=False)
    ast.parse(text)
    assert max(map(len, text.splitlines())) <= 120
    assert 'acts=Recognise(sheets=(r"liste",))' in text
    assert "dated=False" in text
