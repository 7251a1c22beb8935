"""A disk that answers ENOSPC or EIO at the n-th write, for every n, while a version is accepted and published, a backup
restored, a document added: nothing is half, and the same again completes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.store.backup import backup
from tests.soak.failing_disk import NOW
from tests.warehouse.churn import churn
from tests.warehouse.made import project

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
STEP = os.environ.get("ANNEXES_FAILING_STEP", "1")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("cc"):
        pytest.skip("no C compiler: the disk that refuses cannot be made")
    made = tmp_path_factory.mktemp("disk") / "failing.so"
    source = Path(__file__).with_name("failing_writes.c")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return made


@pytest.mark.parametrize("operation", ["publish", "restore", "add"])
def test_a_disk_that_refuses_leaves_nothing_half(operation: str, library: Path, tmp_path: Path) -> None:
    larger = project(tmp_path / "larger")
    churn(larger, ["A1", "A2", "A3"])
    backup(larger, tmp_path / "sauvegarde.tar.gz", NOW)
    (tmp_path / "feuille.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    churn(project(tmp_path / "project"), ["A1"])
    (tmp_path / "project/raw").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.failing_disk", operation, tmp_path, library, STEP],
        env=os.environ | {"LD_PRELOAD": str(library)},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stderr[-2000:])
    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-4000:]
