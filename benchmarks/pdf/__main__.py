"""Prints the benchmark's tables; `--quick` for a look in a minute, `--only` for some of its parts."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.pdf import agreement, costs, exactness, files, harm, measure
from benchmarks.pdf import memory as peaks
from benchmarks.pdf import tables as corpus
from benchmarks.pdf import unruled as other_producers
from benchmarks.pdf.readers import readers
from pipeline.parallel import Pool, available_cpus
from tests.extract.pdf.corpus.tables import KINDS


@dataclass(frozen=True)
class Scale:
    """How much is read: rows of the exactness files and of the long file, rounds of the timings, documents of each
    other producer."""

    rows: int
    long_rows: int
    memory_rows: int
    rounds: int
    documents: int


FULL = Scale(rows=455, long_rows=35_000, memory_rows=45_000, rounds=7, documents=24)
QUICK = Scale(rows=60, long_rows=2_500, memory_rows=4_600, rounds=3, documents=6)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[c]) for row in (head, *rows)) for c in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        print("| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |")
    print()


def ratio(plain: float, own: float) -> str:
    return f"1/{plain / own:.1f}"


def exact(folder: Path, scale: Scale) -> None:
    print(f"Exact cells, {scale.rows} rows a file\n")
    found = readers()
    shares = exactness.shares(found, folder, scale.rows)
    table(["kind", *found], [[kind, *(f"{by[name]:.4f}" for name in found)] for kind, by in shares.items()])


def unruled(folder: Path, scale: Scale) -> None:
    print(f"Tables without enclosing rules, {scale.documents} documents of each producer: F1 of neighbours, of cells\n")
    found = other_producers.scores(readers(), folder, scale.documents)
    producers = list(found["ours"])
    rows = [
        [name, *(f"{count.f1:.4f}" for made in producers for count in (by[made].neighbours, by[made].cells))]
        for name, by in found.items()
    ]
    table(["reader", *(f"{made}, {what}" for made in producers for what in ("neighbours", "cells"))], rows)


def tables(folder: Path, scale: Scale) -> None:
    """Both halves, with the peers that are installed; what our tables say against themselves."""
    peers = {name: reader for name, reader in readers().items() if name != "ours"}
    for half in corpus.HALVES:
        print(f"Tables of any kind, {half} half, {scale.documents // 2} documents of each producer\n")
        made = corpus.run(peers, folder, half, scale.documents // 2)
        groups = [*made.scores.items(), *((f"ours, {name}", scores) for name, scores in made.own.items())]
        rows = []
        for name, scores in groups:
            with_tables, without = [s for s in scores if s.wanted], [s for s in scores if not s.wanted]
            figures = [f"{measure.macro(with_tables):.3f}", f"{measure.micro(with_tables):.3f}"]
            figures += [f"{sum(s.perfect for s in with_tables)} of {len(with_tables)}"]
            rows.append([name, *figures, f"{sum(s.false_tables for s in without)} in {len(without)}"])
        table(["reader", "macro F1", "micro F1", "perfect documents", "tables where none is"], rows)
        signs = made.signs
        print(
            f"Signs: {signs.wrong_signed} of {signs.wrong} wrong tables carry one, "
            f"{signs.right_signed} of {signs.right} right ones\n"
        )


def agree(folder: Path, scale: Scale) -> None:
    print("Cells alike: pdfium and pdfplumber as engines of ours, and ours and Page.find_tables of pdfplumber\n")
    rows = []
    for kind in KINDS:
        path, _ = files.write(folder, kind, min(scale.rows, 100))
        pairs = agreement.engines(path), agreement.boxes(path)
        rows.append([kind, *(f"{alike}/{cells}" for alike, cells in pairs)])
    table(["kind", "texts of the engines", "boxes beside pdfplumber"], rows)


def cpu(folder: Path, scale: Scale) -> None:
    print("CPU milliseconds a page in a warm process, sampling included\n")
    warm_up, _ = files.write(folder, "ruled", 40)
    rows = []
    for count, rounds, goal in ((455, scale.rounds, "1/5"), (scale.long_rows, 1, "1/8")):
        path, sheet = files.write(folder, "ruled", count)
        plain, own, whole = (1000 * seconds / sheet.pages for seconds in costs.warm_cpu(path, warm_up, rounds))
        figures = [f"{plain:.1f}", f"{own:.1f}", ratio(plain, own), goal, f"{whole:.1f}", ratio(plain, whole)]
        rows.append([f"{count} rows", str(sheet.pages), *figures])
    table(["file", "pages", "pdfplumber", "our worker", "ratio", "to reach", "with assembly", "ratio"], rows)


def whole(folder: Path, scale: Scale) -> None:
    print("Whole file of 455 rows, ours with the start of its worker\n")
    path, _ = files.write(folder, "ruled", 455)
    plain, own = costs.whole_file(path, scale.rounds)
    rows = [("on the clock", plain.wall, own.wall), ("CPU, worker included", plain.cpu, own.cpu)]
    table(
        ["seconds", "pdfplumber", "ours", "ratio", "to reach"],
        [[name, f"{a:.2f}", f"{b:.2f}", ratio(a, b), "1/3"] for name, a, b in rows],
    )


def memory(folder: Path, scale: Scale) -> None:
    print("Peak resident memory, MiB after so many pages\n")
    path, sheet = files.write(folder, "ruled", scale.memory_rows)
    with Pool(1) as pool:
        own = costs.apart(pool, partial(peaks.own_memory, sheet.pages), path)
    with Pool(1) as pool:
        plain = costs.apart(pool, partial(peaks.plain_memory, sheet.pages), path)
    with Pool(1) as pool:
        parent = costs.apart(pool, peaks.parent_memory, path)
    rows = []
    for name, found in (("ours, worker", own), ("pdfplumber", plain)):
        (first_page, first), (last_page, last) = found[0], found[-1]
        growth = (last - first) / max(1, last_page - first_page)
        rows.append([name, f"{first:.0f} ({first_page})", f"{last:.0f} ({last_page})", f"{growth:.3f}"])
    rows.append(["ours, the reading held by the parent", "", f"{parent:.0f} ({sheet.pages})", ""])
    table(["reader", "first", "last", "MiB a page"], rows)


def workers(folder: Path, scale: Scale) -> None:
    print(f"Two workers against one, on {available_cpus()} processors, best of {scale.rounds} runs each")
    print("bare: two processes that read the same pages and hand nothing back, for what the machine had to give\n")
    path, sheet = files.write(folder, "ruled", scale.long_rows)
    gain = costs.two_workers(path, scale.rounds)
    one, two = gain.one, gain.two
    figures = [f"{one.wall:.2f}", f"{two.wall:.2f}", f"{one.wall / two.wall:.2f}", "1.8", f"{gain.bare:.2f}"]
    table(
        ["pages", "one s", "two s", "gain", "to reach", "bare gain", "CPU of one s", "of two s", "in the parent"],
        [[str(sheet.pages), *figures, f"{one.cpu:.2f}", f"{two.cpu:.2f}", f"{100 * one.parent / one.cpu:.1f} %"]],
    )


def bad(folder: Path, scale: Scale) -> None:
    print("Bad files under the default limits\n")
    rows = [
        [o.name, str(o.file_bytes), f"{o.seconds:.1f}", f"{o.peak_mib:.0f}", "yes" if o.next_reads else "NO", o.became]
        for o in harm.outcomes(folder)
    ]
    table(["file", "bytes", "s", "peak MiB", "next reads", "became"], rows)


PARTS = {part.__name__: part for part in (exact, unruled, tables, agree, cpu, whole, memory, workers, bad)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pdf", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS))
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {available_cpus()} processors\n")
    with TemporaryDirectory() as folder:
        for name in options.only:
            PARTS[name](Path(folder), QUICK if options.quick else FULL)


if __name__ == "__main__":
    main()
