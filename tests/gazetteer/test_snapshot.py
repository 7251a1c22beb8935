"""Communes at a date: published counts, names of their time, look-ups that never choose."""

import subprocess
import sys
from datetime import date

import pytest

from pipeline.gazetteer import ReferenceMissing, load, snapshot_dates
from tests.gazetteer.places import REFERENCE, SHEET_2017, YEAR_2020, ZONING_2009


@pytest.fixture(scope="module")
def of_2009():
    return load(REFERENCE, ZONING_2009)


@pytest.fixture(scope="module")
def of_2017():
    return load(REFERENCE, SHEET_2017)


@pytest.mark.parametrize(("day", "count"), [(ZONING_2009, 36_682), (SHEET_2017, 35_414), (YEAR_2020, 34_968)])
def test_there_are_as_many_communes_as_insee_counts(day, count):
    communes = load(REFERENCE, day).communes()
    assert len(communes) == count
    assert [c.code for c in communes] == sorted({c.code for c in communes})


@pytest.mark.parametrize("day", snapshot_dates(REFERENCE))
def test_every_place_stands_in_a_known_departement_region_and_commune(day):
    gazetteer = load(REFERENCE, day)
    for place in gazetteer.communes(kinds=("COM", "COMD", "COMA", "ARM")):
        departement = gazetteer.departement(place.code_departement)
        assert departement is not None
        assert gazetteer.region(place.code_region) is not None
        assert departement.code_region == place.code_region
        if place.kind == "COM":
            assert place.rattachement is None
        else:
            holder = gazetteer.commune(place.rattachement)
            assert holder is not None
            assert holder.kind == "COM"


def test_the_overseas_and_corsican_departements_of_2009(of_2009):
    counts = {code: len(of_2009.communes(code)) for code in ("2A", "2B", "971", "972", "973", "974")}
    assert counts["971"] == 32
    assert sum(counts.values()) == 472


def test_mayotte_is_a_departement_since_2011_only(of_2009, of_2017):
    assert of_2009.departement("976") is None
    assert of_2009.communes("976") == ()
    assert len(of_2017.communes("976")) == 17


def test_the_three_cities_have_their_arrondissements(of_2009):
    arrondissements = of_2009.communes(kinds=("ARM",))
    assert len(arrondissements) == 45
    assert {a.rattachement for a in arrondissements} == {"13055", "69123", "75056"}


def test_regions_are_those_of_the_date(of_2009, of_2017):
    assert (len(of_2009.regions), len(of_2017.regions)) == (26, 18)
    assert of_2009.commune("33063").code_region == "72"
    assert of_2017.commune("33063").code_region == "75"


@pytest.mark.parametrize(
    ("name", "code_2009", "code_2017"),
    [
        ("PACA", "93", "93"),
        ("Centre", "24", "24"),
        ("Pays de la loire", "52", "52"),
        ("Réunion", "04", "04"),
        ("AQUITAINE", "72", None),
        ("Alsace", "42", None),
        ("Normandie", None, "28"),
        ("Occitanie", None, "76"),
        ("Syldavie", None, None),
        ("", None, None),
    ],
)
def test_a_region_answers_to_the_names_in_use(of_2009, of_2017, name, code_2009, code_2017):
    found = [gazetteer.find_region(name) for gazetteer in (of_2009, of_2017)]
    assert [region and region.code for region in found] == [code_2009, code_2017]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Pyrénées Orientales", "66"),
        ("VAL D'OISE", "95"),
        ("Reunion", "974"),
        ("Seine", None),
        ("Seine-Inférieure", None),
    ],
)
def test_a_departement_answers_to_its_name_only(of_2017, name, code):
    found = of_2017.find_departement(name)
    assert (found and found.code) == code


def test_names_are_those_of_the_date(of_2009, of_2017):
    assert of_2009.commune("06010").nom == "Le Bar-sur-Loup"
    assert of_2009.commune("06128").nom == "Saint-Paul"
    assert of_2017.commune("06128").nom == "Saint-Paul-de-Vence"


