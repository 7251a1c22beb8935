"""The rooms import downwards only, heavy libraries stay out of the command's start, and Dagster out of the rooms."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "pipeline"
LEVELS = [
    {"cli", "definitions", "orchestration"},
    {"site"},
    {"drafting"},
    {"refresh"},
    {"products"},
    {"warehouse"},
    {"timeline"},
    {"store"},
    {"acquisition"},
    {"datasets"},
    {"quality"},
    {"contract"},
    {"gazetteer", "extract"},
    {"cleaning", "documents"},
    {"parallel_dask", "parallel_engines"},
    {"parallel", "parallel_child", "parallel_code", "known_hashes", "config"},
    {"starter"},
    {"settings", "files"},
    {"errors", "language", "published"},
]
RANK = {room: i for i, level in enumerate(LEVELS) for room in level}


def imports() -> Iterator[tuple[Path, str, str]]:
    """(file, its room, a room it imports), imports inside functions and for typing included."""
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"pipeline.{a.name}" for a in node.names] if node.module == "pipeline" else [node.module]
            for name in names:
                if name.startswith("pipeline."):
                    yield path, room, name.split(".")[1]


def test_every_room_has_its_level() -> None:
    assert {room for _, room, _ in imports()} - {"__init__"} <= set(RANK)


def test_imports_go_down_only() -> None:
    upwards = {f"{path.relative_to(ROOT)} → {to}" for path, room, to in imports() if RANK[to] < RANK.get(room, 0)}
    assert upwards == set()


def name_of(path: Path) -> str:
    """The module's name: `pipeline.quality` for the file that makes a folder a package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> dict[str, set[str]]:
    """Module → the modules of the package that its text imports, inside functions and for typing too."""
    paths = {name_of(path): path for path in PACKAGE.rglob("*.py")}
    found: dict[str, set[str]] = {}
    for name, path in paths.items():
        targets = found.setdefault(name, set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                targets |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                inside = {f"{node.module}.{alias.name}" for alias in node.names} & paths.keys()
                targets |= inside or {node.module}
        found[name] = (targets & paths.keys()) - {name}
    return found


def circle(found: dict[str, set[str]]) -> list[str]:
    """One circle of imports, its first module again at its end; empty when there is none."""
    done: set[str] = set()
    for start in sorted(found):
        path: list[str] = []
        waiting = [iter([start])]
        while waiting:
            name = next(waiting[-1], None)
            if name is None:
                waiting.pop()
                done |= set(path[-1:])
                path = path[:-1]
            elif name in path:
                return [*path[path.index(name) :], name]
            elif name not in done:
                path.append(name)
                waiting.append(iter(sorted(found[name])))
    return []


def test_a_circle_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c", "d"}, "c": set(), "d": {"b"}}) == ["b", "d", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Rooms are kept apart by their levels; this is also for the modules of one room."""
    assert circle(modules()) == []


def test_only_orchestration_knows_dagster() -> None:
    knowing = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if any(line.lstrip().startswith(("import dagster", "from dagster")) for line in path.read_text().split("\n"))
    }
    assert knowing <= {"orchestration", "definitions.py"}


@pytest.mark.parametrize("module", ["pipeline.cli", "pipeline.refresh.plan", "pipeline.refresh.publish"])
def test_what_decides_that_nothing_changed_loads_nothing_heavy(module: str) -> None:
    heavy = {
        "dagster",
        "pandas",
        "pandera",
        "duckdb",
        "pyarrow",
        "pdfplumber",
        "pypdfium2",
        "lxml",
        "pydantic",
        "numpy",
    }
    code = f"import sys, {module}; print(*sorted(m for m in sys.modules if m in {heavy!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
