"""Peak memory of the processes that read. Imports nothing that they do not: each function runs in a fresh child."""

from __future__ import annotations

from pathlib import Path

from pipeline.extract.pdf.limits import DEFAULT
from pipeline.extract.pdf.worker import cuts, pack_pages, read_pdf

PLAIN_PAGES = 100


def peak_mib() -> float:
    """The most memory this process ever held resident; Linux only."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def own_memory(pages: int, path: Path) -> list[tuple[int, float]]:
    """(pages read, peak MiB) of a worker after each chunk."""
    peaks = []
    for first, last in cuts(pages):
        pack_pages(DEFAULT, (str(path), first, last))
        peaks.append((last, peak_mib()))
    return peaks


def plain_memory(pages: int, path: Path) -> list[tuple[int, float]]:
    """As `own_memory` for plain pdfplumber, over the first pages only: it keeps all it has read."""
    import pdfplumber

    peaks = []
    with pdfplumber.open(path) as pdf:
        for number, page in enumerate(pdf.pages[: min(pages, PLAIN_PAGES)], 1):
            page.extract_tables()
            if number % (PLAIN_PAGES // 4) == 0:
                peaks.append((number, peak_mib()))
    return peaks


def parent_memory(path: Path) -> float:
    """Peak MiB of the process that holds the whole reading."""
    read_pdf(path)
    return peak_mib()
