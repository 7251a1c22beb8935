"""What a refresh costs, against importing what it stands on. Each figure is the best of several fresh processes.

Targets: nothing changed ≤ 0.5 × `import dagster, pandas, duckdb`; one changed document ≤ 2.5 × (those imports + the
bare functions that read it and publish).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = "places-regionales"
REPEAT = 5
BARE = f"""
import time
started = time.perf_counter()
from pipeline.settings import load
from pipeline.refresh.decide import decide_document, stage_document
from pipeline.refresh.publish import publish
from pipeline.store.pending import open_stores
settings = load()
stores = open_stores(settings)
stage_document(settings, {DOCUMENT!r})
decide_document(settings, stores, {DOCUMENT!r})
publish(settings, stores.versions, force=True)
print(time.perf_counter() - started)
"""


def project(folder: Path) -> Path:
    """A copy of the shipped project, refreshed once."""
    root = folder / "project"
    root.mkdir()
    shutil.copytree(ROOT / "raw", root / "raw")
    shutil.copy(ROOT / "dagster.yaml", root)
    run(root, "refresh")
    return root


def run(root: Path, *args: str) -> float:
    """Seconds of one `annexes` command in a process of its own."""
    started = time.perf_counter()
    command = [str(Path(sys.executable).with_name("annexes")), *args]
    subprocess.run(command, cwd=root, env=_env(root), check=True, capture_output=True)
    return time.perf_counter() - started


def python(root: Path, code: str) -> tuple[float, str]:
    """Seconds of one Python process, and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=_env(root), check=True, capture_output=True, text=True
    )
    return time.perf_counter() - started, done.stdout


def _env(root: Path) -> dict[str, str]:
    return {**os.environ, "ANNEXES_ROOT": str(root)}


def touch(root: Path, n: int) -> None:
    """Change a document without changing what it says: a comment in its declaration."""
    path = root / "raw" / DOCUMENT / "document.toml"
    path.write_text(path.read_text(encoding="utf-8") + f"# {n}\n", encoding="utf-8")


def main() -> None:
    imports, nothing, changed, bare = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        root = project(Path(folder))
        for n in range(REPEAT):  # interleaved, so that a busy moment weighs on all alike
            imports.append(python(root, "import dagster, pandas, duckdb")[0])
            nothing.append(run(root, "refresh"))
            touch(root, n)
            changed.append(run(root, "refresh"))
            bare.append(float(python(root, BARE)[1]))
    base, alone = min(imports), min(bare)
    lines = [
        ("import dagster, pandas, duckdb", base, ""),
        ("refresh, nothing changed", min(nothing), f"{min(nothing) / base:.2f} × imports (to reach ≤ 0.50)"),
        ("bare functions, one document", alone, ""),
        (
            "refresh, one document changed",
            min(changed),
            f"{min(changed) / (base + alone):.2f} × (imports + bare) (≤ 2.50)",
        ),
    ]
    for label, seconds, ratio in lines:
        print(f"{label:34}{seconds:7.2f} s   {ratio}")


if __name__ == "__main__":
    main()
