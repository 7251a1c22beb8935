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
    ".pdf": "pdf",
    ".xml": "xml",
    ".html": "html",
    ".htm": "html",
}
_TEXT: frozenset[Media] = frozenset({"cells", "markdown", "tsv"})
HEAD = 4096


class MediaError(AnnexesError, ValueError):
    """The file is empty, of an unknown kind, or not of the kind its name says (French, one sentence)."""


def _by_bytes(head: bytes) -> Media | None:
    """pdf, xml or html by their first bytes; None for anything else that is text; MediaError for other binaries."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:512].lower()
    if b"<!doctype html" in text or b"<html" in text:
        return "html"
    if text.startswith((b"<?xml", b"<texte", b"<article")):
        return "xml"
    if b"\x00" in head:
        raise MediaError("fichier binaire d'un type inconnu")
    return None


def tell(name: str, head: bytes, declared: Media | None = None) -> Media:
    """The media of a file from its first bytes (HEAD of them are enough), its name, and what document.toml declares.

    Raises MediaError when it is empty, of no known type, or when name and bytes contradict each other.
    """
    if not head.strip():
        raise MediaError("fichier vide")
    suffix = PurePath(name).suffix.lower()
    expected = declared or BY_SUFFIX.get(suffix)
    found = _by_bytes(head)
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
