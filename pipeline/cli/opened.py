"""The published warehouse opened for a subcommand of this project, its refusals turned into those of the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.cli.common import Refusal
from pipeline.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipeline.contract.dataset import Dataset


@contextmanager
def warehouse(settings: Settings) -> Iterator[DuckDBPyConnection]:
    """A locked read-only connection. What cannot be found or shown ends the command: code 1, or 2 for wrong usage."""
    from pipeline.products.lookup import LookupFailure
    from pipeline.warehouse.access import QueryError, connect

    try:
        connection = connect(settings)
    except QueryError as error:
        raise Refusal(str(error)) from error
    with connection:
        try:
            yield connection
        except LookupFailure as failure:
            raise Refusal(str(failure), code=2 if failure.usage else 1) from failure


def declared(name: str) -> Dataset:
    """The dataset of that name. Refuses with code 2 when there is none."""
    from pipeline.datasets import dataset

    try:
        return dataset(name)
    except KeyError as error:
        raise Refusal(str(error.args[0]), code=2) from error
