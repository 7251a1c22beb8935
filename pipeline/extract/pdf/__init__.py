"""Annex tables of PDF files. `read_pdf` is the way in; nothing heavy is imported before it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.extract.pdf.worker import read_pdf

__all__ = ["read_pdf"]


def __getattr__(name: str) -> object:
    if name == "read_pdf":
        from pipeline.extract.pdf import worker

        return worker.read_pdf
    raise AttributeError(name)
