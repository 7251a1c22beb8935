"""Marts are built when what they require is there, documented like the rest, and tried before publishing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipeline.settings import Settings
from pipeline.warehouse import marts
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.publish import PublishError
from tests.warehouse.made import accept, project, publish, seuils

COUNTED = """-- requires: seuils
-- smoke: SELECT * FROM seuils_comptes
CREATE VIEW seuils_comptes AS SELECT annee, count(*) AS nombre FROM seuils GROUP BY annee;
COMMENT ON VIEW seuils_comptes IS 'Nombre de seuils.';
COMMENT ON COLUMN seuils_comptes.annee IS 'Année.';
COMMENT ON COLUMN seuils_comptes.nombre IS 'Nombre.';
"""
ON_TOP = """-- requires: seuils_comptes
CREATE MACRO plus(x) AS x + 1;
COMMENT ON MACRO plus IS 'Un de plus.';
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = project(tmp_path / "projet")
    accept(made, "A1", [(2020, "200000001", "CA Un", 10_000)], valid_from=date(2020, 6, 15))
    return made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "marts"
    made.mkdir()
    monkeypatch.setattr(marts, "FOLDER", made)
    return made


def ask(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_mart_may_stand_on_another(settings: Settings, folder: Path) -> None:
    (folder / "a_on_top.sql").write_text(ON_TOP)
    (folder / "b_counted.sql").write_text(COUNTED)
    publish(settings, [seuils()], Catalogue())
    assert ask(settings, "SELECT annee, plus(nombre) FROM seuils_comptes") == [(2020, 2)]


def test_a_mart_that_lacks_something_is_left_out(settings: Settings, folder: Path) -> None:
    (folder / "counted.sql").write_text(COUNTED.replace("requires: seuils", "requires: seuils, ref.communes"))
    publish(settings, [seuils()], Catalogue())
    assert ask(settings, "SELECT count(*) FROM duckdb_views() WHERE view_name = 'seuils_comptes'") == [(0,)]


def test_a_mart_without_comments_stops_the_publish(settings: Settings, folder: Path) -> None:
    (folder / "counted.sql").write_text(COUNTED.split("COMMENT")[0])
    with pytest.raises(PublishError, match="sans commentaire : view main"):
        publish(settings, [seuils()], Catalogue())
    assert not settings.database.exists()


def test_a_smoke_query_that_fails_stops_the_publish(settings: Settings, folder: Path) -> None:
    (folder / "counted.sql").write_text(COUNTED.replace("FROM seuils_comptes", "FROM seuils_comptes WHERE sirene = 1"))
    with pytest.raises(PublishError, match="croisement counted"):
        publish(settings, [seuils()], Catalogue())


def test_a_mart_that_does_not_run_stops_the_publish_by_its_name(settings: Settings, folder: Path) -> None:
    (folder / "counted.sql").write_text(COUNTED.replace("GROUP BY annee", "GROUP BY millesime"))
    with pytest.raises(PublishError, match="croisement counted"):
        publish(settings, [seuils()], Catalogue())


def test_the_marts_of_the_package_are_tried_before_publishing() -> None:
    for mart in marts.read_marts():
        assert mart.smoke, f"{mart.name} declares no smoke query"


def test_a_mart_is_described_by_its_comments() -> None:
    (view,) = marts.described(marts.parse("comptes", COUNTED.replace("'Année.'", "'Année de l''arrêté.'")))
    assert (view.name, view.comment, view.arguments) == ("seuils_comptes", "Nombre de seuils.", None)
    assert view.columns == (("annee", "Année de l'arrêté."), ("nombre", "Nombre."))
    (macro,) = marts.described(marts.parse("plus", ON_TOP))
    assert (macro.name, macro.arguments, macro.columns) == ("plus", "x", ())


def test_a_mart_without_comments_is_still_described() -> None:
    """What reads the marts before the publish must not fall over one: the publish refuses it, by name."""
    (view,) = marts.described(marts.parse("comptes", COUNTED.split("COMMENT")[0]))
    assert (view.name, view.comment, view.columns) == ("seuils_comptes", "", ())


def test_every_object_of_the_shipped_marts_is_described() -> None:
    for mart in marts.read_marts():
        created = [line for line in mart.sql.splitlines() if line.startswith("CREATE ")]
        assert len(marts.described(mart)) == len(created) > 0


def test_a_mart_is_fed_by_the_datasets_below_it() -> None:
    below, on_top = marts.parse("counted", COUNTED), marts.parse("plus", ON_TOP)
    apart = marts.parse("apart", "-- requires: ref.communes, autres_as_of\n")
    fed = marts.fed_by([on_top, below, apart], ["seuils", "autres", "communes"])
    assert fed == {"counted": {"seuils"}, "plus": {"seuils"}, "apart": {"autres"}}


def test_a_mart_that_nothing_feeds_must_be_understood_all_the_same(tmp_path: Path, folder: Path) -> None:
    (folder / "counted.sql").write_text(COUNTED.replace("FROM seuils_comptes", "FROM seuils_comptes WHERE sirene = 1"))
    with pytest.raises(PublishError, match="croisement counted"):
        publish(project(tmp_path / "vide"), [seuils()], Catalogue())
