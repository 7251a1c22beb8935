"""What the subcommands share: the project and its warehouse opened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import TYPE_CHECKING

import typer

from pipeline.cli.terminal import err, out
from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _
from pipeline.settings import Settings, load

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipeline.contract.dataset import Dataset

__all__ = ["declared", "err", "out", "project", "typed_day", "typed_moment", "unknown_document", "warehouse"]


def project() -> Settings:
    """The project found from here. Raises ProjectNotFoundError."""
    return load()


@contextmanager
def warehouse(settings: Settings) -> Iterator[DuckDBPyConnection]:
    """A locked read-only connection to the published file. Raises QueryError when nothing is published."""
    from pipeline.warehouse.access import connect

    with connect(settings) as connection:
        yield connection


def typed_day(text: str) -> date:
    """A day as people type it: 28/11/2026, 28 novembre 2026, 2026-11-28. The one reader of typed days."""
    from pipeline.cleaning.values import UnreadableError, day

    text = text.strip()
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else day(text)
    except (ValueError, UnreadableError):
        raise typer.BadParameter(
            _("“{text}” is no day of the calendar; write 28/11/2026 or 2026-11-28").format(text=text)
        ) from None


_MOMENT = re.compile(r"(?P<day>.+?)(?:[T ](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?")


def typed_moment(text: str) -> datetime:
    """A moment (UTC) as people type it: a day, then an hour if need be: 28/11/2026 14:30, 2026-11-28T14:30:05."""
    found = _MOMENT.fullmatch(text.strip())
    day = typed_day(found["day"] if found else text)
    hour, minute, second = (int((found and found[name]) or 0) for name in ("hour", "minute", "second"))
    try:
        return datetime.combine(day, time(hour, minute, second))
    except ValueError:
        raise typer.BadParameter(_("“{text}” is no hour of the day").format(text=text)) from None


def unknown_document(name: str, known: Iterable[str]) -> AnnexesError:
    """The refusal of a document that raw/ does not hold, with those that it does."""
    names = ", ".join(known) or _("none")
    said = _("{name}: no folder raw/{name}; documents: {names}")
    return AnnexesError(said.format(name=name, names=names), USAGE)


def declared(name: str) -> Dataset:
    """The dataset of that name. Raises UnknownDatasetError."""
    from pipeline.datasets import dataset

    return dataset(name)
