"""Reads a PDF in child processes held to `Limits`, so that a hostile file can only lose itself.

pdfium ends the whole process on some files, which no `except` can catch: the parent looks at the size and the first
bytes, and nothing else of the file. What the children do is in `child`; what a page says is the engine's affair.
"""

from __future__ import annotations

import gc
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline.extract.confined import confine
from pipeline.extract.model import ExtractError, Reading
from pipeline.extract.pdf.child import MODULES, REMEDY, Chunk, count_pages, guarded, pack_pages, refused
from pipeline.extract.pdf.limits import DEFAULT, MIB, Limits
from pipeline.parallel import Child, Engine, WorkerLost, using

if TYPE_CHECKING:
    from pipeline.extract.pdf.results import PageResults

R = TypeVar("R")

# The same cuts whatever the number of workers, hence the same reading.
PAGES_A_CHUNK = 50
# Bytes: no page of a table weighs less than 2 kB, compressed.
LIGHTEST_CHUNK = PAGES_A_CHUNK * 2048
# Adobe's readers, and pdfium after them, look for the header within the first kilobyte.
HEADER_WITHIN = 1024


def read_pdf(path: Path, limits: Limits = DEFAULT, workers: int | None = None, engine: Engine | None = None) -> Reading:
    """The reading of the PDF at `path`; the same on any engine and with any number of workers (by default those of this
    machine, one a processor).

    Raises ExtractError when the file is no PDF, is beyond `limits`, or ends a worker: its reason names the pages, its
    source is the first of them. OSError when the file cannot be read at all.
    """
    results: list[PageResults] = []
    size = 0
    for packed in in_children(path, limits, pack_pages, workers, engine):
        size += len(packed)
        if size > limits.result_bytes:
            raise ExtractError(f"le contenu lu du PDF dépasse {limits.result_bytes // MIB} Mio", REMEDY)
        with _without_gc():
            results.append(pickle.loads(packed))  # noqa: S301 - from our own child
    from pipeline.extract.pdf.assemble import assemble

    with _without_gc():
        return assemble(results)


@contextmanager
def _without_gc() -> Iterator[None]:
    """Cells are made by the hundred thousand and kept: looking for cycles among them meanwhile doubles the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def in_children(
    path: Path,
    limits: Limits,
    read: Callable[[Limits, Chunk], R],
    workers: int | None = None,
    engine: Engine | None = None,
) -> Iterator[R]:
    """Yields read(limits, chunk) for each chunk of the file's pages, in order, run in confined children.

    `read` is defined in an importable module. Raises as `read_pdf`.
    """
    check_file(path, limits)
    ends_at = time.monotonic() + limits.wall_seconds
    name = str(path.absolute())
    with using(engine, workers) as chosen:
        # While one counts the pages, the others that will have pages to read load what they read with.
        chosen.hire(path.stat().st_size // LIGHTEST_CHUNK, confined(limits))
        (pages,) = _results(chosen, count_pages, [(name, 1, 0)], limits, ends_at)
        chunks = [(name, first, last) for first, last in cuts(pages)]
        yield from _results(chosen, read, chunks, limits, ends_at)


def confined(limits: Limits) -> Child:
    """A child held to the memory of `limits`; what a file does in it, the next file does not see."""
    return Child(start=partial(confine, limits.memory_bytes, MODULES), apart=True)


def check_file(path: Path, limits: Limits) -> None:
    """Raises ExtractError when the file is empty, too big or does not begin like a PDF."""
    size = path.stat().st_size
    if size == 0:
        raise ExtractError("le fichier est vide", "le télécharger de nouveau")
    if size > limits.file_bytes:
        raise ExtractError(f"le fichier pèse {size // MIB} Mio, plus que les {limits.file_bytes // MIB} admis", REMEDY)
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(HEADER_WITHIN):
            raise ExtractError("ce fichier n'est pas un PDF", "vérifier le fichier ou le télécharger de nouveau")


def cuts(pages: int) -> list[tuple[int, int]]:
    """First and last page of each chunk: whole blocks, in each of which the engine samples a page."""
    return [(n, min(n + PAGES_A_CHUNK - 1, pages)) for n in range(1, pages + 1, PAGES_A_CHUNK)]


def _results(
    engine: Engine, read: Callable[[Limits, Chunk], R], chunks: list[Chunk], limits: Limits, ends_at: float
) -> Iterator[R]:
    in_all = max(0.0, ends_at - time.monotonic())
    results = engine.map(partial(guarded, limits, read), chunks, in_all=in_all, child=confined(limits))
    for chunk, result in zip(chunks, results, strict=True):
        if isinstance(result, WorkerLost):
            raise refused(chunk, _why(result, limits))
        yield result


def _why(lost: WorkerLost, limits: Limits) -> str:
    if lost.cause == "late":
        return f"délai dépassé ({limits.wall_seconds:g} s)"
    if lost.exit_code == -signal.SIGXCPU:
        return f"temps de calcul dépassé ({limits.cpu_seconds} s)"
    return f"la bibliothèque de lecture s'est arrêtée ({lost.ended_by}) : fichier abîmé, ou mémoire dépassée"
