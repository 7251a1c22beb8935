"""`annexes init`: a project of one's own, anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.common import out

Target = Annotated[Path, typer.Argument(help="The folder, made if needed.", metavar="DIR", file_okay=False)]


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Run")(init)


def init(target: Target) -> None:
    """Begin a project in a folder: raw/ with the gazetteer and the acts known, settings, nothing to publish yet.

    Example: `annexes init mes-annexes`, then `cd mes-annexes`, `annexes add FILE`, `annexes refresh`
    """
    from pipeline.starter import begin

    settings = begin(target)
    out(f"Projet prêt : {settings.root}")
    out(
        f"Ensuite : cd {target} ; annexes add FICHIER (ou déposer dans raw/inbox/ puis annexes fetch) ; annexes refresh"
    )
