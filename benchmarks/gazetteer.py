"""Loading the gazetteer, as ratios to importing pyarrow in a fresh process. Run: python benchmarks/gazetteer.py

Each figure is the best of five fresh processes: nothing is cached but the files.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 5

PROBE = """
import sys, time
from datetime import date
from pathlib import Path
{before}
reference = Path({reference!r})
start = time.perf_counter()
{timed}
print(time.perf_counter() - start)
"""

IMPORTS = "import pyarrow.parquet, pyarrow.compute\nfrom pipeline.gazetteer import epci, load, passage, ref_tables"
STEPS = {
    "import pyarrow": ("", "import pyarrow.parquet, pyarrow.compute"),
    "import pipeline.gazetteer": ("", "import pipeline.gazetteer"),
    "load 2009-04-29": (IMPORTS, "load(reference, date(2009, 4, 29))"),
    "load 2017-09-01": (IMPORTS, "load(reference, date(2017, 9, 1))"),
    "load and look up one name": (IMPORTS, "load(reference, date(2017, 9, 1)).lookup('Pouzin (Le)', '07')"),
    "epci 2020": (IMPORTS, "epci(reference, 2020)"),
    "passage 2009 to 2020": (IMPORTS, "passage(reference, date(2009, 4, 29), date(2020, 1, 1))"),
    "ref_tables, all dates": (IMPORTS, "ref_tables(reference)"),
}


def seconds(before: str, timed: str) -> float:
    """The best of RUNS fresh processes."""
    code = PROBE.format(before=before, timed=timed, reference=str(ROOT / "raw" / "reference"))
    runs = (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True) for _ in range(RUNS)
    )
    return min(float(run.stdout) for run in runs)


def main() -> None:
    measured = {name: seconds(*step) for name, step in STEPS.items()}
    unit = measured["import pyarrow"]
    for name, value in measured.items():
        print(f"{name:<28} {value:6.3f} s  {value / unit:5.2f} × import pyarrow")


if __name__ == "__main__":
    main()
