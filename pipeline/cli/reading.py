"""`annexes sql`, `documents`, `datasets`: look at what is published and at what is held."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline.cli import terminal
from pipeline.cli.common import out, project
from pipeline.cli.rows import Format, OutFile, Output, write

_HEADERS = ("jeu de données", "titre", "colonnes", "clé")


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
    from pipeline.warehouse.access import query as run

    text = sys.stdin.read() if query == "-" else query
    rows = run(project(), text, timeout=timeout, memory=memory << 20)
    write(rows, output, out_file)


def documents() -> None:
    """List the documents of raw/: their renditions and acts, and what became of them."""
    from pipeline.documents.declaration import read_document_leniently
    from pipeline.documents.model import ROLE_WORDS, DocumentError
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
            out(f"  rendition {rendition.file} ({dict(ROLE_WORDS)[rendition.role]}, {rendition.media})")
        for unusable in errors:
            out(f"  rendition refusée : {unusable}")
        editions = (state.staged_outcome(settings, name) or {}).get("editions", [])
        for act in document.acts:
            own = [e for e in editions if e["edition"] == act.id]
            fed = [f"{e['dataset']} {states[e['status']]}" for e in own if not e.get("ends")]
            fed += [f"{e['dataset']} {states[e['status']]} (met fin à {e['ends']})" for e in own if e.get("ends")]
            signed = f"{act.signed:%d/%m/%Y}" if act.signed else "date inconnue"
            out(f"  acte {act.id} du {signed} : {', '.join(fed) or 'aucun jeu de données'}")
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
        from pipeline.language import language
        from pipeline.warehouse.marts import read_marts

        out(as_markdown(all_datasets(), read_marts(), language()))
        return
    if name is None:
        rows = [(item.name, item.title, str(len(item.columns)), ", ".join(item.key)) for item in all_datasets()]
        drawn, _ = terminal.table([_HEADERS, *rows], [False, False, True, False], terminal.width())
        out(drawn)
        return
    item = dataset(name)
    out(f"{item.name}  {item.title}\n{item.description}\nclé : {', '.join(item.key)}\n")
    for column in item.columns:
        unit = f" ({column.unit})" if column.unit else ""
        null = ", peut être NULL" if column.nullable else ""
        out(f"  {column.name}  {column.type}{unit}{null}\n      {column.comment}")
