"""`annexes fiche`: one page on a commune at a day."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.common import Refusal, out, project


class Page(StrEnum):
    """How the page is written."""

    md = "md"
    html = "html"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Look")(fiche)


def fiche(
    commune: Annotated[
        str, typer.Argument(help="Name, name with its département (“Saint-Denis (93)”), or INSEE code.")
    ],
    le: Annotated[datetime, typer.Option("--le", help="The day.", formats=["%Y-%m-%d"])],
    page: Annotated[Page, typer.Option("--format", "-f", help="How the page is written.")] = Page.md,
    out_file: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.", dir_okay=False)] = None,
) -> None:
    """Write one page, in French, of all that is held on a commune at a day, each figure with its source.

    What is not held is said. A name of several communes lists them, and the exit code is 2.
    Example: `annexes fiche Annecy --le 2009-06-15`
    """
    from pipeline.products import pages
    from pipeline.products.fiche.commune import CommuneNotFoundError, NotHeldError
    from pipeline.products.fiche.sections import fiche as made
    from pipeline.warehouse.access import QueryError, connect

    try:
        with connect(project()) as connection:
            found = made(connection, commune, le.date())
    except CommuneNotFoundError as error:
        raise Refusal(str(error), code=2) from error
    except (NotHeldError, QueryError) as error:
        raise Refusal(str(error)) from error
    text = pages.html(found) if page is Page.html else pages.markdown(found)
    if out_file is None:
        out(text)
    else:
        out_file.write_text(text, encoding="utf-8")
