"""One refresh at a time; the message names who holds the lock; the dead hold nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.store.lock import LockedError, refresh_lock
from tests.warehouse.made import project

HOLDER = """
import sys, time
from pathlib import Path
from pipeline.settings import Settings
from pipeline.store.lock import refresh_lock
with refresh_lock(Settings(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_refresh_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    settings = project(tmp_path)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=f"processus {holder.pid} sur .+, depuis 20"), refresh_lock(settings):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with refresh_lock(settings):
        pass


def test_a_refresh_that_fails_lets_go(tmp_path: Path) -> None:
    settings = project(tmp_path)
    with pytest.raises(ValueError, match="broken"), refresh_lock(settings):
        raise ValueError("broken")
    with refresh_lock(settings):
        pass
