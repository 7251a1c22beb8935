"""Reading JORF XML: a day's archive against lxml and pandas on the same bytes; and long documents of each kind.

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
from tests.extract.office_made import cell, row, sheet, xlsx

ROOT = Path(__file__).parents[1]

DAY_BYTES, DAY_TEXTS = 20_000_000, 150
LONG_ROWS, TABLE_ROWS = 300_000, 500

# The kernel's high-water mark of this very process: getrusage would count what the parent held before exec.
READ = """
import sys, time
from pathlib import Path
from pipeline.extract import _FROM_BYTES
from importlib import import_module
def peak():
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM"))
module, name = _FROM_BYTES[sys.argv[2]].split(":")
read = getattr(import_module(module), name)
before, start = peak(), time.process_time()
reading = read(Path(sys.argv[1]).read_bytes())
print(sum(len(grid.cells) for grid in reading.grids), before, peak(), time.process_time() - start)
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


def long_xml(rows: int) -> bytes:
    head = HEAD.format(nor="ABCD3000001A", published="2030-02-06", title="Arrêté", rect="")
    return "".join([head, *(annex(TABLE_ROWS, n) for n in range(rows // TABLE_ROWS)), TAIL]).encode()


def long_text(rows: int) -> bytes:
    lines = (f"{n:05};Commune {n};B1;{n * 7};0,5\n" for n in range(rows))
    return "".join(["Code;Nom;Zone;Prix;Part\n", *lines]).encode()


def long_book(rows: int) -> bytes:
    def line(n: int, *texts: str) -> str:
        return row(n, *(cell(f"{letter}{n}", text) for letter, text in zip("ABCDE", texts, strict=True)))

    body = (line(n, f"{n:05}", f"Commune {n}", "B1", str(n * 7), "0,5") for n in range(2, rows + 2))
    return xlsx({"A": sheet(line(1, "Code", "Nom", "Zone", "Prix", "Part"), *body)})


def measure_long(kind: str, make: Callable[[int], bytes], rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"long.{kind}"
        path.write_bytes(make(rows))
        size = path.stat().st_size
        command = [sys.executable, "-c", READ, str(path), kind]
        run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    read, before, peak, spent = (float(part) for part in run.stdout.split())
    print(f"{kind}: {rows:,} rows, {read:,.0f} cells, {size / 1e6:.1f} MB in {spent:.1f} s of processor, ", end="")
    print(f"peak {peak / 1024:.0f} MB ({before / 1024:.0f} MB of it imports)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes")
    share = 10 if parser.parse_args().quick else 1
    texts = day()
    measure_day(texts[: len(texts) // share])
    for kind, make in (("xml", long_xml), ("csv", long_text), ("xlsx", long_book)):
        measure_long(kind, make, LONG_ROWS // share)


if __name__ == "__main__":
    main()
