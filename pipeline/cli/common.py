"""What the subcommands share: the project, its warehouse opened, the one way to refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.cli.terminal import err, out
from pipeline.settings import ProjectNotFoundError, Settings, load

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipeline.contract.dataset import Dataset

__all__ = ["Refusal", "declared", "err", "out", "project", "warehouse"]


class Refusal(Exception):  # noqa: N818 - said to the user as it is, not a fault of the program
    """Ends the command with one message on standard error. Code 1: refused; 2: wrong usage."""

    def __init__(self, message: str, code: int = 1) -> None:
        self.code = code
        super().__init__(message)


def project() -> Settings:
    """The project found from here. Refuses with code 2 when there is none."""
    try:
        return load()
    except ProjectNotFoundError as error:
        raise Refusal(str(error), code=2) from error


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
