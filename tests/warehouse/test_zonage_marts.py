"""The zoning asked for one aid, and the prices that follow it: only for days on which it surely applies.

The marts run over tables of a few rows, made here with the columns of the published ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import pipeline.warehouse

MARTS = Path(pipeline.warehouse.__file__).parent / "sql" / "marts"
PRICE = "prix_max_euros_m2_su"
MADE = f"""
CREATE SCHEMA history; CREATE SCHEMA meta; CREATE SCHEMA ref;
CREATE TABLE history.zonage_abc AS SELECT '84' AS code_region, '01' AS code_departement, '01001' AS code_commune,
    'X' AS nom_commune, 'X' AS libelle_imprime, 'B1' AS zone, 'commune' AS portee, 'exact' AS resolution, 1.0 AS score,
    9.0 AS marge, CAST(NULL AS TEXT) AS reserve, 1 AS rang_impression, 'L' AS edition, 1 AS version_no, 1 AS row_no,
    DATE '2009-04-29' AS valid_from, DATE '2014-08-01' AS valid_to, TIMESTAMP '2020-01-01' AS known_from,
    CAST(NULL AS TIMESTAMP) AS known_to;
CREATE TABLE history.zonage_abc_effets AS SELECT unnest(['psla', 'anah']) AS dispositif;
CREATE TABLE meta.versions AS SELECT 1 AS version_no, 'N' AS nor, 'u' AS source_url,
    'extract' AS role;
CREATE TABLE meta.cells AS SELECT 1 AS version_no, 1 AS row_no, unnest([1, 2]) AS cite_no, unnest([10, 3]) AS line,
    CAST(NULL AS INTEGER) AS last_line, CAST(NULL AS INTEGER) AS page, CAST(NULL AS INTEGER) AS typeset_line;
CREATE TABLE meta.periods AS SELECT * FROM (VALUES
    ('zonage_abc', DATE '2009-04-29', DATE '2014-08-01', CAST(NULL AS TIMESTAMP)),
    ('prix_psla', DATE '2009-04-10', DATE '2010-01-01', NULL),
    ('plafonds_plus', DATE '2009-06-01', DATE '2010-01-01', NULL)) AS t(dataset, valid_from, valid_to, known_to);
CREATE TABLE ref.communes AS SELECT DATE '2009-04-29' AS cog_date, '01001' AS code_commune, 'X' AS nom, 'COM' AS type,
    '01' AS code_departement, '84' AS code_region;
CREATE TABLE ref.communes_limitrophes_paris AS SELECT 'z' AS code_commune;
CREATE MACRO main.zonage_abc_effets_as_of(valid_on, known_at := NULL, avec_non_date := false) AS TABLE
    SELECT 7 AS point, 'psla' AS dispositif, 'b' AS base_legale, 'f' AS fait_declencheur, 'r' AS regle_date,
        CAST(NULL AS DATE) AS applicable_du, DATE '2009-06-01' AS applicable_au_plus_tot,
        DATE '2009-12-01' AS applicable_au_plus_tard, 'L' AS edition
    WHERE CAST(valid_on AS DATE) BETWEEN DATE '2009-04-29' AND DATE '2014-07-31';
CREATE MACRO main.prix_psla_as_of(valid_on, known_at := NULL, avec_non_date := false) AS TABLE
    SELECT 'B1' AS zone, 2500 AS {PRICE}, 'hors_taxes' AS regime_tva, 'P' AS edition, 'ligne 2' AS source_lieu;
CREATE MACRO main.plafonds_plus_as_of(valid_on, known_at := NULL, avec_non_date := false) AS TABLE
    SELECT 'autres_regions' AS territoire, '1' AS categorie_menage, 100 AS plafond_euros, 'Q' AS edition,
        'ligne 3' AS source_lieu, 1 AS row_no;
"""


@pytest.fixture(scope="module")
def made() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(MADE)
        for name in ("zonage_abc_as_of", "plafonds_par_commune"):
            connection.execute((MARTS / f"{name}.sql").read_text(encoding="utf-8"))
        yield connection


@pytest.mark.parametrize(
    ("day", "rows"), [("2009-05-01", 0), ("2009-06-15", 0), ("2009-11-30", 0), ("2009-12-01", 1), ("2014-08-01", 0)]
)
def test_the_zoning_for_an_aid_from_the_day_it_surely_applies(
    made: duckdb.DuckDBPyConnection, day: str, rows: int
) -> None:
    found = made.execute("SELECT zone FROM zonage_abc_as_of(?, dispositif := 'psla')", [day]).fetchall()
    assert len(found) == rows


@pytest.mark.parametrize("day", ["2009-12-01", "2015-01-01"])
def test_an_unknown_aid_is_an_error_that_names_those_known(made: duckdb.DuckDBPyConnection, day: str) -> None:
    with pytest.raises(duckdb.Error, match="dispositif inconnu : pls ; connus : anah, psla"):
        made.execute("SELECT count(*) FROM zonage_abc_as_of(?, dispositif := 'pls')", [day]).fetchall()


def test_the_place_of_a_row_is_its_own_line_not_that_of_its_heading(made: duckdb.DuckDBPyConnection) -> None:
    assert made.execute("SELECT source_lieu FROM zonage_abc_as_of('2009-05-01')").fetchall() == [("ligne 10",)]


@pytest.mark.parametrize(
    ("day", "price", "motif"),
    [
        ("2009-05-31", None, "zonage_pas_encore_applicable_au_psla, plafonds_non_detenus"),
        ("2009-06-15", None, "application_du_zonage_au_psla_non_certaine"),
        ("2009-12-01", 2500, None),
    ],
)
def test_a_price_only_where_the_zoning_surely_applies_to_it(
    made: duckdb.DuckDBPyConnection, day: str, price: int | None, motif: str | None
) -> None:
    found = made.execute(f"SELECT zone, {PRICE}, motif FROM plafonds_par_commune_as_of(?)", [day]).fetchall()
    assert found == [("B1", price, motif)]
