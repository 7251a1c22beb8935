"""What a person decides and looks at again: a reading that waits accepted or rejected, a dataset put back, a finding
acknowledged, the reading behind a published value. The caller holds the refresh lock for what is followed by a
publish.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from pipeline.datasets import dataset
from pipeline.documents.decisions import FINDINGS_FILE, Correction, read_corrections, with_reasons, without_reason
from pipeline.documents.declaration import read_document_leniently
from pipeline.documents.model import DocumentError, Rendition
from pipeline.errors import USAGE, AnnexesError
from pipeline.extract.model import ExtractError, Reading
from pipeline.files import write_durably
from pipeline.quality.changes import KeyChange, key_changes
from pipeline.refresh import publish
from pipeline.refresh.decide import Clock, change, columns_of, decide_document, utc_now
from pipeline.refresh.publish import acknowledged_or_none, common_problems, outcomes
from pipeline.refresh.state import documents, is_staged, readings_folder, staged_outcome, whole_readings
from pipeline.settings import Settings
from pipeline.store.pending import Stores, Waiting, identity, open_stores
from pipeline.store.records import VersionRecord
from pipeline.store.versions import StoreError, VersionStore
from pipeline.timeline.editions import edition_ids
from pipeline.warehouse.publish import Published

ReadingOf = Callable[[str, str], Reading | None]
"""(document, file) → its reading before corrections; None when the file is gone or no longer reads."""


def reader(settings: Settings) -> ReadingOf:
    """A function that gives each reading once: staged if it is there, else extracted again."""

    @cache
    def reading_of(document: str, file: str) -> Reading | None:
        from pipeline.extract import read, reading_parquet
        from pipeline.extract.typeset import with_typeset

        staged = readings_folder(settings, document) / f"{file}.parquet"
        if staged.is_file() and whole_readings(readings_folder(settings, document)):
            return reading_parquet.load(staged)
        rendition = rendition_of(settings, document, file)
        if rendition is None:
            return None
        try:
            extracted = read(
                settings.raw / document / file,
                rendition.media,
                rendition.line_offset,
                complete=bool(rendition.complete),
            )
            return with_typeset(extracted, rendition.typeset)
        except (ExtractError, OSError):
            return None  # said by the refresh that refused it; here the words around are left out

    return reading_of


def rendition_of(settings: Settings, document: str, file: str) -> Rendition | None:
    """The rendition as document.toml declares it now; None when it no longer does."""
    try:
        declared, _ = read_document_leniently(settings.raw / document)
    except DocumentError:
        return None
    return next((r for r in declared.renditions if r.file == file), None)


def annex_of(settings: Settings, document: str, act: str | None) -> str:
    """The heading where the act begins in its document, as document.toml names it; '' when it names none."""
    try:
        declared, _ = read_document_leniently(settings.raw / document)
    except DocumentError:
        return ""
    return next((a.begins or "" for a in declared.acts if a.id == act), "")


def corrections_of(settings: Settings, document: str) -> tuple[Correction, ...]:
    """The rules of its corrections.toml as they stand; none when they cannot be read (the refresh says so)."""
    try:
        return read_corrections(settings.raw / document)
    except DocumentError:
        return ()


class UnknownFindingError(AnnexesError):
    """No document read has a finding of this id (French message)."""

    code = USAGE


def acknowledge(settings: Settings, findings: Sequence[str], reason: str) -> list[Path]:
    """Add the findings, with the reason, to the findings.toml of their documents; the files written.

    Raises UnknownFindingError before anything is written, AcknowledgeError for a file that cannot be read.
    """
    owners = _owners(settings)
    for finding in findings:
        if finding not in owners:
            raise UnknownFindingError(_unknown(finding))
    new = {
        name: with_reasons(_text(settings, name), dict.fromkeys(same, reason))
        for name, same in _by_document(findings, owners).items()
    }
    return [_write(settings, name, text) for name, text in new.items()]


def forget(settings: Settings, findings: Sequence[str]) -> list[Path]:
    """Take the findings out of the findings.toml that has them; the files written.

    Raises UnknownFindingError before anything is written when no file has one of them.
    """
    owners = {f: name for name in documents(settings) for f in _held(settings, name)}
    for finding in findings:
        if finding not in owners:
            unread = "".join(f" ; {problem}" for problem in common_problems(settings))
            raise UnknownFindingError(f"{finding} : dans aucun raw/<document>/{FINDINGS_FILE}, rien à défaire{unread}")
    new = {name: without_reason(_text(settings, name), same) for name, same in _by_document(findings, owners).items()}
    return [_write(settings, name, text) for name, text in new.items()]


def _owners(settings: Settings) -> dict[str, str]:
    """Finding → the document that has it, as last read."""
    return {finding.id: o.document for o in outcomes(settings) for finding in o.findings}


def _by_document(findings: Sequence[str], owners: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in findings:
        found.setdefault(owners[finding], []).append(finding)
    return found


def _unknown(finding: str) -> str:
    return (
        f"{finding} : aucun document lu n'a cette anomalie ; `annexes findings` donne les identifiants "
        "(un acte non détenu se règle en versant l'acte, pas ici)"
    )


def _held(settings: Settings, document: str) -> list[str]:
    return [a.finding for a in acknowledged_or_none(settings, document)]


def _path(settings: Settings, document: str) -> Path:
    return settings.raw / document / FINDINGS_FILE


def _text(settings: Settings, document: str) -> str:
    path = _path(settings, document)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _write(settings: Settings, document: str, text: str) -> Path:
    path = _path(settings, document)
    if not text:
        path.unlink(missing_ok=True)
        return path
    write_durably(path, lambda target: _put(target, text))
    return path


def _put(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Question:
    """A reading that waits, the version it would take the place of, and why a person is asked (French sentences)."""

    waiting: Waiting
    current: VersionRecord | None
    reasons: tuple[str, ...]

    @property
    def since(self) -> datetime:
        return self.waiting.record.accepted_at


def questions(settings: Settings) -> list[Question]:
    """Every reading that waits, against what is published of its edition now."""
    found: list[Question] = []
    stores = open_stores(settings)
    for item in stores.waiting.waiting():
        current = _current(stores.versions, item.record)
        reasons: tuple[str, ...] = ()
        if current:
            after = stores.waiting.rows(item).to_pydict()
            reasons = change(dataset(item.record.dataset), columns_of(stores.versions, current), after).reasons
        found.append(Question(item, current, reasons))
    return found


def differences(settings: Settings, waiting_id: str) -> list[KeyChange]:
    """What a reading that waits changes in what is published of its edition; all of it when nothing is. Raises
    StoreError when nothing of that id waits."""
    stores = open_stores(settings)
    item = stores.waiting.find(waiting_id)
    after = stores.waiting.rows(item).to_pydict()
    current = _current(stores.versions, item.record)
    before = columns_of(stores.versions, current) if current else {name: [] for name in after}
    return key_changes(dataset(item.record.dataset), before, after)


def accept(settings: Settings, waiting_id: str, clock: Clock = utc_now) -> tuple[VersionRecord, Published]:
    """The reading becomes a version. Raises StoreError when nothing of that id waits, PublishError.

    One already accepted by a command that was killed before it could say so is not accepted twice.
    """
    stores = open_stores(settings)
    item = stores.waiting.find(waiting_id)
    current = _current(stores.versions, item.record)
    if current and identity(current) == identity(item.record):
        stores.waiting.settle(current.dataset, current.edition)
        return current, _published(settings, stores, current, clock)
    written = stores.waiting.promote(item, stores.versions, clock())
    return written, _published(settings, stores, written, clock)


def reject(settings: Settings, waiting_id: str, reason: str, clock: Clock = utc_now) -> tuple[VersionRecord, Published]:
    """The reading is set aside, now and whenever its document is read the same again. Raises StoreError, PublishError.

    Returns its record, whose number is not that of a version.
    """
    stores = open_stores(settings)
    item = stores.waiting.find(waiting_id)
    stores.waiting.reject(item, reason, clock())
    return item.record, _published(settings, stores, item.record, clock)


@dataclass(frozen=True)
class Back:
    """What a rollback did: the version that counts again, and the later readings of its edition that no longer do."""

    record: VersionRecord
    withdrawn: tuple[int, ...]
    published: Published


def rollback(settings: Settings, name: str, version_no: int, reason: str, clock: Clock = utc_now) -> Back:
    """Make a version the newest reading of its edition again: later ones are withdrawn. One that was itself withdrawn
    comes back under a new number, for a withdrawal is never undone.

    Raises StoreError when this dataset has no such version, or it is the newest reading already; PublishError.
    """
    stores = open_stores(settings)
    held = stores.versions.view(name)
    record = next((r for r in held.records if r.version_no == version_no), None)
    if record is None:
        raise StoreError(f"aucune version {version_no} de {name} ; `annexes versions {name}` les montre", USAGE)
    gone = {w.version_no for w in held.withdrawals}
    ids = edition_ids(held.records)
    later = [n for n, own in ids.items() if own == ids[version_no] and n > version_no and n not in gone]
    if version_no in gone:
        record = _again(stores.versions, record, clock())
    elif not later:
        raise StoreError(f"la version {version_no} est déjà la dernière lecture de son édition")
    for number in later:
        stores.versions.withdraw(number, reason, clock())
    return Back(record, tuple(later), _published(settings, stores, record, clock))


def _again(store: VersionStore, record: VersionRecord, now: datetime) -> VersionRecord:
    """The same version once more, as the newest."""
    return store.commit(replace(record, accepted_at=now, files={}), store.rows(record), store.cells(record))


def _published(settings: Settings, stores: Stores, record: VersionRecord, clock: Clock) -> Published:
    """The document's outcome said again, then the publish. A document that changed since is left to the next refresh,
    which reads it."""
    refused = bool((staged_outcome(settings, record.document) or {}).get("error"))
    if record.document in documents(settings) and not refused and is_staged(settings, record.document):
        decide_document(settings, stores, record.document, clock)
    return publish.publish(settings, stores.versions)


def _current(store: VersionStore, record: VersionRecord) -> VersionRecord | None:
    return next(reversed(store.live(record.dataset, record.edition)), None)
