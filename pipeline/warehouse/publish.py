"""Puts a new warehouse file in the place of the former one: built beside, verified, renamed. Readers are never blocked:
those who have the former file open keep it. How the file is made is in `build`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
RECOVER_ONE = (
    "la rétablir d'une sauvegarde (`annexes restore FICHIER --version {0}`), "
    "ou dire de l'oublier (`annexes forget {0} --reason …`)"
)


class PublishError(AnnexesError):
    """The new file is not fit to be published; the former one stays. `problems` are French sentences."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("la nouvelle base n'est pas publiée : " + " ; ".join(self.problems[:10]))


@dataclass(frozen=True)
class Published:
    """What a publish did. `skipped`: nothing had changed. `refused`: version files that are not served, with why.
    `repaired`: what was damaged and made again (French sentences)."""

    path: Path
    versions: int
    seconds: float
    skipped: bool = False
    refused: tuple[RefusedFile, ...] = ()
    repaired: tuple[str, ...] = ()


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
    if gone := list(_no_longer_served(settings, inputs)):
        raise PublishError(gone)
    beside = _beside(settings)
    _remove(beside)
    try:
        build(inputs, beside)
        files.failpoint("publish.built")
        _verify(inputs, beside)
        files.failpoint("publish.verified")
        _put_in_place(settings, beside, fingerprint, inputs.held)
    except MartError as error:
        raise PublishError([str(error)]) from error
    finally:
        _remove(beside)
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


def published_fingerprint(settings: Settings, thorough: bool = False) -> str | None:
    """The fingerprint of the file in place; None when there is none, or it is not one that a publish put there.

    A file of the size and time that were noted is believed; another, and any when `thorough`, is hashed. The note is
    written before the file is renamed, with the one before in it: a publish cut between the two is no damage.
    """
    stamp = _stamp(settings)
    try:
        known = settings.database.stat()
        for noted in (stamp, stamp.get("before")):
            if not isinstance(noted, dict) or noted.get("bytes") != known.st_size:
                continue
            seen = noted.get("changed_ns") == known.st_mtime_ns and not thorough
            if seen or noted.get("sha256") == files.sha256_of(settings.database):
                mark = noted.get("fingerprint")
                return mark if isinstance(mark, str) else None
    except OSError:
        return None
    return None


def _declared(store: VersionStore, datasets: Sequence[Dataset]) -> StoreView:
    """The versions of the datasets declared; the others are refused by name, not forgotten."""
    held = store.view()
    names = {d.name for d in datasets}
    reason = "jeu de données qui n'est plus déclaré ; la version n'est pas servie"
    foreign = [r for r in held.records if r.dataset not in names]
    refused = [RefusedFile(store.path(r.dataset, r.version_no, ".json"), reason) for r in foreign]
    served = tuple(r for r in held.records if r.dataset in names)
    return replace(held, records=served, refused=(*held.refused, *refused))


def _no_longer_served(settings: Settings, inputs: Inputs) -> Iterator[str]:
    """Versions that the file in place holds and this one would not, though nobody said to forget them: a warehouse
    never becomes smaller in silence."""
    served = _stamp(settings).get("versions")
    if not isinstance(served, list) or not settings.database.is_file():
        return
    held = inputs.held
    names = {d.name for d in inputs.datasets}
    undeclared = {r.version_no for r in inputs.store.view(verify=False).records if r.dataset not in names}
    known = {r.version_no for r in held.records} | undeclared | inputs.store.forgotten
    why = {int(number): file for file in held.refused if (number := file.path.name.split(".")[0]).isdigit()}
    for number in sorted(set(served) - known):
        said = f"{why[number].path.parent.name}/{why[number].path.name} : {why[number].reason}" if number in why else ""
        yield f"la version {number} est publiée et ne se lit plus ({said or 'disparue'}) ; {RECOVER_ONE.format(number)}"


def _verify(inputs: Inputs, path: Path) -> None:
    import duckdb

    from pipeline.warehouse.verify import problems

    with duckdb.connect(str(path), read_only=True) as connection:
        found = list(problems(connection, inputs))
    if found:
        raise PublishError(found)


def _put_in_place(settings: Settings, beside: Path, fingerprint: str, held: StoreView) -> None:
    sync_file(beside)
    # A log left beside by a dead writer would be replayed into the new file and make it unreadable.
    _wal(settings.database).unlink(missing_ok=True)
    beside.chmod(0o444)
    _write_stamp(settings, beside, fingerprint, held)
    files.failpoint("publish.before_rename")
    beside.replace(settings.database)
    files.failpoint("publish.renamed")
    sync_folder(settings.warehouse)


def published_refusals(settings: Settings) -> tuple[str, ...]:
    """The version files that the file in place was made without, and why: they stay said until they are mended."""
    refused = _stamp(settings).get("refused")
    return tuple(map(str, refused)) if isinstance(refused, list) else ()


def _stamp(settings: Settings) -> dict[str, Any]:
    """What the last publish noted of its file; empty when the note is gone or cannot be read."""
    try:
        stamp = json.loads(settings.published_note.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(settings: Settings, made: Path, fingerprint: str, held: StoreView) -> None:
    known, before = made.stat(), _stamp(settings)
    before.pop("before", None)
    stamp = {
        "fingerprint": fingerprint,
        "sha256": files.sha256_of(made),
        "changed_ns": known.st_mtime_ns,
        "refused": [f"{file.path.parent.name}/{file.path.name} : {file.reason}" for file in held.refused],
        "versions": [record.version_no for record in held.records],
        "bytes": known.st_size,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "before": before,
    }
    write_durably(settings.published_note, partial(write_text, json.dumps(stamp, indent=1) + "\n"))


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
