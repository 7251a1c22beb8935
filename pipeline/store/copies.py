"""A second copy of every record, in a folder of its own: one that vanished or was altered is put back to the byte.

The copy is written after the record: a copy without its record is one that vanished, never one not yet committed. It is
not forced to the disk; one that a power cut lost is made again (`complete`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from pipeline.files import set_folder_aside, write_durably, write_text
from pipeline.store.head import Head, explains, mark_of
from pipeline.store.records import (
    DamagedRecordError,
    KnownActs,
    Record,
    Repair,
    VersionRecord,
    Withdrawal,
    decode_record,
)

FOLDER = "_copies"
ACTS = "_actes"


def keep(folder: Path, name: str, text: str) -> None:
    """A copy of the record `name` ("zonage_abc/000012.json"). Raises OSError."""
    path = _path(folder, name)
    path.parent.mkdir(exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")
    write_text(text, beside)
    set_folder_aside(path)
    beside.replace(path)


def complete(folder: Path, names: Iterable[str]) -> None:
    """Make the copies that are missing of these whole records. Raises OSError."""
    held = {path.name for path in (folder / FOLDER).glob("[!.]*.json") if path.is_file()}
    for name in names:
        if _path(folder, name).name not in held:
            keep(folder, name, (folder / name).read_text(encoding="utf-8"))


def names(folder: Path) -> list[str]:
    """The records of which there is a copy."""
    return [path.name.replace(".", "/", 1) for path in sorted((folder / FOLDER).glob("[!.]*.json"))]


def drop(folder: Path, records: Iterable[str]) -> None:
    """Forget the copies of these records, which a person said to forget."""
    for name in records:
        _path(folder, name).unlink(missing_ok=True)


def restore(folder: Path, head: Head | None, marks: Mapping[str, int], damaged: Iterable[str]) -> list[str]:
    """Put back the records that vanished, those that do not read, and, where the head says that the copies are the ones
    that were committed, those that are others; the names put back. `marks`: what each record in place adds to the head.
    Raises OSError.
    """
    held = _whole_copies(folder)
    wrong = {name for name in held if name not in marks} | (set(damaged) & held.keys())
    others = {name for name, text in held.items() if name in marks and marks[name] != mark_of(name, text.encode())}
    as_copied = dict(marks) | {name: mark_of(name, held[name].encode()) for name in wrong | others}
    if head is not None and explains(head, as_copied):
        wrong |= others
    for name in sorted(wrong):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_durably(folder / name, partial(write_text, held[name]))
    return sorted(wrong)


def _whole_copies(folder: Path) -> dict[str, str]:
    """Record → text of its copy, where that is whole."""
    found: dict[str, str] = {}
    for path in sorted((folder / FOLDER).glob("[!.]*.json")):
        dataset, _, file = path.name.partition(".")
        try:
            text = path.read_text(encoding="utf-8")
            decode_record(text, kind_of(dataset, file))
        except (OSError, ValueError, DamagedRecordError):
            continue  # a copy that a power cut lost; the record in place is the one that counts
        found[f"{dataset}/{file}"] = text
    return found


def kind_of(dataset: str, file: str) -> type[Record]:
    """What a record is, by the name of its file."""
    if dataset == ACTS:
        return KnownActs
    if file.endswith(".withdrawn.json"):
        return Withdrawal
    return Repair if file.endswith(".repaired.json") else VersionRecord


def _path(folder: Path, name: str) -> Path:
    return folder / FOLDER / name.replace("/", ".", 1)
