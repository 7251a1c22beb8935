"""What a child does to hold itself to its limits before it reads somebody's file, whatever the format.

A hostile file can then only lose itself. Imports nothing that a child does not need: each import is paid at a start.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.extract.model import ExtractError, Reading
from pipeline.extract.packing import pack

# A page or a table makes tens of thousands of small values and next to no cycles: with the usual threshold of 700,
# looking for cycles is a quarter of the reading.
GC_THRESHOLD = 200_000
REMEDY = "vérifier le fichier ou le reprendre à sa source ; sinon le transcrire"


def confine(memory_bytes: int, modules: Sequence[str]) -> None:
    """Holds this process to so much address space, without core files, then imports what reading needs.

    What does not load fails here, where it is not the document's fault.
    """
    # OpenBLAS reserves address space for each processor of the machine, and nothing here multiplies matrices.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Elsewhere libraries reserve far more address space than they use, and the system refuses the limit.
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, memory_bytes)
    _lower(resource.RLIMIT_CORE, 0)
    gc.set_threshold(GC_THRESHOLD)
    for module in modules:
        importlib.import_module(module)
    # What a damaged font lacks is told by what cannot be read, not on the screen of whoever reads.
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)


@contextmanager
def processor_time(seconds: int) -> Iterator[None]:
    """The system ends this process when the block uses more than so much processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds)
    yield


def _lower(which: int, soft: int) -> None:
    """Sets the soft limit, never above the hard one that the process was given."""
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def read_packed(reader: str, cpu_seconds: int, path: str) -> bytes:
    """What `reader` ("module:function", from bytes) makes of a file, packed. Runs in a child.

    Raises ExtractError, also for what a damaged file raises in a library.
    """
    module, name = reader.split(":")
    function: Callable[[bytes], Reading] = getattr(importlib.import_module(module), name)
    try:
        with processor_time(cpu_seconds):
            return pack(function(Path(path).read_bytes()))
    except (ExtractError, OSError):
        raise
    except MemoryError as error:
        raise ExtractError("lecture impossible : mémoire dépassée", REMEDY) from error
    except Exception as error:
        why = f"contenu que la lecture ne comprend pas ({type(error).__name__}: {error})"
        raise ExtractError(f"lecture impossible : {why}", REMEDY) from error
