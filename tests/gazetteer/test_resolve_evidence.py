"""What the rest of a list says of a name: it settles where resemblance hesitates, and doubts an exact name."""

import pytest

from benchmarks.resolver.exchanged import Exchange, exchanges, outcome, real_lists
from pipeline.gazetteer import Gazetteer, load
from pipeline.gazetteer.resolver import resolve_list
from pipeline.gazetteer.resolver.evidence import Cohesion
from tests.gazetteer.places import REFERENCE, ZONING_2009

OF_2009 = load(REFERENCE, ZONING_2009)
ROUSSILLON = [
    "Canohès",
    "Cerbère",
    "Clara",
    "Collioure",
    "Perpignan",
    "Pia",
    "Rivesaltes",
    "Saint-Laurent-de-la-Salanque",
]
METZ = ["Laquenexy", "Lessy", "Longeville-lès-Metz", "Metz", "Montigny-lès-Metz", "Moulins-lès-Metz", "Plappeville"]


def test_the_share_of_a_group_that_is_printed():
    fit = Cohesion(OF_2009, "57", frozenset(c.code for c in OF_2009.communes("57") if c.nom in METZ)).fit("57396")
    assert fit.printed == len(METZ) - 1
    assert fit.members > 40
    assert 0 < fit.share < 1


def test_a_place_of_no_known_group_fits_like_the_rest_of_its_departement():
    bare = Gazetteer(ZONING_2009, OF_2009.communes("57"), OF_2009.departements, OF_2009.regions, ())
    assert bare.groups == {}
    fit = Cohesion(bare, "57", frozenset({"57463"})).fit("57396")
    assert (fit.printed, fit.members) == (0, 0)


def test_an_exact_name_alone_of_its_group_is_doubted_where_a_neighbour_has_its_group_in_the_list():
    clara = resolve_list(ROUSSILLON, "66", OF_2009)[2]
    assert (clara.code, clara.how, clara.rival and clara.rival.nom) == ("66051", "exact", "Claira")
    assert "à une lettre" in clara.reason


@pytest.mark.parametrize(("printed", "rival"), [("Lessy", None), ("Lesse", "Lessy")])
def test_a_name_is_not_doubted_among_its_own(printed, rival):
    found = resolve_list([METZ[0], printed, *METZ[2:]], "57", OF_2009)[1]
    assert found.how == "exact"
    assert (found.rival.nom if found.rival else None) == rival


def test_a_rival_that_the_list_prints_itself_is_none():
    found = resolve_list([METZ[0], "Lesse", *METZ[1:]], "57", OF_2009)[1]
    assert (found.nom, found.rival) == ("Lesse", None)


def test_a_candidate_printed_under_its_own_name_is_none():
    names = [OF_2009.commune(code).nom for code in real_lists()["B2", "57"]]
    labels = ["Metzling" if name == "Metzing" else name for name in names]
    assert {"Etting", "Etzling"} <= set(labels)
    found = resolve_list(labels, "57", OF_2009)[labels.index("Metzling")]
    assert (found.nom, found.how) == ("Metzing", "corrected")


def test_groups_settle_what_resemblance_leaves():
    labels = ["Monterblanc", "Noyal", "Plescop", "Ploeren", "Saint-Avé", "Séné", "Sulniac", "Theix", "Vannes"]
    found = resolve_list(["Arradon", "Baden", "Elven", "Meucon", *labels], "56", OF_2009)[5]
    assert found.nom == "Noyalo"
    assert "groupement" in found.reason


def test_groups_that_are_not_there_settle_nothing():
    found = resolve_list(["Auray", "Lorient", "Noyal", "Pontivy", "Vannes"], "56", OF_2009)[2]
    assert found.code is None
    assert {"Noyalo", "Noyal-Muzillac"} <= {c.nom for c in found.candidates}


def test_the_only_resemblance_of_a_tight_window_outweighs_a_homonym_elsewhere():
    labels = ["Millery", "Montagny", "La Mulatière", "Neuville-sur-Saône", "Orléans", "Oullins", "Pierre-Bénite"]
    assert resolve_list(labels, "69", OF_2009)[4].nom == "Orliénas"


def pairs(departement: str) -> list[Exchange]:
    lists = {key: codes for key, codes in real_lists().items() if key[1] == departement}
    return [e for e in exchanges(lists, OF_2009) if e.inside]


@pytest.mark.parametrize("departement", ["31", "33", "35", "54", "59", "80"])
def test_a_name_turned_into_another_of_its_departement_is_caught(departement):
    found = pairs(departement)
    assert found
    assert [e.other.nom for e in found if outcome(e, OF_2009) == "believed"] == []


def test_twins_of_one_group_are_beyond_this_evidence():
    """Merey and Mercey (27) are in one EPCI: nothing that is held tells them apart."""
    assert "believed" in {outcome(e, OF_2009) for e in pairs("27")}
