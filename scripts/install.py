"""Installs a hashed lock into the environment that runs this and shows how far it is: pip alone says nothing.

Standard library only: it is the first thing that a new environment runs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import deque
from pathlib import Path

_PACKAGE = re.compile(r"(?m)^([A-Za-z0-9._-]+)==")
_SEEN = re.compile(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)")
EVERY = 25
"""Packages between two lines where nobody looks at a terminal."""
TAIL = 30


def install(lock: Path) -> int:
    """pip's exit code; what it said last is shown when it failed."""
    total = len(set(_PACKAGE.findall(lock.read_text(encoding="utf-8"))))
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--no-deps", "--require-hashes", "-r", str(lock)]
    said: deque[str] = deque(maxlen=TAIL)
    done = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            said.append(line)
            if found := _SEEN.match(line):
                done += 1
                _show(f"{done}/{total} {found[1]}", done % EVERY == 0)
            elif line.startswith("Installing collected packages"):
                _show(f"{total}/{total} unpacking", True)
    if sys.stdout.isatty():
        print("\r\033[K", end="")
    if pip.returncode:
        sys.stderr.writelines(said)
    return pip.returncode


def _show(text: str, now_and_then: bool) -> None:
    """One line that is written over on a terminal; now and then a line elsewhere."""
    if sys.stdout.isatty():
        print(f"\r\033[K  {text}", end="", flush=True)
    elif now_and_then:
        print(f"  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(install(Path(sys.argv[1])))
