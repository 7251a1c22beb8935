"""The system of record on disk: version files, withdrawals, states of the acts known. Nothing is ever rewritten.

A version is committed by its JSON, renamed last; what has no JSON is the leftover of a crash and is overwritten.
Writers hold the refresh lock (`lock`). Building the database from these files is in `warehouse.build`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contract.findings import Finding
from pipeline.documents.model import KnownAct
from pipeline.errors import USAGE, AnnexesError
from pipeline.files import failpoint, sha256_of, write_durably, write_json, write_text
from pipeline.store import clock, copies
from pipeline.store.head import Head, explains, head_of, mark_of, read_head, write_head
from pipeline.store.records import (
    DamagedRecordError,
    KnownActs,
    Record,
    Repair,
    VersionRecord,
    Withdrawal,
    decode_record,
    encode_record,
)
from pipeline.store.shelf import TakenError

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.settings import Settings
    from pipeline.store.mirror import Mirror


_NUMBERED = re.compile(r"([0-9]{6,})(\.withdrawn|\.repaired)?\.json")
_ACTS = copies.ACTS
_CHECKED = ".checked.json"
_FORGOTTEN = "_oublies"


class StoreError(AnnexesError):
    """The store cannot do what was asked; the French message names the version and the remedy."""


class OvertakenError(StoreError):
    """Another machine wrote first under the number chosen. Its record is here by now: decide again."""


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
class StoreView:
    """What the version files say, of all datasets or of one. `known_acts` is in order of time. `lost` says in French
    which records were committed and are no more, or are not those that were."""

    records: tuple[VersionRecord, ...]
    withdrawals: tuple[Withdrawal, ...]
    known_acts: tuple[KnownActs, ...]
    refused: tuple[RefusedFile, ...]
    lost: tuple[str, ...] = ()

    @cached_property
    def live(self) -> tuple[VersionRecord, ...]:
        """The versions nobody took back, by number."""
        gone = {w.version_no for w in self.withdrawals}
        return tuple(r for r in self.records if r.version_no not in gone)


@dataclass
class _Index:
    """Every record of the folder that can be read, in the ways it is asked for; a commit adds to it."""

    versions: dict[int, VersionRecord] = field(default_factory=dict)
    by_dataset: dict[str, dict[int, VersionRecord]] = field(default_factory=dict)
    by_edition: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    by_name: dict[str, list[int]] = field(default_factory=dict)
    by_begin: dict[str, list[tuple[date, int]]] = field(default_factory=dict)
    """Dataset → first day and number of its versions, in order."""
    withdrawals: dict[int, Withdrawal] = field(default_factory=dict)
    repairs: dict[int, Repair] = field(default_factory=dict)
    states: list[KnownActs] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)
    """File → what it adds to the head."""
    numbers: set[int] = field(default_factory=set)
    """Of the versions, those of damaged records too, and those that a person said to forget."""
    highest: int = 0
    forgotten: set[int] = field(default_factory=set)
    states_written: int = 0
    newest: datetime | None = None

    def add(self, record: Record) -> None:
        if isinstance(record, VersionRecord):
            self.versions[record.version_no] = record
            self.by_dataset.setdefault(record.dataset, {})[record.version_no] = record
            self.by_edition.setdefault((record.dataset, record.edition), []).append(record.version_no)
            for name in record.names:
                self.by_name.setdefault(name, []).append(record.version_no)
            insort(self.by_begin.setdefault(record.dataset, []), (record.valid_from or date.min, record.version_no))
            self.use(record.version_no)
        elif isinstance(record, Withdrawal):
            self.withdrawals[record.version_no] = record
        elif isinstance(record, Repair):
            self.repairs[record.version_no] = record
        else:
            self.states.append(record)
        known = _known_from(record)
        self.newest = max(self.newest, known) if self.newest else known

    def use(self, number: int) -> None:
        """The number is that of a version, and of no other one."""
        self.numbers.add(number)
        self.highest = max(self.highest, number)

    @property
    def doubtful(self) -> set[int]:
        """A withdrawal that cannot be read still says which version it took back, by its name."""
        named = (file.path.name for file in self.refused)
        return {int(name.split(".")[0]) for name in named if name.endswith(".withdrawn.json")}


class VersionStore:
    """The version files of one folder. Opened once and asked many questions: its records are read once, each data file
    is hashed once, and a commit keeps what is known up to date. Only the holder of the refresh lock writes; whoever
    else reads opens one of its own."""

    def __init__(self, folder: Path, trusting: bool = True, headed: bool = True, mirror: Mirror | None = None) -> None:
        """With `trusting`, a data file that has the size and time it had when last found whole is not hashed again.
        Without `headed`, records may be removed, and nothing is said of those that are gone. With a `mirror`, the
        folder is the copy of a shelf, where each record is written first."""
        self.folder = folder
        self._headed = headed
        self._mirror = mirror
        self._trusting = trusting
        self._swept = False
        self._damage_of: dict[int, tuple[RefusedFile, ...]] = {}

    # Questions

    def path(self, dataset: str, version_no: int, suffix: str = ".parquet") -> Path:
        """Where a file of this version stands; suffixes: .parquet, .cells.parquet, .json, .withdrawn.json."""
        return self.folder / dataset / f"{version_no:06d}{suffix}"

    @property
    def next_no(self) -> int:
        """The next number, over all datasets; one once committed is never used again, even if its file is damaged."""
        return self._index.highest + 1

    def view(self, dataset: str | None = None, verify: bool = True) -> StoreView:
        """Everything (or one dataset's versions). With `verify` the data files are checked too: a damaged one is
        refused by name, the rest served."""
        held = self._index
        everything = [held.versions[number] for number in sorted(held.versions)]
        counted, withdrawals, states = clock.counted(everything, held.withdrawals.values(), held.states)
        mine = {r.version_no: r for r in counted if dataset in (None, r.dataset)}
        refused = [r for r in held.refused if dataset is None or r.path.parent.name == dataset]
        doubtful = held.doubtful
        records: list[VersionRecord] = []
        for number in sorted(mine):
            damage = self._damage(mine[number]) if verify else ()
            refused += damage
            if not damage and number not in doubtful:
                records.append(mine[number])
        gone = [w for w in withdrawals if dataset in (None, w.dataset)]
        return StoreView(tuple(records), tuple(gone), tuple(states), tuple(refused), self.lost)

    @cached_property
    def lost(self) -> tuple[str, ...]:
        """What was committed and is no more, or is not what was committed (French); nothing when all is there."""
        held = self._index
        if not self._headed:
            return ()
        missing = sorted(set(range(1, held.highest + 1)) - held.numbers)
        if missing:
            return tuple(f"l'enregistrement de la version {n} a disparu" for n in missing)
        head, there = read_head(self.folder), len(held.marks)
        if head is not None and there < head.records:
            return (f"{head.records - there} enregistrements ont disparu sur {head.records} (versions ou retraits)",)
        if vanished := sorted(set(copies.names(self.folder)) - held.marks.keys()):
            return tuple(f"l'enregistrement {name} a disparu" for name in vanished)
        if head is None or held.refused or explains(head, held.marks):
            return ()
        return ("des enregistrements ne sont pas ceux qui ont été écrits : remplacés, ou venus d'ailleurs",)

    @property
    def taken_back(self) -> frozenset[int]:
        """The numbers of the versions withdrawn."""
        return frozenset(self._index.withdrawals)

    @property
    def forgotten(self) -> frozenset[int]:
        """The numbers that a person said to forget."""
        return frozenset(self._index.forgotten)

    def damaged(self) -> list[VersionRecord]:
        """The versions whose record is whole and whose rows or citations are not."""
        return [record for number, record in sorted(self._index.versions.items()) if self._damage(record)]

    def records(self, dataset: str | None = None) -> list[VersionRecord]:
        """The versions whose files are whole, by number; those refused are in `view`."""
        return list(self.view(dataset).records)

    def live(self, dataset: str, edition: str | None = None) -> list[VersionRecord]:
        """The whole versions of a dataset, or of one of its editions, that nobody took back, by number."""
        return [r for r in self._whole(dataset, edition) if r.version_no not in self._index.withdrawals]

    def live_before(self, dataset: str, day: date | None) -> Iterator[VersionRecord]:
        """The whole versions of a dataset that nobody took back and that begin by that day (all for None): those that
        begin last first, of one day the newest first. Undated ones begin before all others."""
        held = self._index
        begun = held.by_begin.get(dataset, [])
        last = len(begun) if day is None else bisect_right(begun, (day, held.highest))
        for at in range(last - 1, -1, -1):
            number = begun[at][1]
            if number not in held.withdrawals and self._is_whole(number):
                yield held.versions[number]

    def of_edition(self, dataset: str, edition: str) -> list[VersionRecord]:
        """All versions of an edition, whole or not, taken back or not, by number."""
        held = self._index
        numbers = sorted(held.by_edition.get((dataset, edition), ()))
        return [held.versions[n] for n in numbers if n not in held.doubtful]

    def named(self, act: str) -> list[VersionRecord]:
        """The versions whose act bears this name and that nobody took back, whole or not."""
        held = self._index
        gone = held.withdrawals.keys() | held.doubtful
        return [held.versions[n] for n in held.by_name.get(act, ()) if n not in gone]

    def withdrawn(self, dataset: str, edition: str) -> list[tuple[VersionRecord, Withdrawal]]:
        """The versions of an edition that a person took back, and why; their rows need not be whole."""
        held = self._index
        numbers = sorted(held.by_edition.get((dataset, edition), ()))
        return [(held.versions[n], held.withdrawals[n]) for n in numbers if n in held.withdrawals]

    def rows(self, record: VersionRecord) -> pa.Table:
        """row_no, then the business columns, as accepted."""
        return self._table(record, ".parquet")

    def cells(self, record: VersionRecord) -> pa.Table:
        """The citations, CELLS_SCHEMA (or that of the version's day)."""
        return self._table(record, ".cells.parquet")

    # Writing

    def commit(self, record: VersionRecord, rows: pa.Table, cells: pa.Table) -> VersionRecord:
        """Commit one version; `rows` has row_no INT32 from 1 then the business columns, `cells` is CELLS_SCHEMA.

        Returns the record as written: the next number, hash of the content, sha256 of the files and row count filled
        in, and `accepted_at` never before what the store already knows, so that a clock set back cannot rewrite the
        past. Raises OSError when the disk refuses (nothing is then committed), OvertakenError.
        """
        from pipeline.store.tables import CELLS_SCHEMA, content_hash

        assert rows.column_names[0] == "row_no" and cells.schema.equals(CELLS_SCHEMA), (
            "tables not in the declared shape"
        )
        number = self.next_no
        self._sweep()
        self.path(record.dataset, number).parent.mkdir(parents=True, exist_ok=True)
        files: dict[str, str] = {}
        for part, suffix, table in (("rows", ".parquet", rows), ("cells", ".cells.parquet", cells)):
            path = self.path(record.dataset, number, suffix)
            write_durably(path, partial(_write_table, table))
            files[path.name] = sha256_of(path)
            failpoint(f"accept.{part}")
        if self._mirror:
            self._mirror.put_data(record.dataset, files)
        written = replace(
            record,
            version_no=number,
            files=files,
            rows=rows.num_rows,
            accepted_at=self._not_before(record.accepted_at),
            content_sha256=content_hash(rows),
        )
        self._write(self.path(record.dataset, number, ".json"), written)
        for name, sha256 in files.items():
            self._checked[f"{record.dataset}/{name}"] = _seen(self.folder / record.dataset / name, sha256)
        failpoint("accept.done")
        return written

    def withdraw(self, version_no: int, reason: str, now: datetime) -> Withdrawal:
        """Take a version back from `now` (UTC) on. Raises StoreError when there is none or it is withdrawn."""
        record = self._index.versions.get(version_no)
        if record is None:
            raise StoreError(f"aucune version {version_no} ; `annexes versions` les montre", USAGE)
        if version_no in self._index.withdrawals:
            raise StoreError(f"la version {version_no} est déjà retirée")
        withdrawal = Withdrawal(record.dataset, version_no, self._not_before(now), reason)
        try:
            self._write(self.path(record.dataset, version_no, ".withdrawn.json"), withdrawal)
        except OvertakenError:
            return self.withdraw(version_no, reason, now)
        return withdrawal

    def remember_acts(self, acts: Sequence[KnownAct], now: datetime) -> KnownActs | None:
        """Keep the acts known from `now` (UTC) on; None when they are those already kept."""
        states = self._index.states
        # The first state is kept even when empty: it says that nothing was known until the next one.
        if states and states[-1].acts == tuple(acts):
            return None
        state = KnownActs(self._not_before(now), tuple(acts))
        number = self._index.states_written + 1
        (self.folder / _ACTS).mkdir(parents=True, exist_ok=True)
        try:
            self._write(self.folder / _ACTS / f"{number:06d}.json", state)
        except OvertakenError:
            return self.remember_acts(acts, now)
        self._index.states_written = number
        return state

    def forget(self, reason: str, now: datetime, numbers: Sequence[int] = ()) -> tuple[int, ...]:
        """Take the records there are for all there is, as a person decided: the numbers of those that are gone, never
        used again. Those `numbers` whose files are there and damaged are served no more either. Raises StoreError when
        nothing is lost, or a number is that of a whole version."""
        held = self._index
        refused = {int(found[1]) for file in held.refused if (found := _NUMBERED.fullmatch(file.path.name))}
        refused |= {record.version_no for record in self.damaged()}
        missing = set(range(1, held.highest + 1)) - held.numbers
        for number in numbers:
            if number not in missing | refused:
                said = f"la version {number} n'est ni perdue ni endommagée ; `annexes withdraw {number}` la retire"
                raise StoreError(said, USAGE)
        if not self.lost and not numbers:
            known = f" ; endommagées : {', '.join(map(str, sorted(refused)))}, à nommer" if refused else ""
            raise StoreError(f"aucun enregistrement n'a disparu : rien à oublier{known}", USAGE)
        head, last = read_head(self.folder), held.highest
        unnamed = max(0, head.records - len(held.marks) - len(missing)) if head else 0
        # The last ones leave no gap: as many numbers as records are lost are not used again.
        gone = tuple(sorted(missing | set(numbers) | set(range(last + 1, last + 1 + unnamed))))
        for number in gone:
            note = {"version_no": number, "reason": reason, "forgotten_at": now.isoformat(timespec="seconds")}
            write_json(self.folder / _FORGOTTEN / f"n{number:06d}.json", note)
        copies.drop(self.folder, [name for name in copies.names(self.folder) if name not in held.marks])
        write_head(self.folder, head_of(held.marks.values()))
        self.reopen()
        return gone

    def restore_records(self) -> list[str]:
        """Put back the records that vanished or were altered from their copies; what was put back, by name (none in a
        store that has lost nothing). Raises OSError."""
        held = self._index
        # Of readings that wait, what is removed takes its copies along: a copy alone is one that vanished.
        gone = not self._headed and bool(set(copies.names(self.folder)) - held.marks.keys())
        if not (self.lost or held.refused or gone):
            return []
        damaged = [file.path.relative_to(self.folder).as_posix() for file in held.refused]
        back = copies.restore(self.folder, read_head(self.folder), held.marks, damaged)
        if back:
            self.reopen()
            if self._headed and not self.lost:
                write_head(self.folder, head_of(self._index.marks.values()))
        return back

    def rewrite(self, record: VersionRecord, rows: pa.Table, cells: pa.Table, now: datetime) -> None:
        """Write the data files of a damaged version again, from rows that have the content hash of its record. Raises
        OSError."""
        from pipeline.store.tables import content_hash

        assert content_hash(rows) == record.content_sha256, "only what was accepted is written again"
        files = dict(self._files_of(record))
        for suffix, table in ((".parquet", rows), (".cells.parquet", cells)):
            path = self.path(record.dataset, record.version_no, suffix)
            if not path.is_file() or sha256_of(path) != files[path.name]:
                write_durably(path, partial(_write_table, table))
                files[path.name] = sha256_of(path)
        self._damage_of.pop(record.version_no, None)
        if files != self._files_of(record):
            if self._mirror:
                self._mirror.put_data(record.dataset, files)
            repair = Repair(record.dataset, record.version_no, self._not_before(now), files)
            self._write(self.path(record.dataset, record.version_no, ".repaired.json"), repair)

    def remove(self, record: VersionRecord) -> None:
        """Forget a version whole, its commit first. For readings that wait; one of the warehouse is withdrawn."""
        for suffix in (".json", ".withdrawn.json", ".repaired.json", ".cells.parquet", ".parquet"):
            path = self.path(record.dataset, record.version_no, suffix)
            copies.drop(self.folder, [path.relative_to(self.folder).as_posix()])
            path.unlink(missing_ok=True)
        self.reopen()

    def remember_checked(self) -> None:
        """Keep which data files were found whole, by size and time, so that the next opening does not hash them again.
        Losing it costs that hashing."""
        if self.folder.is_dir():
            text = json.dumps(self._checked)
            write_durably(self.folder / _CHECKED, partial(write_text, text))
            if not (self.lost or self._index.refused):
                copies.complete(self.folder, self._index.marks)
            if self._mirror:
                self._mirror.remember()

    def pack(self) -> int:
        """Pack old small versions of the shelf, where there is one: how many were. Raises ShelfError."""
        return self._mirror.pack(self.records()) if self._mirror else 0

    def reopen(self) -> None:
        """Forget what was read of the folder: it is read anew at the next question."""
        for name in ("_index", "_head", "_checked", "lost"):
            self.__dict__.pop(name, None)
        self._damage_of.clear()
        self._swept = False

    # Inside

    @cached_property
    def _index(self) -> _Index:
        """Every JSON of the folder read."""
        held = _Index()
        held.forgotten.update(int(path.stem[1:]) for path in self.folder.glob(f"{_FORGOTTEN}/n[0-9]*.json"))
        for number in held.forgotten:
            held.use(number)
        for path in sorted(self.folder.glob("*/[0-9]*.json")):
            numbered = _NUMBERED.fullmatch(path.name)
            name = path.relative_to(self.folder).as_posix()
            held.marks[name] = mark_of(name, path.read_bytes()) if path.is_file() else 0
            if path.parent.name == _ACTS:
                held.states_written += 1
            elif numbered is None or int(numbered[1]) in held.forgotten:
                continue
            elif numbered[2] is None:
                held.use(int(numbered[1]))
            for record in _decoded(path, held.refused):
                held.add(record)
        return held

    @cached_property
    def _head(self) -> Head:
        """What the next commit adds to: the records there are, unless some are lost: then those there should be."""
        kept = read_head(self.folder) if self.lost else None
        return kept or head_of(self._index.marks.values())

    @cached_property
    def _checked(self) -> dict[str, list[object]]:
        """Data file → size, time of change, sha256, when it was last found whole."""
        if not self._trusting:
            return {}
        try:
            loaded = json.loads((self.folder / _CHECKED).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return loaded if isinstance(loaded, dict) else {}

    def _whole(self, dataset: str, edition: str | None) -> Iterator[VersionRecord]:
        held = self._index
        mine = held.by_dataset.get(dataset, {})
        for number in sorted(mine if edition is None else held.by_edition.get((dataset, edition), ())):
            if self._is_whole(number):
                yield mine[number]

    def _is_whole(self, number: int) -> bool:
        held = self._index
        return number not in held.doubtful and not self._damage(held.versions[number])

    def _damage(self, record: VersionRecord) -> tuple[RefusedFile, ...]:
        if record.version_no not in self._damage_of:
            self._damage_of[record.version_no] = tuple(self._look_at(record))
        return self._damage_of[record.version_no]

    def _look_at(self, record: VersionRecord) -> Iterator[RefusedFile]:
        for name, expected in self._files_of(record).items():
            path, key = self.folder / record.dataset / name, f"{record.dataset}/{name}"
            if not path.is_file():
                yield RefusedFile(path, f"fichier absent ; la version {record.version_no} n'est pas servie")
            elif self._checked.get(key) != _seen(path, expected):
                if sha256_of(path) != expected:
                    reason = f"fichier tronqué ou altéré ; la version {record.version_no} n'est pas servie"
                    yield RefusedFile(path, reason)
                else:
                    self._checked[key] = _seen(path, expected)

    def _files_of(self, record: VersionRecord) -> Mapping[str, str]:
        """Its data files and their sha256, as last written."""
        repair = self._index.repairs.get(record.version_no)
        return {**record.files, **(repair.files if repair else {})}

    def _table(self, record: VersionRecord, suffix: str) -> pa.Table:
        import pyarrow.parquet as pq

        return pq.ParquetFile(self.path(record.dataset, record.version_no, suffix)).read()

    def _not_before(self, now: datetime) -> datetime:
        return clock.not_before(self._index.newest, now)

    def _write(self, path: Path, record: Record) -> None:
        if self.lost:
            raise StoreError(f"{self.lost[0]} : rien n'est écrit ; `annexes refresh` le rétablit, ou dit que faire")
        failpoint("accept.before_commit")
        text = encode_record(record)
        head = self._head if self._headed else None
        name = path.relative_to(self.folder).as_posix()
        if self._mirror:
            self._put_first(self._mirror, name, text)
        write_durably(path, partial(write_text, text))
        mark = mark_of(name, text.encode())
        self._index.add(record)
        self._index.marks[name] = mark
        copies.keep(self.folder, name, text)
        if head:
            self._head = head.with_one_more(mark)
            write_head(self.folder, self._head)
            if self._mirror:
                self._mirror.put_head(self._head)

    def _put_first(self, mirror: Mirror, name: str, text: str) -> None:
        """The commit where a shelf holds the record; the loser has the other's record here before it is told."""
        try:
            mirror.put_record(name, text)
        except TakenError as error:
            mirror.pull()
            self.reopen()
            raise OvertakenError(
                f"une autre machine a écrit {name} avant celle-ci ; relancer la commande, qui décide de nouveau"
            ) from error

    def _sweep(self) -> None:
        """Remove what crashes left: temporary files, and files of numbers that were never committed."""
        if self._swept:
            return
        for path in self.folder.glob("*/*"):
            number = path.name.split(".")[0]
            free = path.suffix == ".parquet" and number.isdigit() and int(number) >= self.next_no
            if path.name.endswith(".tmp") or free:
                path.unlink()
        self._swept = True


def open_versions(settings: Settings) -> VersionStore:
    """The versions of a project, to be written: on its shelf too, where it has one. Raises ConfigError, ShelfError."""
    from pipeline.store.mirror import mirror_of

    return VersionStore(settings.versions, mirror=mirror_of(settings))


def _seen(path: Path, sha256: str) -> list[object]:
    known = path.stat()
    return [known.st_size, known.st_mtime_ns, sha256]


def _known_from(record: Record) -> datetime:
    if isinstance(record, VersionRecord):
        return record.accepted_at
    if isinstance(record, Repair):
        return record.repaired_at
    return record.withdrawn_at if isinstance(record, Withdrawal) else record.seen_at


def _decoded(path: Path, refused: list[RefusedFile]) -> list[Record]:
    try:
        return [decode_record(path.read_text(encoding="utf-8"), copies.kind_of(path.parent.name, path.name))]
    except (DamagedRecordError, OSError, UnicodeDecodeError) as error:
        refused.append(RefusedFile(path, str(error)))
        return []


def _write_table(table: pa.Table, target: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, target, compression="zstd")
