"""Rows of values to a pandas frame and a pandera schema, both from the dataset's declaration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pandera.pandas as pa

from pipeline.contract.dataset import Check, Column, Dataset
from pipeline.contract.rows import Row

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
