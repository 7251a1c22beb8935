"""A made-up dataset and readings of one rendition, prepared as the production code prepares them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.contract.dataset import Check, Column, Context, Dataset, Recognise
from pipeline.contract.rows import Row, Rows, Value
from pipeline.documents.model import Document, Rendition
from pipeline.extract.model import Cell, Source
from pipeline.quality.validate import Prepared, prepare

FIRST = Rendition("annexe.xml", "published", "xml", "0" * 64)
SECOND = Rendition("annexe.pdf", "typeset", "pdf", "1" * 64)
NAMES = ("zone", "nom", "prix")


def prices(**changes: Any) -> Dataset:
    """A table of prices, one row a zone."""
    declared: dict[str, Any] = {
        "title": "Prix",
        "description": "Prix plafond par zone.",
        "key": ("zone",),
        "columns": (
            Column("zone", "TEXT", "Zone."),
            Column("nom", "TEXT", "Nom imprimé.", nullable=True),
            Column("prix", "INTEGER", "Prix plafond.", unit="euros", checks=(Check(between=(100, 10_000)),)),
        ),
        "acts": Recognise(),
        "read": lambda *_: Rows(()),
    }
    return Dataset("prix", **(declared | changes))


def context(rendition: Rendition = FIRST) -> Context:
    """A sheet that holds this rendition."""
    return Context(Document("D1", "Feuille", "Ministère", "feuille", Path(), (rendition,)), rendition, None, Path())


def cell(row: int, col: int, text: str, *, header: bool = False) -> Cell:
    return Cell(row, col, text, Source(line=row + 1, start=10 * col, end=10 * col + len(text)), header=header)


def rows(values: Iterable[tuple[object, ...]]) -> list[Row]:
    """One row a tuple (zone, nom, prix), each value printed in a cell of its own."""
    return [
        {name: Value(v, (cell(r, c, str(v)),)) for c, (name, v) in enumerate(zip(NAMES, each, strict=True))}  # type: ignore[arg-type]
        for r, each in enumerate(values)
    ]


def prepared(values: Iterable[tuple[object, ...]], rendition: Rendition = FIRST, **changes: Any) -> Prepared:
    """What these rows become; `changes` are to the dataset."""
    return prepare(prices(**changes), context(rendition), Rows(rows(values)))


def optional_key() -> dict[str, Any]:
    """Changes that make the key one of two columns, of which the second may be missing."""
    return {"key": ("zone", "nom"), "columns": tuple(replace(c, checks=()) for c in prices().columns)}
