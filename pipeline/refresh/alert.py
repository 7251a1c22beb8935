"""The alert command of a project: told of each new error finding, one JSON line each. What an error is, and which are
new, is decided where documents are read (`decide`)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from pipeline import config
from pipeline.contract.findings import Finding
from pipeline.errors import AnnexesError
from pipeline.refresh.publish import acknowledged_or_none
from pipeline.refresh.state import DocumentOutcome
from pipeline.settings import Settings

TIMEOUT_SECONDS = 60.0


class AlertError(AnnexesError):
    """The alert command could not be told (French). It never fails a refresh, but is said."""


def new_errors(settings: Settings, outcomes: Sequence[DocumentOutcome]) -> Iterator[Finding]:
    """The error findings that the outcome before did not have, and that nobody acknowledged."""
    for outcome in outcomes:
        seen = {a.finding for a in acknowledged_or_none(settings, outcome.document)}
        yield from (f for f in outcome.findings if f.id in outcome.new_errors and f.id not in seen)


def send(settings: Settings, findings: Sequence[Finding], timeout: float = TIMEOUT_SECONDS) -> int:
    """Run the alert command with one JSON line a finding on its standard input; returns how many it was told.

    Nothing is run without a command or without findings. Raises ConfigError for a setting that cannot be followed,
    AlertError when the command cannot be run, ends on another code than 0 or lasts more than `timeout` seconds (it is
    then killed).
    """
    words = config.read(settings).alert if findings else ()
    if not words:
        return 0
    lines = "".join(json.dumps({"id": f.id, **asdict(f)}, ensure_ascii=False) + "\n" for f in findings)
    try:
        done = subprocess.run(
            words,
            input=lines.encode(),
            cwd=settings.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=timeout,
            check=False,
        )
    except OSError as error:
        raise AlertError(f"commande d'alerte impossible à lancer : {words[0]} : {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise AlertError(f"commande d'alerte arrêtée après {timeout:g} secondes : {words[0]}") from error
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())[:300]
        raise AlertError(f"commande d'alerte en échec (code {done.returncode}) : {words[0]} : {said}")
    return len(findings)
