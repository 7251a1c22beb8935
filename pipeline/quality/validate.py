"""One rendition's rows of one edition against their dataset's schema: frame and pandera schema from the declaration,
what is accepted, what is rejected and why. Nothing is coerced or dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from pipeline.contract.dataset import Check, Column, Context, Dataset
from pipeline.contract.rows import Observation, Refused, Row, Rows, Value
from pipeline.extract.model import Cell
from pipeline.quality.ledger import Fates

_PYTHON: dict[str, tuple[type, ...]] = {
    "TEXT": (str,),
    "INTEGER": (int,),
    "BIGINT": (int,),
    "DOUBLE": (float, int),
    "BOOLEAN": (bool,),
    "DATE": (date,),
    "TEXT[]": (tuple,),
}
_DTYPE = {"TEXT": "str", "INTEGER": "Int64", "BIGINT": "Int64", "DOUBLE": "Float64", "BOOLEAN": "boolean"}


def python_types(column: Column) -> tuple[type, ...]:
    """The Python types that a value of this column may have."""
    if column.type.startswith("DECIMAL"):
        return (Decimal, int)
    return _PYTHON[column.type]


def frame_of(dataset: Dataset, rows: Sequence[Row]) -> pd.DataFrame:
    """One row each, business columns in declared order, index 0..n-1. A value of a type its column does not have is
    our own mistake and raises TypeError; nothing is coerced."""
    data: dict[str, Any] = {}
    for column in dataset.columns:
        kinds = python_types(column)
        values = [row[column.name].value if column.name in row else None for row in rows]
        for value in values:
            if value is not None and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
                raise TypeError(f"{dataset.name}.{column.name}: {value!r} is not {column.type}")
        data[column.name] = pd.Series(values, dtype=_DTYPE.get(column.type, object))
    return pd.DataFrame(data)


def _check(check: Check) -> pa.Check:
    if check.pattern is not None:
        pattern = re.compile(check.pattern)
        return pa.Check(lambda s: s.map(lambda v: bool(pattern.fullmatch(v))), name=check.label, error=check.label)
    if check.values is not None:
        return pa.Check.isin(check.values, name=check.label, error=check.label)
    low, high = check.between or (0.0, 0.0)
    return pa.Check.in_range(low, high, name=check.label, error=check.label)


def schema_of(dataset: Dataset) -> pa.DataFrameSchema:
    """The pandera schema of a dataset: the declared columns and no other, their order, NULLs and value rules."""
    columns = {
        c.name: pa.Column(nullable=c.nullable, checks=[_check(check) for check in c.checks]) for c in dataset.columns
    }
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=dataset.name)


@dataclass(frozen=True)
class Rejected:
    """One row that a rule refused: its index in the frame, the column ('' for a key), the rule and a French reason."""

    index: int
    column: str
    rule: str
    reason: str


def validate(frame: pd.DataFrame, dataset: Dataset) -> tuple[pd.DataFrame, list[Rejected]]:
    """The accepted rows (index kept) and the rejected ones. Schema first, then keys among what is left.

    A second pass over the survivors must find nothing: if it does, the schema is at fault and AssertionError says so.
    """
    schema = schema_of(dataset)
    rejected = _failures(frame, schema)
    left = frame.drop(index=[r.index for r in rejected])
    doubles = _doubles(left, dataset)
    rejected += doubles
    left = left.drop(index=[r.index for r in doubles])
    again = _failures(left, schema)
    assert not again, f"{dataset.name}: the schema refuses rows it accepted: {again[:3]}"
    return left, rejected


def _failures(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> list[Rejected]:
    """The first failure of each refused row. A failure without a row is our own mistake: it is raised as it is."""
    if frame.empty:
        return []
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        if cases["index"].isna().any():
            raise
        found: dict[int, Rejected] = {}
        for case in cases.itertuples():
            index = int(case.index_ if hasattr(case, "index_") else case[cases.columns.get_loc("index") + 1])
            column, check = str(case.column), str(case.check)
            missing = check == "not_nullable"
            rule = "valeur_absente" if missing else "valeur_hors_regle"
            reason = (
                f"{column} : valeur absente"
                if missing
                else f"{column} : « {case.failure_case} » ne respecte pas {check}"
            )
            found.setdefault(index, Rejected(index, column, rule, reason))
        return [found[i] for i in sorted(found)]
    return []


def _doubles(frame: pd.DataFrame, dataset: Dataset) -> list[Rejected]:
    """Rows whose key stands twice. The same row printed again loses its repetition only; different rows of one key are
    all refused, for none of them can be preferred."""
    key = list(dataset.key)
    rejected: list[Rejected] = []
    twice = frame[frame.duplicated(key, keep=False)]
    for values, group in twice.groupby(key, sort=False, dropna=False):
        label = ", ".join(f"{k} = {v}" for k, v in zip(key, values, strict=True))
        same = len(group.astype(str).drop_duplicates()) == 1
        rule = "ligne_repetee" if same else "cle_en_double"
        reason = f"ligne imprimée deux fois ({label})" if same else f"deux lignes différentes pour {label}"
        rejected += [Rejected(int(i), "", rule, reason) for i in (group.index[1:] if same else group.index)]
    return rejected


@dataclass(frozen=True)
class Prepared:
    """`frame` is sorted in the dataset's order; its index points into `rows`, which keep the citations."""

    dataset: Dataset
    context: Context
    frame: pd.DataFrame
    rows: Sequence[Row]
    refused: Sequence[Refused]
    observations: Sequence[Observation]
    shared: frozenset[str]
    """Columns that have one value for the whole edition, cited once."""
    failed_checks: tuple[str, ...] = ()
    pieces: Sequence[Cell] = field(default=())

    @property
    def keys(self) -> frozenset[tuple[object, ...]]:
        """Keys as they are compared between editions."""
        return frozenset(tuple(row) for row in self.frame[list(self.dataset.diff_key)].itertuples(index=False))


