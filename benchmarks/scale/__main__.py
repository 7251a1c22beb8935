"""`python -m benchmarks.scale`: the walls of one machine and the way beyond it, as ratios of one run.

`--only` one part; `--documents N` for so many generated acts (36 000 take an hour or more).
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import tempfile
from pathlib import Path

from benchmarks.scale import child, documents, slopes
from benchmarks.scale.publishing import added_to
from pipeline.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller inputs, fewer repetitions")
    parser.add_argument("--only", choices=_PARTS)
    parser.add_argument("--documents", type=int, help="how many generated acts")
    args = parser.parse_args()
    for name, part in _PARTS.items():
        if args.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                part(Path(folder), args)


def _child(folder: Path, args: argparse.Namespace) -> None:
    ratio, isolated, bare = child.ratios(folder, 5 if args.quick else 15)
    _line("3-page PDF, isolated / bare reading", f"{ratio:.2f} ×", "≤ 1.80", f"{isolated:.3f} / {bare:.3f} s")


def _periods(_folder: Path, args: argparse.Namespace) -> None:
    few, many, all_acts = (80, 800, 3600) if args.quick else (800, 8000, 36000)
    taken = {acts: slopes.succession(acts) for acts in (few, many, all_acts)}
    _line(f"periods of {many} acts / {few}", f"{taken[many] / taken[few]:.1f} ×", "≤ 12")
    _line(f"periods of {all_acts} acts", f"{taken[all_acts]:.1f} s", "≤ 10 s")


def _commits(folder: Path, args: argparse.Namespace) -> None:
    many = 400 if args.quick else 6400
    before, after = slopes.commits(folder, 100, many)
    _line(f"a commit at {many} versions / at 100", f"{after / before:.2f} ×", "≤ 1.5", f"{after * 1000:.1f} ms")


def _publishing(folder: Path, args: argparse.Namespace) -> None:
    editions, rows = (5, 2000) if args.quick else (86, 35000)
    found = added_to(folder, editions, rows)
    of = f"one more version of {rows} rows on {editions * rows} / whole build"
    _line(
        f"{of}, processor", f"1/{1 / found.ratios[0]:.1f}", "≤ 1/20", f"{found.added[0]:.2f} / {found.whole[0]:.2f} s"
    )
    _line(f"{of}, clock", f"1/{1 / found.ratios[1]:.1f}", "≤ 1/20", f"{found.added[1]:.2f} / {found.whole[1]:.2f} s")


def _documents(folder: Path, args: argparse.Namespace) -> None:
    count = args.documents or (100 if args.quick else 10000)
    found = [documents.measured(folder / str(n), n) for n in (count // 2, count)]
    half, whole = found
    for each in found:
        f, n, o = each.first, each.nothing, each.one_more
        print(
            f"{each.count} acts: refresh {f.clock:.0f} s (processor {f.own:.0f} + {f.children:.0f} s, publish "
            f"{f.publish:.1f} s, peak {f.peak:.0f} MB); nothing to do {n.clock:.2f} s; one more act {o.clock:.1f} s "
            f"(publish {o.publish:.1f} s)",
            flush=True,
        )
    base = documents.imports(Settings(folder / str(count)))
    _line(f"refresh of {count} acts / of {count // 2}", f"{_slope(whole.first.own, half.first.own):.2f} ×", "≤ 2")
    _line("its publish", f"{_slope(whole.first.publish, half.first.publish):.2f} ×", "≤ 2")
    _line("its peak of memory", f"{whole.first.peak:.0f} MB", "< 1000 MB")
    more = (whole.first.own - half.first.own) / (whole.count - half.count)
    fixed = f"{whole.first.own - count * more:.1f} s besides, whatever the number"
    _line("coordinator's time for one act more, with its publish", f"{1000 * more:.1f} ms", "≤ 8 ms", fixed)
    _line("nothing to do / imports", f"{whole.nothing.clock / base:.2f} ×", "≤ 0.5 at 2 000")


def _slope(whole: float, half: float) -> float:
    return whole / half if half else float("nan")


def _engines(folder: Path, args: argparse.Namespace) -> None:
    if importlib.util.find_spec("distributed") is None:
        print("engines: left out, distributed is not installed (extra cluster)")
        return
    from benchmarks.scale.engines import compared

    files, pages, tasks, rounds = (40, 200, 200, 1) if args.quick else (1000, 5000, 2000, 2)
    found = compared(folder, files, pages, tasks, rounds)
    _line(f"{files} files of 3 pages, two Dask workers / two of the pool", f"{found.files:.2f} ×", "≤ 1.15")
    _line(f"one file of {pages} pages, the same", f"{found.long:.2f} ×", "≤ 1.15")
    _line("empty task, processor time in all", f"{found.task * 1000:.1f} ms", "≤ 4")
    _line("gain of the second Dask worker / of the pool's", f"{found.gain:.2f} ×", "≥ 0.85")


def _scans(folder: Path, args: argparse.Namespace) -> None:
    if shutil.which("tesseract") is None:
        print("scans: left out, tesseract is not installed")
        return
    from benchmarks.scale import ocr

    count, pages = (45, 4) if args.quick else (455, 20)
    found = ocr.exactness(folder, count)
    _line(f"exact cells of {count} rows scanned at 300 dots an inch", f"{found.share:.4f}", "≥ .97")
    _line("SIREN confirmed, and wrong all the same", f"{found.wrong}", "0", f"of {found.confirmed}")
    _line(f"scan of {pages} pages, gain of the second worker", f"{ocr.spread(folder, pages):.2f} ×", "≥ 1.7")


def _line(what: str, measured: str, reach: str, note: str = "") -> None:
    print(f"{what:72}{measured:>9}   (to reach {reach})  {note}".rstrip(), flush=True)


_PARTS = {
    "child": _child,
    "periods": _periods,
    "commits": _commits,
    "publishing": _publishing,
    "documents": _documents,
    "engines": _engines,
    "ocr": _scans,
}


if __name__ == "__main__":
    main()
