"""Durable writing, and named points at which a test may end the process as a power cut would.

A file is either whole under its name or absent. Knows nothing of what the files hold.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

FAILPOINT_VARIABLE = "ANNEXES_FAILPOINT"
FAILPOINTS = (
    "accept.rows",
    "accept.cells",
    "accept.before_commit",
    "accept.done",
    "write.before_rename",
    "write.before_sync",
    "publish.copied",
    "build.loaded",
    "publish.built",
    "publish.verified",
    "publish.before_rename",
    "publish.renamed",
    "publish.done",
)


def failpoint(point: str) -> None:
    """Kill this process (SIGKILL) when the environment names this point, one of POINTS."""
    assert point in FAILPOINTS, point
    if os.environ.get(FAILPOINT_VARIABLE) == point:
        os.kill(os.getpid(), signal.SIGKILL)


_BLOCK = 1 << 20


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of the file's bytes. Raises OSError when it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def sync_file(path: Path) -> None:
    """Force the file's bytes to the disk."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Force the folder's entries to the disk, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make a temporary file beside, force it to the disk and rename it to `path`.

    Raises what `write` raises (OSError on a full disk); the temporary file is then removed and `path` is untouched.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write(temporary)
        sync_file(temporary)
        failpoint("write.before_rename")
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    failpoint("write.before_sync")
    sync_folder(path.parent)


_FICLONE = 0x40049409
"""ioctl of Linux: share the blocks of another file, where the file system can (btrfs, XFS)."""


def copy_file(source: Path, target: Path) -> None:
    """A new file with the bytes of `source`, sharing its blocks where the file system can. Raises OSError."""
    with source.open("rb") as there, target.open("xb") as here:
        try:
            fcntl.ioctl(here.fileno(), _FICLONE, there.fileno())
            return
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                raise
    shutil.copyfile(source, target)


def write_text(text: str, target: Path) -> None:
    """The text as UTF-8; for `write_durably`."""
    target.write_text(text, encoding="utf-8")


def write_bytes(data: bytes, target: Path) -> None:
    """The bytes; for `write_durably`."""
    target.write_bytes(data)


def write_json(path: Path, value: object) -> None:
    """The value as indented JSON, durably, in a folder made where it is missing. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    write_durably(path, lambda target: write_text(text, target))
