"""`python -m benchmarks.scale`: children, engines, scans, as ratios of one run. `--only child`, `engines` or `ocr`."""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import tempfile
from pathlib import Path

from benchmarks.scale import child


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller inputs, fewer repetitions")
    parser.add_argument("--only", choices=["child", "engines", "ocr"])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.only in (None, "child"):
            ratio, isolated, bare = child.ratios(folder, 5 if args.quick else 15)
            _line("3-page PDF, isolated / bare reading", f"{ratio:.2f} ×", "≤ 1.80", f"{isolated:.3f} / {bare:.3f} s")
        if args.only in (None, "engines"):
            _engines(folder, args.quick)
        if args.only in (None, "ocr"):
            _scans(folder, args.quick)


def _engines(folder: Path, quick: bool) -> None:
    if importlib.util.find_spec("distributed") is None:
        print("engines: left out, distributed is not installed (extra cluster)")
        return
    from benchmarks.scale.engines import compared

    files, pages, tasks, rounds = (40, 200, 200, 1) if quick else (1000, 5000, 2000, 2)
    found = compared(folder, files, pages, tasks, rounds)
    _line(f"{files} files of 3 pages, two Dask workers / two of the pool", f"{found.files:.2f} ×", "≤ 1.15")
    _line(f"one file of {pages} pages, the same", f"{found.long:.2f} ×", "≤ 1.15")
    _line("empty task, processor time in all", f"{found.task * 1000:.1f} ms", "≤ 4")
    _line("gain of the second Dask worker / of the pool's", f"{found.gain:.2f} ×", "≥ 0.85")


def _scans(folder: Path, quick: bool) -> None:
    if shutil.which("tesseract") is None:
        print("scans: left out, tesseract is not installed")
        return
    from benchmarks.scale import ocr

    count, pages = (45, 4) if quick else (455, 20)
    found = ocr.exactness(folder, count)
    _line(f"exact cells of {count} rows scanned at 300 dots an inch", f"{found.share:.4f}", "≥ .97")
    _line("SIREN confirmed, and wrong all the same", f"{found.wrong}", "0", f"of {found.confirmed}")
    _line(f"scan of {pages} pages, gain of the second worker", f"{ocr.spread(folder, pages):.2f} ×", "≥ 1.7")


def _line(what: str, measured: str, reach: str, note: str = "") -> None:
    print(f"{what:62}{measured:>9}   (to reach {reach})  {note}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
