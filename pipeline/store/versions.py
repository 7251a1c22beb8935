"""The system of record on disk: version files, withdrawals, states of the acts known. Nothing is ever rewritten.

A version is committed by its JSON, renamed last; what has no JSON is the leftover of a crash and is overwritten.
Writers hold the refresh lock (`lock`). Building the database from these files is in `warehouse.build`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline.contract.findings import Finding
from pipeline.documents.model import KnownAct
from pipeline.files import failpoint, sha256_of, write_durably, write_text
from pipeline.settings import Settings
from pipeline.store.records import (
    DamagedRecordError,
    KnownActs,
    Record,
    VersionRecord,
    Withdrawal,
    decode_known_acts,
    decode_version,
    decode_withdrawal,
    encode_record,
)

if TYPE_CHECKING:
    import pyarrow as pa


_T = TypeVar("_T")
_VERSION = re.compile(r"([0-9]{6,})\.json")
_ACTS = "_actes"


class StoreError(Exception):
    """The store cannot do what was asked; the French message names the version and the remedy."""


@dataclass(frozen=True)
class RefusedFile:
    """A file of the store that is not served, and why (French)."""

    path: Path
    reason: str

    @property
    def finding(self) -> Finding:
        """What was printed and is not served, as an error that names the file."""
        named = f"{self.path.parent.name}/{self.path.name}"
        return Finding("version_refusee", "error", "", f"{named} : {self.reason}", named, self.path.parent.name)


@dataclass(frozen=True)
class Store:
    """All that the version files say. `known_acts` is in order of time."""

    records: tuple[VersionRecord, ...]
    withdrawals: tuple[Withdrawal, ...]
    known_acts: tuple[KnownActs, ...]
    refused: tuple[RefusedFile, ...]


def version_path(settings: Settings, dataset: str, version_no: int, suffix: str = ".parquet") -> Path:
    """Where a file of this version stands; suffixes: .parquet, .cells.parquet, .json, .withdrawn.json."""
    return settings.versions / dataset / f"{version_no:06d}{suffix}"


def next_version_no(settings: Settings) -> int:
    """The next number, over all datasets; a number once committed is never used again, even if its file is damaged."""
    taken = (int(found[1]) for path in _json_files(settings) if (found := _VERSION.fullmatch(path.name)))
    return max(taken, default=0) + 1


def write_version(settings: Settings, record: VersionRecord, rows: pa.Table, cells: pa.Table) -> VersionRecord:
    """Commit one version; `rows` has row_no INT32 from 1 then the business columns, `cells` is CELLS_SCHEMA.

    Returns the record as written: hash of the content, sha256 of the files and row count filled in, and `accepted_at`
    never before what the store already knows, so that a clock set back cannot rewrite the past. Raises StoreError when
    the number is taken, OSError when the disk refuses (nothing is then committed).
    """
    from pipeline.store.tables import CELLS_SCHEMA, content_hash

    assert rows.column_names[0] == "row_no" and cells.schema.equals(CELLS_SCHEMA), "tables not in the declared shape"
    commit = version_path(settings, record.dataset, record.version_no, ".json")
    free = next_version_no(settings)
    if record.version_no < free:
        raise StoreError(f"la version {record.version_no} existe déjà ; prendre le numéro suivant")
    _sweep(settings, free)
    commit.parent.mkdir(parents=True, exist_ok=True)
    files: dict[str, str] = {}
    for part, suffix, table in (("rows", ".parquet", rows), ("cells", ".cells.parquet", cells)):
        path = version_path(settings, record.dataset, record.version_no, suffix)
        write_durably(path, partial(_write_table, table))
        files[path.name] = sha256_of(path)
        failpoint(f"accept.{part}")
    accepted_at = max([record.accepted_at, *_times(settings)])
    content = content_hash(rows)
    written = replace(record, files=files, rows=rows.num_rows, accepted_at=accepted_at, content_sha256=content)
    _commit(commit, written)
    failpoint("accept.done")
    return written


def withdraw(settings: Settings, version_no: int, reason: str, now: datetime) -> Withdrawal:
    """Take a version back from `now` (UTC) on. Raises StoreError when there is no such version or it is withdrawn."""
    store = read_store(settings, verify=False)
    record = next((r for r in store.records if r.version_no == version_no), None)
    if record is None:
        raise StoreError(f"aucune version {version_no} ; `annexes versions` les montre")
    if any(w.version_no == version_no for w in store.withdrawals):
        raise StoreError(f"la version {version_no} est déjà retirée")
    withdrawal = Withdrawal(record.dataset, version_no, max([now, *_times(settings)]), reason)
    _commit(version_path(settings, record.dataset, version_no, ".withdrawn.json"), withdrawal)
    return withdrawal


def remember_acts(settings: Settings, acts: Sequence[KnownAct], now: datetime) -> KnownActs | None:
    """Keep the acts known from `now` (UTC) on; None when they are those already kept."""
    states = read_store(settings, verify=False).known_acts
    # The first state is kept even when empty: it says that nothing was known until the next one.
    if states and states[-1].acts == tuple(acts):
        return None
    state = KnownActs(max([now, *_times(settings)]), tuple(acts))
    folder = settings.versions / _ACTS
    folder.mkdir(parents=True, exist_ok=True)
    _commit(folder / f"{len(list(folder.glob('[0-9]*.json'))) + 1:06d}.json", state)
    return state


def read_records(settings: Settings, dataset: str | None = None) -> list[VersionRecord]:
    """The versions whose files are whole (sha256 checked), by number; those refused are in `read_store`."""
    return list(read_store(settings, dataset=dataset).records)


def read_store(settings: Settings, verify: bool = True, dataset: str | None = None) -> Store:
    """Everything (or one dataset's versions); with `verify` the Parquet files are hashed too. A damaged file is refused
    by name, the rest served."""
    refused: list[RefusedFile] = []
    versions: list[VersionRecord] = []
    withdrawals: list[Withdrawal] = []
    states: list[KnownActs] = []
    for path in _json_files(settings, dataset or "*"):
        if path.parent.name == _ACTS:
            states += _decoded(path, decode_known_acts, refused)
        elif path.name.endswith(".withdrawn.json"):
            withdrawals += _decoded(path, decode_withdrawal, refused)
        elif _VERSION.fullmatch(path.name):
            found = _decoded(path, decode_version, refused)
            broken = [damage for record in found if verify for damage in _damage(path.parent, record)]
            refused += broken
            versions += [] if broken else found
    # A withdrawal that cannot be read still says which version it took back, by its name.
    doubtful = {int(damage.path.name.split(".")[0]) for damage in refused if damage.path.match("*.withdrawn.json")}
    versions = sorted((r for r in versions if r.version_no not in doubtful), key=lambda r: r.version_no)
    return Store(tuple(versions), tuple(withdrawals), tuple(states), tuple(refused))


def _sweep(settings: Settings, free: int) -> None:
    """Remove what crashes left: temporary files, and files of numbers that were never committed."""
    for path in settings.versions.glob("*/*"):
        number = path.name.split(".")[0]
        if path.name.endswith(".tmp") or (path.suffix == ".parquet" and number.isdigit() and int(number) >= free):
            path.unlink()


def _json_files(settings: Settings, folder: str = "*") -> Iterator[Path]:
    return iter(sorted(settings.versions.glob(f"{folder}/[0-9]*.json")))


def _decoded(path: Path, decode: Callable[[str], _T], refused: list[RefusedFile]) -> list[_T]:
    try:
        return [decode(path.read_text(encoding="utf-8"))]
    except (DamagedRecordError, OSError, UnicodeDecodeError) as error:
        refused.append(RefusedFile(path, str(error)))
        return []


def _damage(folder: Path, record: VersionRecord) -> Iterator[RefusedFile]:
    for name, expected in record.files.items():
        path = folder / name
        if not path.is_file():
            yield RefusedFile(path, f"fichier absent ; la version {record.version_no} n'est pas servie")
        elif sha256_of(path) != expected:
            yield RefusedFile(path, f"fichier tronqué ou altéré ; la version {record.version_no} n'est pas servie")


def _times(settings: Settings) -> list[datetime]:
    """The newest known time in the store, if any."""
    store = read_store(settings, verify=False)
    known = [r.accepted_at for r in store.records] + [w.withdrawn_at for w in store.withdrawals]
    return [max(known + [s.seen_at for s in store.known_acts])] if known or store.known_acts else []


def _commit(path: Path, record: Record) -> None:
    failpoint("accept.before_commit")
    text = encode_record(record)
    write_durably(path, partial(write_text, text))


def _write_table(table: pa.Table, target: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, target, compression="zstd")
