"""Whether a sale meets the conditions of the reduced VAT rate, and what is due when it no longer does: the macros of
the warehouse asked for one case. The rules are theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.warehouse.ddl import identifier

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

Given = Mapping[str, str | int | Decimal | date | bool | None]
"""Arguments of eligibilite_tva by name; what is None is not given."""


def conditions(connection: DuckDBPyConnection, commune: str, category: str, on: date, given: Given) -> pa.Table:
    """The rows of eligibilite_tva for a sale on that day. Raises duckdb.Error, whose message lists what is known, for
    a commune or category that is not."""
    named = {name: value for name, value in given.items() if value is not None}
    arguments = "".join(f", {identifier(name)} := ?" for name in named)
    sql = f"SELECT * FROM eligibilite_tva(?, ?, ?{arguments})"
    return connection.execute(sql, [commune, category, on, *named.values()]).to_arrow_table()


def to_pay_back(
    connection: DuckDBPyConnection, commune: str, base: Decimal, on: date, event_on: date, event: str
) -> pa.Table:
    """The row of tva_a_reverser for an event that ends a condition. Raises duckdb.Error for an unknown one."""
    sql = "SELECT * FROM tva_a_reverser(?, ?, ?, ?, evenement := ?)"
    return connection.execute(sql, [commune, base, on, event_on, event]).to_arrow_table()
