"""Share of exact cells by kind of file and reader."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.pdf.files import write
from benchmarks.pdf.readers import Reader
from pipeline.parallel import Pool, WorkerLost
from tests.extract.pdf.corpus.score import exact_share, without_repeats
from tests.extract.pdf.corpus.tables import KINDS, Truth


def share(reader: Reader, truth: Truth, path: Path) -> float:
    pages = [[row for table in page for row in table] for page in reader(path)]
    return exact_share(truth, without_repeats(pages, truth.header_rows))


def shares(readers: Mapping[str, Reader], folder: Path, count: int) -> dict[str, dict[str, float]]:
    """Kind -> reader -> share; 0 for a reader that fails. Each runs in a process of its own, which it may end."""
    table: dict[str, dict[str, float]] = {}
    for kind in KINDS:
        path, sheet = write(folder, kind, count)
        with Pool(1) as pool:
            table[kind] = {name: _share_apart(pool, reader, sheet.truth, path) for name, reader in readers.items()}
    return table


def _share_apart(pool: Pool, reader: Reader, truth: Truth, path: Path) -> float:
    try:
        (found,) = pool.map(partial(share, reader, truth), [path])
    except Exception as error:  # noqa: BLE001 - a peer's failure is its score
        print(f"  {path.stem}: {type(error).__name__}: {error}")
        return 0.0
    return 0.0 if isinstance(found, WorkerLost) else found
