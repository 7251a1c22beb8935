"""Versions added to a copy of the published file, where nothing but versions is new: what is loaded in bulk stays, and
all that is made of it is made again. Whether the former file may be added to is decided here; a whole build is in
`build`, and what it gives is what must come of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.files import copy_file
from pipeline.store.records import VersionRecord
from pipeline.warehouse import load, meta
from pipeline.warehouse.build import Inputs, derive
from pipeline.warehouse.ddl import identifier
from pipeline.warehouse.meta import Renditions, rendition_numbers
from pipeline.warehouse.writing import MEMORY_LIMIT, opened, run_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Addition:
    """What the former file lacks: versions, in order. `rows` (by dataset) and `cells` are what it holds before."""

    records: tuple[VersionRecord, ...]
    rows: dict[str, int]
    cells: int


def addition(former: Path, inputs: Inputs) -> Addition | None:
    """What is to be added to the file `former`, made by this very program of the same declarations, to hold what the
    store does; None when more than versions is new: one that it holds is no more served, or another one, one older
    than those it has came back, a number that citations have would change, rules without a number."""
    import duckdb

    try:
        with duckdb.connect(str(former), read_only=True) as connection:
            published = dict(connection.execute("SELECT version_no, content_sha256 FROM meta.versions").fetchall())
            new = tuple(r for r in inputs.held.records if r.version_no not in published)
            numbers = rendition_numbers(inputs.catalogue, inputs.held)
            if not (_all_there(published, inputs, new) and _same_numbers(connection, published, numbers, inputs)):
                return None
            if new and load.new_rules(connection, new, inputs.store):
                return None
            rows = {d.name: _count(connection, "data", d.name) for d in inputs.datasets}
            return Addition(new, rows, _count(connection, "meta", "cells"))
    except duckdb.Error:
        return None  # a file that cannot be read is made anew


def append(inputs: Inputs, added: Addition, former: Path, target: Path, memory_limit: str = MEMORY_LIMIT) -> None:
    """Make the file `target`, which must not exist, from `former` and what is to be added.

    Raises as `build` does.
    """
    copy_file(former, target)
    target.chmod(0o644)
    files.failpoint("publish.copied")
    renditions = rendition_numbers(inputs.catalogue, inputs.held)
    with opened(target, memory_limit) as connection:
        for dataset in inputs.datasets:
            own = [r for r in added.records if r.dataset == dataset.name]
            if own:
                load.add_rows(connection, dataset, own, inputs.store)
        load.add_cells(connection, inputs.datasets, added.records, renditions, inputs.store)
        files.failpoint("build.loaded")
        connection.begin()
        run_all(connection, _made(connection))
        derive(connection, inputs, renditions)
        connection.commit()


def _all_there(published: dict[int, str], inputs: Inputs, new: Sequence[VersionRecord]) -> bool:
    """Whether each version published is held as it was, and the new ones come after them all."""
    held = {r.version_no: r.content_sha256 for r in inputs.held.records}
    last = max(published, default=0)
    return published.items() <= held.items() and all(r.version_no > last for r in new)


def _same_numbers(
    connection: DuckDBPyConnection, published: dict[int, str], numbers: Renditions, inputs: Inputs
) -> bool:
    """Whether each file that citations of the former file name still has the number that it has there."""
    cited = {(r.document, r.rendition) for r in inputs.held.records if r.version_no in published}
    then = connection.execute("SELECT document, file, rendition_no FROM meta.renditions").fetchall()
    kept = {(document, file): number for document, file, number in then if (document, file) in cited}
    highest = connection.execute("SELECT coalesce(max(rendition_no), 0) FROM meta.cells").fetchall()[0][0]
    # Files that no version was read from stand behind: none of them may be cited.
    return highest <= len(cited) and all(numbers.get(pair) == number for pair, number in kept.items())


def _count(connection: DuckDBPyConnection, schema: str, table: str) -> int:
    counted = connection.execute(f"SELECT count(*) FROM {schema}.{identifier(table)}").fetchall()
    return int(counted[0][0])


def _made(connection: DuckDBPyConnection) -> list[str]:
    """The statements that take away all that `derive` makes."""
    here = "database_name = current_database() AND NOT internal"
    views = connection.execute(f"SELECT schema_name, view_name FROM duckdb_views() WHERE {here}").fetchall()
    macros = connection.execute(
        f"SELECT DISTINCT function_type, schema_name, function_name FROM duckdb_functions() WHERE {here}"
    ).fetchall()
    tables = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database() "
        f"AND schema_name IN ('meta', 'grids') AND table_name <> '{meta.CELLS.name}'"
    ).fetchall()
    return [
        *(f"DROP VIEW {schema}.{identifier(name)}" for schema, name in views),
        *(f"DROP {_KINDS[kind]} {schema}.{identifier(name)}" for kind, schema, name in macros),
        *(f"DROP TABLE {schema}.{identifier(name)}" for schema, name in tables),
    ]


_KINDS = {"macro": "MACRO", "table_macro": "MACRO TABLE"}
