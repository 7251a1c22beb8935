"""A frame against its dataset's schema: what is accepted, what is rejected, and why. Nothing is coerced or dropped."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from pipeline.contract.dataset import Dataset
from pipeline.quality.frame import schema_of


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
