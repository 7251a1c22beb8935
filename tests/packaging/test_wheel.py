"""What the wheel installs, and a project begun from what it brings."""

from __future__ import annotations

import sysconfig
import zipfile
from pathlib import Path

import pytest
from flit_core import buildapi

from pipeline import starter
from pipeline.settings import find_root
from tests.conftest import ROOT

DATA = ROOT / "packaging/data/share/annexes"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(ROOT)
        return zipfile.ZipFile(folder / buildapi.build_wheel(str(folder)))


def test_the_wheel_installs_one_package_and_what_a_new_project_is_given(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.startswith("annexes-")} == {"pipeline"}
    given = {name.split("/data/share/annexes/")[1] for name in names if "/data/share/annexes/" in name}
    assert given == {"dagster.yaml", "raw/actes.toml"} | {
        f"raw/reference/{path.name}" for path in (ROOT / "raw/reference").iterdir()
    }


def test_the_data_of_the_wheel_are_the_files_of_the_checkout_themselves() -> None:
    links = [path for path in DATA.rglob("*") if not path.is_dir()]
    assert all(path.is_symlink() for path in links)
    assert [path for path in links if path.resolve() != ROOT / path.relative_to(DATA)] == []


def test_a_project_begins_where_only_the_wheel_is(
    wheel: zipfile.ZipFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prefix,) = {name.split("/")[0] for name in wheel.namelist() if ".data/" in name}
    wheel.extractall(tmp_path / "site")
    (tmp_path / "site" / prefix / "data").rename(tmp_path / "prefix")
    monkeypatch.setattr(starter, "__file__", str(tmp_path / "site/pipeline/starter.py"))
    monkeypatch.setattr(sysconfig, "get_path", lambda *_: str(tmp_path / "prefix"))
    settings = starter.begin(tmp_path / "projet")
    assert (settings.reference / "regions.parquet").read_bytes() == (
        ROOT / "raw/reference/regions.parquet"
    ).read_bytes()
    monkeypatch.delenv("ANNEXES_ROOT", raising=False)
    assert find_root(settings.inbox) == settings.root
    with pytest.raises(starter.StarterError, match="projet"):
        starter.begin(tmp_path / "projet")
