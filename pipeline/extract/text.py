"""Bytes to text, for the formats that are text."""

from __future__ import annotations

from pipeline.extract.model import ExtractError, Source


def decode(data: bytes) -> str:
    """UTF-8 text without its byte order mark. Raises ExtractError naming the line that is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ExtractError(
            f"ligne {line} : octet illisible en UTF-8",
            "convertir le fichier en UTF-8 depuis son encodage d'origine",
            Source(line=line),
        ) from error
