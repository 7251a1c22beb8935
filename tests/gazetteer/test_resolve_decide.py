"""One label to one commune: every method, and every reason not to decide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.gazetteer import load
from pipeline.gazetteer.resolver import resolve
from tests.gazetteer.places import REFERENCE, SHEET_2017, ZONING_2009

OF_2009 = load(REFERENCE, ZONING_2009)


@pytest.mark.parametrize(
    ("label", "departement", "code", "how"),
    [
        ("Ferney-Voltaire", "01", "01160", "exact"),
        ("FERNEY VOLTAIRE", "01", "01160", "normalised"),
        ("Pouzin (Le)", "07", "07181", "article_moved"),
        ("Reignier", "74", "74220", "former_name"),  # Reignier-Ésery
        ("Clarafond", "74", "74077", "former_name"),
        ("Camoux-en-Provence", "13", "13119", "corrected"),
        ("Pouzln (Le)", "07", "07181", "corrected"),
        ("St-Jean-d'Ilac", "33", "33422", "corrected"),
        ("Lc Bar-sur-Loup", "06", "06010", "corrected"),
        ("Divonneles-Bains", "01", "01143", "corrected"),
    ],
)
def test_a_name_says_how_it_got_its_code(label, departement, code, how):
    found = resolve(label, departement, OF_2009)
    assert (found.status, found.code, found.how) == ("decided", code, how)
    assert found.nom == OF_2009.commune(code).nom


def test_the_beginning_of_one_name_only_is_that_name_shortened():
    found = resolve("Arthaz", "74", OF_2009)
    assert (found.nom, found.how) == ("Arthaz-Pont-Notre-Dame", "shortened")


def test_the_beginning_of_two_names_is_neither():
    found = resolve("Noyal", "56", OF_2009)
    assert (found.status, found.code) == ("ambiguous", None)
    assert {"Noyalo", "Noyal-Muzillac", "Noyal-Pontivy"} <= {c.nom for c in found.candidates}


def test_a_name_cut_short_is_not_the_nearest_whole_one():
    found = resolve("Grésy-sur-I", "73", OF_2009)  # Isère, not Aix
    assert found.nom != "Grésy-sur-Aix"
    assert {"Grésy-sur-Isère", "Grésy-sur-Aix"} <= {c.nom for c in found.candidates}


def test_the_end_of_a_name_cut_by_a_line_is_a_piece_of_it():
    found = resolve("Pont-Notre-Dame", "74", OF_2009)
    assert (found.nom, found.how) == ("Arthaz-Pont-Notre-Dame", "shortened")


def test_a_piece_of_a_name_that_is_a_name_elsewhere_is_not_taken_for_it():
    found = resolve("Peillon", "74", OF_2009, window=frozenset({"74209"}))  # Peillonnex; Peillon is in 06
    assert (found.code, found.reason) == (None, "nom d'une commune d'un autre département")


def test_two_communes_as_near_are_left_to_a_person():
    found = resolve("Nuillé", "49", OF_2009)
    assert (found.status, found.margin) == ("ambiguous", 0)
    assert [c.nom for c in found.candidates[:2]] == ["Neuillé", "Nuaillé"]
    assert found.reason == "plusieurs communes ressemblent à ce nom"


def test_a_name_of_another_departement_is_not_a_damaged_one():
    assert resolve("Senlis", "78", OF_2009).reason == "nom d'une commune d'un autre département"


def test_a_former_name_of_a_commune_is_its_own_though_another_departement_has_a_commune_of_that_name():
    found = resolve("Challes", "01", OF_2009)  # Challes-la-Montagne; Challes is in 72
    assert (found.status, found.code, found.how) == ("decided", "01077", "former_name")


def test_a_damaged_name_of_another_departement_is_not_one_of_here_either():
    found = resolve("Chaumont-sur-Tharone", "45", OF_2009)  # Chaumont-sur-Tharonne, in 41
    assert found.code is None


def test_what_resembles_nothing_is_unresolved():
    found = resolve("Tableau annexe", "78", OF_2009)
    assert (found.status, found.code, found.candidates) == ("unresolved", None, ())


def test_an_unknown_departement_says_so():
    assert resolve("Paris", "99", OF_2009).reason == "département inconnu du référentiel"


def test_communes_are_those_of_the_date():
    assert resolve("Annecy-le-Vieux", "74", OF_2009).code == "74011"
    merged = resolve("Annecy-le-Vieux", "74", load(REFERENCE, SHEET_2017))
    assert (merged.code, merged.how) == ("74010", "former_name")


def test_a_window_decides_between_neighbours():
    assert resolve("Nuillé", "49", OF_2009, window=frozenset({"49230", "49231", "49232"})).nom == "Nuaillé"


def test_a_narrow_window_outweighs_a_homonym_elsewhere():
    assert resolve("Senlis", "78", OF_2009, window=frozenset({"78590", "78591"})).nom == "Senlisse"


def test_a_nearer_commune_outside_the_window_is_a_doubt():
    window = frozenset({"49231"})  # Nuaillé; Neuillé is outside, and one letter from the label
    found = resolve("Neuilé", "49", OF_2009, window=window)
    assert found.status == "ambiguous"
    assert "hors de l'ordre" in found.reason


def test_an_exact_name_outside_the_window_stands_where_nothing_inside_resembles_it():
    found = resolve("Simandres", "69", OF_2009, window=frozenset({"69157", "69158"}))
    assert found.code == "69295"
    assert "hors de l'ordre" in found.reason


def test_an_exact_name_outside_the_window_is_doubted_where_something_inside_resembles_it():
    found = resolve("Huillé", "49", OF_2009, window=frozenset({"49230", "49231", "49232"}))
    assert found.status == "ambiguous"
    assert [c.nom for c in found.candidates] == ["Huillé", "Nuaillé"]


def test_a_commune_taken_by_another_name_is_not_given_again():
    again = resolve("Ferney-Voltaire", "01", OF_2009, taken=frozenset({"01160"}))
    damaged = resolve("Femey-Voltaire", "01", OF_2009, taken=frozenset({"01160"}))
    assert (again.status, again.code) == ("ambiguous", None)
    assert "déjà attribuée" in again.reason
    assert damaged.code is None


@given(
    st.text(max_size=20),
    st.sampled_from(["01", "2A", "75", "974", "", "99"]),
    st.sets(st.sampled_from(["01160", "01143", "2A004", "75056", "97411"])),
)
def test_any_label_has_an_answer_that_keeps_its_promises(label, departement, taken):
    found = resolve(label, departement, OF_2009, taken=frozenset(taken))
    assert (found.code is not None) == (found.status == "decided") == (found.how is not None)
    assert found.code not in taken
    assert 0 <= found.score <= 1
    assert found.code is None or OF_2009.commune(found.code).code_departement == departement
    assert found.status == "decided" or found.reason
