"""How well tables without enclosing rules are read from documents of other producers, for ours and its peers.

Two measures, each a harmonic mean of precision and recall: of neighbours (a cell and the next printed one to its right
or below, as the table competition of ICDAR 2013 counts), and of cells at their place, rows and columns aligned first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product
from pathlib import Path

from benchmarks.pdf.producers import chromium, groff
from benchmarks.pdf.readers import Reader
from pipeline.parallel import Pool, WorkerLost
from tests.extract.pdf.corpus.score import Rows

# A printed cell: row, column, text without white space (whether a space is wide enough for one is another question).
Place = tuple[int, int, str]
PRODUCERS = {"Chromium": chromium, "groff": groff}


@dataclass(frozen=True)
class Count:
    """How many are right, of how many wanted and how many found."""

    right: int = 0
    wanted: int = 0
    found: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.right + other.right, self.wanted + other.wanted, self.found + other.found)

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.wanted + self.found) if self.wanted + self.found else 1.0


@dataclass(frozen=True)
class Score:
    neighbours: Count = Count()
    cells: Count = Count()

    def __add__(self, other: Score) -> Score:
        return Score(self.neighbours + other.neighbours, self.cells + other.cells)


def documents(folder: Path, count: int) -> Iterator[tuple[str, Path, list[Rows]]]:
    """Producer, file and tables of `count` documents of each producer that is installed."""
    for name, producer in PRODUCERS.items():
        if not producer.program():
            print(f"  {name} is not installed: its documents are left out")
            continue
        for seed in range(count):
            path = folder / f"{name}_{seed}.pdf"
            yield name, path, [made.printed for made in producer.write(path, seed)]


def scores(readers: Mapping[str, Reader], folder: Path, count: int) -> dict[str, dict[str, Score]]:
    """Reader -> producer -> score. Each file is read in a process of its own; a reader that fails found nothing."""
    table: dict[str, dict[str, Score]] = {name: {} for name in readers}
    for producer, path, truth in documents(folder, count):
        with Pool(1) as pool:
            for name, reader in readers.items():
                done = _apart(pool, reader, truth, path)
                table[name][producer] = table[name].get(producer, Score()) + done
    return table


def _apart(pool: Pool, reader: Reader, truth: Sequence[Rows], path: Path) -> Score:
    try:
        (found,) = pool.map(partial(_read, reader, truth), [path])
    except Exception as error:  # noqa: BLE001 - a peer's failure is its score
        print(f"  {path.stem}: {type(error).__name__}: {error}")
        return score(truth, [])
    return score(truth, []) if isinstance(found, WorkerLost) else found


def _read(reader: Reader, truth: Sequence[Rows], path: Path) -> Score:
    return score(truth, [table for page in reader(path) for table in page])


def score(truth: Sequence[Rows], found: Sequence[Rows]) -> Score:
    """Neighbours counted over the whole document; cells table by table, those matched that agree the most."""
    wanted, got = [list(map(places, tables)) for tables in (truth, found)]
    one, other = (sum((neighbours(table) for table in tables), Counter[object]()) for tables in (wanted, got))
    pairs = sorted(
        ((alike(a, b), i, j) for (i, a), (j, b) in product(enumerate(wanted), enumerate(got))), key=lambda p: -p[0]
    )
    right, taken, used = 0, set[int](), set[int]()
    for n, i, j in pairs:
        if i not in taken and j not in used:
            right, taken, used = right + n, taken | {i}, used | {j}
    return Score(
        Count((one & other).total(), one.total(), other.total()),
        Count(right, sum(map(len, wanted)), sum(map(len, got))),
    )


def places(rows: Rows) -> list[Place]:
    """The printed cells of a table."""
    texts = ((r, c, "".join((text or "").split())) for r, row in enumerate(rows) for c, text in enumerate(row))
    return [(r, c, text) for r, c, text in texts if text]


def neighbours(cells: Sequence[Place]) -> Counter[object]:
    """(text, next text, direction) of each cell and the next printed one in its row, and in its column."""
    pairs: Counter[object] = Counter()
    for line, across, direction in ((0, 1, "right"), (1, 0, "below")):
        ordered = sorted(cells, key=lambda cell: (cell[line], cell[across]))
        pairs.update((a[2], b[2], direction) for a, b in pairwise(ordered) if a[line] == b[line])
    return pairs


def alike(wanted: Sequence[Place], found: Sequence[Place]) -> int:
    """How many cells stand in the same row and column, columns aligned by their texts, then rows by their cells."""
    columns = _aligned(*(_lines([(c, text) for _, c, text in cells]) for cells in (wanted, found)))
    moved = [(r, columns[c], text) for r, c, text in found if c in columns]
    rows = _aligned(*(_lines([(r, (c, text)) for r, c, text in cells]) for cells in (wanted, moved)))
    both = Counter(wanted) & Counter((rows[r], c, text) for r, c, text in moved if r in rows)
    return both.total()


def _lines(cells: Sequence[tuple[int, object]]) -> dict[int, Counter[object]]:
    """What each row, or column, holds."""
    lines: dict[int, Counter[object]] = {}
    for at, shown in cells:
        lines.setdefault(at, Counter())[shown] += 1
    return lines


def _aligned(wanted: Mapping[int, Counter[object]], found: Mapping[int, Counter[object]]) -> dict[int, int]:
    """The found lines that go with wanted ones, in the same order, so that the most agree."""
    a, b = sorted(wanted), sorted(found)
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            same = best[i][j] + (wanted[p] & found[q]).total()
            best[i + 1][j + 1] = max(same, best[i][j + 1], best[i + 1][j])
    pairs, i, j = {}, len(a), len(b)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs[b[j]] = a[i]
    return pairs
