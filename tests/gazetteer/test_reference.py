"""What raw/reference/ says of itself, and how its sources are read (scripts/reference_cog.py)."""

import hashlib
import tomllib

import pytest

from scripts.reference_cog import Cog, History, Place, cog_2020, history_cog, yearly_cog
from tests.gazetteer.places import REFERENCE

SOURCES = tomllib.loads((REFERENCE / "sources.toml").read_text(encoding="utf-8"))


def test_every_file_is_declared_with_its_hash():
    declared = {f["nom"]: f["sha256"] for f in SOURCES["fichier"]}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in REFERENCE.glob("*.parquet")}
    assert declared == found


def test_every_file_names_its_versions_and_how_it_was_made():
    assert SOURCES["licence_donnees"].startswith("Licence Ouverte")
    assert all(f["versions"] and f["comment"] for f in SOURCES["fichier"])


def test_the_snapshots_stay_small():
    assert sum(path.stat().st_size for path in REFERENCE.iterdir()) < 6_000_000


def state(kind, code, nom, begin="1943-01-01", end=None, after=None, before=None, pole=None):
    """A row of historique-communes.json."""
    row = {"id": f"{kind}-{code}@{begin}", "type": kind, "code": code, "nom": nom, "dateDebut": begin}
    optional = {"dateFin": end, "successeur": after, "predecesseur": before, "pole": pole}
    return row | {key: value for key, value in optional.items() if value}


@pytest.fixture
def history():
    """Aval joins Bourg in 1970, Bourg becomes Grand-Bourg with Cime in 2000, Aval leaves in 2010."""
    aval = [
        state("COM", "01001", "Aval", end="1970-01-01", after="COMA-01001@1970-01-01"),
        state("COMA", "01001", "Aval", "1970-01-01", "2010-01-01", after="COM-01001@2010-01-01"),
        state("COM", "01001", "Aval", "2010-01-01", before="COMA-01001@1970-01-01"),
    ]
    aval[1] |= {"predecesseur": "COM-01001@1943-01-01", "pole": "COM-01002@1943-01-01"}
    bourg = [
        state("COM", "01002", "Bourg", end="2000-01-01", after="COM-01002@2000-01-01"),
        state("COM", "01002", "Grand-Bourg", "2000-01-01", before="COM-01002@1943-01-01"),
    ]
    cime = [
        state("COM", "01003", "Cime", end="2000-01-01", after="COMP-01003@2000-01-01"),
        state("COMP", "01003", "Cime", "2000-01-01", before="COM-01003@1943-01-01", pole="COM-01002@2000-01-01"),
    ]
    return History(aval + bourg + cime)


@pytest.mark.parametrize(
    ("date", "owners"),
    [
        ("1960-01-01", {"01001": "01001", "01002": "01002", "01003": "01003"}),
        ("1980-01-01", {"01001": "01002", "01002": "01002", "01003": "01003"}),
        ("2005-01-01", {"01001": "01002", "01002": "01002", "01003": "01002"}),
        ("2015-01-01", {"01001": "01001", "01002": "01002", "01003": "01002"}),
    ],
)
def test_a_territory_is_followed_through_mergers_and_partings(history, date, owners):
    assert {root[4:9]: history.owner(root, date) for root in history.states} == owners


def test_a_name_ends_when_the_commune_takes_another_or_stops_being_one(history):
    assert history.former_names("COM-01002@1943-01-01") == [("Bourg", "2000-01-01")]
    assert history.former_names("COM-01003@1943-01-01") == [("Cime", "2000-01-01")]


def test_a_part_is_attached_to_the_commune_of_the_date(history):
    cog = history_cog(history, "2005-01-01", [])
    assert cog.places == (Place("01001", "COMA", "Aval", "01002"), Place("01002", "COM", "Grand-Bourg", None))


def test_collectivities_overseas_are_left_out():
    rows = [
        {"code": "01001", "nom": "Aval", "type": "commune-actuelle", "anciensCodes": ["01009"]},
        {"code": "97502", "nom": "Saint-Pierre", "type": "commune-actuelle"},
    ]
    cog = yearly_cog(rows)
    assert cog.communes == {"01001": "Aval"}
    assert cog.owner("01009", None) == "01001"


def test_the_year_between_takes_what_its_epci_already_show():
    def com(code, nom):
        return Place(code, "COM", nom, None)

    before = Cog((com("01001", "Aval"), com("01002", "Bourg"), com("01003", "Cime"), com("01004", "Île")), {})
    merged = Place("01002", "COMD", "Bourg", "01001")
    after_places = (com("01001", "Aval-et-Bourg"), merged, com("01003", "Cime-le-Haut"), com("01004", "Île"))
    after = Cog(after_places, {"01002": "01001"})
    members = {"01001": "Aval et Bourg", "01003": "Cime"}
    cog = cog_2020(before, after, members, outside=["01004"])
    assert cog.communes == {"01001": "Aval-et-Bourg", "01003": "Cime", "01004": "Île"}
    assert cog.owner("01002", "01002") == "01001"
