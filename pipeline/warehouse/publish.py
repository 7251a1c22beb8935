"""Puts a new warehouse file in the place of the former one: made beside, verified, renamed. Readers are never blocked:
those who have the former file open keep it. How the file is made is in `build`, and in `append` where nothing but
versions is new.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import files
from pipeline.contract.dataset import Dataset
from pipeline.errors import AnnexesError
from pipeline.files import sync_file, sync_folder, write_durably, write_text
from pipeline.known_hashes import hash_now
from pipeline.settings import Settings
from pipeline.store.versions import RefusedFile, StoreView, VersionStore
from pipeline.warehouse.catalogue import Catalogue

if TYPE_CHECKING:
    from pipeline.warehouse.append import Addition
    from pipeline.warehouse.build import Inputs


WHOLE_EVERY = timedelta(days=7)
"""How long versions are added to a file before it is built whole again."""
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
    `repaired`: what was damaged and made again (French sentences). `added`: how many versions were added to the former
    file; None when the file was built whole."""

    path: Path
    versions: int
    seconds: float
    skipped: bool = False
    refused: tuple[RefusedFile, ...] = ()
    repaired: tuple[str, ...] = ()
    added: int | None = None


def publish(
    settings: Settings,
    store: VersionStore,
    datasets: Sequence[Dataset],
    catalogue: Catalogue,
    fingerprint: str = "",
    now: datetime | None = None,
    *,
    whole: bool = False,
) -> Published:
    """Make from `store`, verify and put in place warehouse/annexes.duckdb. The caller holds the refresh lock.

    Versions are added to a copy of the file in place where nothing but versions is new since it was made; it is built
    whole on demand (`whole`), once a week, and for any other change. Skipped when `fingerprint` (see
    publish_fingerprint) is that of the file in place, unless it is built on demand. Raises PublishError when the file
    made does not say what the versions say, OSError or duckdb.Error when it cannot be written.
    """
    from pipeline.warehouse.build import Inputs, MartError

    started, now = time.monotonic(), now or datetime.now(UTC)
    if fingerprint and not whole and fingerprint == published_fingerprint(settings):
        return Published(settings.database, 0, time.monotonic() - started, skipped=True)
    if store.lost:
        raise PublishError([f"{said} ; {RECOVER}" for said in store.lost])
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    store.remember_acts(catalogue.known_acts, now)
    inputs = Inputs(datasets, store, declared(store, datasets), catalogue)
    if gone := list(_no_longer_served(settings, inputs)):
        raise PublishError(gone)
    made_of = _made_of(datasets, catalogue)
    added = None if whole else _addition(settings, inputs, made_of, now)
    beside = _beside(settings)
    _remove(beside)
    try:
        _make(settings, inputs, added, beside)
        files.failpoint("publish.built")
        _verify(inputs, added, beside)
        files.failpoint("publish.verified")
        history = _history(settings, made_of, added, now)
        _put_in_place(settings, beside, fingerprint, inputs.held, history)
    except MartError as error:
        raise PublishError([str(error)]) from error
    finally:
        _remove(beside)
    store.remember_checked()
    files.failpoint("publish.done")
    return Published(
        settings.database,
        len(inputs.held.records),
        time.monotonic() - started,
        refused=inputs.held.refused,
        added=None if added is None else len(added.records),
    )


def _addition(settings: Settings, inputs: Inputs, made_of: str, now: datetime) -> Addition | None:
    """What is to be added to the file in place; None when a new one is to be built whole."""
    from pipeline.warehouse.append import addition

    stamp = _stamp(settings)
    try:
        age = now - datetime.fromisoformat(str(stamp.get("whole_at")))
        there = settings.database.stat()
    except (OSError, ValueError):
        return None
    # One renamed into place by a publish that died before it could note it is another one.
    same = (stamp.get("bytes"), stamp.get("mtime_ns")) == (there.st_size, there.st_mtime_ns)
    if not (same and made_of and stamp.get("made_of") == made_of and timedelta() <= age < WHOLE_EVERY):
        return None
    return addition(settings.database, inputs)


def _history(settings: Settings, made_of: str, added: Addition | None, now: datetime) -> dict[str, object]:
    """What is noted of how the file came to be: when it was built whole, and how often it was added to since."""
    if added is None:
        return {"made_of": made_of, "whole_at": now.isoformat(timespec="seconds"), "additions": 0}
    before = _stamp(settings)
    return {"made_of": made_of, "whole_at": before["whole_at"], "additions": int(before.get("additions", 0)) + 1}


def _make(settings: Settings, inputs: Inputs, added: Addition | None, beside: Path) -> None:
    from pipeline.warehouse.append import append
    from pipeline.warehouse.build import build

    if added is None:
        build(inputs, beside)
    else:
        # What a dead writer left beside the file in place is no part of it, and is not copied.
        append(inputs, added, settings.database, beside)


def _made_of(datasets: Sequence[Dataset], catalogue: Catalogue) -> str:
    """What a file that versions are added to must have been made of, besides versions: the program and its DuckDB, the
    declarations, the reference tables; '' where that cannot be told."""
    import duckdb

    from pipeline import parallel_code
    from pipeline.warehouse.load import data_table
    from pipeline.warehouse.views import dataset_views

    digest = hashlib.sha256(f"{parallel_code.fingerprint()}\x1e{duckdb.__version__}\x1e".encode())
    for dataset in datasets:
        declared = (data_table(dataset).create, *data_table(dataset).comments(), *dataset_views(dataset, False, ()))
        digest.update("\x1f".join(declared).encode() + b"\x1e")
    if catalogue.reference_mark or not catalogue.reference:
        digest.update(catalogue.reference_mark.encode())
        return digest.hexdigest()
    return ""


