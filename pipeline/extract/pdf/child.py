"""What runs in the confined children of `worker`: their own limits, and one chunk of pages read within them.

Imports nothing that a child does not need: each import is paid at every start.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import resource
import sys
from collections.abc import Callable
from typing import TypeVar

from pipeline.extract.model import ExtractError, Source
from pipeline.extract.pdf.limits import MIB, Limits

R = TypeVar("R")
# Path, first and last page, counted from 1, both included.
Chunk = tuple[str, int, int]

REMEDY = "vérifier le fichier ou le télécharger de nouveau ; sinon le transcrire"
# A page makes tens of thousands of small values and next to no cycles: with the usual threshold of 700, looking for
# cycles is a quarter of the reading.
GC_THRESHOLD = 200_000


def confine(memory_bytes: int) -> None:
    """Holds this process to so much address space, without core files, then loads what reading needs.

    What does not load fails here, where it is not the document's fault.
    """
    # OpenBLAS reserves address space for each processor of the machine, and nothing here multiplies matrices.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Elsewhere libraries reserve far more address space than they use, and the system refuses the limit.
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, memory_bytes)
    _lower(resource.RLIMIT_CORE, 0)
    gc.set_threshold(GC_THRESHOLD)
    from pipeline.extract.pdf import pages  # noqa: F401

    # What a damaged font lacks is told by what cannot be read, not on the screen of whoever reads.
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)


def count_pages(limits: Limits, whole: Chunk) -> int:
    """How many pages the file has. Raises ExtractError when it has none, or more than `limits.pages`."""
    from pipeline.extract.pdf import pdfium

    with pdfium.document(whole[0]) as document:
        pages = pdfium.page_count(document)
    if pages < 1:
        raise ExtractError("ce PDF n'a aucune page lisible", REMEDY)
    if pages > limits.pages:
        raise ExtractError(f"ce PDF annonce {pages} pages, plus que les {limits.pages} admises", REMEDY)
    return pages


def pack_pages(limits: Limits, chunk: Chunk) -> bytes:
    """The `PageResults` of these pages, pickled so that the parent can weigh them first."""
    from pipeline.extract.pdf import pages

    return pickle.dumps(pages.read_pages(*chunk, limits), pickle.HIGHEST_PROTOCOL)


def guarded(limits: Limits, read: Callable[[Limits, Chunk], R], chunk: Chunk) -> R:
    """`read` within the CPU time of one chunk; what a damaged file raises in a library becomes an ExtractError."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + limits.cpu_seconds)
    try:
        return read(limits, chunk)
    except ExtractError:
        raise
    except MemoryError as error:
        raise refused(chunk, f"mémoire dépassée ({limits.memory_bytes // MIB} Mio)") from error
    except Exception as error:
        raise refused(chunk, f"contenu que la lecture ne comprend pas ({type(error).__name__}: {error})") from error


def _lower(which: int, soft: int) -> None:
    """Sets the soft limit, never above the hard one that the process was given."""
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def refused(chunk: Chunk, why: str) -> ExtractError:
    """The refusal of the whole document because of these pages."""
    _, first, last = chunk
    where = "à l'ouverture" if last < first else f"page {first}" if first == last else f"pages {first} à {last}"
    return ExtractError(f"PDF illisible, {where} : {why}", REMEDY, Source(page=first))
