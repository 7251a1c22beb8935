"""Builds a whole warehouse file from the version files and the catalogue. Putting it in place is in `publish`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.contract.dataset import Dataset
from pipeline.errors import AnnexesError
from pipeline.store.versions import StoreView, VersionStore
from pipeline.timeline.periods import Period, latest_periods, periods
from pipeline.warehouse import marts, meta
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.ddl import comment_on, identifier
from pipeline.warehouse.grids import load_grids
from pipeline.warehouse.load import data_table, load_cells, load_rows, load_values
from pipeline.warehouse.meta import Renditions, meta_rows, rendition_numbers
from pipeline.warehouse.reference import begin_with_reference, load_reference
from pipeline.warehouse.views import dataset_views, provenance_view
from pipeline.warehouse.writing import MEMORY_LIMIT, opened, run_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class MartError(AnnexesError):
    """A mart cannot be created; the French message names it."""


@dataclass(frozen=True)
class Inputs:
    """All that a build reads: declarations, the store and what it holds of these datasets, the catalogue."""

    datasets: Sequence[Dataset]
    store: VersionStore
    held: StoreView
    catalogue: Catalogue


def build(inputs: Inputs, target: Path, memory_limit: str = MEMORY_LIMIT) -> None:
    """Make the file `target`, which must not exist.

    Raises MartError when a mart does not run, duckdb.Error when the file cannot be written (disk full); what is left of
    it is then unusable.
    """
    begun = begin_with_reference(inputs.catalogue, target)
    with opened(target, memory_limit) as connection:
        fill(connection, inputs, begun)


def fill(connection: DuckDBPyConnection, inputs: Inputs, begun: bool = False) -> None:
    """Create everything in the connection's current database, which is empty, or `begun` with the schema ref."""
    records = inputs.held.records
    renditions = rendition_numbers(inputs.catalogue, inputs.held)
    for schema in meta.SCHEMAS:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {identifier(schema)}")
    for dataset in inputs.datasets:
        load_rows(connection, dataset, [r for r in records if r.dataset == dataset.name], inputs.store)
    load_cells(connection, inputs.datasets, records, renditions, inputs.store)
    if not begun:
        load_reference(connection, inputs.catalogue)
    files.failpoint("build.loaded")
    # Hundreds of small statements: one commit, or each would wait for the disk.
    connection.begin()
    _describe_loaded(connection, inputs)
    derive(connection, inputs, renditions)
    connection.commit()


def derive(connection: DuckDBPyConnection, inputs: Inputs, renditions: Renditions) -> None:
    """Create what is made of the rows and citations loaded, and of the catalogue: the small tables, the views of each
    dataset, the grids that no dataset reads, the marts, with their comments."""
    _describe(connection, inputs, renditions)
    load_grids(connection, inputs.catalogue.grids, inputs.catalogue.excluded)
    _create_marts(connection)


def _describe_loaded(connection: DuckDBPyConnection, inputs: Inputs) -> None:
    """The comments of what was loaded in bulk."""
    for loaded in (*map(data_table, inputs.datasets), meta.CELLS):
        run_all(connection, loaded.comments())
    connection.execute(comment_on("TYPE", "meta.how", "Comment une valeur vient de ce qui est imprimé."))
    connection.execute(comment_on("TYPE", "meta.rules", "Suites de règles appliquées aux valeurs."))


def _describe(connection: DuckDBPyConnection, inputs: Inputs, renditions: Renditions) -> None:
    """The small tables and the views of each dataset, with their comments."""
    accumulates = {d.name for d in inputs.datasets if d.succession == "accumulates"}
    held = inputs.held
    found = periods(held.records, held.withdrawals, held.known_acts, accumulates)
    for table, rows in meta_rows(inputs.datasets, held, found, inputs.catalogue, renditions):
        load_values(connection, table, rows)
        run_all(connection, table.comments())
    run_all(connection, (*meta.application_bounds(inputs.datasets), *provenance_view()))
    _create_views(connection, inputs.datasets, found)


def _create_views(connection: DuckDBPyConnection, datasets: Sequence[Dataset], found: Sequence[Period]) -> None:
    latest = latest_periods(found, datasets)
    of: dict[str, list[Period]] = {}
    for period in found:
        of.setdefault(period.dataset, []).append(period)
    for dataset in datasets:
        own = of.get(dataset.name, [])
        shown = sorted({p.version_no for p in own if p.period_no in latest})
        stacked, observed = any(p.rank for p in own), any(p.valid_from_base == "constat" for p in own)
        run_all(connection, dataset_views(dataset, stacked, shown, observed))


def _create_marts(connection: DuckDBPyConnection) -> None:
    """In rounds, so that a mart may require another; what still lacks something at the end is left out."""
    import duckdb

    waiting, there = marts.read_marts(), marts.present(connection)
    while ready := list(marts.buildable(waiting, there)):
        for mart in ready:
            try:
                connection.execute(mart.sql)
            except duckdb.Error as error:
                raise MartError(f"croisement {mart.name} : {error}") from error
            there |= {f"main.{made.name}" for made in marts.described(mart)}
        waiting = [mart for mart in waiting if mart not in ready]
