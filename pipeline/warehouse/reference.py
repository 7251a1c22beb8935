"""The tables of the schema ref. A process that builds more than once loads them once, into a file of their own, which
its builds begin from as long as the reference is the same: they are most of what a small file costs.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.files import copy_file
from pipeline.published import Field
from pipeline.warehouse.ddl import TableSpec, identifier
from pipeline.warehouse.writing import opened, run_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipeline.warehouse.catalogue import Catalogue


def begin_with_reference(catalogue: Catalogue, target: Path) -> bool:
    """Make the file `target`, which must not exist, with the schema ref and nothing else, where this process built one
    of the same reference before; whether it did. Raises OSError when the disk refuses."""
    mark = catalogue.reference_mark
    if not mark or mark not in _asked:
        _asked.add(mark)
        return False
    if made := _made(catalogue, mark):
        copy_file(made, target)
    return made is not None


_asked: set[str] = set()
"""The marks of the references that this process built with."""


def _made(catalogue: Catalogue, mark: str) -> Path | None:
    """The file that holds this reference; None where the system has no room for one beside."""
    import duckdb

    made = _folder() / f"{mark}.duckdb"
    if made.exists():
        return made
    beside = made.with_suffix(".new")
    try:
        made.parent.mkdir(exist_ok=True)
        with opened(beside) as connection:
            load_reference(connection, catalogue)
        return beside.rename(made)
    except (OSError, duckdb.Error):
        beside.unlink(missing_ok=True)
        return None


def load_reference(connection: DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Create the tables of the schema ref, with their comments, in the connection's current database."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS ref")
    for name, reference in catalogue.reference.items():
        connection.register("incoming", reference.rows)
        connection.execute(f"CREATE TABLE ref.{identifier(name)} AS SELECT * FROM incoming")
        connection.unregister("incoming")
        fields = tuple(Field(column, "", text) for column, text in reference.columns.items())
        run_all(connection, TableSpec("ref", name, reference.comment, fields).comments())


@cache
def _folder() -> Path:
    """A folder of this process, there until it ends."""
    folder = Path(tempfile.mkdtemp(prefix="annexes-ref-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
