"""What the tests of the engine have done elsewhere: functions that a worker's child can import."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path

from pipeline.extract.model import ExtractError
from pipeline.extract.pdf.limits import Limits
from pipeline.extract.pdf.worker import Chunk, read_pdf


def content_of(path: str) -> str:
    """The hash of what a PDF reads as, or why it does not."""
    try:
        return hashlib.sha256(repr(read_pdf(Path(path))).encode()).hexdigest()
    except ExtractError as error:
        return str(error)


def slowly(path: str) -> str:
    time.sleep(0.5)
    return content_of(path)


def nothing(item: int) -> int:
    return item


def end_by(name: str) -> str:
    """Ends the process it runs in by a signal, as a library does that meets a hostile file."""
    if name:
        os.kill(os.getpid(), signal.Signals[name])
    return "read"


def abort(_: Limits, chunk: Chunk) -> None:
    os.abort()
