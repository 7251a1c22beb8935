"""Put small faults into the code of a room, one at a time, and list those that the tests of the room do not see.

    python -m scripts.mutants [ROOM …] [--sample | --again | --only NAMES] [--jobs N]

Each room is worked on in build/mutants/<room>, by mutmut: a copy of the code in which every function carries its faulty
variants, and the tests that reach it run once for each. What was judged stays judged until the function changes;
--again asks the tests, which may have grown, about what they did not see.
Survivors and figures are printed, and kept in build/mutants/<room>.txt; docs/mutants.md says why the known ones stay.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutants"
ROOMS: Mapping[str, tuple[str, ...]] = {
    "quality": ("tests/quality", "tests/refresh/test_unbalanced.py"),
    "contract": ("tests/contract",),
    "timeline": ("tests/timeline",),
    "store": ("tests/store",),
    "cleaning": ("tests/cleaning",),
    "gazetteer/resolver": ("tests/gazetteer",),
    "datasets": ("tests/datasets",),
}
"""Room → its tests. A room's faults are judged by these alone: what only a distant test sees is not seen."""
NEEDED = ("raw", "docs", "scripts", "benchmarks", "dagster.yaml", "Makefile", "README.md", "README.fr.md")
"""What tests read of the project besides code and tests; linked, not copied."""
LEFT_OUT = ("pipeline/contract/rules.py",)
"""Tables made while their module is imported, before a fault can be switched on; tests/test_rules.py holds this one."""
SAMPLE = "*__mutmut_*[05]"
"""Every fifth fault, by its number in its function."""
DEAD = ("killed", "timeout", "segfault", "caught by type check")


def main(arguments: Sequence[str] | None = None) -> int:
    """1 when a fault that was judged is seen by no test."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"among {', '.join(ROOMS)} (all)")
    parser.add_argument("--sample", action="store_true", help="every fifth fault only")
    parser.add_argument("--again", action="store_true", help="those that no test saw the last time")
    parser.add_argument("--only", default="", metavar="NAMES", help="those so named: 'pipeline.quality.ledger.*'")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    if unknown := set(asked.rooms) - set(ROOMS):
        parser.error(f"no such room: {', '.join(sorted(unknown))}; rooms: {', '.join(ROOMS)}")
    found = 0
    for room in asked.rooms or ROOMS:
        names = [SAMPLE] if asked.sample else [asked.only] if asked.only else alive_before(room) if asked.again else []
        found += judge(room, names, asked.jobs)
    return int(found > 0)


def kept(room: str) -> Path:
    """Where the survivors of a room are listed."""
    return WORK / f"{room.replace('/', '_')}.txt"


def alive_before(room: str) -> list[str]:
    """The faults that no test saw the last time."""
    lines = kept(room).read_text(encoding="utf-8").splitlines() if kept(room).exists() else []
    return [line.split(": ")[0] for line in lines if "__mutmut_" in line]


def judge(room: str, names: Sequence[str], jobs: int) -> int:
    """How many faults of the room no test saw; those with such `names`, if any, are judged though they were before."""
    folder = prepare(room)
    mutmut = [sys.executable, "-m", "mutmut"]
    done = subprocess.run([*mutmut, "run", "--max-children", str(jobs), *names], cwd=folder, check=False)
    if done.returncode:
        raise SystemExit(f"{room}: the tests of the room do not pass on the code as it is (see above)")
    listed = subprocess.run([*mutmut, "results", "--all", "1"], cwd=folder, check=True, capture_output=True, text=True)
    status = dict(line.strip().rsplit(": ", 1) for line in listed.stdout.splitlines() if ": " in line)
    judged = {name: said for name, said in status.items() if said != "not checked"}
    alive = sorted(name for name, said in judged.items() if said not in DEAD)
    counts = Counter(judged.values())
    dead = len(judged) - len(alive)
    lines = [f"{name}: {judged[name]}" for name in alive]
    share = 100 * dead / len(judged) if judged else 100.0
    lines.append(f"{room}: {dead} of {len(judged)} seen ({share:.1f} %), of {len(status)} made; {dict(counts)}")
    kept(room).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines), flush=True)
    return len(alive)


def prepare(room: str) -> Path:
    """The folder in which mutmut works on one room, with the code and the tests as they now are."""
    folder = WORK / room.replace("/", "_")
    inside = folder / "mutants"
    inside.mkdir(parents=True, exist_ok=True)
    for name in ("pipeline", "tests"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(inside / "tests", ignore_errors=True)
    for path in (inside / "pipeline").rglob("*.py"):
        if not (folder / path.relative_to(inside)).exists():
            path.unlink()  # a module that was moved must not be imported from where it was
    for name in NEEDED:
        if (ROOT / name).exists() and not (inside / name).is_symlink():
            (inside / name).symlink_to(ROOT / name)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    settings = {
        "source_paths": ["pipeline"],
        "only_mutate": [f"pipeline/{room}/*.py"],
        "do_not_mutate": list(LEFT_OUT),
        "pytest_add_cli_args_test_selection": [name for name in ROOMS[room] if (ROOT / name).exists()],
        "use_git_change_detection": False,
    }
    tables = {"pytest.ini_options": declared["tool"]["pytest"]["ini_options"], "mutmut": settings}
    # Strings, numbers, truth values and lists of them are written alike in JSON and in TOML.
    lines = [
        f"[tool.{table}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        for table, values in tables.items()
    ]
    (folder / "pyproject.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


if __name__ == "__main__":
    sys.exit(main())
