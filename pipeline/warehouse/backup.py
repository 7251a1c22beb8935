"""One file that saves a project: every version, the readings that wait, what people declared, and a manifest of their
sha256. Written and checked here; put back in `backup_restore`. The published file is not saved: it is built again.

The archive is a tar, compressed by zstandard or gzip as its name says. Its first member, manifest.json, names the
others in order.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal, Protocol

from pipeline.settings import Settings
from pipeline.warehouse.files import sha256_of, write_durably

FORMAT = 1
MANIFEST = "manifest.json"
Codec = Literal["zstd", "gzip"]
_CODECS: Mapping[str, Codec] = {".tar.zst": "zstd", ".tar.gz": "gzip"}
_KEPT = ("warehouse/versions", "warehouse/pending")
_MANIFEST_BYTES = 256 << 20
_BLOCK = 1 << 20


class Readable(Protocol):
    """What can be read by blocks."""

    def read(self, size: int = -1, /) -> bytes: ...


Take = Callable[[str, Readable], None]


class BackupError(Exception):
    """The backup cannot be made or is not whole; the French message names the file and the member."""


@dataclass(frozen=True)
class Saved:
    """One file of a backup."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: path from the project's root → file. `made_at` is ISO, UTC."""

    made_at: str
    versions: int
    files: Mapping[str, Saved]
    format: int = FORMAT


def backup(settings: Settings, target: Path, now: datetime, whole_raw: bool = False) -> Manifest:
    """Write the backup, read it back whole, and only then give it its name. The caller holds the refresh lock.

    With `whole_raw`, all of raw/ but the drop folder; else its declarations only (TOML, and the state of the feed).
    Raises BackupError for a name that is neither .tar.zst nor .tar.gz and when a file changes meanwhile; OSError.
    """
    codec = _codec(target)
    files = {name: Saved(sha256_of(path), path.stat().st_size) for name, path in _files(settings, whole_raw)}
    versions = sum(1 for name in files if _is_version(name))
    manifest = Manifest(now.isoformat(timespec="seconds"), versions, files)

    def write(temporary: Path) -> None:
        _write(temporary, codec, settings, manifest)
        _read(temporary, codec, target.name, None)

    write_durably(target.absolute(), write)
    return manifest


def check(path: Path, take: Take | None = None) -> Manifest:
    """Read a backup whole, comparing every member with the manifest; `take` is given each (path, content) as it is
    read, before it is compared. Raises BackupError: no backup, cut short, altered, or with a member that has no place
    in a project."""
    if not path.is_file():
        raise BackupError(f"{path} : fichier absent")
    return _read(path, _codec(path), path.name, take)


def _codec(path: Path) -> Codec:
    for suffix, codec in _CODECS.items():
        if path.name.endswith(suffix):
            return codec
    raise BackupError(f"{path.name} : le nom d'une sauvegarde finit par {' ou '.join(_CODECS)}")


def _files(settings: Settings, whole_raw: bool) -> Iterator[tuple[str, Path]]:
    """(path from the root, file), in order: declarations, then versions."""
    if settings.configuration.is_file():
        yield settings.configuration.name, settings.configuration
    for path in sorted(settings.raw.rglob("*")):
        apart = path.is_relative_to(settings.inbox) or any(
            p.startswith(".") for p in path.relative_to(settings.raw).parts
        )
        if path.is_file() and not apart and (whole_raw or path.suffix == ".toml" or path == settings.feed_state):
            yield path.relative_to(settings.root).as_posix(), path
    for room in _KEPT:
        for path in sorted((settings.root / room).glob("*/[!.]*")):
            yield path.relative_to(settings.root).as_posix(), path


def _is_version(name: str) -> bool:
    path = PurePosixPath(name)
    dataset = path.parts[:2] == ("warehouse", "versions") and not path.parts[2].startswith("_")
    return dataset and path.suffix == ".json" and path.stem.isdigit()


def _write(path: Path, codec: Codec, settings: Settings, manifest: Manifest) -> None:
    import pyarrow as pa

    body = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    sink: Any = pa.CompressedOutputStream(pa.OSFile(str(path), "wb"), codec)
    with sink, tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_member(MANIFEST, len(body)), io.BytesIO(body))
        for name, saved in manifest.files.items():
            with (settings.root / name).open("rb") as content:
                tar.addfile(_member(name, saved.bytes), content)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    return member


def _read(path: Path, codec: Codec, shown: str, take: Take | None) -> Manifest:
    try:
        with _opened(path, codec) as tar:
            manifest = _manifest(tar.next(), tar)
            missing = dict(manifest.files)
            while member := tar.next():
                saved = missing.pop(member.name, None)
                content = tar.extractfile(member) if member.isreg() else None
                if saved is None or content is None or member.size != saved.bytes:
                    raise BackupError(f"{shown} : {member.name} n'est pas ce que le manifeste annonce")
                if _copied(member.name, content, take) != saved.sha256:
                    raise BackupError(f"{shown} : {member.name} est altéré")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BackupError(f"{shown} : sauvegarde tronquée ou illisible ({error})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{shown} : ce n'est pas une sauvegarde, ou son manifeste est illisible ({error})") from error
    if missing:
        raise BackupError(f"{shown} : {len(missing)} fichiers manquent, d'abord {next(iter(missing))}")
    return manifest


@contextmanager
def _opened(path: Path, codec: Codec) -> Iterator[tarfile.TarFile]:
    import pyarrow as pa

    source: Any = pa.CompressedInputStream(pa.OSFile(str(path), "rb"), codec)
    with source, tarfile.open(fileobj=source, mode="r|") as tar:
        yield tar


def _manifest(member: tarfile.TarInfo | None, tar: tarfile.TarFile) -> Manifest:
    content = tar.extractfile(member) if member and member.isreg() and member.name == MANIFEST else None
    if member is None or content is None or member.size > _MANIFEST_BYTES:
        raise ValueError(f"{MANIFEST} n'est pas au début")
    body = json.loads(content.read())
    if body["format"] > FORMAT:
        raise ValueError(f"format {body['format']}, plus récent que le format {FORMAT} que ce programme lit")
    files = {name: Saved(str(saved["sha256"]), int(saved["bytes"])) for name, saved in body["files"].items()}
    for name in files:
        _has_place(name)
    return Manifest(str(body["made_at"]), int(body["versions"]), files, int(body["format"]))


def _has_place(name: str) -> None:
    """Raises ValueError for a path that is not one of those a backup holds."""
    path = PurePosixPath(name)
    plain = path.as_posix() == name and not path.is_absolute() and ".." not in path.parts and "\\" not in name
    known = name == "annexes.toml" or path.parts[0] == "raw" or name.startswith(tuple(f"{room}/" for room in _KEPT))
    if not (plain and known):
        raise ValueError(f"chemin inattendu : {name}")


def _copied(name: str, content: IO[bytes], take: Take | None) -> str:
    """sha256 of the content, which `take` reads meanwhile."""
    reader = _Hashing(content)
    if take is not None:
        take(name, reader)
    while reader.read(_BLOCK):
        pass
    return reader.digest.hexdigest()


class _Hashing:
    """A stream that hashes what is read of it."""

    def __init__(self, content: IO[bytes]) -> None:
        self.digest = hashlib.sha256()
        self._content = content

    def read(self, size: int = -1, /) -> bytes:
        block = self._content.read(size)
        self.digest.update(block)
        return block
