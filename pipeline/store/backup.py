"""One file that saves a project (every version, the readings that wait, what people declared, and a manifest of their
sha256), and the same put back: taken out beside, verified, then moved into place. Cut short at any instant, a
restore is either not begun, or finished by whoever takes the refresh lock next (`finish`). The published file is not
saved: it is built again.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import shutil
import tarfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal, Protocol

from pipeline import config
from pipeline.errors import AnnexesError
from pipeline.files import is_plain_name, sha256_of, shown_name, sync_folder, what_is_odd, write_durably
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore

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


class BackupError(AnnexesError):
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


def check_backup(path: Path, take: Take | None = None) -> Manifest:
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
    if settings.configuration.is_file() and not settings.configuration.is_symlink():
        yield settings.configuration.name, settings.configuration
    for path in sorted(settings.raw.rglob("*")):
        apart = path.is_relative_to(settings.inbox) or any(
            p.startswith(".") for p in path.relative_to(settings.raw).parts
        )
        if not is_plain_name(path.name) or path.is_symlink():
            if not apart:
                logging.getLogger(__name__).warning(
                    f"{shown_name(path.name)} : non sauvegardé (lien, ou nom illisible)"
                )
            continue
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
                    raise BackupError(f"{shown} : {shown_name(member.name)} n'est pas ce que le manifeste annonce")
                if _copied(member.name, content, take) != saved.sha256:
                    raise BackupError(f"{shown} : {member.name} est altéré")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BackupError(f"{shown} : sauvegarde tronquée ou illisible ({error})") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
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
    files = {str(name): Saved(str(saved["sha256"]), int(saved["bytes"])) for name, saved in body["files"].items()}
    for name, saved in files.items():
        _has_place(name)
        if saved.bytes < 0:
            raise ValueError(f"taille négative : {name}")
    return Manifest(str(body["made_at"]), int(body["versions"]), files, int(body["format"]))


def _has_place(name: str) -> None:
    """Raises ValueError for a path that is not one of those a backup holds."""
    path = PurePosixPath(name)
    plain = path.as_posix() == name and not path.is_absolute() and "\\" not in name and len(name) < 1000
    visible = all(is_plain_name(part) and not part.startswith(".") for part in path.parts)
    version = name.startswith(tuple(f"{room}/" for room in _KEPT)) and len(path.parts) == 4
    known = name == SETTINGS or (path.parts[:1] == ("raw",) and len(path.parts) > 1) or version
    if not (plain and visible and known):
        raise ValueError(f"chemin inattendu : {shown_name(name)}")


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


_ROOMS = ("versions", "pending")


SETTINGS = "annexes.toml"


def restore(settings: Settings, source: Path, force: bool = False, with_settings: bool = False) -> Manifest:
    """Put back what a backup holds. The caller holds the refresh lock, and publishes afterwards.

    A backup is data of whoever made it: its settings, which may name programs to run and places to fetch from or write
    to, are left out unless `with_settings`. The versions and the readings that wait become those of the backup;
    declarations it holds replace those of the same name, others stay. What was staged is forgotten, so that the next
    refresh reads every document again. Without `force` the project must have no version, and no declaration that
    differs. Raises BackupError before anything is written; OSError.
    """
    beside = restore_folder(settings)
    _fits(settings, check_backup(source), source.name)
    shutil.rmtree(beside, ignore_errors=True)
    taken = beside / "files"
    for room in _ROOMS:
        (taken / "warehouse" / room).mkdir(parents=True)

    def take(name: str, content: Readable) -> None:
        if with_settings or name != SETTINGS:
            _take_out(taken / name, content)

    try:
        manifest = check_backup(source, take)
        if with_settings and (taken / SETTINGS).is_file():
            config.declared(Settings(taken))
        _versions_are_whole(taken, source.name)
        if not force:
            _nothing_is_lost(settings, manifest, with_settings)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    write_durably(_ready(settings), lambda path: path.touch())
    finish_restore(settings)
    return manifest


def restore_versions(settings: Settings, source: Path, numbers: Collection[int]) -> Manifest:
    """Put back these versions only, each file to the byte of the backup, where it is gone or damaged here. The caller
    holds the refresh lock. Raises BackupError: a version that the backup has not, or that is another one here; nothing
    is then changed."""
    beside = restore_folder(settings)
    shutil.rmtree(beside, ignore_errors=True)
    wanted = {f"{number:06d}" for number in numbers}

    def take(name: str, content: Readable) -> None:
        path = PurePosixPath(name)
        if path.parts[:2] == ("warehouse", "versions") and path.name.split(".")[0] in wanted and len(path.parts) == 4:
            _take_out(beside / name, content)

    try:
        manifest = check_backup(source, take)
        taken = {p.name: p for p in beside.rglob("*") if p.is_file() and not p.parent.name.startswith("_")}
        for number in sorted(wanted):
            if f"{number}.json" not in taken:
                raise BackupError(f"{source.name} : la version {int(number)} n'y est pas")
        _versions_are_whole(beside, source.name)
        for path in taken.values():
            place = settings.root / path.relative_to(beside)
            if path.name.endswith(".json") and place.is_file() and place.read_bytes() != path.read_bytes():
                _is_damaged(place, path, source.name)
        for path in sorted(taken.values(), key=lambda p: p.name.endswith(".json")):
            place = settings.root / path.relative_to(beside)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
            sync_folder(place.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return manifest


def _is_damaged(place: Path, saved: Path, shown: str) -> None:
    """Raises BackupError when the record in place is whole: two stores that say different things are not mixed."""
    from pipeline.store.copies import kind_of
    from pipeline.store.records import DamagedRecordError, decode_record

    try:
        decode_record(place.read_text(encoding="utf-8"), kind_of(place.parent.name, place.name))
    except (DamagedRecordError, OSError, ValueError):
        return
    raise BackupError(f"{shown} : {saved.name} y est une autre version que celle d'ici ; rien n'est remplacé")


def restore_folder(settings: Settings) -> Path:
    """Where a backup is taken out before it is put in place."""
    return settings.warehouse / ".restore"


def finish_restore(settings: Settings) -> bool:
    """Move into place what a restore made ready; False when there is nothing of the kind. May be cut short and called
    again: what is moved is no longer there to move."""
    if not _ready(settings).is_file():
        return False
    beside = restore_folder(settings)
    taken, former = beside / "files", beside / "former"
    former.mkdir(exist_ok=True)
    for room in _ROOMS:
        new, place = taken / "warehouse" / room, settings.warehouse / room
        if new.is_dir():
            if place.is_dir():
                place.rename(former / room)
            new.rename(place)
    sync_folder(settings.warehouse)
    for path in sorted(p for p in taken.rglob("*") if p.is_file()):
        place = settings.root / path.relative_to(taken)
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
    for outcome in settings.staged.glob("*/outcome.json"):
        outcome.unlink()
    # What was published of other versions is no measure of what is to be published of these.
    settings.published_note.unlink(missing_ok=True)
    _ready(settings).unlink()
    shutil.rmtree(beside, ignore_errors=True)
    return True


def _ready(settings: Settings) -> Path:
    return restore_folder(settings) / "READY"


def _take_out(target: Path, content: Readable) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        shutil.copyfileobj(content, stream, 1 << 20)
        os.fsync(stream.fileno())


def _versions_are_whole(taken: Path, shown: str) -> None:
    """Each record against its files: a backup of a damaged warehouse is not put back in silence."""
    damaged = VersionStore(Settings(taken).versions, trusting=False).view().refused
    if damaged:
        first = damaged[0]
        raise BackupError(
            f"{shown} : {len(damaged)} fichiers de version endommagés, d'abord {first.path.name} : {first.reason}"
        )


def saved_settings(settings: Settings, source: Path) -> str:
    """The annexes.toml of a backup where it is not the one that is here, '' else. Raises BackupError."""
    found: list[str] = []

    def take(name: str, content: Readable) -> None:
        if name == SETTINGS:
            found.append(content.read(1 << 20).decode("utf-8", "replace"))

    check_backup(source, take)
    here = settings.configuration
    same = found and here.is_file() and here.read_text(encoding="utf-8", errors="replace") == found[0]
    return found[0] if found and not same else ""


def _fits(settings: Settings, manifest: Manifest, shown: str) -> None:
    """Raises BackupError when the disk has no room for all of it, or something that is no plain file stands where one
    of its files goes."""
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    needed, free = sum(saved.bytes for saved in manifest.files.values()), shutil.disk_usage(settings.warehouse).free
    if needed > free:
        raise BackupError(f"{shown} : {needed >> 20} Mio à écrire, {free >> 20} Mio libres")
    for name in manifest.files:
        place = settings.root / name
        if odd := what_is_odd(place):
            raise BackupError(f"{name} : {odd}")
        for folder in list(place.parents)[: len(PurePosixPath(name).parts) - 1]:
            if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
                raise BackupError(
                    f"{folder.relative_to(settings.root)} : un dossier est attendu, sans lien ; l'enlever"
                )


def _nothing_is_lost(settings: Settings, manifest: Manifest, with_settings: bool) -> None:
    held = sum(1 for _ in settings.versions.glob("[!_]*/[0-9]*.json"))
    if held:
        raise BackupError(f"ce projet a déjà {held} versions ; --force les remplace par celles de la sauvegarde")
    for name, saved in manifest.files.items():
        place = settings.root / name
        if name == SETTINGS and not with_settings:
            continue
        if place.is_file() and sha256_of(place) != saved.sha256:
            raise BackupError(f"{name} n'est pas celui de la sauvegarde ; --force le remplace")
