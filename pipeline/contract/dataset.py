"""What a dataset declares. One declaration feeds everything generated from it: the pandera schema, SQL types and
COMMENTs, views and macros, Table Schema, asset checks and the documentation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pipeline.cleaning.labels import fold
from pipeline.contract.rows import Observation, Rows, Scalar
from pipeline.documents.model import Act, Document, Rendition
from pipeline.extract.model import Cell, Grid, Reading
from pipeline.published import DatasetName, Published, Words

if TYPE_CHECKING:
    import pandas as pd


SqlType = str  # a DuckDB type: TEXT, INTEGER, BIGINT, DECIMAL(p,s), DOUBLE, DATE, BOOLEAN, TEXT[]


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

    name: Annotated[str, Published("Colonne.", "column_name")]
    type: Annotated[SqlType, Published("Type SQL.")]
    comment: Annotated[str, Published("Ce que c'est.")]
    unit: Annotated[str | None, Published("Unité.")] = None
    nullable: Annotated[bool, Published("Vrai si la valeur peut manquer.")] = False
    merge: Annotated[
        Literal["repeat", "once"],
        Published(
            "Sens d'une cellule fusionnée : repete (sur chaque ligne) ou une_fois (comptée une fois).",
            words=(("repeat", "repete"), ("once", "une_fois")),
        ),
    ] = "repeat"
    checks: tuple[Check, ...] = ()
    since: int = 1
    """Version-file format of the dataset that brought the column; NULL in older versions."""
    printed: int | None = None
    """For a table read as declared (`datasets.toolkit.table`): the column of the grid that prints the value, from 0."""
    formerly: str = ""
    """Its name in the release before: version files of then have it, and views show it under both for one release."""
    words: Words = ()
    """What is published for the words that version files keep."""
    parse: Callable[[str], Scalar] | None = None
    """The parser of what is printed there (`cleaning.values`); the text itself without one."""

    @property
    def published_checks(self) -> tuple[Check, ...]:
        """The checks in the words that are published."""
        said = dict(self.words)
        return tuple(
            replace(c, values=tuple(said.get(v, v) for v in c.values)) if c.values and said else c for c in self.checks
        )


@dataclass(frozen=True)
class Expect:
    """A grid (or list) that an act of this dataset must have. Headers are compared folded, as a prefix of patterns;
    two annexes may print the same, so what surrounds the grid is compared too."""

    name: str
    headers: tuple[str, ...] = ()
    """One regular expression a column, matched on the folded header label from its beginning."""
    under: str | None = None
    """Regular expression searched in the folded headings path and title."""
    optional: bool = False
    or_prose: bool = False
    """What it holds may stand in sentences instead: its absence says nothing. Goes with `optional`."""
    annex: str | None = None
    """Regular expression matched, from its beginning, on the folded heading of the annexe the grid stands in ('' for
    none)."""
    unit: str | None = None
    """The same on the unit of the grid's figures ('' where nothing says it)."""
    around: str | None = None
    """Regular expression searched in all that surrounds the grid, folded: annexe, caption, title, headings, intro."""
    unless: str | None = None
    """The same: what the surroundings of this grid never say."""
    relation: str | None = None
    """Regular expression searched in what the act does to others, folded (see `Act.bearing`)."""
    content: Callable[[Grid], str] | None = None
    """What the cells of a grid have against it, in French; '' for nothing. For tables that only these tell apart."""


@dataclass(frozen=True)
class Ignore:
    """A grid known and not read, with the reason; its cells are ignored in the ledger for that reason."""

    name: str
    why: str
    headers: tuple[str, ...] = ()
    under: str | None = None
    containing: str | None = None
    """Regular expression searched in the folded text of the grid's cells."""
    annex: str | None = None
    """Regular expression matched, from its beginning, on the folded heading of the annexe the grid stands in ('' for
    none)."""
    unit: str | None = None
    """The same on the unit of the grid's figures ('' where nothing says it)."""
    around: str | None = None
    """Regular expression searched in all that surrounds the grid, folded: annexe, caption, title, headings, intro."""
    unless: str | None = None
    """The same: what the surroundings of this grid never say."""
    relation: str | None = None
    """Regular expression searched in what the act does to others, folded (see `Act.bearing`)."""
    content: Callable[[Grid], str] | None = None
    """What the cells of a grid have against it, in French; '' for nothing. For tables that only these tell apart."""


@dataclass(frozen=True)
class Recognise:
    """Which acts (or, for a sheet, which documents) feed a dataset: by what they are, never by an identifier."""

    titles: tuple[str, ...] = ()
    """Regular expressions searched in the folded title of the act, printed or other."""
    sheets: tuple[str, ...] = ()
    """Regular expressions searched in the folded title of a document that carries no act."""

    def act(self, act: Act) -> bool:
        titles = [_folded(title) for title in (act.title, act.other_title) if title]
        return any(re.search(pattern, title) for pattern in self.titles for title in titles)

    def document(self, document: Document) -> bool:
        title = _folded(document.title)
        return any(re.search(pattern, title) for pattern in self.sheets)


@lru_cache(maxsize=64)
def _folded(title: str) -> str:
    """The folded title, which each dataset asks for in turn."""
    return fold(title)


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

    name: DatasetName
    title: Annotated[str, Published("Titre.")]
    description: Annotated[str, Published("Description.")]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    acts: Recognise
    read: Callable[[Reading, Context], Rows]
    succession: Annotated[
        Literal["replaces", "accumulates"],
        Published(
            "remplace : l'édition suivante clôt la précédente ; cumule : chaque acte vaut seul.",
            words=(("replaces", "remplace"), ("accumulates", "cumule")),
        ),
    ] = "replaces"
    rhythm: Annotated[
        Literal["yearly", "once", "irregular"],
        Published(
            "Rythme de parution : annuel, unique ou irregulier.",
            words=(("yearly", "annuel"), ("once", "unique"), ("irregular", "irregulier")),
        ),
    ] = "irregular"
    tolerance: float = 0.02
    dated: Annotated[bool, Published("Faux : pas d'acte juridique, donc pas de dates d'effet.")] = True
    """False: no legal act, no valid time; never answers a dated as-of unless asked."""
    inventory: tuple[Expect | Ignore, ...] = ()
    frame_checks: tuple[FrameCheck, ...] = ()
    order: tuple[str, ...] = ()
    """Rows are kept in this order; the key when empty."""
    witness_of: tuple[str, str] | None = None
    """(dataset, column): this one is a list that others made of the state of that dataset on the day in the column."""
    edition_key: tuple[str, ...] = ()
    """Columns of the key that hold one value for a whole edition (a year): two editions are compared without them."""

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {c.name: c for c in self.columns}

    def fed_by(self, act: Act) -> bool:
        """Whether an act feeds this dataset: it is recognised, or its document says so."""
        return self.acts.act(act) or self.name in act.feeds

    def fed_by_sheet(self, document: Document) -> bool:
        """Whether a document without an act feeds this dataset: by what it is, or because it declares parameters."""
        return self.acts.document(document) or self.name in document.parameters

    @property
    def diff_key(self) -> tuple[str, ...]:
        """What identifies a row across editions; the whole key when nothing else would be left."""
        return tuple(k for k in self.key if k not in self.edition_key) or self.key

    @property
    def sort(self) -> tuple[str, ...]:
        return self.order or self.key
