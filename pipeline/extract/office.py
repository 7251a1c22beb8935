"""The package of an office document: a zip whose parts are XML, opened under limits, read without following anything.

What XLSX, ODS and DOCX share. Macros, links to other files, pictures and embedded objects are never looked at.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, cast

from lxml import etree

from pipeline.extract.limits import Limits
from pipeline.extract.model import ExtractError

_RATIO = 500
"""No honest sheet is packed this many times; a megabyte is let through whatever its ratio."""
_FREE = 1 << 20
_ENCRYPTED = 0x1

_DAMAGED = "Le fichier est endommagé"
_AGAIN = "le reprendre à sa source"


class Package:
    """One package in memory. Every part is bounded in bytes unpacked, whatever the zip claims of itself."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        """ExtractError for what is no zip, is damaged or encrypted, or unpacks to more than the limits."""
        self._limits = limits
        self._left = limits.unpacked_bytes
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise ExtractError(f"{_DAMAGED} : {error}.", _AGAIN) from error
        members = self._zip.infolist()
        self.names = frozenset(member.filename for member in members)
        if len(members) > limits.package_parts or len(self.names) < len(members):
            raise ExtractError("Le fichier a trop de parties, ou deux du même nom.", "vérifier le fichier")
        if any(member.flag_bits & _ENCRYPTED for member in members) or "EncryptedPackage" in self.names:
            raise ExtractError("Le fichier est protégé par un mot de passe.", "l'enregistrer sans mot de passe")
        for member in members:
            if member.file_size > _FREE and member.file_size > _RATIO * max(member.compress_size, 1):
                raise ExtractError("Le fichier se déplie hors de toute mesure.", "vérifier le fichier")

    def part(self, name: str) -> bytes:
        """One part, whole."""
        with self.open(name) as stream:
            return stream.read()

    def open(self, name: str) -> IO[bytes]:
        """A part as a bounded stream. ExtractError when it is missing."""
        try:
            return cast("IO[bytes]", _Bounded(self, self._zip.open(name)))
        except KeyError as error:
            raise ExtractError(f"{_DAMAGED} : il lui manque {name}.", _AGAIN) from error
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError) as error:
            raise ExtractError(f"{_DAMAGED} : {error}.", _AGAIN) from error

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            size = self._limits.unpacked_bytes >> 20
            raise ExtractError(f"Le fichier se déplie en plus de {size} Mio.", "le découper")

    def tree(self, name: str) -> etree._Element:
        """A part as a tree of elements."""
        data = self.part(name)
        if len(data) > self._limits.tree_bytes:
            raise ExtractError(f"{name} dépasse {self._limits.tree_bytes >> 20} Mio une fois déplié.", "le découper")
        try:
            return etree.fromstring(data, _parser())
        except etree.XMLSyntaxError as error:
            raise ExtractError(f"{_DAMAGED} : {name} n'est pas du XML lisible.", _AGAIN) from error

    def elements(self, name: str, *tags: str) -> Iterator[etree._Element]:
        """The elements of these names, as each ends. The caller clears what it has used."""
        with self.open(name) as stream:
            try:
                for _, element in etree.iterparse(
                    stream, events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False
                ):
                    yield element
            except etree.XMLSyntaxError as error:
                raise ExtractError(f"{_DAMAGED} : {name} s'arrête ou n'est pas du XML lisible.", _AGAIN) from error


class _Bounded:
    """A stream of one part that counts what it gives, and turns damage into ExtractError."""

    def __init__(self, package: Package, stream: IO[bytes]) -> None:
        self._package, self._stream = package, stream

    def read(self, size: int = -1) -> bytes:
        chunks: list[bytes] = []
        while size != 0:
            try:
                chunk = self._stream.read(1 << 20 if size < 0 else size)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
                raise ExtractError(f"{_DAMAGED} : {error}.", _AGAIN) from error
            self._package.spend(len(chunk))
            chunks.append(chunk)
            if size > 0 or not chunk:
                break
        return b"".join(chunks)

    def __enter__(self) -> _Bounded:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; '' for a comment or an instruction."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute by its name, in whatever namespace."""
    value = element.get(name)
    if value is not None:
        return value
    return next((str(v) for key, v in element.attrib.items() if str(key).rpartition("}")[2] == name), None)
