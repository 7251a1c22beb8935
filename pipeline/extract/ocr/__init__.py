"""Pages without text, recognised by Tesseract: off unless a project asks for it. `with_recognised` is the way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.extract.ocr.reading import with_recognised

__all__ = ["with_recognised"]


def __getattr__(name: str) -> object:
    if name == "with_recognised":
        from pipeline.extract.ocr import reading

        return reading.with_recognised
    raise AttributeError(name)
