"""The one kind of error that is said to the person who runs the command, as it is: a message and an exit code.

Exit codes: 1 when something was refused or could not be done; 2 when what was typed cannot mean anything here (an
option, a setting, a name that does not exist).
"""

from __future__ import annotations

REFUSED, USAGE = 1, 2


class AnnexesError(Exception):
    """Ends what was asked with a message that says what, where and what to do. `main` prints it and exits on `code`."""

    code: int = REFUSED

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return self.message
