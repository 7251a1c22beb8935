"""A reading with the pages that had no text recognised: each page in a confined child of its own, so that a long scan
spreads over all workers, then put in its place among the pages that had text.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipeline.extract.confined import confine
from pipeline.extract.model import Block, Box, Cell, ExtractError, Grid, Reading, Source, Unread
from pipeline.extract.ocr.child import MODULES, Recognised, pack_recognised
from pipeline.extract.pdf.assemble import assemble
from pipeline.extract.pdf.child import guarded
from pipeline.extract.pdf.limits import DEFAULT
from pipeline.extract.pdf.results import PageResults
from pipeline.parallel import Child, Engine, WorkerLost, using

LIMITS = replace(DEFAULT, memory_bytes=2 * DEFAULT.memory_bytes, cpu_seconds=60, wall_seconds=900.0)
"""Of one page, the delay with it; the memory holds Tesseract too, which has as much for itself."""
_NO_TEXT = "page_sans_texte"


def with_recognised(path: Path, reading: Reading, language: str, engine: Engine | None = None) -> Reading:
    """The reading of the PDF at `path` with its pages without text recognised in that language of Tesseract's.

    What was recognised is in `recognised`, with how sure that is. A page that cannot be recognised stays unread, and
    says why. Raises ExtractError when Tesseract is not there.
    """
    wanted = [u.source.page for u in reading.unread if u.kind == _NO_TEXT and u.source.page is not None]
    if not wanted:
        return reading
    found: dict[int, Recognised] = {}
    failed: dict[int, str] = {}
    for number, result in zip(wanted, _results(path, wanted, language, engine), strict=True):
        if isinstance(result, str):
            failed[number] = result
        else:
            found[number] = result
    made = assemble([PageResults.of(n, n, [read]) for n, (read, _) in sorted(found.items())])
    blocks = sorted((*reading.blocks, *made.blocks), key=lambda block: _first_place(block).order)
    return replace(
        reading,
        blocks=tuple(blocks),
        unread=(*(_still(u, failed) for u in reading.unread if u.source.page not in found), *made.unread),
        repairs=(*reading.repairs, *made.repairs),
        asides=(*reading.asides, *made.asides),
        signs=(*reading.signs, *made.signs),
        recognised=tuple(_sureness(made, {n: words for n, (_, words) in found.items()})),
    )


def _results(path: Path, wanted: Sequence[int], language: str, engine: Engine | None) -> Iterator[Recognised | str]:
    """Each page recognised, or why it is not (French)."""
    name = str(path.absolute())
    task = partial(_guarded, language)
    child = Child(partial(confine, LIMITS.memory_bytes, MODULES), apart=True)
    with using(engine) as chosen:
        for packed in chosen.map(task, [(name, n, n) for n in wanted], LIMITS.wall_seconds, child=child):
            if isinstance(packed, WorkerLost):
                yield f"reconnaissance arrêtée ({packed.ended_by or 'délai dépassé'})"
            elif isinstance(packed, ExtractError):
                if packed.source.page is None:
                    raise packed
                yield packed.reason
            else:
                yield pickle.loads(packed)  # noqa: S301 - from our own child


def _guarded(language: str, chunk: tuple[str, int, int]) -> bytes | ExtractError:
    """One page in its child; what it cannot do is an answer, for the other pages go on."""
    try:
        return guarded(LIMITS, partial(pack_recognised, language), chunk)
    except ExtractError as error:
        return error


def _still(unread: Unread, failed: dict[int, str]) -> Unread:
    why = failed.get(unread.source.page or 0) if unread.kind == _NO_TEXT else None
    return replace(unread, detail=f"{unread.detail} ; {why}") if why else unread


def _first_place(block: Block) -> Source:
    if isinstance(block, Grid) and block.source.page is None and block.cells:
        return block.cells[0].source
    return block.source


def _sureness(reading: Reading, words: dict[int, tuple[tuple[Box, float], ...]]) -> Iterator[tuple[Source, float]]:
    """How sure the least sure word of each cell and paragraph is."""
    for source in _places(reading):
        inside = [sure for box, sure in words.get(source.page or 0, ()) if _within(box, source.box)]
        yield source, round(min(inside, default=0.0), 2)


def _places(reading: Reading) -> Iterator[Source]:
    for block in reading.blocks:
        cells: Iterable[Cell] = block.cells if isinstance(block, Grid) else ()
        yield from (cell.source for cell in cells if cell.text)
        if not isinstance(block, Grid):
            yield block.source


def _within(box: Box, place: Box | None) -> bool:
    if place is None:
        return True
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return place[0] <= x <= place[2] and place[1] <= y <= place[3]
