"""What the subcommands share: the project, the consoles, the one way to refuse."""

from __future__ import annotations

import sys

from pipeline.settings import ProjectNotFoundError, Settings, load


class Refusal(Exception):  # noqa: N818 - said to the user as it is, not a fault of the program
    """Ends the command with one message on standard error. Code 1: refused; 2: wrong usage."""

    def __init__(self, message: str, code: int = 1) -> None:
        self.code = code
        super().__init__(message)


def project() -> Settings:
    """The project found from here. Refuses with code 2 when there is none."""
    try:
        return load()
    except ProjectNotFoundError as error:
        raise Refusal(str(error), code=2) from error


def err(message: str) -> None:
    """One line on standard error."""
    sys.stderr.write(message.rstrip("\n") + "\n")
    sys.stderr.flush()


def out(message: str) -> None:
    """One line on standard output."""
    sys.stdout.write(message.rstrip("\n") + "\n")
