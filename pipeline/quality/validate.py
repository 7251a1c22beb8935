"""One rendition's rows of one edition against their dataset's schema: frame and pandera schema from the declaration,
what is accepted, what is rejected and why. Nothing is coerced or dropped.

The frame made here is the one that every later step reads: checks, comparison of witnesses, and the version's Parquet.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
from pandera.errors import SchemaErrors

from pipeline.contract.dataset import Check, Column, Context, Dataset
from pipeline.contract.rows import Observation, Refused, Row, Rows, Value
from pipeline.extract.model import Cell
from pipeline.quality.ledger import Fates

_TYPES: Mapping[str, tuple[frozenset[type], pa.DataType, Any]] = {
    "TEXT": (frozenset({str}), pa.string(), pd.StringDtype(na_value=float("nan"))),
    "INTEGER": (frozenset({int}), pa.int32(), pd.Int32Dtype()),
    "BIGINT": (frozenset({int}), pa.int64(), pd.Int64Dtype()),
    "DOUBLE": (frozenset({float, int}), pa.float64(), pd.Float64Dtype()),
    "BOOLEAN": (frozenset({bool}), pa.bool_(), pd.BooleanDtype()),
    "DATE": (frozenset({date}), pa.date32(), pd.ArrowDtype(pa.date32())),
    "TEXT[]": (frozenset({tuple}), pa.list_(pa.string()), pd.ArrowDtype(pa.list_(pa.string()))),
}
"""Declared DuckDB type → the Python types that a reader may give for it, its Arrow type, its pandas dtype."""


def _types(column: Column) -> tuple[frozenset[type], pa.DataType, Any]:
    if column.type.startswith("DECIMAL"):
        precision, scale = column.type[8:-1].split(",")
        kind = pa.decimal128(int(precision), int(scale))
        return frozenset({Decimal, int}), kind, pd.ArrowDtype(kind)
    return _TYPES[column.type]


def arrow_schema(dataset: Dataset) -> pa.Schema:
    """The business columns in declared order, as Arrow holds them."""
    return pa.schema([pa.field(column.name, _types(column)[1]) for column in dataset.columns])


def frame_of(dataset: Dataset, rows: Sequence[Row]) -> pd.DataFrame:
    """One row each, business columns in declared order and type, index 0..n-1. A value of a type its column does not
    have, or that the type cannot hold as it is, is our own mistake and raises TypeError; nothing is coerced."""
    columns: list[pa.Array[Any]] = []
    for column in dataset.columns:
        allowed, kind, _ = _types(column)
        values = [row[column.name].value if column.name in row else None for row in rows]
        if strange := set(map(type, values)) - allowed - {type(None)}:
            shown = next(value for value in values if type(value) in strange)
            raise TypeError(f"{dataset.name}.{column.name}: {shown!r} is not {column.type}")
        try:
            columns.append(pa.array(values, kind))
        except pa.ArrowInvalid as error:
            raise TypeError(f"{dataset.name}.{column.name} is not {column.type}: {error}") from error
    dtypes = {_types(column)[1]: _types(column)[2] for column in dataset.columns}
    return pa.table(columns, schema=arrow_schema(dataset)).to_pandas(types_mapper=dtypes.get)


def table_of(dataset: Dataset, frame: pd.DataFrame) -> pa.Table:
    """The frame as Arrow, in its order, exactly as `frame_of` was given the values."""
    return pa.Table.from_pandas(frame, schema=arrow_schema(dataset), preserve_index=False).replace_schema_metadata()


def _check(check: Check) -> pandera.Check:
    if (pattern := check.pattern) is not None:
        return pandera.Check(lambda texts: texts.str.fullmatch(pattern), name=check.label, error=check.label)
    if check.values is not None:
        return pandera.Check.isin(check.values, name=check.label, error=check.label)
    low, high = check.between or (0.0, 0.0)
    return pandera.Check.in_range(low, high, name=check.label, error=check.label)


def schema_of(dataset: Dataset) -> pandera.DataFrameSchema:
    """The pandera schema of a dataset: the declared columns and no other, their order, dtypes, NULLs and value rules,
    and its key, which names one row."""
    columns = {
        column.name: pandera.Column(
            _types(column)[2], nullable=column.nullable, checks=[_check(check) for check in column.checks]
        )
        for column in dataset.columns
    }
    return pandera.DataFrameSchema(
        columns, unique=list(dataset.key), report_duplicates="all", strict=True, ordered=True, name=dataset.name
    )


@dataclass(frozen=True)
class Rejected:
    """One row that a rule refused: its index in the frame, the column ('' for a key), the rule and a French reason."""

    index: int
    column: str
    rule: str
    reason: str


def validate(frame: pd.DataFrame, dataset: Dataset) -> tuple[pd.DataFrame, list[Rejected]]:
    """The accepted rows (index kept) and the rejected ones, in the frame's order: those that a column's rule refuses,
    then those whose key stands twice among the others.

    A failure that is of no row (a column missing, of another dtype) is our own mistake: pandera's error is raised.
    """
    try:
        schema_of(dataset).validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        if cases["index"].isna().any():
            raise
        of_columns = cases[cases["schema_context"] == "Column"].drop_duplicates("index").sort_values("index")
        rejected = [_of_column(case) for case in of_columns.to_dict("records")]
        of_keys = set(cases.loc[cases["schema_context"] == "DataFrameSchema", "index"]) - set(of_columns["index"])
        rejected += _doubles(frame.loc[sorted(of_keys)], dataset)
        return frame.drop(index=[r.index for r in rejected]), rejected
    return frame, []


def _of_column(case: Mapping[Hashable, Any]) -> Rejected:
    """A line of pandera's `failure_cases`: a value that is missing, or against the rule that the check names."""
    index, column, check = int(case["index"]), str(case["column"]), str(case["check"])
    if check == "not_nullable":
        return Rejected(index, column, "valeur_absente", f"{column} : valeur absente")
    reason = f"{column} : « {case['failure_case']} » ne respecte pas {check}"
    return Rejected(index, column, "valeur_hors_regle", reason)


def _doubles(twice: pd.DataFrame, dataset: Dataset) -> list[Rejected]:
    """Of rows whose keys stand twice in the whole frame, those to refuse. The same row printed again loses its
    repetition only; different rows of one key are all refused, for none of them can be preferred. A key that now stands
    once, because its other rows were refused for a value, is none."""
    key = list(dataset.key)
    rejected: list[Rejected] = []
    for values, group in twice.groupby(key, sort=False, dropna=False):
        if len(group) == 1:
            continue
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
        """Keys as they are compared between editions, and with those of a version file: what is missing is None."""
        keys = table_of(self.dataset, self.frame).select(list(self.dataset.diff_key))
        return frozenset(zip(*(column.to_pylist() for column in keys.columns), strict=True))


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