def publish_fingerprint(settings: Settings, inputs: Iterable[Path] = (), of: Callable[[str], str] | None = None) -> str:
    """sha256 over all that a publish reads: the store's records, `inputs` (staged findings, document.toml, reference
    files…) and the source of the rooms that make the file. Standard library only. `of` gives the sha256 of a file, ''
    where there is none; it may remember those that have not changed."""
    of, digest = of or hash_now, hashlib.sha256(_code().encode())
    records, tables = _version_files(settings.versions)
    for path in [*(entry.path for entry in records), *sorted(map(str, inputs))]:
        digest.update(f"{path.rsplit('/', 2)[-2:]}\x1f{of(path)}\x1e".encode())
    # Too large to read each time; a file damaged or restored since has another size or time.
    for entry in tables:
        there = entry.stat()
        digest.update(f"{entry.path.rsplit('/', 2)[-2:]}\x1f{there.st_size} {there.st_mtime_ns}\x1e".encode())
    return digest.hexdigest()


def _version_files(folder: Path) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
    """The records of the store, and its tables, in order."""
    records: list[os.DirEntry[str]] = []
    tables: list[os.DirEntry[str]] = []
    for room in sorted(path for path in folder.glob("[!_]*") if path.is_dir()):
        with os.scandir(room) as entries:
            found = sorted((entry for entry in entries if "0" <= entry.name[0] <= "9"), key=lambda entry: entry.name)
        records += [entry for entry in found if entry.name.endswith(".json")]
        tables += [entry for entry in found if entry.name.endswith(".parquet")]
    return records, tables


@cache
def _code() -> str:
    """The source of the rooms that make the file."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parent.parent
    for path in sorted(p for room in BUILDING_ROOMS for p in (package / room).rglob("*") if _is_source(p)):
        digest.update(f"{path.relative_to(package)}\x1f".encode() + path.read_bytes() + b"\x1e")
    return digest.hexdigest()


def published_fingerprint(settings: Settings, thorough: bool = False) -> str | None:
    """The fingerprint of the file in place; None when there is none, or it is not one that a publish put there.

    A file of the size and time that were noted is believed; another, and any when `thorough`, is hashed.
    """
    try:
        there = settings.database.stat()
        for noted in _notes(settings):
            believed = noted.get("mtime_ns") == there.st_mtime_ns and not thorough
            same = noted.get("bytes") == there.st_size
            if same and (believed or noted.get("sha256") == files.sha256_of(settings.database)):
                mark = noted.get("fingerprint")
                return mark if isinstance(mark, str) else None
    except OSError:
        return None
    return None


def was_added_to(settings: Settings) -> bool:
    """Whether versions were added to the file in place since it was built whole."""
    return bool(_stamp(settings).get("additions"))


def declared(store: VersionStore, datasets: Sequence[Dataset]) -> StoreView:
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


def _verify(inputs: Inputs, added: Addition | None, path: Path) -> None:
    import duckdb

    from pipeline.warehouse.verify import problems

    with duckdb.connect(str(path), read_only=True) as connection:
        found = list(problems(connection, inputs, added))
    if found:
        raise PublishError(found)


def _put_in_place(
    settings: Settings, beside: Path, fingerprint: str, held: StoreView, history: Mapping[str, object]
) -> None:
    sync_file(beside)
    # A log left beside by a dead writer would be replayed into the new file and make it unreadable.
    _wal(settings.database).unlink(missing_ok=True)
    beside.chmod(0o444)
    _write_stamp(settings, beside, fingerprint, held, history)
    files.failpoint("publish.before_rename")
    beside.replace(settings.database)
    files.failpoint("publish.renamed")
    sync_folder(settings.warehouse)


def published_refusals(settings: Settings) -> tuple[str, ...]:
    """The version files that the file in place was made without, and why: they stay said until they are mended."""
    refused = _stamp(settings).get("refused")
    return tuple(map(str, refused)) if isinstance(refused, list) else ()


def _stamp(settings: Settings) -> dict[str, Any]:
    """What is noted of the file in place; of the last publish, where neither of the two notes is that of this file."""
    notes = _notes(settings)
    try:
        there = settings.database.stat()
    except OSError:
        return notes[0] if notes else {}
    mine = (n for n in notes if (n.get("bytes"), n.get("mtime_ns")) == (there.st_size, there.st_mtime_ns))
    return next(mine, notes[0] if notes else {})


def _notes(settings: Settings) -> list[dict[str, Any]]:
    """What the last publish noted of its file before it put it in place, and what was noted of the file before it: a
    publish cut between the note and the renaming is no damage."""
    try:
        stamp = json.loads(settings.published_note.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return (
        [noted for noted in (stamp, stamp.get("before")) if isinstance(noted, dict)] if isinstance(stamp, dict) else []
    )


def _write_stamp(settings: Settings, path: Path, fingerprint: str, held: StoreView, made: Mapping[str, object]) -> None:
    """Note the file at `path`, before it is renamed into place."""
    there, before = path.stat(), _stamp(settings)
    before.pop("before", None)
    stamp = {
        **made,
        "fingerprint": fingerprint,
        "sha256": files.sha256_of(path),
        "refused": [f"{file.path.parent.name}/{file.path.name} : {file.reason}" for file in held.refused],
        "versions": [record.version_no for record in held.records],
        "bytes": there.st_size,
        "mtime_ns": there.st_mtime_ns,
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
