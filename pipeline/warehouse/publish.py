"""Puts a new warehouse file in the place of the former one: built beside, verified, renamed. Readers are never blocked:
those who have the former file open keep it. How the file is made is in `build`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.contract.dataset import Dataset
from pipeline.errors import AnnexesError
from pipeline.files import sync_file, sync_folder, write_durably, write_text
from pipeline.settings import Settings
from pipeline.store.versions import RefusedFile, StoreView, VersionStore
from pipeline.warehouse.catalogue import Catalogue

if TYPE_CHECKING:
    from pipeline.warehouse.build import Inputs


BUILDING_ROOMS = ("datasets", "store", "timeline", "warehouse")
"""The rooms whose source decides what the published file holds."""


RECOVER = "le rétablir d'une sauvegarde (`annexes restore`), ou dire de l'oublier (`annexes forget --reason …`)"
"""What a person can do about a record that is gone."""


class PublishError(AnnexesError):
    """The new file is not fit to be published; the former one stays. `problems` are French sentences."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("la nouvelle base n'est pas publiée : " + " ; ".join(self.problems[:10]))


@dataclass(frozen=True)
class Published:
    """What a publish did. `skipped`: nothing had changed. `refused`: version files that are not served, with why."""

    path: Path
    versions: int
    seconds: float
    skipped: bool = False
    refused: tuple[RefusedFile, ...] = ()


def publish(
    settings: Settings,
    store: VersionStore,
    datasets: Sequence[Dataset],
    catalogue: Catalogue,
    fingerprint: str = "",
    now: datetime | None = None,
) -> Published:
    """Build from `store`, verify and put in place warehouse/annexes.duckdb. The caller holds the refresh lock.

    Skipped when `fingerprint` (see publish_fingerprint) is that of the file in place. Raises PublishError when the
    built file does not say what the versions say, OSError or duckdb.Error when it cannot be written.
    """
    from pipeline.warehouse.build import Inputs, MartError, build

    started = time.monotonic()
    if fingerprint and fingerprint == published_fingerprint(settings):
        return Published(settings.database, 0, time.monotonic() - started, skipped=True)
    if store.lost:
        raise PublishError([f"{said} ; {RECOVER}" for said in store.lost])
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    store.remember_acts(catalogue.known_acts, now or datetime.now(UTC))
    inputs = Inputs(datasets, store, _declared(store, datasets), catalogue)
    beside = _beside(settings)
    _remove(beside)
    try:
        build(inputs, beside)
        files.failpoint("publish.built")
        _verify(inputs, beside)
        files.failpoint("publish.verified")
        _put_in_place(beside, settings.database)
    except MartError as error:
        raise PublishError([str(error)]) from error
    finally:
        _remove(beside)
    _write_stamp(settings, fingerprint, inputs.held.refused)
    store.remember_checked()
    files.failpoint("publish.done")
    return Published(
        settings.database, len(inputs.held.records), time.monotonic() - started, refused=inputs.held.refused
    )


def publish_fingerprint(settings: Settings, inputs: Iterable[Path] = ()) -> str:
    """sha256 over all that a publish reads: the store's records, `inputs` (staged findings, document.toml, reference
    files…) and the source of the rooms that make the file. Standard library only; some milliseconds."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parent.parent
    sources = [p for room in BUILDING_ROOMS for p in (package / room).rglob("*") if _is_source(p)]
    for path in [*sorted(sources), *sorted(settings.versions.glob("[!_]*/[0-9]*.json")), *sorted(inputs)]:
        digest.update(f"{path.parent.name}/{path.name}\x1f".encode())
        digest.update(path.read_bytes() if path.is_file() else b"\x00")
        digest.update(b"\x1e")
    # Too large to read each time; a file damaged or restored since has another size or time.
    for path in sorted(settings.versions.glob("[!_]*/[0-9]*.parquet")):
        digest.update(f"{path.parent.name}/{path.name}\x1f{path.stat().st_size} {path.stat().st_mtime_ns}\x1e".encode())
    return digest.hexdigest()


def published_fingerprint(settings: Settings) -> str | None:
    """The fingerprint of the file in place; None when there is none, or another than the stamp says."""
    try:
        stamp = json.loads(_stamp_path(settings).read_text(encoding="utf-8"))
        size = settings.database.stat().st_size
    except (OSError, ValueError):
        return None
    return stamp.get("fingerprint") if isinstance(stamp, dict) and stamp.get("bytes") == size else None


def _declared(store: VersionStore, datasets: Sequence[Dataset]) -> StoreView:
    """The versions of the datasets declared; the others are refused by name, not forgotten."""
    held = store.view()
    names = {d.name for d in datasets}
    reason = "jeu de données qui n'est plus déclaré ; la version n'est pas servie"
    foreign = [r for r in held.records if r.dataset not in names]
    refused = [RefusedFile(store.path(r.dataset, r.version_no, ".json"), reason) for r in foreign]
    served = tuple(r for r in held.records if r.dataset in names)
    return replace(held, records=served, refused=(*held.refused, *refused))


def _verify(inputs: Inputs, path: Path) -> None:
    import duckdb

    from pipeline.warehouse.verify import problems

    with duckdb.connect(str(path), read_only=True) as connection:
        found = list(problems(connection, inputs))
    if found:
        raise PublishError(found)


def _put_in_place(beside: Path, target: Path) -> None:
    sync_file(beside)
    # A log left beside by a dead writer would be replayed into the new file and make it unreadable.
    _wal(target).unlink(missing_ok=True)
    beside.chmod(0o444)
    files.failpoint("publish.before_rename")
    beside.replace(target)
    files.failpoint("publish.renamed")
    sync_folder(target.parent)


def published_refusals(settings: Settings) -> tuple[str, ...]:
    """The version files that the file in place was made without, and why: they stay said until they are mended."""
    try:
        stamp = json.loads(_stamp_path(settings).read_text(encoding="utf-8"))
        return tuple(map(str, stamp.get("refused", ())))
    except (OSError, ValueError, AttributeError, TypeError):
        return ()


def _write_stamp(settings: Settings, fingerprint: str, refused: Sequence[RefusedFile]) -> None:
    stamp = {
        "fingerprint": fingerprint,
        "refused": [f"{file.path.parent.name}/{file.path.name} : {file.reason}" for file in refused],
        "bytes": settings.database.stat().st_size,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_durably(_stamp_path(settings), partial(write_text, json.dumps(stamp, indent=1) + "\n"))


def _stamp_path(settings: Settings) -> Path:
    return settings.warehouse / "published.json"


def _beside(settings: Settings) -> Path:
    return settings.database.with_name(f".{settings.database.name}.new")


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _wal(path).unlink(missing_ok=True)
    shutil.rmtree(path.parent / ".spill", ignore_errors=True)


def _is_source(path: Path) -> bool:
    return path.suffix in (".py", ".sql")
