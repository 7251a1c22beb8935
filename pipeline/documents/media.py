"""What kind of file this is, told by its bytes and held against its name. No content is parsed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from pipeline.documents.model import Media
from pipeline.errors import AnnexesError

BY_SUFFIX: Mapping[str, Media] = {
    ".txt": "cells",
    ".md": "markdown",
    ".tsv": "tsv",
    ".csv": "csv",
    ".pdf": "pdf",
    ".xml": "xml",
    ".html": "html",
    ".htm": "html",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".ods": "ods",
    ".docx": "docx",
    ".docm": "docx",
}
_TEXT: frozenset[Media] = frozenset({"cells", "markdown", "tsv", "csv"})
_ZIPPED: frozenset[Media] = frozenset({"xlsx", "ods", "docx"})
HEAD = 4096

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD = {
    ".xls": "ancien format Excel : l'ouvrir et l'enregistrer en .xlsx",
    ".doc": "ancien format Word : l'ouvrir et l'enregistrer en .docx",
    ".ppt": "ancien format PowerPoint : l'enregistrer en PDF",
    ".msg": "message Outlook : en déposer la pièce jointe",
}
_PICTURES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"BM", "BMP"),
    (b"RIFF", "WebP"),
)
_OTHERS = (
    (b"{\\rtf", "fichier RTF : l'ouvrir et l'enregistrer en .docx"),
    (b"7z\xbc\xaf", "archive 7z : en sortir les fichiers"),
    (b"Rar!", "archive RAR : en sortir les fichiers"),
    (b"\x1f\x8b", "archive gzip : en sortir les fichiers"),
)


class MediaError(AnnexesError, ValueError):
    """The file is empty, of an unknown kind, or not of the kind its name says (French, one sentence)."""


def _by_bytes(head: bytes) -> Media | None:
    """The kind of a file by its first bytes, None for text; MediaError for other binaries, with the way out."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:512].lower()
    if b"<!doctype html" in text or b"<html" in text:
        return "html"
    if text.startswith((b"<?xml", b"<texte", b"<article")):
        return "xml"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head)
    for mark, kind in _PICTURES:
        if head.startswith(mark) and (mark != b"BM" or b"\x00" in head[:16]):
            raise MediaError(f"image {kind} : déposer le document d'origine, ou transcrire ce qu'elle montre")
    for mark, message in _OTHERS:
        if head.startswith(mark):
            raise MediaError(message)
    if b"\x00" in head and not _wide_text(head):
        raise MediaError("fichier binaire d'un type inconnu")
    return None


def _zipped(head: bytes) -> Media | None:
    """Which package a zip is, by the names of its first parts; None when they do not say."""
    if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in head:
        return "ods"
    if b"mimetypeapplication/vnd.oasis.opendocument.text" in head:
        raise MediaError("texte OpenDocument : l'ouvrir et l'enregistrer en .docx")
    if b"mimetypeapplication/epub" in head:
        raise MediaError("livre EPUB : en déposer les pages")
    if b"xl/" in head:
        return "xlsx"
    return "docx" if b"word/" in head else None


def _wide_text(head: bytes) -> bool:
    """Text in UTF-16: with its mark, or with a zero byte for every other one."""
    even, odd = head[0:200:2], head[1:200:2]
    mostly_zero = any(half and half.count(0) * 10 >= len(half) * 9 for half in (even, odd))
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or (mostly_zero and not (even.count(0) and odd.count(0)))


def tell(name: str, head: bytes, declared: Media | None = None) -> Media:
    """The media of a file from its first bytes (HEAD of them are enough), its name, and what document.toml declares.

    Raises MediaError when it is empty, of no known type, or when name and bytes contradict each other.
    """
    if not head.strip():
        raise MediaError("fichier vide")
    suffix = PurePath(name).suffix.lower()
    expected = declared or BY_SUFFIX.get(suffix)
    if head.startswith(_OLD_OFFICE):
        unknown = "ancien format de Microsoft Office, ou fichier chiffré : l'enregistrer de nouveau, sans mot de passe"
        raise MediaError(_OLD.get(suffix, unknown))
    found = _by_bytes(head)
    if head.startswith(b"PK\x03\x04") and found is None:
        if expected in _ZIPPED:
            return expected
        raise MediaError("archive zip : en sortir les fichiers")
    if expected is None:
        if found is None:
            known = ", ".join(sorted(BY_SUFFIX))
            raise MediaError(f"type de document inconnu ({suffix or 'sans extension'}) ; types lus : {known}")
        return found
    if found == expected or (found is None and expected in _TEXT | {"html"}):
        return expected
    if found is None:
        raise MediaError(f"le nom annonce un fichier {expected}, le contenu n'en est pas un")
    raise MediaError(f"le nom annonce un fichier {expected}, le contenu est un fichier {found}")
