"""`annexes sql`, `documents`, `datasets`: look at what is published and at what is held."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import Refusal, out, project

if TYPE_CHECKING:
    import pyarrow as pa


class Output(StrEnum):
    """How rows are written."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


Format = Annotated[Output, typer.Option("--format", "-f", help="How rows are written on standard output or to --out.")]
OutFile = Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.", dir_okay=False)]


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Look")(sql)
    app.command(rich_help_panel="Look")(documents)
    app.command(rich_help_panel="Look")(datasets)


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT, or '-' to read it from standard input.")],
    output: Format = Output.table,
    out_file: OutFile = None,
    timeout: Annotated[float, typer.Option(help="Seconds before the query is stopped.", min=0.1)] = 60.0,
    memory: Annotated[int, typer.Option(help="Memory of the query, in megabytes.", min=64)] = 1024,
) -> None:
    """Run one query on the published warehouse, in a locked read-only session.

    The session has no files, no network and no other database; time and memory are bounded.
    Example: `annexes sql "select * from premier_quartile_as_of(date '2020-12-01') where code_departement = '93'"`
    """
    from pipeline.warehouse.access import QueryError
    from pipeline.warehouse.access import query as run

    text = sys.stdin.read() if query == "-" else query
    try:
        rows = run(project(), text, timeout=timeout, memory=memory << 20)
    except QueryError as error:
        raise Refusal(str(error)) from error
    write(rows, output, out_file)


def write(rows: pa.Table, output: Output, target: Path | None) -> None:
    """Rows to a file or to standard output, in UTF-8. Parquet on a terminal is refused."""
    if output is Output.parquet:
        import pyarrow.parquet as pq

        if target is None and sys.stdout.isatty():
            raise Refusal("Parquet ne s'affiche pas : donner --out fichier.parquet", code=2)
        pq.write_table(rows, target or sys.stdout.buffer)
        return
    text = rendered(rows, output)
    if target is not None:
        target.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def rendered(rows: pa.Table, output: Output) -> str:
    """Rows as text: a table for people, CSV or JSON."""
    return {Output.table: _as_table, Output.csv: _as_csv, Output.json: _as_json}[output](rows)


def _as_table(rows: pa.Table) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for field in rows.schema:
        numeric = str(field.type).startswith(("int", "double", "decimal", "float"))
        table.add_column(field.name, justify="right" if numeric else "left", overflow="fold")
    for row in rows.slice(0, 1000).to_pylist():
        table.add_row(*("" if v is None else str(v) for v in row.values()))
    console = Console(file=None, width=None if sys.stdout.isatty() else 200)
    with console.capture() as capture:
        console.print(table)
        if rows.num_rows > 1000:
            console.print(f"… {rows.num_rows - 1000} lignes de plus ; les voir toutes : --format csv")
    return capture.get()


def _as_csv(rows: pa.Table) -> str:
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(rows.column_names)
    writer.writerows(row.values() for row in rows.to_pylist())
    return buffer.getvalue()


def _as_json(rows: pa.Table) -> str:
    return json.dumps(rows.to_pylist(), ensure_ascii=False, indent=1, default=str) + "\n"


def documents() -> None:
    """List the documents of raw/: their renditions and acts, and what became of them."""
    from pipeline.documents.declaration import read_document_leniently
    from pipeline.documents.model import DocumentError
    from pipeline.refresh import state

    settings = project()
    states = {
        "accepted": "publié",
        "unchanged": "publié",
        "refused": "refusé",
        "pending": "en attente",
        "set_aside": "écarté",
    }
    for name in state.documents(settings):
        try:
            document, errors = read_document_leniently(settings.raw / name)
        except DocumentError as error:
            out(f"{name}\n  refusé : {error}")
            continue
        out(f"{name}  {document.title}")
        for rendition in document.renditions:
            out(f"  rendition {rendition.file} ({rendition.role}, {rendition.media})")
        for unusable in errors:
            out(f"  rendition refusée : {unusable}")
        editions = (state.staged_outcome(settings, name) or {}).get("editions", [])
        for act in document.acts:
            own = [e for e in editions if e["edition"] == act.id]
            fed = [f"{e['dataset']} {states[e['status']]}" for e in own if not e.get("ends")]
            fed += [f"{e['dataset']} {states[e['status']]} (met fin à {e['ends']})" for e in own if e.get("ends")]
            out(f"  acte {act.id} du {act.signed or 'date inconnue'} : {', '.join(fed) or 'aucun jeu de données'}")
        for e in editions if not document.acts else []:
            out(f"  {e['dataset']} {states[e['status']]}")


def datasets(
    name: Annotated[str | None, typer.Argument(help="One dataset: its key and columns.")] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="All of them with their columns, as docs/tables.md.")
    ] = False,
) -> None:
    """List the datasets, or show the columns of one: type, unit, meaning."""
    from pipeline.datasets import all_datasets, dataset

    if markdown:
        from pipeline.cli.dictionary import as_markdown
        from pipeline.warehouse.marts import read_marts

        out(as_markdown(all_datasets(), read_marts()))
        return
    if name is None:
        for item in all_datasets():
            out(f"{item.name}  {item.title} ({len(item.columns)} colonnes, clé {', '.join(item.key)})")
        return
    try:
        item = dataset(name)
    except KeyError as error:
        raise Refusal(str(error.args[0]), code=2) from error
    out(f"{item.name}  {item.title}\n{item.description}\nclé : {', '.join(item.key)}\n")
    for column in item.columns:
        unit = f" ({column.unit})" if column.unit else ""
        null = ", peut être NULL" if column.nullable else ""
        out(f"  {column.name}  {column.type}{unit}{null}\n      {column.comment}")
