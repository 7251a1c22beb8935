"""What a dataset declares, and what its reader hands over. One declaration feeds everything generated from it:
the pandera schema, SQL types and COMMENTs, views and macros, Table Schema, asset checks and the documentation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pipeline.documents.model import Act, Document, Rendition
from pipeline.extract.model import Cell, Grid, Reading, Source, joined
from pipeline.quality.findings import Finding, Severity

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

Scalar = str | int | float | Decimal | date | bool | None
SqlType = str  # a DuckDB type: TEXT, INTEGER, BIGINT, DECIMAL(p,s), DOUBLE, DATE, BOOLEAN, TEXT[]
How = Literal["printed", "parsed", "resolved", "whole_departement", "rest", "corrected"]


@dataclass(frozen=True)
class Check:
    """One rule on the values of a column. Exactly one of the three is set; NULLs pass (see Column.nullable)."""

    pattern: str | None = None
    values: tuple[str, ...] | None = None
    between: tuple[float, float] | None = None

    @property
    def label(self) -> str:
        if self.pattern is not None:
            return f"motif {self.pattern}"
        if self.values is not None:
            return "parmi " + ", ".join(self.values)
        low, high = self.between or (0, 0)
        return f"de {low:g} à {high:g}"


@dataclass(frozen=True)
class Column:
    """One business column: French ASCII snake_case, the unit in the name. `merge` says what a merged cell means:
    labels, codes, rates and thresholds repeat; counts that add up stand once."""

    name: str
    type: SqlType
    comment: str
    unit: str | None = None
    nullable: bool = False
    merge: Literal["repeat", "once"] = "repeat"
    checks: tuple[Check, ...] = ()
    since: int = 1
    """Version-file format of the dataset that brought the column; NULL in older versions."""


@dataclass(frozen=True)
class Expect:
    """A grid (or list) that an act of this dataset must have. Headers are compared folded, as a prefix of patterns."""

    name: str
    headers: tuple[str, ...] = ()
    """One regular expression a column, matched on the folded header label from its beginning."""
    under: str | None = None
    """Regular expression searched in the folded headings path and title."""
    optional: bool = False
    or_prose: bool = False
    """What it holds may stand in sentences instead: its absence says nothing. Goes with `optional`."""


@dataclass(frozen=True)
class Ignore:
    """A grid known and not read, with the reason; its cells are ignored in the ledger for that reason."""

    name: str
    why: str
    headers: tuple[str, ...] = ()
    under: str | None = None
    containing: str | None = None
    """Regular expression searched in the folded text of the grid's cells."""


@dataclass(frozen=True)
class Recognise:
    """Which acts (or, for a sheet, which documents) feed a dataset."""

    titles: tuple[str, ...] = ()
    """Regular expressions searched in the folded title of the act."""
    ids: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    def act(self, act: Act) -> bool:
        from pipeline.cleaning.labels import fold

        if act.id in self.ids or (act.nor is not None and act.nor in self.ids):
            return True
        title = fold(act.title)
        return any(re.search(pattern, title) for pattern in self.titles)

    def document(self, document: Document) -> bool:
        return document.id in self.documents


@dataclass(frozen=True, slots=True)
class Value:
    """One business value, the printed pieces it comes from, and how it was made of them."""

    value: Scalar | tuple[str, ...]
    cites: tuple[Cell, ...] = ()
    how: How = "printed"
    rules: tuple[str, ...] = ()


Row = Mapping[str, Value]


@dataclass(frozen=True)
class Refused:
    """Printed pieces that make no row: quarantined with the rule and a French reason; replayed after a correction."""

    cells: tuple[Cell, ...]
    rule: str
    reason: str
    column: str = ""

    @property
    def source(self) -> Source:
        return joined(c.source for c in self.cells)

    @property
    def raw(self) -> str:
        return " | ".join(c.text for c in self.cells)


@dataclass(frozen=True)
class Ignored:
    """A printed piece left out for a declared reason."""

    cell: Cell
    reason: str


@dataclass(frozen=True)
class Observation:
    """A finding as the reader sees it; the engine adds document, dataset and edition."""

    rule: str
    severity: Severity
    message: str
    subject: str = ""
    source: Source | None = None
    printed: str = ""
    expected: str = ""

    def finding(self, document: str, dataset: str = "", edition: str = "", rendition: str = "") -> Finding:
        return Finding(
            rule=self.rule,
            severity=self.severity,
            document=document,
            message=self.message,
            subject=self.subject or self.printed or self.message,
            dataset=dataset,
            edition=edition,
            place=self.source.label if self.source else "",
            printed=self.printed,
            expected=self.expected,
            rendition=rendition,
        )


@dataclass(frozen=True)
class Rows:
    """All that a reader made of one act: every printed piece of its section is cited, refused or ignored."""

    rows: Sequence[Row]
    refused: Sequence[Refused] = ()
    ignored: Sequence[Ignored] = ()
    observations: Sequence[Observation] = ()
    pieces: Sequence[Cell] = ()
    """Printed pieces that are not cells of a grid (names of an enumeration): they enter the ledger's universe."""
    shared: Mapping[str, Value] = field(default_factory=dict)
    """Values that one sentence or declaration gives to every row (a year): cited once for the version."""


@dataclass(frozen=True)
class Context:
    """What a reader may know besides the reading: the act, its declared parameters, corrections, the gazetteer."""

    document: Document
    rendition: Rendition
    act: Act | None
    reference: Path
    grids: Mapping[str, tuple[Grid, ...]] = field(default_factory=dict)
    """By name of the inventory's Expect: the grids found for it."""
    piece: Callable[[Cell], Cell] = lambda cell: cell
    """A name cut from a paragraph, as a correction says it should be; grid cells come corrected already."""

    @property
    def edition(self) -> str:
        return self.act.id if self.act else self.document.id

    def parameter(self, dataset: str, name: str) -> str | int | None:
        """What document.toml declares for this dataset (on the act, else on the document)."""
        of_act = self.act.parameters.get(dataset, {}) if self.act else {}
        return of_act.get(name, self.document.parameters.get(dataset, {}).get(name))


@dataclass(frozen=True)
class FrameCheck:
    """A rule over a whole accepted frame. `run` gives observations; with `fatal`, any of them refuses the edition."""

    name: str
    description: str
    run: Callable[[pd.DataFrame, Context], Iterable[Observation]]
    fatal: bool = False


@dataclass(frozen=True)
class Dataset:
    """One published table."""

    name: str
    title: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    acts: Recognise
    read: Callable[[Reading, Context], Rows]
    succession: Literal["replaces", "accumulates"] = "replaces"
    rhythm: Literal["yearly", "once", "irregular"] = "irregular"
    tolerance: float = 0.02
    dated: bool = True
    """False: no legal act, no valid time; never answers a dated as-of unless asked."""
    inventory: tuple[Expect | Ignore, ...] = ()
    frame_checks: tuple[FrameCheck, ...] = ()
    order: tuple[str, ...] = ()
    """Rows are kept in this order; the key when empty."""
    edition_key: tuple[str, ...] = ()
    """Columns of the key that hold one value for a whole edition (a year): two editions are compared without them."""

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {c.name: c for c in self.columns}

    @property
    def diff_key(self) -> tuple[str, ...]:
        """What identifies a row across editions; the whole key when nothing else would be left."""
        return tuple(k for k in self.key if k not in self.edition_key) or self.key

    @property
    def sort(self) -> tuple[str, ...]:
        return self.order or self.key
