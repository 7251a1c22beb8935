"""The `annexes` command: one module a group of subcommands. Each loads what is heavy only when it runs."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from pipeline.cli import (
    acquire,
    drafting,
    eligibility,
    findings,
    operation,
    products,
    provenance,
    reading,
    refreshing,
    site,
    starting,
    tables,
    terminal,
    usage,
    versions,
)
from pipeline.cli.common import err, out
from pipeline.errors import REFUSED, USAGE, AnnexesError
from pipeline.files import keep_others_from_writing
from pipeline.language import translated as _

INTERRUPTED = 130
# What Typer raises for words it cannot take, itself or through click, has no other public name.
UsageError: type[Any] = typer.BadParameter.__mro__[1]

app = typer.Typer(
    name="annexes",
    help="The annex tables of the Journal officiel as SQL that can be trusted.\n\n"
    'Start with `annexes refresh`, then `annexes sql "from premier_quartile limit 5"`.\n\n'
    "Exit codes: 0 done, 1 something was refused (named on standard error), 2 wrong usage.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for group in (
    starting,
    refreshing,
    acquire,
    tables,
    drafting,
    reading,
    provenance,
    versions,
    findings,
    operation,
    products,
    eligibility,
    site,
):
    group.register(app)


class LogForm(StrEnum):
    """How standard error is written."""

    text = "text"
    json = "json"


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        out(f"annexes {version('annexes')}")
        raise typer.Exit


@app.callback()
def options(
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Say more of what is done; -vv for everything.")
    ] = 0,
    log: Annotated[
        LogForm,
        typer.Option(envvar="ANNEXES_LOG", help="Standard error as text, or one JSON object a line for services."),
    ] = LogForm.text,
    version: Annotated[  # noqa: ARG001 - its callback says it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Set what all subcommands share: how much is said, and in which form."""
    terminal.log_as_json(log is LogForm.json)
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    logging.basicConfig(handlers=[terminal.LogHandler()], level=level, force=True)


def main() -> None:
    """Run the command with the words it was given, and exit: the one place where an error becomes a message and a code.

    0: done. 1: refused, or it could not be done. 2: wrong usage. 130: interrupted.
    """
    keep_others_from_writing()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(_exit_code(sys.argv[1:]))


def _exit_code(words: Sequence[str]) -> int:
    command = typer.main.get_command(app)
    if not words or "--help" in words:
        usage.translate_help(command)
    code: int
    try:
        returned = command.main(args=words, prog_name="annexes", standalone_mode=False)
        code = returned if isinstance(returned, int) else 0
        sys.stdout.flush()
    except AnnexesError as error:
        logging.getLogger(__name__).debug("refused here", exc_info=error)
        err(error.message)
        code = error.code
    except UsageError as error:
        err(usage.explained(error))
        code = USAGE
    except BrokenPipeError:
        # Nobody reads any more; the interpreter must not try again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = REFUSED
    except OSError as error:
        logging.getLogger(__name__).debug("refused here", exc_info=error)
        err(_disk(error))
        code = REFUSED
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    return code


def _disk(error: OSError) -> str:
    """'FOLDER/FILE: cannot be read or written: No space left on device'."""
    place = f"{error.filename} : " if error.filename else ""
    return place + _("cannot be read or written: {reason}").format(reason=error.strerror or error)
