"""Versions listed with their status, and what changed between two of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from duckdb import DuckDBPyConnection

from pipeline.datasets.premier_quartile import PREMIER_QUARTILE
from pipeline.products.differences import CHANGED, GAINED, LOST, Count, Succession, _successions, compare, versions
from pipeline.products.lookup import LookupFailure
from pipeline.settings import Settings
from pipeline.store.tables import CELLS_SCHEMA, content_hash
from pipeline.store.versions import VersionStore
from pipeline.warehouse.access import connect
from pipeline.warehouse.catalogue import Catalogue
from tests.conftest import SHARED
from tests.warehouse.made import NOON, accept, project, publish, record, seuils

UN, DEUX, TROIS, QUATRE = "200000001", "200000002", "200000003", "200000004"


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBPyConnection]:
    """Version 1 replaced by 2, 3 the year after, 4 taken back."""
    settings = project(tmp_path_factory.mktemp("differences"))
    first = [(2020, UN, "CA Un", 100), (2020, DEUX, "CA Deux", 100), (2020, TROIS, None, 100)]
    accept(settings, "A1", [(2020, UN, "CA Un", 99)], valid_from=date(2020, 6, 15), nor="TREL0000001A")
    accept(settings, "A1", first, valid_from=date(2020, 6, 15), nor="TREL0000001A")
    second = [(2021, UN, None, 110), (2021, TROIS, "CA Trois", 100), (2021, QUATRE, "CA Quatre", 100)]
    accept(settings, "A2", second, valid_from=date(2021, 7, 18))
    accept(settings, "A3", [(2022, UN, "CA Un", 1)], valid_from=date(2022, 7, 18))
    VersionStore(settings.versions).withdraw(4, "colonne décalée", NOON + timedelta(days=1))
    publish(settings, [seuils()], Catalogue(), now=NOON)
    with connect(settings) as opened:
        yield opened


def test_each_version_has_a_status_and_the_days_it_answers_for(connection: DuckDBPyConnection) -> None:
    rows = versions(connection, "seuils").to_pylist()
    assert [(r["version_no"], r["statut"], r["periodes"], r["raison"]) for r in rows] == [
        (1, "remplacée", None, None),
        (2, "fait foi", "2020-06-15 → 2021-07-18", None),
        (3, "fait foi", "2021-07-18 → …", None),
        (4, "retirée", None, "colonne décalée"),
    ]
    assert versions(connection).num_rows == 4


def test_lost_and_new_coverage_are_told_apart_from_other_values(connection: DuckDBPyConnection) -> None:
    found = compare(connection, seuils(), "2", "3")
    assert found.of(LOST) == (Count("retire", "", 1), Count("valeur_perdue", "nom", 1))
    assert found.of(GAINED) == (Count("ajoute", "", 1), Count("valeur_trouvee", "nom", 1))
    assert found.of(CHANGED) == (Count("modifie", "seuil_euros", 1),)
    assert found.total == 5
    changed = found.changes.to_pylist()[-1]
    expected = {"changement": "modifie", "siren": UN, "colonne": "seuil_euros", "avant": "100", "apres": "110"}
    assert {name: changed[name] for name in expected} == expected
    assert (changed["nom"], changed["ecart_pct"]) == ("CA Un", 10.0)


def test_the_rows_are_capped_and_the_total_is_not(connection: DuckDBPyConnection) -> None:
    found = compare(connection, seuils(), "2", "3", limit=2)
    assert (found.changes.num_rows, found.total) == (2, 5)
    assert found.changes.column("changement").to_pylist() == ["retire", "valeur_perdue"]


def test_a_version_with_itself_differs_in_nothing(connection: DuckDBPyConnection) -> None:
    assert compare(connection, seuils(), "2", "2").total == 0


def test_an_edition_is_named_by_its_act_or_nor_and_means_the_reading_that_counts(
    connection: DuckDBPyConnection,
) -> None:
    found = compare(connection, seuils(), "TREL0000001A", "A2")
    assert (found.before["version_no"], found.after["version_no"]) == (2, 3)


@pytest.mark.parametrize("name", ["9", "A9", "A3"])
def test_what_is_no_version_is_wrong_usage(connection: DuckDBPyConnection, name: str) -> None:
    with pytest.raises(LookupFailure, match="versions : 1, 2, 3, 4") as failure:
        compare(connection, seuils(), name, "2")
    assert failure.value.code == 2


def real_edition(path: Path, schema: pa.Schema) -> pa.Table:
    """The lines of 2024 as a third party republished them, as rows of premier_quartile; what they lack is NULL."""
    with path.open(encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    rows = [
        {
            "row_no": number,
            "annee": 2024,
            "siren": line["siret_epci"],
            "code_departement": line["departement_imprime"].split(" ")[0],
            "nom_epci": line["nom_epci"],
            "seuil_euros_par_uc_an": int(line["seuil_premier_quartile"]),
        }
        for number, line in enumerate(lines, start=1)
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def test_two_real_editions_differ_by_what_their_keys_and_values_say(shipped: Settings, tmp_path: Path) -> None:
    sample = SHARED / "samples/premier_quartile/2024.csv"
    if not sample.is_file():
        pytest.skip("the lines of 2024 (../shared/samples) are not at hand")
    (held,) = VersionStore(shipped.versions).records(PREMIER_QUARTILE.name)
    old = pq.read_table(VersionStore(shipped.versions).path(held.dataset, held.version_no))
    new = real_edition(sample, old.schema)
    settings = project(tmp_path)
    for number, (edition, rows) in enumerate((("A2020", old), ("A2024", new)), start=1):
        made = record(number, edition, dataset=held.dataset, content_sha256=content_hash(rows))
        VersionStore(settings.versions).commit(made, rows, CELLS_SCHEMA.empty_table())
    publish(settings, [PREMIER_QUARTILE], Catalogue(), now=NOON)
    before, after = ({(r["siren"], r["code_departement"]): r for r in t.to_pylist()} for t in (old, new))
    with connect(settings) as opened:
        found = compare(opened, PREMIER_QUARTILE, "1", "2", limit=10)
    assert Count("retire", "", len(before.keys() - after.keys())) in found.counts
    assert Count("ajoute", "", len(after.keys() - before.keys())) in found.counts
    threshold = "seuil_euros_par_uc_an"
    moved = [key for key in before.keys() & after.keys() if before[key][threshold] != after[key][threshold]]
    assert Count("modifie", threshold, len(moved)) in found.counts
    lost = [key for key in before.keys() & after.keys() if before[key]["nom_officiel"] is not None]
    assert Count("valeur_perdue", "nom_officiel", len(lost)) in found.counts
    assert found.changes.num_rows == 10


def test_a_grouping_that_is_gone_is_the_new_one_that_holds_most_of_its_communes() -> None:
    with duckdb.connect() as made:
        made.execute(
            f"""CREATE SCHEMA data; CREATE SCHEMA ref;
            CREATE TABLE data.seuils AS FROM (VALUES (1, '{UN}'), (1, '{DEUX}'), (2, '{TROIS}'), (2, '{QUATRE}'))
                t(version_no, siren);
            CREATE TABLE ref.epci AS FROM (VALUES (2020, '{UN}', 'CA Un'), (2024, '{TROIS}', 'CA Trois'))
                t(millesime, siren, nom);
            CREATE TABLE ref.epci_membres AS FROM (VALUES
                (2020, '{UN}', '01001'), (2020, '{UN}', '01002'), (2020, '{UN}', '01003'), (2020, '{DEUX}', '02001'),
                (2024, '{TROIS}', '01001'), (2024, '{TROIS}', '01002'), (2024, '{QUATRE}', '01003'))
                t(millesime, siren, code_commune)"""
        )
        versions = [{"version_no": n, "valid_from": date(year, 6, 1)} for n, year in ((1, 2020), (2, 2024))]
        found = list(_successions(made, seuils(), *versions))
    assert found == [Succession(UN, "CA Un", TROIS, "CA Trois", 0.667)]
