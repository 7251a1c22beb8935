"""`python -m benchmarks.scale`: confined children and engines, as ratios of one run. `--only child` or `engines`."""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
from pathlib import Path

from benchmarks.scale import child


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller inputs, fewer repetitions")
    parser.add_argument("--only", choices=["child", "engines"])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.only != "engines":
            ratio, isolated, bare = child.ratios(folder, 5 if args.quick else 15)
            _line("3-page PDF, isolated / bare reading", f"{ratio:.2f} ×", "≤ 1.80", f"{isolated:.3f} / {bare:.3f} s")
        if args.only != "child":
            _engines(folder, args.quick)


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


def _line(what: str, measured: str, reach: str, note: str = "") -> None:
    print(f"{what:62}{measured:>9}   (to reach {reach})  {note}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
