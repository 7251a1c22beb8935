"""PDFs of ruled tables, no two alike."""

from __future__ import annotations

from pathlib import Path

from tests.extract.pdf.corpus.tables import KINDS, make

ROWS_A_PAGE = 41


def made(folder: Path, files: int, pages: int) -> list[str]:
    """Paths of so many files of so many pages."""
    paths = []
    for n in range(files):
        rows = [("01", "Ain", f"Communauté {n} {i}", f"{i:09d}", str(i)) for i in range(ROWS_A_PAGE * pages - 20)]
        path = folder / f"{files}-{pages}-{n}.pdf"
        path.write_bytes(make(rows, KINDS["ruled"]).pdf)
        paths.append(str(path))
    return paths
