"""`annexes export`: the published tables as files that others can use and check."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.common import Refusal, out, project


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Hand data on")(export)


def export(
    target: Annotated[
        Path, typer.Argument(help="The folder to write, made if needed.", metavar="DIR", file_okay=False)
    ],
    dataset: Annotated[
        list[str] | None,
        typer.Option("--dataset", "-d", help="Only this table or mart; may be repeated.", metavar="NAME"),
    ] = None,
    excel: Annotated[
        bool,
        typer.Option("--excel", help="Also excel/TABLE.csv: semicolons, decimal comma, codes kept when opened."),
    ] = False,
) -> None:
    """Write each published table and mart as Parquet and CSV, with a Frictionless data package.

    datapackage.json names the files, their sources and licences, and describes each column (type, unit, constraints,
    key); TABLE.schema.json is the Table Schema alone. Check them with `frictionless validate DIR/datapackage.json`.
    Example: `annexes export /tmp/annexes --dataset premier_quartile --excel`
    """
    from pipeline.datasets import all_datasets
    from pipeline.products.export import ExportError
    from pipeline.products.export import export as write
    from pipeline.warehouse.access import QueryError

    try:
        files = write(project(), all_datasets(), target, datetime.now(UTC), dataset or (), excel)
    except ExportError as error:
        raise Refusal(str(error), code=2) from error
    except QueryError as error:
        raise Refusal(str(error)) from error
    except OSError as error:
        raise Refusal(f"{target} : écriture impossible : {error.strerror or error}") from error
    tables = len({file.table for file in files})
    out(f"{target} : {tables} tables, {len(files)} fichiers, {sum(f.bytes for f in files) / 1e6:.1f} Mo")
