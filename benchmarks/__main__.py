"""`make bench`: every benchmark in one run, or those named: `make bench ARGS="refresh pdf"`; `--quick` for short ones.

Figures are ratios measured side by side in that run; absolute times belong to the machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

ALL = ("refresh", "acquisition", "gazetteer", "resolver", "markup", "pdf", "warehouse", "scale")
QUICK = frozenset({"acquisition", "pdf", "warehouse", "scale"})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*ALL, []], help="which ones; all by default")
    parser.add_argument("--quick", action="store_true", help="smaller inputs, fewer repetitions")
    args = parser.parse_args()
    failed = []
    for name in args.names or ALL:
        print(f"\n== {name} ==", flush=True)
        extra = ["--quick"] if args.quick and name in QUICK else []
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *extra], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
