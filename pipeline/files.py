"""Durable writing, careful reading, and named points at which a test may end the process as a power cut would.

A file is either whole under its name or absent. One that others may have put there is opened without following a link,
and only when it is a plain one. Knows nothing of what the files hold.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import signal
import stat
import tomllib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any

from pipeline.errors import AnnexesError

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


class OddFileError(AnnexesError):
    """What stands there is no file that may be read: a link, a folder, a pipe, a device, or text that is none (French;
    the name of the file is the caller's to say)."""


_KINDS = (
    (stat.S_ISLNK, "lien symbolique : mettre le fichier lui-même à sa place"),
    (stat.S_ISDIR, "dossier à la place d'un fichier : l'enlever"),
    (stat.S_ISFIFO, "tube nommé (FIFO) à la place d'un fichier : l'enlever"),
    (stat.S_ISSOCK, "socket à la place d'un fichier : l'enlever"),
    (stat.S_ISCHR, "périphérique à la place d'un fichier : l'enlever"),
    (stat.S_ISBLK, "périphérique à la place d'un fichier : l'enlever"),
)


def what_is_odd(path: Path) -> str:
    """Why the path is no plain file (French), '' for one or for nothing at all. Raises OSError."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return next((said for is_kind, said in _KINDS if is_kind(mode)), "")


def open_plain(path: Path) -> BufferedReader:
    """The file opened for reading, neither through a link nor waiting for a pipe. Raises OddFileError, OSError."""
    if odd := what_is_odd(path):
        raise OddFileError(odd)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if odd := what_is_odd(path):  # put there meanwhile
            raise OddFileError(odd) from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OddFileError(what_is_odd(path) or "ce n'est plus un fichier ordinaire")
    return BufferedReader(FileIO(handle))


def read_plain(path: Path, limit: int | None = None) -> bytes:
    """The bytes of a plain file. Raises OddFileError for another one, or one of more than `limit` bytes; OSError."""
    with open_plain(path) as stream:
        data = stream.read() if limit is None else stream.read(limit + 1)
    if limit is not None and len(data) > limit:
        raise OddFileError(f"fichier de plus de {limit >> 20} Mio")
    return data


_DECLARED_BYTES = 16 << 20


def read_toml(path: Path) -> dict[str, Any]:
    """What a plain TOML file declares. Raises OddFileError for what does not read, OSError when there is none or the
    disk refuses."""
    data = read_plain(path, _DECLARED_BYTES)
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise OddFileError(f"octet {error.start} illisible en UTF-8 : enregistrer le fichier en UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise OddFileError(f"TOML illisible : {error}") from error
    except RecursionError as error:
        raise OddFileError("TOML illisible : tables ou listes emboîtées sans fin") from error
    except ValueError as error:  # a number of thousands of digits
        raise OddFileError(f"TOML illisible : {error}") from error


def is_kept(path: Path, kept: Path) -> bool:
    """Whether a common file is, to the byte, what it was when it was last read to the end."""
    try:
        return kept.read_bytes() == read_plain(path)
    except FileNotFoundError:
        return not path.exists()
    except (OSError, OddFileError):
        return False


def keep_good(path: Path, kept: Path) -> None:
    """Keep the bytes of a common file that was just read to the end; none stands for no file. Raises OSError."""
    try:
        data = read_plain(path)
    except FileNotFoundError:
        data = b""
    if not kept.is_file() or kept.read_bytes() != data:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_durably(kept, partial(write_bytes, data))


def keep_others_from_writing() -> None:
    """Nothing that this process or its children make can be written by others, whatever the umask it was given."""
    os.umask(os.umask(0o077) | stat.S_IWOTH)


def is_alive(pid: int) -> bool:
    """Whether a process of this machine has this number."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def is_written(path: Path) -> bool:
    """Whether a process of this machine that we may look at has the file open for writing (where the system tells)."""
    try:
        known = path.stat()
    except OSError:
        return False
    for link in Path("/proc").glob("[0-9]*/fd/[0-9]*"):
        try:
            there = link.stat()
            if (there.st_dev, there.st_ino) != (known.st_dev, known.st_ino):
                continue
            flags = (link.parent.parent / "fdinfo" / link.name).read_text(encoding="ascii")
        except (OSError, ValueError):
            continue  # the process ended meanwhile, or is another user's
        mode = next((line.split()[1] for line in flags.splitlines() if line.startswith("flags:")), "0")
        if int(mode, 8) & os.O_ACCMODE != os.O_RDONLY:
            return True
    return False


def set_folder_aside(path: Path) -> Path | None:
    """Move a folder out of the place of a file of ours, which is made again; where it now is. Raises OSError."""
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            return None
    except (FileNotFoundError, NotADirectoryError):
        return None
    aside = next(p for n in range(1, 10_000) if not (p := path.with_name(f"{path.name}.dossier-{n}")).exists())
    return path.rename(aside)


def link_or_copy(source: Path, target: Path) -> None:
    """The same file under another name; its bytes where the disk cannot do that. Raises OSError."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copyfile(source, target, follow_symlinks=False)


def is_plain_name(name: str) -> bool:
    """Whether a name can be written anywhere as it is: UTF-8, without control characters."""
    with suppress(UnicodeEncodeError):
        name.encode("utf-8")
        return name.isprintable()
    return False


def shown_name(name: str) -> str:
    """A name of a file as it can be shown: what cannot be printed is escaped."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


_BLOCK = 1 << 20


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of the file's bytes. Raises OSError when it cannot be read; a pipe or a device is no file."""
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise FileNotFoundError(errno.ENOENT, "no plain file", str(path))
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def sync_file(path: Path) -> None:
    """Force the file's bytes to the disk."""
    _sync(path)


def sync_folder(folder: Path) -> None:
    """Force the folder's entries to the disk, so that a rename survives a power cut."""
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make a temporary file beside, force it to the disk and rename it to `path`; a folder that stands in
    its place is set aside.

    Raises what `write` raises (OSError on a full disk); the temporary file is then removed and `path` is untouched.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write(temporary)
        sync_file(temporary)
        failpoint("write.before_rename")
        set_folder_aside(path)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    failpoint("write.before_sync")
    sync_folder(path.parent)


_SEAL = b',\n "seal": "'


def write_sealed(path: Path, value: dict[str, Any]) -> None:
    """The JSON object, durably, ended by a seal over all bytes before it. Raises OSError."""
    body = json.dumps(value, ensure_ascii=False, indent=1).removesuffix("\n}").encode()
    whole = body + _SEAL + hashlib.sha256(body).hexdigest().encode() + b'"\n}\n'
    write_durably(path, partial(write_bytes, whole))


def read_sealed(path: Path) -> dict[str, Any] | None:
    """The object that `write_sealed` wrote; None when there is none, or one byte of it is another."""
    try:
        whole = path.read_bytes()
        body, seal, digest = whole.rpartition(_SEAL)
        if not seal or digest != hashlib.sha256(body).hexdigest().encode() + b'"\n}\n':
            return None
        loaded = json.loads(body + b"\n}")
    except (OSError, ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) else None


def write_bytes(data: bytes, target: Path) -> None:
    """The bytes as they are; for `write_durably`."""
    target.write_bytes(data)


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


def write_json(path: Path, value: object) -> None:
    """The value as indented JSON, durably, in a folder made where it is missing. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    write_durably(path, lambda target: write_text(text, target))
