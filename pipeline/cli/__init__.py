"""The `annexes` command: one module a group of subcommands. Each loads what is heavy only when it runs."""

from __future__ import annotations

import sys

import typer

from pipeline.cli import (
    acquire,
    export,
    fiche,
    findings,
    gate,
    operation,
    provenance,
    reading,
    refreshing,
    report,
    site,
    tables,
    versions,
)
from pipeline.cli.common import Refusal, err

app = typer.Typer(
    name="annexes",
    help="The annex tables of the Journal officiel as SQL that can be trusted.\n\n"
    'Start with `annexes refresh`, then `annexes sql "from premier_quartile limit 5"`.\n\n'
    "Exit codes: 0 done, 1 something was refused (named on standard error), 2 wrong usage.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
refreshing.register(app)
acquire.register(app)
tables.register(app)
reading.register(app)
provenance.register(app)
versions.register(app)
findings.register(app)
report.register(app)
gate.register(app)
operation.register(app)
export.register(app)
fiche.register(app)
site.register(app)


def main() -> None:
    """Run the command; a refusal is one message on standard error and exit code 1, or 2 for wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    try:
        app()
    except Refusal as refusal:
        err(str(refusal))
        sys.exit(refusal.code)
    except BrokenPipeError:
        sys.exit(1)