@pytest.mark.parametrize(
    ("label", "departement", "how", "code"),
    [
        ("Le Bar-sur-Loup", "06", "exact", "06010"),
        ("BAR SUR LOUP (LE)", "06", "article_moved", "06010"),
        ("Escarène (L')", "06", "article_moved", "06057"),
        ("le bar sur loup", "06", "normalised", "06010"),
        ("ST-LAURENT DU VAR", "06", "normalised", "06123"),
        ("Saint-Paul", "06", "former_name", "06128"),
    ],
)
def test_a_label_is_found_by_the_surest_way(of_2017, label, departement, how, code):
    match = of_2017.lookup(label, departement).only
    assert match is not None
    assert (match.how, match.commune.code) == (how, code)


def test_homonyms_are_all_given(of_2017):
    found = of_2017.lookup("MERIGNAC")
    assert found.ambiguous
    assert found.only is None
    assert [m.commune.code for m in found.matches] == ["16216", "17229", "33281"]
    assert of_2017.lookup("MERIGNAC", "33").only.commune.code == "33281"


def test_a_name_of_another_departement_is_not_found(of_2017):
    assert of_2017.lookup("Mérignac", "06").matches == ()
    assert of_2017.lookup("Mérignac", "20").matches == ()


@pytest.mark.parametrize("label", ["", " ", "(Le)", "???"])
def test_no_name_is_no_commune(of_2017, label):
    assert of_2017.lookup(label).matches == ()


def test_a_delegated_commune_is_found_when_asked_for(of_2017):
    asked = of_2017.lookup("Gennes", "49", kinds=("COMD",)).only
    assert (asked.commune.nom, asked.commune.rattachement, asked.how) == ("Gennes", "49149", "exact")
    unasked = of_2017.lookup("Gennes", "49").only
    assert (unasked.commune.nom, unasked.how, unasked.nom) == ("Gennes-Val de Loire", "former_name", "Gennes")


def test_a_code_borne_twice_is_that_of_the_whole_commune(of_2017):
    assert of_2017.commune("49149").nom == "Gennes-Val de Loire"


def test_former_names_lead_to_the_commune_that_holds_the_place(of_2009, of_2017):
    assert of_2017.former_names("06")["saint paul"] == ("06128",)
    assert "saint paul" not in of_2009.former_names("06")


def test_a_name_borne_today_is_not_a_former_name_of_the_same_commune(of_2017):
    for code in ("06", "49", "76"):
        for name, holders in of_2017.former_names(code).items():
            assert all(
                match.commune.code not in holders
                for match in of_2017.lookup(name, code).matches
                if match.how != "former_name"
            )


def test_the_snapshot_is_the_newest_before_the_date():
    assert load(REFERENCE, date(2019, 7, 14)).cog_date == SHEET_2017
    assert load(REFERENCE, YEAR_2020).cog_date == YEAR_2020


def test_a_date_before_all_snapshots_names_those_held():
    with pytest.raises(ReferenceMissing, match=r"2009-01-01.*dates détenues : 2009-04-29, 2017-09-01, 2020-01-01"):
        load(REFERENCE, date(2009, 1, 1))


def test_an_empty_folder_holds_no_date(tmp_path):
    with pytest.raises(ReferenceMissing, match="dates détenues : aucune"):
        load(tmp_path, YEAR_2020)


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("", "pyarrow"),
        # Arrow imports pandas to compare with a Python date: that alone would take longer than the whole loading.
        ("pipeline.gazetteer.load(reference, date(2017, 9, 1)).lookup('Nice', '06')", "pandas"),
        ("pipeline.gazetteer.passage(reference, date(2017, 9, 1), date(2020, 1, 1))", "pandas"),
    ],
)
def test_heavy_libraries_are_left_alone(statement, absent):
    code = f"""import sys, pipeline.gazetteer
from datetime import date
from pathlib import Path
reference = Path({str(REFERENCE)!r})
{statement}
sys.exit({absent!r} in sys.modules)"""
    subprocess.run([sys.executable, "-c", code], cwd=REFERENCE.parents[1], check=True)


@pytest.mark.parametrize(
    ("name", "code", "successor"),
    [
        ("Rhône-Alpes", "82", "84"),
        ("PICARDIE", "22", "32"),
        ("Auvergne-Rhône-Alpes", None, None),
        ("Centre", None, None),
    ],
)
def test_a_region_of_before_2016_is_that_of_its_date(of_2009, of_2017, name, code, successor):
    former = of_2017.find_former_region(name)
    assert (former.code, former.devenue) == (code, successor) if code else former is None
    assert of_2009.former_regions == ()
