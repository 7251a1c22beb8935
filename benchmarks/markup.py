"""Reading JORF XML: a day's archive against lxml and pandas on the same bytes, a year of annex cells in bounded memory.

Run: python -m benchmarks.markup [--quick]. Times are of the process, so that a busy machine counts less; memory is the
peak of a fresh process over that of its imports.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.extract.jorf_made import HEAD, TAIL, article, jorf_text, table

ROOT = Path(__file__).parents[1]

DAY_BYTES, DAY_TEXTS = 20_000_000, 150
YEAR_CELLS, COLUMNS, TABLE_ROWS = 3_300_000, 7, 500

# The kernel's high-water mark of this very process: getrusage would count what the parent held before exec.
STREAM = """
import sys, time
from pipeline.extract.xml import iter_grids
def peak():
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM"))
before = peak()
with open(sys.argv[1], "rb") as stream:
    cells = sum(len(grid.cells) for grid in iter_grids(stream))
print(cells, before, peak(), time.process_time())
"""


def annex(rows: int, seed: int = 0) -> str:
    """An annex in the manner of a recognition of natural disasters: names, dates, an empty cell, a long sentence."""
    why = "L'intensité anormale du phénomène est analysée au regard des critères détaillés par la circulaire.<br/>" * 3
    head = ["Département", "Commune", "Phénomène", "Début", "Fin", "Nombre", "Motivations"]
    body = [
        ["Ain", f"Commune {seed}-{r}", "Inondations", "01/01/2030", "31/12/2030", "", f"{why}Critère {r}."]
        for r in range(rows)
    ]
    return article(f"<p><br/>ANNEXE<br/>Communes, liste {seed}</p>" + table([head, *body]))


def day() -> list[bytes]:
    """As many texts as a day has, of as many bytes in all."""
    row = len(annex(101)) - len(annex(100))
    return [jorf_text(annex(DAY_BYTES // DAY_TEXTS // row, n)) for n in range(DAY_TEXTS)]


def seconds(read: Callable[[bytes], object], texts: list[bytes]) -> float:
    start = time.process_time()
    for text in texts:
        read(text)
    return time.process_time() - start


def read_by_pandas(data: bytes) -> object:
    import pandas as pd

    return pd.read_html(io.BytesIO(data), flavor="lxml", encoding="utf-8")


def measure_day(texts: list[bytes]) -> None:
    from lxml import etree

    from pipeline.extract.xml import read_xml

    size = sum(map(len, texts))
    ours = seconds(read_xml, texts)
    bare = seconds(lambda data: etree.fromstring(data).xpath("count(//td)"), texts)
    peer = seconds(read_by_pandas, texts[: len(texts) // 10]) * len(texts) / (len(texts) // 10)
    print(f"day: {len(texts)} texts, {size / 1e6:.1f} MB in {ours:.2f} s of processor, {size / 1e6 / ours:.1f} MB/s")
    print(f"     {ours / bare:.1f} × lxml building the tree, {ours / peer:.2f} × pandas.read_html")
    print(f"     {ours / 5:.2f} × the five seconds that a day may take")


def measure_year(cells: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.xml"
        tables = cells // (COLUMNS * (TABLE_ROWS + 1))
        with path.open("wb") as out:
            out.write(HEAD.format(nor="ABCD3000001A", published="2030-02-06", title="Arrêté", rect="").encode())
            for n in range(tables):
                out.write(annex(TABLE_ROWS, n).encode())
            out.write(TAIL.encode())
        size = path.stat().st_size
        command = [sys.executable, "-c", STREAM, str(path)]
        run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    read, before, peak, spent = (float(part) for part in run.stdout.split())
    print(f"year: {read:,.0f} cells, {size / 1e6:.0f} MB streamed in {spent:.0f} s of processor")
    print(
        f"      peak {peak / 1024:.0f} MB ({before / 1024:.0f} MB of it imports), {peak * 1024 / size:.2f} × the file"
    )
    print(f"      {peak / 1024 / 500:.2f} × the 500 MB that it may take")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes")
    share = 10 if parser.parse_args().quick else 1
    texts = day()
    measure_day(texts[: len(texts) // share])
    measure_year(YEAR_CELLS // share)


if __name__ == "__main__":
    main()
