"""Names printed as one, when what parted them is lost: cut only where that is beyond doubt."""

import pytest

from pipeline.gazetteer import load
from pipeline.gazetteer.resolver import between_names, cuts, left_over, named_inside
from tests.gazetteer.places import REFERENCE, ZONING_2009

OF_2009 = load(REFERENCE, ZONING_2009)


def parts(*labels: str, departement: str = "11") -> list[list[str]]:
    found = cuts(labels, departement, OF_2009)
    return [[label[a:b] for a, b in spans] for label, spans in zip(labels, found, strict=True)]


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("Gruissan Narbonne", ["Gruissan", "Narbonne"]),
        ("Gruissan et Narbonne", ["Gruissan", "Narbonne"]),
        ("Gruissan et de Narbonne", ["Gruissan", "Narbonne"]),
        ("Gruissan ainsi que Narbonne", ["Gruissan", "Narbonne"]),
        ("Gruissan ou Narbonne", ["Gruissan", "Narbonne"]),
        ("Gruissan-Narbonne", ["Gruissan", "Narbonne"]),
        ("GruissanNarbonne", ["Gruissan", "Narbonne"]),
        ("Gruissan. Narbonne", ["Gruissan", "Narbonne"]),
        ("Gruissan Narbonne Port-la-Nouvelle", ["Gruissan", "Narbonne", "Port-la-Nouvelle"]),
        ("Grulssan Narbonne", ["Grulssan", "Narbonne"]),
        ("Gruissan Narbone", ["Gruissan", "Narbone"]),
    ],
)
def test_two_names_that_fit_the_order_are_cut(label: str, names: list[str]) -> None:
    assert parts("Cuxac-d'Aude", label, "Sigean")[1] == names


@pytest.mark.parametrize(
    "label",
    [
        "Narbonne Gruissan",  # not in the order of the list
        "Gruissan Nice",  # no commune of the département
        "Sigean Tuchan",  # the one is printed by itself just behind
        "Port-la-Nouvelle",  # one name
        "Port-la-Nouvele",  # one damaged name
        "Villeneuve",  # the beginning of several
    ],
)
def test_what_is_not_surely_several_names_stays_whole(label: str) -> None:
    assert parts("Cuxac-d'Aude", label, "Sigean")[1] == [label]


def test_an_official_name_made_of_two_others_is_never_cut() -> None:
    assert parts("Villeneuve-Saint-Georges", departement="94") == [["Villeneuve-Saint-Georges"]]


def test_a_list_without_any_separator_is_cut_by_its_order() -> None:
    names = ["Bages", "Carcassonne", "Gruissan", "Narbonne", "Port-la-Nouvelle", "Sigean"]
    assert parts(" ".join(names)) == [names]


def test_the_communes_named_inside_a_label() -> None:
    inside = named_inside("arrondissement de Narbonne et canton de Sigean", "11", OF_2009)
    assert inside == {"11262", "11379"}


def test_words_of_the_name_itself_name_nothing_else() -> None:
    assert named_inside("Port-la-Nouvele", "11", OF_2009, "11266") == frozenset()
    assert "11262" in named_inside("Narbonne Port-la-Nouvelle", "11", OF_2009, "11266")


def test_what_is_left_over_beside_a_name() -> None:
    assert left_over("Nxrb Port-la-Nouvelle", "11266", "11", OF_2009) == ("Nxrb",)
    assert left_over("Port-la-Nouvelle", "11266", "11", OF_2009) == ()
    assert left_over("Narbonne", "11266", "11", OF_2009) == ()


def test_what_stands_between_names_inside_a_label_is_no_name() -> None:
    assert between_names("Gruissan Narbone Port-la-Nouvelle Sigaen", "11", OF_2009) == ("Narbone", "Sigaen")
    assert between_names("Gruissan Narbonne", "11", OF_2009) == ()
