"""A query of the SQL page answered: JSON for the page, CSV and XLSX to take away. The session is the one of `annexes
sql`, with its limits."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse, Response

from pipeline.errors import AnnexesError
from pipeline.products import xlsx
from pipeline.settings import Settings
from pipeline.site.render import plain
from pipeline.warehouse.access import query

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 1000
"""Rows that the page is given; the files have all."""


@dataclass(frozen=True)
class Limits:
    """What one query may take: seconds, bytes; and how many run at once."""

    seconds: float = 60.0
    memory: int = 1 << 30
    at_once: int = 2


DEFAULT = Limits()


def answer(settings: Settings, form: str, sql: str, limits: Limits) -> Response:
    """The rows of a query as json, csv or xlsx. A refusal is said in French, with status 400; 404 for another form."""
    write = {"json": _json, "csv": _csv, "xlsx": _xlsx}.get(form)
    if write is None:
        return PlainTextResponse("formes : json, csv, xlsx\n", 404)
    if not sql.strip():
        return PlainTextResponse("aucune requête : donner q\n", 400)
    try:
        rows = query(settings, sql, timeout=limits.seconds, memory=limits.memory)
        return write(rows)
    except AnnexesError as error:
        return PlainTextResponse(f"{error}\n", 400)


def _json(rows: pa.Table) -> Response:
    shown = rows.slice(0, SHOWN)
    told = {
        "colonnes": [[field.name, _kind(str(field.type))] for field in rows.schema],
        "lignes": [list(row.values()) for row in _records(shown)],
        "nombre": rows.num_rows,
    }
    return Response(json.dumps(told, ensure_ascii=False, default=plain), media_type="application/json")


def _records(rows: pa.Table) -> list[dict[int, Any]]:
    """Rows by the rank of their columns: names may be equal."""
    columns = [column.to_pylist() for column in rows.columns]
    return [dict(enumerate(values)) for values in zip(*columns, strict=True)]


def _kind(arrow: str) -> str:
    """nombre, jour or texte: what the page must know to set and draw a column."""
    if arrow.startswith(("int", "uint", "double", "float", "decimal", "hugeint")):
        return "nombre"
    return "jour" if arrow.startswith(("date", "timestamp")) else "texte"


def _csv(rows: pa.Table) -> Response:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(rows.column_names)
    writer.writerows(row.values() for row in _records(rows))
    return _file(written.getvalue().encode(), "csv", "text/csv; charset=utf-8")


def _xlsx(rows: pa.Table) -> Response:
    written = io.BytesIO()
    columns = tuple(xlsx.Column(field.name, str(field.type)) for field in rows.schema)
    xlsx.write(written, [xlsx.Sheet("requête", columns, (list(row.values()) for row in _records(rows)))])
    return _file(written.getvalue(), "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _file(content: bytes, form: str, media: str) -> Response:
    return Response(
        content, media_type=media, headers={"Content-Disposition": f'attachment; filename="requete.{form}"'}
    )
