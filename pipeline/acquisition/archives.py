"""A delivery, tar.gz, read as a stream: its texts one by one, in bounded time and memory.

Nothing is extracted to the disk and no path of the archive is used as one.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Self

_TEXT = re.compile(r"JORFTEXT[0-9]{12}\.xml", re.I)
_LONGEST_NAME_HEADER = 64 << 10
_LONG_HEADERS = frozenset(
    {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
)


class ArchiveError(Exception):
    """The delivery is torn, or hostile: nothing of it is to be taken (French)."""


@dataclass(frozen=True)
class Bounds:
    """Of one delivery: bytes of a member, bytes of all once inflated, members."""

    member: int = 64 << 20
    inflated: int = 1 << 30
    members: int = 20_000


@dataclass(frozen=True)
class Member:
    """One text of the delivery: the last part of its name, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Strange:
    """A member that is not taken, and why (French)."""

    name: str
    reason: str


def verify(path: Path, bounds: Bounds | None = None) -> int:
    """The number of texts of a delivery that is whole to its last byte. Raises ArchiveError for any other."""
    return sum(isinstance(member, Member) for member in members(path, bounds))


def members(path: Path, bounds: Bounds | None = None) -> Iterator[Member | Strange]:
    """The texts, in the order of the archive, one in memory at a time; tables of contents and folders are passed by.

    Raises ArchiveError, perhaps after some texts: `verify` first.
    """
    bounds = bounds or Bounds()
    try:
        with path.open("rb") as file, gzip.GzipFile(fileobj=file) as inflated:
            stream = _Bounded(inflated, bounds.inflated)
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Info) as tar:
                for number, info in enumerate(tar, start=1):
                    if number > bounds.members:
                        raise ArchiveError(f"plus de {bounds.members} fichiers")
                    if info.size > bounds.inflated:
                        raise ArchiveError(f"{_shown(info)} annonce {info.size >> 20} Mio")
                    if found := _member(tar, info, bounds.member):
                        yield found
            while stream.read(1 << 20):  # to the last byte: the checksum stands there
                pass
    except gzip.BadGzipFile as error:
        raise ArchiveError(f"ce n'est pas une archive tar.gz entière ({error})") from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ArchiveError(f"archive tronquée ou abîmée ({error})") from error


def _member(tar: tarfile.TarFile, info: tarfile.TarInfo, most: int) -> Member | Strange | None:
    path = PurePosixPath(info.name)
    shown = _shown(info)
    if path.is_absolute() or ".." in path.parts or "\\" in info.name:
        return Strange(shown, "chemin qui sort de l'archive")
    if info.isdir():
        return None
    if not info.isreg():
        return Strange(shown, "lien ou fichier spécial")
    if not _TEXT.fullmatch(path.name):
        return None
    if info.size > most:
        return Strange(shown, f"annonce {info.size >> 20} Mio, au plus {most >> 20} sont lus")
    content: IO[bytes] | None = tar.extractfile(info)
    assert content is not None, "a regular member has content"
    return Member(path.name, content.read())


def _shown(info: tarfile.TarInfo) -> str:
    return ascii(info.name)[1:-1][:200]


class _Info(tarfile.TarInfo):
    """Headers read with two cares that tarfile has not: one that does not read is an error and not the end of the
    archive, and what a header may have read into memory (a long name) is bounded."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        if len(buf) != tarfile.BLOCKSIZE:
            raise ArchiveError("archive tronquée : elle finit sans sa marque de fin")
        if not any(buf):
            return super().frombuf(buf, encoding, errors)  # the mark of the end: tarfile's own signal
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            raise ArchiveError(f"archive abîmée ({error})") from error
        if info.size < 0 or (info.type in _LONG_HEADERS and info.size > _LONGEST_NAME_HEADER):
            raise ArchiveError(f"en-tête hors de toute mesure ({info.size} octets)")
        return info


class _Bounded(io.RawIOBase):
    """An inflated stream that gives no more than `most` bytes in all."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, most: int) -> None:
        super().__init__()
        self._stream, self._most, self._given = stream, most, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._given += len(data)
        if self._given > self._most:
            raise ArchiveError(f"plus de {self._most >> 20} Mio une fois décompressée")
        return data
