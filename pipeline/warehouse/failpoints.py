"""Named points at which a test may end the process as a power cut would. Nothing happens outside of tests."""

from __future__ import annotations

import os
import signal

VARIABLE = "ANNEXES_FAILPOINT"
POINTS = (
    "accept.rows",
    "accept.cells",
    "accept.before_commit",
    "accept.done",
    "write.before_rename",
    "write.before_sync",
    "build.loaded",
    "publish.built",
    "publish.verified",
    "publish.before_rename",
    "publish.renamed",
    "publish.done",
)


def reached(point: str) -> None:
    """Kill this process (SIGKILL) when the environment names this point, one of POINTS."""
    assert point in POINTS, point
    if os.environ.get(VARIABLE) == point:
        os.kill(os.getpid(), signal.SIGKILL)
