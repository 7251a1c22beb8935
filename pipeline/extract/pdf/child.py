"""What runs in the confined children of `worker`: one chunk of pages read within the limits of a file.

Imports nothing that a child does not need: each import is paid at every start.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import TypeVar

from pipeline.extract.confined import processor_time
from pipeline.extract.model import ExtractError, Source
from pipeline.extract.pdf.limits import MIB, Limits

R = TypeVar("R")
# Path, first and last page, counted from 1, both included.
Chunk = tuple[str, int, int]

REMEDY = "vérifier le fichier ou le télécharger de nouveau ; sinon le transcrire"
# What reading a page comes to import: a child has it before its first file.
MODULES = ("pipeline.extract.pdf.pages", "pdfminer.converter", "numpy.ma")


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
    try:
        with processor_time(limits.cpu_seconds):
            return read(limits, chunk)
    except ExtractError:
        raise
    except MemoryError as error:
        raise refused(chunk, f"mémoire dépassée ({limits.memory_bytes // MIB} Mio)") from error
    except Exception as error:
        raise refused(chunk, f"contenu que la lecture ne comprend pas ({type(error).__name__}: {error})") from error


def refused(chunk: Chunk, why: str) -> ExtractError:
    """The refusal of the whole document because of these pages."""
    _, first, last = chunk
    where = "à l'ouverture" if last < first else f"page {first}" if first == last else f"pages {first} à {last}"
    return ExtractError(f"PDF illisible, {where} : {why}", REMEDY, Source(page=first))
