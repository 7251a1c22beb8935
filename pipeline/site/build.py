"""The catalogue written into a folder, made again only where what it is made of changed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.errors import AnnexesError
from pipeline.files import write_durably, write_text
from pipeline.settings import Settings
from pipeline.site.pages import Bundle, bundles
from pipeline.site.source import opened

MANIFEST = "site.json"


class FolderError(AnnexesError):
    """The folder is not one to write a catalogue into; the message is French."""


@dataclass(frozen=True)
class Built:
    """What a build did. `made` and `kept` count files; `bytes` is the weight of the whole."""

    made: int
    kept: int
    removed: int
    bytes: int
    seconds: float


def build(settings: Settings, target: Path, live: bool = False, say: Callable[[str], None] = lambda _: None) -> Built:
    """Write the catalogue of the published file into `target`, made if needed. `say` is told what is being made.

    Files of a former build that nothing has any more are removed, others in the folder are left alone; site.json,
    written last, says of what each file was made. Raises FolderError for a folder that holds other things, QueryError
    when nothing is published, OSError.
    """
    started = time.monotonic()
    former = _former(target)
    now: dict[str, Any] = {}
    made = 0
    with opened(settings, live) as source:
        for bundle in bundles(source):
            kept = former.get(bundle.name)
            if kept and kept["inputs"] == bundle.inputs and all((target / name).is_file() for name in kept["files"]):
                now[bundle.name] = kept
                continue
            say(bundle.name)
            now[bundle.name] = _write(bundle, target)
            made += len(now[bundle.name]["files"])
    files = {name for entry in now.values() for name in entry["files"]}
    gone = {name for entry in former.values() for name in entry["files"]} - files
    for name in gone:
        (target / name).unlink(missing_ok=True)
    write_durably(target / MANIFEST, partial(write_text, json.dumps(now, indent=0, sort_keys=True) + "\n"))
    weight = sum((target / name).stat().st_size for name in files)
    return Built(made, len(files) - made, len(gone), weight, time.monotonic() - started)


def _former(target: Path) -> Mapping[str, Any]:
    """What the build before this one wrote; nothing when there was none. Raises FolderError."""
    path = target / MANIFEST
    if not path.is_file():
        if target.is_dir() and any(target.iterdir()):
            raise FolderError(f"{target} n'est pas vide et n'est pas un catalogue : donner un autre dossier")
        return {}
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FolderError(f"{path} est abîmé : l'effacer avec son dossier") from error
    return found


def _write(bundle: Bundle, target: Path) -> dict[str, Any]:
    """The files of a bundle, each whole or as it was; a reader never sees half a file."""
    names = []
    for name, content in bundle.make():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_bytes(content)
        beside.replace(path)
        names.append(name)
    return {"inputs": bundle.inputs, "files": sorted(names)}
