"""A day's delivery taken in: 20 MB of XML in 150 texts, from tar.gz to the archive, against lxml on the same bytes.

Run: python -m benchmarks.acquisition [--quick]. Times are of the process, so that a busy machine counts less; memory is
the peak that Python allocates while the delivery is taken.
"""

from __future__ import annotations

import argparse
import tarfile
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from benchmarks.markup import DAY_BYTES, DAY_TEXTS, annex
from tests.acquisition.served import archive, text, text_id

FIVE_SECONDS = 5.0
RECOGNISED = 3
TITLE = "Arrêté du 1er février 2030 relatif au seuil du premier quartile des demandeurs de logement social"
MORNING, EVENING = "20300206-001500", "20300206-205512"


def day(texts: int, size: int, links: str = "") -> bytes:
    """A delivery of `texts` texts of `size` bytes in all, a few of which a dataset recognises. `links` are what the
    evening adds."""
    row = len(annex(101)) - len(annex(100))
    made = {}
    for n in range(texts):
        title = TITLE if n < RECOGNISED else f"Arrêté du 4 février 2030 relatif à la pêche, n° {n}"
        made[text_id(n)] = text(n, links, annex(size // texts // row, n), title=title)
    return archive(MORNING, made)


def seconds(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def bare(path: Path) -> None:
    """The same bytes inflated by tarfile and parsed by lxml, and nothing else."""
    from lxml import etree

    with tarfile.open(path) as tar:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            etree.fromstring(content.read())


def taken(path: Path, raw: Path, all_tables: bool = False, stamp: str = MORNING) -> int:
    """What a round does with a delivery once it is downloaded; the number of documents stored or compared."""
    from pipeline.acquisition import archives
    from pipeline.acquisition.report import Done
    from pipeline.acquisition.taking import from_feed
    from pipeline.acquisition.texts import Wanted
    from pipeline.datasets import all_datasets

    choice = Wanted(all_datasets(), all_tables=all_tables)
    archives.verify(path)
    members = (m for m in archives.members(path) if isinstance(m, archives.Member))
    return sum(isinstance(from_feed(raw, m.name, m.data, choice, stamp), Done) for m in members)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes")
    share = 10 if parser.parse_args().quick else 1
    texts, size = DAY_TEXTS // share, DAY_BYTES // share
    with tempfile.TemporaryDirectory() as folder:
        path, evening_path, raw = Path(folder) / "day.tar.gz", Path(folder) / "evening.tar.gz", Path(folder) / "raw"
        path.write_bytes(day(texts, size))
        evening_path.write_bytes(day(texts, size, "<LIENS><LIEN cidtexte='JORFTEXT000000000001'/></LIENS>"))
        taken(path, Path(folder) / "warm")
        parsed = seconds(lambda: bare(path))
        spent = {
            "first issue": seconds(lambda: taken(path, raw)),
            "evening again": seconds(lambda: taken(evening_path, raw, stamp=EVENING)),
            "all tables kept": seconds(lambda: taken(path, Path(folder) / "all", all_tables=True)),
        }
        tracemalloc.start()
        taken(path, Path(folder) / "traced")
        peak = tracemalloc.get_traced_memory()[1]
    print(f"day: {texts} texts, {size / 1e6:.0f} MB; lxml alone {parsed:.2f} s of processor")
    for name, own in spent.items():
        print(f"  {name}: {own:.2f} s, {own / parsed:.1f} × lxml, {own / FIVE_SECONDS:.2f} × the five seconds allowed")
    print(f"  memory: peak {peak / 1e6:.1f} MB, {peak / size:.2f} × the delivery")


if __name__ == "__main__":
    main()
