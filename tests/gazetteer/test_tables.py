"""The tables of schema ref: every column commented, keys unique, joins complete."""

import duckdb
import pytest

from pipeline.gazetteer import COMMENTS, ReferenceMissing, ref_tables
from tests.gazetteer.places import REFERENCE


@pytest.fixture(scope="module")
def ref():
    connection = duckdb.connect()
    for name, table in ref_tables(REFERENCE).items():
        connection.register(name, table)
    return connection


def count(ref, query: str) -> int:
    return ref.sql(query).fetchone()[0]


@pytest.mark.parametrize("name", COMMENTS)
def test_every_column_has_its_comment(ref, name):
    comment, columns = COMMENTS[name]
    assert comment
    assert ref.table(name).columns == list(columns)
    assert all(columns.values())


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("communes", "cog_date, code_commune, type"),
        ("communes_passage", "date_depuis, code_depuis, date_vers, code_vers"),
        ("epci", "millesime, siren"),
        ("epci_membres", "millesime, siren, code_commune"),
        ("departements", "cog_date, code_departement"),
        ("regions", "cog_date, code_region"),
        ("communes_limitrophes_paris", "code_commune"),
    ],
)
def test_keys_are_unique_and_hold_no_null(ref, name, key):
    total = count(ref, f"SELECT count(*) FROM {name}")
    assert total > 0
    assert count(ref, f"SELECT count(*) FROM (SELECT DISTINCT {key} FROM {name} WHERE ({key}) IS NOT NULL)") == total


def test_every_member_is_a_commune_of_its_year(ref):
    query = """SELECT count(*) FROM epci_membres m ANTI JOIN communes c
        ON c.code_commune = m.code_commune AND c.type = 'COM' AND year(c.cog_date) = m.millesime
        AND month(c.cog_date) = 1"""
    assert count(ref, query) == 0


def test_every_commune_has_a_region_of_its_date(ref):
    query = "SELECT count(*) FROM communes ANTI JOIN regions USING (cog_date, code_region)"
    assert count(ref, query) == 0


def test_the_communes_around_paris(ref):
    rows = dict(ref.sql("SELECT left(code_commune, 2), count(*) FROM communes_limitrophes_paris GROUP BY 1").fetchall())
    assert rows == {"92": 11, "93": 8, "94": 10}


def test_the_zones_of_2009_reach_todays_communes(ref):
    query = """SELECT count(DISTINCT code_vers) FROM communes_passage
        WHERE date_depuis = DATE '2009-04-29' AND date_vers = (SELECT max(cog_date) FROM communes)"""
    newest = """SELECT count(*) FROM communes WHERE type = 'COM' AND code_departement <> '976'
        AND cog_date = (SELECT max(cog_date) FROM communes)"""
    assert count(ref, query) == count(ref, newest)


def test_an_empty_folder_is_said_to_be_so(tmp_path):
    with pytest.raises(ReferenceMissing, match="Aucun référentiel"):
        ref_tables(tmp_path)
