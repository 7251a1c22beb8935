"""The command run inside the test's own process: the same `main`, without the cost of another one."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from pipeline.cli import main
from pipeline.settings import Settings


@dataclass(frozen=True)
class Done:
    """How a run ended and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Command:
    """`annexes` on one project. Call it with the words that follow."""

    settings: Settings
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Done:
        self.capsys.readouterr()
        with self.monkeypatch.context() as patched:
            patched.setenv("ANNEXES_ROOT", str(self.settings.root))
            # The command sets it for what it starts; here it must not outlive the run.
            patched.setenv("DAGSTER_HOME", str(self.settings.dagster_home))
            patched.setenv("COLUMNS", "200")
            patched.setattr(sys, "argv", ["annexes", *words])
            code = exit_code()
        said = self.capsys.readouterr()
        return Done(code, said.out, said.err)


def exit_code() -> int:
    """Runs the command that `sys.argv` says."""
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
