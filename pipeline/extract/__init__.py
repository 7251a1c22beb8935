"""Bytes to a Reading, one module per format. Knows no dataset and no gazetteer."""

from __future__ import annotations

import signal
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.documents.media import FORMATS
from pipeline.documents.model import Media
from pipeline.extract.confined import REMEDY, confine, read_packed
from pipeline.extract.context import with_context
from pipeline.extract.limits import Limits
from pipeline.extract.model import (
    Aside,
    Block,
    Cell,
    ExtractError,
    Grid,
    Heading,
    Paragraph,
    Reading,
    Repair,
    Source,
    Unread,
)
from pipeline.extract.packing import unpack

if TYPE_CHECKING:
    from pipeline.parallel import Engine

# What one file of any format but PDF may take (that one is cut in chunks of pages, see `pdf.limits`). The longest table
# known, 36 000 rows as HTML, takes 250 MiB and 2 s a MiB.
MEMORY_BYTES = 4 << 30
CPU_SECONDS, CPU_SECONDS_A_MIB = 60, 10
# On a machine however busy.
WALL_FOR_CPU = 5

_FROM_BYTES: dict[Media, str] = {f.media: f.reader for f in FORMATS if f.reader}


_INCOMPLETE = ("fichier_tronque", "articles_ailleurs")
_REMEDY = 'le reprendre à sa source ; s\'il est entier, le déclarer : complete = "pourquoi" sous [[rendition]]'


def read(
    path: Path,
    media: Media,
    line_offset: int = 0,
    *,
    complete: bool = False,
    engine: Engine | None = None,
    language: str = "",
) -> Reading:
    """The reading of one file. `line_offset` is added to every line, so that places are those of the original.

    The file is opened in a confined child only (of `engine`, by default of this machine), which it can end but not
    leave. With a `language`, pages without text are recognised in it. Raises ExtractError when the file cannot be read
    at all, or ends before its end unless a person declared it `complete`; what was read with repairs or not in full
    says so itself.
    """
    size = path.stat().st_size
    if size > Limits().file_bytes:
        raise ExtractError(f"Le fichier dépasse {Limits().file_bytes >> 20} Mio.", "le découper")
    if media == "pdf":
        from pipeline.extract.pdf import read_pdf

        reading = read_pdf(path, engine=engine)
        if language:
            from pipeline.extract.ocr import with_recognised

            reading = with_recognised(path, reading, language, engine)
    else:
        reading = _read_confined(path, _FROM_BYTES[media], size >> 20, engine)
    if not complete:
        check_whole(reading)
    reading = with_context(reading)
    return shifted(reading, line_offset) if line_offset else reading


def check_whole(reading: Reading) -> None:
    """ExtractError when the reading says that its file ends before its end, or that its text is elsewhere."""
    gap = next((gap for gap in reading.unread if gap.kind in _INCOMPLETE), None)
    if gap:
        raise ExtractError(f"Le fichier n'est pas entier : {gap.detail}.", _REMEDY, gap.source)


def _read_confined(path: Path, reader: str, mebibytes: int, engine: Engine | None) -> Reading:
    # Not at import: the children of this room load it too, and have none of their own.
    from pipeline.parallel import Child, WorkerLost, using

    cpu_seconds = CPU_SECONDS + mebibytes * CPU_SECONDS_A_MIB
    child = Child(partial(confine, MEMORY_BYTES, (reader.split(":")[0],)), apart=True)
    task = partial(read_packed, reader, cpu_seconds)
    with using(engine, 1) as chosen:
        (packed,) = chosen.map(task, [str(path.absolute())], WALL_FOR_CPU * cpu_seconds, child=child)
    if not isinstance(packed, WorkerLost):
        return unpack(packed)
    if packed.cause == "late":
        why = f"délai dépassé ({WALL_FOR_CPU * cpu_seconds} s)"
    elif packed.exit_code == -signal.SIGXCPU:
        why = f"temps de calcul dépassé ({cpu_seconds} s)"
    else:
        why = f"la lecture s'est arrêtée ({packed.ended_by}) : fichier abîmé, ou mémoire dépassée"
    raise ExtractError(f"lecture impossible : {why}", REMEDY)


def shifted(reading: Reading, lines: int) -> Reading:
    """The same reading with `lines` added to every line number."""

    def move(source: Source) -> Source:
        if source.line is None:
            return source
        last = source.last_line + lines if source.last_line is not None else None
        return replace(source, line=source.line + lines, last_line=last)

    def block(item: Block) -> Block:
        if isinstance(item, Grid):
            cells = tuple(replace(cell, source=move(cell.source)) for cell in item.cells)
            return replace(item, cells=cells, source=move(item.source))
        return replace(item, source=move(item.source))

    return replace(
        reading,
        blocks=tuple(block(b) for b in reading.blocks),
        repairs=tuple(replace(r, source=move(r.source)) for r in reading.repairs),
        unread=tuple(replace(u, source=move(u.source)) for u in reading.unread),
        asides=tuple(replace(a, source=move(a.source)) for a in reading.asides),
    )


__all__ = ["Aside", "Cell", "Heading", "Paragraph", "Reading", "Repair", "Source", "Unread", "read", "shifted"]
