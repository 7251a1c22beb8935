"""Tables that nobody declared: asked for, archived, published as printed; those about persons left out and listed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.acquisition.acquire import acquire
from pipeline.config import Feed
from pipeline.refresh.plan import plan
from pipeline.settings import Settings
from pipeline.warehouse.access import connect
from tests import reference
from tests.acquisition.served import served, text, text_id
from tests.extract.jorf_made import article, table
from tests.production import publish, read_document

PRICES = (
    '<table><tr><th>Zone</th><th>Prix</th></tr><tr><td rowspan="2">A</td><td>1</td></tr><tr><td>2</td></tr></table>'
)
PERSONS = article("<p><br/>ANNEXE</p>" + table([["Nom", "Prénom"], ["Dupont", "Anne"]]))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A project that followed one delivery with --all-tables."""
    settings = Settings(tmp_path_factory.mktemp("grids") / "project")
    reference.link_small(settings.reference)
    prices = text(1, article(f"<p><br/>ANNEXE II</p>{PRICES}"), title="Arrêté fixant des prix")
    persons = text(2, PERSONS, title="Décret portant nomination de Mme Dupont")
    hidden = text(4, PERSONS, title="Arrêté dont le titre ne dit rien")
    prose = text(3, article("<p><br/>Rien que des mots.</p>", "1"), title="Arrêté sans tableau")
    with served() as directory:
        directory.deliver(
            "20300206-001500", *((text_id(n), t) for n, t in enumerate((prices, persons, prose, hidden), start=1))
        )
        acquire(settings, Feed(directory.base_url, enabled=True, all_tables=True), directory.server())
    for document in plan(settings).changed:
        assert read_document(settings, document).refused == ()
    publish(settings)
    return settings


def rows(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with connect(settings) as connection:
        return connection.execute(query).fetchall()


def test_a_table_is_published_as_printed(published: Settings) -> None:
    assert rows(published, "select row_no, is_header, c1, c2 from grids.jorftext000000000001_1 order by 1") == [
        (1, True, "Zone", "Prix"),
        (2, False, "A", "1"),
        (3, False, None, "2"),  # under the merged cell: it stands once
    ]


def test_the_list_says_where_each_comes_from(published: Settings) -> None:
    columns = "table_name, document, grid_no, headers, headings, row_count, column_count"
    query = f"select {columns} from meta.grids order by document limit 1"
    assert rows(published, query) == [(f"{text_id(1).lower()}_1", text_id(1), 1, "Zone | Prix", "ANNEXE II", 3, 2)]


def test_texts_about_persons_are_left_out_and_listed_without_their_title(published: Settings) -> None:
    assert sorted(p.name for p in published.raw.glob("JORFTEXT*")) == [text_id(1), text_id(4)]
    assert rows(published, "select document, nature, reason from meta.grids_excluded") == [
        (text_id(2), "ARRETE", "titre : « nomination »")
    ]
    assert "Dupont" not in (published.raw / "exclusions.json").read_text(encoding="utf-8")


def test_a_table_of_persons_is_listed_and_not_published_whatever_its_text_is_called(published: Settings) -> None:
    query = f"select table_name, headers from meta.grids where document = '{text_id(4)}'"
    assert rows(published, query) == [(None, "Nom | Prénom")]


def test_every_column_says_under_which_header_it_is_printed(published: Settings) -> None:
    query = "select comment from duckdb_columns() where schema_name = 'grids' and column_name = 'c2'"
    assert rows(published, query) == [("Colonne 2, imprimée sous : Prix",)]


def test_without_the_option_nothing_of_it_is_kept(make_project: Callable[..., Settings]) -> None:
    settings = make_project()
    with served() as directory:
        directory.deliver("20300206-001500", (text_id(1), text(1, article(PRICES))))
        acquired = acquire(settings, Feed(directory.base_url, enabled=True), directory.server())
    assert acquired.done == ()
    assert list(settings.raw.glob("JORFTEXT*")) == []
