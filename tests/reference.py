"""Reference snapshots for the projects that tests make. What the product reads of a folder of snapshots it keeps in
memory by folder: projects that need the same ones are given the same folder, in which nothing may be written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.kept import kept_folder

_ALL = Path(__file__).resolve().parent.parent / "raw/reference"
_LATER = re.compile(r"(?:communes|epci|noms_anciens)_(?P<year>202[1-9])")


def link(target: Path, names: Iterable[str]) -> None:
    """Make `target`, raw/reference of a project, a link to a folder that holds these files of the checkout's alone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    target.symlink_to(_folder(frozenset(names)), target_is_directory=True)


def link_small(target: Path, *years: str) -> None:
    """The snapshots that the shipped documents need, and those of these years: more would only cost time."""
    names = [path.name for path in _ALL.iterdir()]
    link(target, (n for n in names if not (later := _LATER.match(n)) or later["year"] in years))


def tables(*names: str) -> tuple[str, ...]:
    """File names of the tables so named."""
    return tuple(f"{name}.parquet" for name in names)


@cache
def _folder(names: frozenset[str]) -> Path:
    folder = kept_folder("reference")
    for name in names:
        (folder / name).symlink_to(_ALL / name)
    return folder
