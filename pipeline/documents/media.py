"""What kind of file this is, told by its bytes and held against its name. No content is parsed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from pipeline.errors import AnnexesError


@dataclass(frozen=True)
class Format:
    """A kind of file that is read: its name in document.toml, the suffixes it has, and the function of `extract` that
    makes a Reading of its bytes ("module:function"; none for PDF, whose pages are read apart).

    `known` tells it by its first bytes; without it, any text with that name or suffix is one. `zipped`: its bytes may
    say no more than that it is a package.
    """

    media: str
    suffixes: tuple[str, ...]
    reader: str = ""
    known: Callable[[bytes], bool] | None = None
    zipped: bool = False


def _text_of(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:512].lower()


def _is_html(head: bytes) -> bool:
    return b"<!doctype html" in _text_of(head) or b"<html" in _text_of(head)


def _is_xml(head: bytes) -> bool:
    return _text_of(head).startswith((b"<?xml", b"<texte", b"<article"))


def _package(part: bytes) -> Callable[[bytes], bool]:
    """A zip whose first names hold this one."""
    return lambda head: head.startswith(_ZIP) and part in head


_ZIP = b"PK\x03\x04"
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
FORMATS: tuple[Format, ...] = (
    Format("pdf", (".pdf",), known=lambda head: b"%PDF-" in head[:1024]),
    Format("html", (".html", ".htm"), "pipeline.extract.html:read_html", _is_html),
    Format("xml", (".xml",), "pipeline.extract.xml:read_xml", _is_xml),
    Format("ods", (".ods",), "pipeline.extract.ods:read_ods", _package(_ODS), zipped=True),
    Format("xlsx", (".xlsx", ".xlsm"), "pipeline.extract.xlsx:read_xlsx", _package(b"xl/"), zipped=True),
    Format("docx", (".docx", ".docm"), "pipeline.extract.docx:read_docx", _package(b"word/"), zipped=True),
    Format("cells", (".txt",), "pipeline.extract.cells:read_cells"),
    Format("markdown", (".md",), "pipeline.extract.markdown:read_markdown"),
    Format("tsv", (".tsv",), "pipeline.extract.tsv:read_tsv"),
    Format("csv", (".csv",), "pipeline.extract.csv:read_csv"),
)
"""Every format, those told by their bytes in the order in which they are asked. No other place names one but its own
module."""
BY_NAME: Mapping[str, Format] = {f.media: f for f in FORMATS}
BY_SUFFIX: Mapping[str, str] = {suffix: f.media for f in FORMATS for suffix in f.suffixes}
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
_PACKAGES = (
    (
        b"mimetypeapplication/vnd.oasis.opendocument.text",
        "texte OpenDocument : l'ouvrir et l'enregistrer en .docx",
    ),
    (b"mimetypeapplication/epub", "livre EPUB : en déposer les pages"),
)
_OTHERS = (
    (b"{\\rtf", "fichier RTF : l'ouvrir et l'enregistrer en .docx"),
    (b"7z\xbc\xaf", "archive 7z : en sortir les fichiers"),
    (b"Rar!", "archive RAR : en sortir les fichiers"),
    (b"\x1f\x8b", "archive gzip : en sortir les fichiers"),
)


class MediaError(AnnexesError, ValueError):
    """The file is empty, of an unknown kind, or not of the kind its name says (French, one sentence)."""


def _by_bytes(head: bytes) -> str | None:
    """The kind of a file by its first bytes, None for text and for a package that does not say; MediaError for other
    binaries, with the way out."""
    for mark, message in _PACKAGES:
        if head.startswith(_ZIP) and mark in head:
            raise MediaError(message)
    for each in FORMATS:
        if each.known and each.known(head):
            return each.media
    for mark, kind in _PICTURES:
        if head.startswith(mark) and (mark != b"BM" or b"\x00" in head[:16]):
            raise MediaError(f"image {kind} : déposer le document d'origine, ou transcrire ce qu'elle montre")
    for mark, message in _OTHERS:
        if head.startswith(mark):
            raise MediaError(message)
    if b"\x00" in head and not head.startswith(_ZIP) and not _wide_text(head):
        raise MediaError("fichier binaire d'un type inconnu")
    return None


def _wide_text(head: bytes) -> bool:
    """Text in UTF-16: with its mark, or with a zero byte for every other one."""
    even, odd = head[0:200:2], head[1:200:2]
    mostly_zero = any(half and half.count(0) * 10 >= len(half) * 9 for half in (even, odd))
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or (mostly_zero and not (even.count(0) and odd.count(0)))


def _may_be_text(kind: Format) -> bool:
    """A fragment of HTML bears no mark either."""
    return kind.known is None or kind.media == "html"


def tell(name: str, head: bytes, declared: str | None = None) -> str:
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
    if head.startswith(_ZIP) and found is None:
        if expected and BY_NAME[expected].zipped:
            return expected
        raise MediaError("archive zip : en sortir les fichiers")
    if expected is None:
        if found is None:
            known = ", ".join(sorted(BY_SUFFIX))
            raise MediaError(f"type de document inconnu ({suffix or 'sans extension'}) ; types lus : {known}")
        return found
    if found == expected or (found is None and _may_be_text(BY_NAME[expected])):
        return expected
    if found is None:
        raise MediaError(f"le nom annonce un fichier {expected}, le contenu n'en est pas un")
    raise MediaError(f"le nom annonce un fichier {expected}, le contenu est un fichier {found}")