def prepare(dataset: Dataset, context: Context, read: Rows) -> Prepared:
    """Validate what a reader gave. Rows that the schema or the keys refuse join the reader's own refusals."""
    frame = frame_of(dataset, read.rows)
    accepted, rejected = validate(frame, dataset)
    refused = list(read.refused)
    refused += [Refused(cells_of(read.rows[r.index]), r.rule, r.reason, r.column) for r in rejected]
    accepted = accepted.sort_values(list(dataset.sort), kind="stable", na_position="last")
    observations = list(read.observations)
    failed: list[str] = []
    for check in dataset.frame_checks:
        found = list(check.run(accepted, context))
        observations += found
        if found and check.fatal:
            failed.append(check.description)
    return Prepared(
        dataset,
        context,
        accepted,
        read.rows,
        refused,
        observations,
        frozenset(read.shared),
        tuple(failed),
        read.pieces,
    )


def cells_of(row: Row) -> tuple[Cell, ...]:
    """The printed pieces that a row cites, in reading order, each once."""
    cells = {cell.source: cell for value in row.values() for cell in value.cites}
    return tuple(cells[source] for source in sorted(cells, key=lambda s: s.order))


def without(prepared: Prepared, refusals: Sequence[tuple[int, Refused]]) -> Prepared:
    """The same with these rows (index, refusal) taken out and quarantined."""
    frame = prepared.frame.drop(index=[index for index, _ in refusals])
    return replace(prepared, frame=frame, refused=[*prepared.refused, *(refusal for _, refusal in refusals)])


def record_fates(prepared: Prepared, read: Rows, fates: Fates) -> None:
    """Enter into the ledger what the accepted rows cite, what is refused, and what the reader ignored."""
    name = prepared.dataset.name
    fates.pieces.update({cell.source: cell.text for cell in read.pieces})
    for index in prepared.frame.index:
        for value in prepared.rows[index].values():
            for cell in value.cites:
                fates.published.setdefault(cell.source, name)
    for refusal in prepared.refused:
        for cell in refusal.cells:
            fates.quarantined.setdefault(cell.source, (name, refusal.rule))
    for ignored in read.ignored:
        fates.ignored.setdefault(ignored.cell.source, (name, ignored.reason))


def values_in_order(prepared: Prepared) -> list[tuple[int, Row]]:
    """(row_no from 1, row) in the order in which they are published."""
    return [(n, prepared.rows[int(index)]) for n, index in enumerate(prepared.frame.index, start=1)]


def shared_values(prepared: Prepared) -> dict[str, Value]:
    """The values cited once for the whole edition, from its first row."""
    if not len(prepared.frame):
        return {}
    first = prepared.rows[int(prepared.frame.index[0])]
    return {name: first[name] for name in sorted(prepared.shared)}
