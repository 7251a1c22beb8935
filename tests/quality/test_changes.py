"""Two readings of one dataset, key by key: what is lost and won comes first, then the largest differences."""

from __future__ import annotations

from pipeline.quality.changes import key_changes, name_column, percent
from tests.warehouse.made import seuils

BEFORE = {
    "annee": [2020, 2020, 2020],
    "siren": ["1", "2", "3"],
    "nom": ["Un", "Deux", None],
    "seuil_euros": [100, 100, 50],
}
AFTER = {
    "annee": [2020, 2020, 2020],
    "siren": ["1", "3", "4"],
    "nom": [None, "Trois", "Quatre"],
    "seuil_euros": [110, 100, 7],
}


def test_what_changed_is_told_with_names_and_percent_the_largest_first() -> None:
    found = key_changes(seuils(), BEFORE, AFTER)
    assert [(c.kind, c.key[1], c.name, c.column, c.before, c.after, c.percent) for c in found] == [
        ("retire", "2", "Deux", "", None, None, None),
        ("valeur_perdue", "1", "", "nom", "Un", None, None),
        ("ajoute", "4", "Quatre", "", None, None, None),
        ("valeur_trouvee", "3", "Trois", "nom", None, "Trois", None),
        ("modifie", "3", "Trois", "seuil_euros", 50, 100, 100.0),
        ("modifie", "1", "", "seuil_euros", 100, 110, 10.0),
    ]


def test_the_same_reading_changes_nothing() -> None:
    assert key_changes(seuils(), BEFORE, BEFORE) == []


def test_a_name_is_a_text_that_is_no_key() -> None:
    assert name_column(seuils()) == "nom"


def test_a_percent_is_told_of_numbers_that_were_not_zero() -> None:
    assert [percent(-50, -25), percent(0, 5), percent("a", "b"), percent(True, False)] == [50.0, None, None, None]
