"""`annexes dataset new`: a family of tables begun from one that is printed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.acquire import Day, NatureName
from pipeline.cli.common import out, project
from pipeline.cli.tables import read_tables, tables_numbered

if TYPE_CHECKING:
    from pipeline.drafting.writing import Draft

_MOST_TOLD = 8

group = typer.Typer(help="Declare new datasets.", no_args_is_help=True, rich_markup_mode="markdown")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="dataset", rich_help_panel="Bring documents in")
    group.command()(new)


@group.callback()
def dataset() -> None:
    """Begin a new dataset: a module in pipeline/datasets/, a document in raw/, a golden file."""


def new(
    name: Annotated[str, typer.Argument(help="Name of the table: French, snake_case.")],
    file: Annotated[Path, typer.Argument(help="The file that prints it.", exists=True, dir_okay=False)],
    table: Annotated[int, typer.Argument(help="Its number, as `annexes tables FILE` lists them.", min=1)] = 1,
    document_id: Annotated[str | None, typer.Option("--id", help="Document: a JORFTEXT, a NOR, a name.")] = None,
    nor: Annotated[str | None, typer.Option(help="NOR of the act.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the act.")] = None,
    signed: Day = None,
    published: Day = None,
    url: Annotated[str | None, typer.Option(help="Address of the text.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published it.")] = None,
    nature: Annotated[NatureName | None, typer.Option(help="What it is; a feuille carries no act.")] = None,
) -> None:
    """Write the module, the document and the golden file of a dataset, guessed from one table, and say what to check.

    Columns, types, units, key and titles are guesses: read the module, mend it, then run `annexes refresh`.
    Example: `annexes dataset new loyers_max joe_20240516_0113_0026.pdf 1 --nor TREL2412330A --published 16/05/2024`
    """
    from pipeline.acquisition.acquire import PARIS, utc_now
    from pipeline.acquisition.feed import acquisition_lock
    from pipeline.acquisition.texts import Hints
    from pipeline.drafting.writing import draft

    settings = project()
    reading = read_tables(file)
    tables_numbered(file, reading, [table])
    hints = Hints(document_id, nor, title, signed, published, url, publisher, nature.value if nature else None)
    today: date = utc_now().astimezone(PARIS).date()
    with acquisition_lock(settings):
        made = draft(settings, name, file, reading, table, hints, today)
    for line in _lines(made):
        out(line)


def _lines(made: Draft) -> Iterator[str]:
    yield f"{made.module} : {len(made.proposal.columns)} colonnes, clé {', '.join(made.proposal.key)}"
    yield f"raw/{made.document}/document.toml"
    yield f"{made.golden} : {made.rows} lignes" if made.golden else "aucune ligne lue : pas de fichier de référence"
    yield "À vérifier :"
    if made.refused:
        yield f"- {made.refused} lignes refusées"
    yield from (f"- {doubt}" for doubt in made.proposal.doubts)
    told = list(dict.fromkeys(f.message for f in made.findings))
    yield from (f"- {message}" for message in told[:_MOST_TOLD])
    if len(told) > _MOST_TOLD:
        yield f"- … et {len(told) - _MOST_TOLD} autres constats : annexes findings après la lecture"
    yield "Ensuite : relire le module, annexes refresh, make docs (docs/tables.md)."
    yield f"Le module changé, la référence se refait : ANNEXES_UPDATE_GOLDEN=1 make test ARGS='-k {made.proposal.name}'"
