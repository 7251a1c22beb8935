"""The lines around what is cited in a text, as data files. Lines that nothing published stands near are left out: the
pages show where a value is printed, they are no copy of the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.extract.markup.decode import decode_text
from pipeline.extract.model import ExtractError
from pipeline.refresh.review import rendition_of
from pipeline.site.source import Row, SiteSource

AROUND = 3
"""Lines shown on each side of a cited one."""
CHUNK = 100
"""Lines in a file of data."""


def cited_lines(source: SiteSource) -> list[Row]:
    """Files cited by line: document, file, sha256, and every line cited, in order."""
    return source.rows(
        "SELECT r.document, r.file, any_value(r.sha256) AS sha256, list_sort(list_distinct(list(c.line))) AS lines "
        "FROM (SELECT rendition_no, coalesce(typeset_line, line) AS line FROM meta.cells "
        "  WHERE line IS NOT NULL AND page IS NULL "
        "  UNION SELECT rendition_no, last_line FROM meta.cells "
        "  WHERE last_line IS NOT NULL AND typeset_line IS NULL AND page IS NULL) c "
        "JOIN meta.renditions r USING (rendition_no) GROUP BY 1, 2 ORDER BY 1, 2"
    )


def chunks(cited: Row) -> Sequence[int]:
    """The numbers of the data files of a text: file n has the lines n·CHUNK+1 to (n+1)·CHUNK."""
    near = {(line + step - 1) // CHUNK for line in cited["lines"] for step in (-AROUND, AROUND) if line + step > 0}
    return sorted(near)


def chunk(source: SiteSource, cited: Row, number: int) -> Mapping[str, Any]:
    """One data file of a text: its first line, and the lines; None for one that is left out."""
    lines, offset = _lines(source, cited)
    first = number * CHUNK + 1
    near = [line for line in cited["lines"] if first - AROUND <= line < first + CHUNK + AROUND]
    wanted = {line + step for line in near for step in range(-AROUND, AROUND + 1)}
    held = range(1 + offset, 1 + offset + len(lines))
    return {
        "premiere": first,
        "lignes": [lines[n - 1 - offset] if n in wanted and n in held else None for n in range(first, first + CHUNK)],
    }


def _lines(source: SiteSource, cited: Row) -> tuple[Sequence[str], int]:
    """The lines of a text as the reader numbers them, and how many lines of the original come before the first."""
    rendition = rendition_of(source.settings, cited["document"], cited["file"])
    path = source.settings.raw / cited["document"] / cited["file"]
    return _split(path, cited["sha256"]), rendition.line_offset if rendition else 0


@lru_cache(maxsize=2)
def _split(path: Path, _sha256: str) -> Sequence[str]:
    try:
        return decode_text(path.read_bytes())[0].split("\n")
    except (ExtractError, OSError):
        return ()  # gone since it was read: the page says that the text is not at hand
