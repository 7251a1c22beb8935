"""What the folders of a project hold between two refreshes: the documents of raw/, what each one's outcome depends on
(a fingerprint) and what came of reading it, the note of the last refresh, which findings are new. Standard library
only at import: a refresh with nothing to do must cost next to nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipeline import config
from pipeline.contract.findings import Finding
from pipeline.contract.rows import LedgerLine, Quarantined
from pipeline.files import (
    is_plain_name,
    read_sealed,
    set_folder_aside,
    sha256_of,
    shown_name,
    write_durably,
    write_sealed,
)
from pipeline.known_hashes import KnownHashes, hash_now
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pydantic import TypeAdapter

PACKAGE = Path(__file__).resolve().parent.parent
READING_ROOMS = ("documents", "extract", "cleaning", "gazetteer", "quality", "datasets", "refresh")
_STATE = frozenset({"findings.toml"})
"""Files of a document's folder that say nothing of its content: acknowledging a finding re-reads nothing."""


def digest(parts: Iterable[tuple[str, bytes]]) -> str:
    """One hash of named byte strings, in order; lengths keep neighbours apart."""
    whole = hashlib.sha256()
    for name, data in parts:
        whole.update(f"{name}\x1f{len(data)}\x1e".encode())
        whole.update(data)
    return whole.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Name under the folder and path of each file or link that counts, in order."""
    found = sorted(_listed(os.fspath(folder), "")) if folder.is_dir() else []
    return ((os.fsencode(name).decode("utf-8", "backslashreplace"), path) for name, path in found)


def _listed(folder: str, under: str) -> Iterator[tuple[str, str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _listed(entry.path, f"{under}{entry.name}/")
            elif (
                entry.name not in _STATE and not entry.name.startswith(".") and (entry.is_symlink() or entry.is_file())
            ):
                yield f"{under}{entry.name}", entry.path


def _hashed(folder: Path, of: HashOf, follow: bool = True) -> Iterator[tuple[str, bytes]]:
    for name, path in _files(folder):
        link = Path(path)
        is_link = not follow and link.is_symlink()
        yield name, b"link " + os.fsencode(link.readlink()) if is_link else of(path).encode()


HashOf = Callable[[str], str]
"""The sha256 of the file at a path."""


@cache
def code_fingerprint(rooms: tuple[str, ...] = READING_ROOMS) -> str:
    """The source of the rooms that read documents."""
    sources = ((room, _files(PACKAGE / room)) for room in rooms)
    return digest(
        (f"{room}/{name}", Path(path).read_bytes())
        for room, files in sources
        for name, path in files
        if name.endswith(".py")
    )


@cache
def reference_fingerprint(folder: Path) -> str:
    """The reference snapshots."""
    return digest(_hashed(folder, hash_now))


def document_fingerprint(settings: Settings, document_id: str, of: HashOf = hash_now) -> str:
    """Everything that a document's outcome depends on. A folder that is gone has a fingerprint too. `of` may know the
    hashes of files that have not changed."""
    # A link in a document's folder is refused when it is read: here it is where it leads to, not what is there.
    own = digest(_hashed(settings.raw / document_id, of, follow=False))
    parts = [
        ("document", own.encode()),
        ("code", code_fingerprint().encode()),
        ("ref", reference_fingerprint(settings.reference).encode()),
    ]
    if language := ocr_language(settings):
        parts.append(("ocr", language.encode()))
    return digest(parts)


def ocr_language(settings: Settings) -> str:
    """The language in which pages without text are recognised; '' where they are not, and where the settings cannot be
    followed: whoever takes the refresh lock is stopped by that, and `status` says it."""
    try:
        stamp = settings.configuration.stat().st_mtime_ns
    except OSError:
        return ""
    return _ocr_language(settings, stamp)


@cache
def _ocr_language(settings: Settings, _stamp: int) -> str:
    try:
        declared = config.read(settings).ocr
    except config.ConfigError:
        return ""
    return declared.language if declared.enabled else ""


def known_hashes(settings: Settings) -> KnownHashes:
    """What is remembered of the files of the project."""
    return KnownHashes(settings.staged / ".hashes.json")


Status = Literal["accepted", "unchanged", "refused", "pending", "set_aside"]
"""`pending`: the reading waits for a person; `set_aside`: a person rejected or withdrew that very reading."""


@dataclass(frozen=True)
class EditionOutcome:
    """One edition of one dataset. `version_no` is that of the version accepted, or of the one that stays."""

    dataset: str
    edition: str
    act: str
    rendition: str
    role: str
    status: Status
    rows: int
    quarantined: int
    findings: Mapping[str, int]
    version_no: int | None = None
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    ends: str = ""
    """The act that this one ends, when that is all it does: it prints no table."""


@dataclass(frozen=True)
class DocumentOutcome:
    """All of a document. `error` says why nothing of it could be read."""

    document: str
    fingerprint: str
    error: str = ""
    editions: tuple[EditionOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    quarantine: tuple[Quarantined, ...] = ()
    ledger: tuple[LedgerLine, ...] = ()
    seconds: float = 0.0
    new_errors: tuple[str, ...] = field(default=())
    """Ids of error findings that the outcome before this one did not have."""

    @property
    def refused(self) -> tuple[str, ...]:
        """One sentence for each thing refused: the document, or an edition."""
        if self.error:
            return (self.error,)
        return tuple(
            f"{self.document} : {e.dataset} ({e.edition}) refusé : {' ; '.join(e.reasons)}"
            for e in self.editions
            if e.status == "refused"
        )


def save_outcome(outcome: DocumentOutcome, path: Path) -> None:
    """Write beside and rename: an outcome is whole or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    set_folder_aside(path)
    write_sealed(path, json.loads(json.dumps(vars(outcome), default=vars)))


def outcome_from_json(data: Mapping[str, Any]) -> DocumentOutcome:
    """The outcome as it was saved, its fields as the classes declare them; one that this program does not know is left
    out."""
    return _adapter().validate_python(data)


@cache
def _adapter() -> TypeAdapter[DocumentOutcome]:
    from pydantic import TypeAdapter

    return TypeAdapter(DocumentOutcome)


def documents(settings: Settings) -> tuple[str, ...]:
    """Ids of the documents of raw/: its folders that hold a document.toml."""
    return tuple(name for name in _folders(settings) if is_plain_name(name))


def strange_folders(settings: Settings) -> tuple[str, ...]:
    """One sentence for each folder of raw/ with a document.toml whose name no file, table or page could carry."""
    said = "raw/{} : ce nom de dossier ne s'écrit pas partout (UTF-8, sans caractère de contrôle) ; le renommer"
    return tuple(said.format(shown_name(name)) for name in _folders(settings) if not is_plain_name(name))


def _folders(settings: Settings) -> list[str]:
    if not settings.raw.is_dir():
        return []
    with os.scandir(settings.raw) as entries:
        return sorted(entry.name for entry in entries if os.path.lexists(f"{entry.path}/document.toml"))


def outcome_path(settings: Settings, document_id: str) -> Path:
    return settings.staged / document_id / "outcome.json"


def staged_outcome(settings: Settings, document_id: str) -> Mapping[str, Any] | None:
    """The last outcome of a document as staged; None when there is none or it is not, to the bit, what was written."""
    return read_sealed(outcome_path(settings, document_id))


READINGS_STATE = "state.json"


def readings_folder(settings: Settings, document_id: str) -> Path:
    return settings.staged / document_id / "readings"


def seen(path: Path) -> list[object]:
    """sha256, size and time of a file, so that one which was not touched since need not be hashed again."""
    known = path.stat()
    return [sha256_of(path), known.st_size, known.st_mtime_ns]


def whole_readings(folder: Path) -> Mapping[str, Any] | None:
    """What was noted of the readings staged in a folder: fingerprint, findings, files; None when there are none or one
    of them is not, to the bit, what was written."""
    noted = read_sealed(folder / READINGS_STATE)
    if noted is None:
        return None
    for file in noted["files"]:
        path, (digest, size, changed) = folder / f"{file}.parquet", noted["seen"][file]
        try:
            known = path.stat()
            touched = (known.st_size, known.st_mtime_ns) != (size, changed)
            if touched and sha256_of(path) != digest:
                return None
        except OSError:
            return None
    return noted


def is_staged(settings: Settings, document_id: str) -> bool:
    """Whether the last outcome stands for the document as it is now, and what it rests on is whole."""
    outcome = staged_outcome(settings, document_id)
    if outcome is None or outcome.get("fingerprint") != document_fingerprint(settings, document_id):
        return False
    return bool(outcome.get("error")) or whole_readings(readings_folder(settings, document_id)) is not None


@dataclass(frozen=True)
class LastRefresh:
    """`at` is UTC; `failed` are French sentences: readings interrupted, a publish refused."""

    at: datetime
    failed: tuple[str, ...] = ()


def remember_refresh(settings: Settings, failed: Sequence[str], now: datetime) -> None:
    """Note that a refresh ended at `now` (UTC). The caller holds the refresh lock. Raises OSError."""
    text = json.dumps({"at": now.isoformat(timespec="seconds"), "failed": list(failed)}, ensure_ascii=False) + "\n"

    def write(target: Path) -> None:
        target.write_text(text, encoding="utf-8")

    write_durably(settings.last_refresh_note, write)


def last_refresh(settings: Settings) -> LastRefresh | None:
    """None when the command never refreshed this project, or the note cannot be read."""
    try:
        note = json.loads(settings.last_refresh_note.read_text(encoding="utf-8"))
        return LastRefresh(datetime.fromisoformat(note["at"]), tuple(note["failed"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def remember_findings(settings: Settings) -> None:
    """Remember the findings of the file just published. The caller holds the refresh lock."""
    from pipeline.warehouse.access import connect

    with connect(settings) as connection:
        now = sorted(str(row[0]) for row in connection.execute("SELECT finding FROM meta.findings").fetchall())
    before = _read_history(settings).get("now", [])
    text = json.dumps({"before": before, "now": now}, indent=1) + "\n"
    write_durably(settings.finding_history, lambda target: _write_text(target, text))


def new_findings(settings: Settings) -> frozenset[str]:
    """Ids published last and not the time before; all of them after a first publish."""
    seen = _read_history(settings)
    return frozenset(seen.get("now", ())) - frozenset(seen.get("before", ()))


def _read_history(settings: Settings) -> dict[str, list[str]]:
    try:
        loaded = json.loads(settings.finding_history.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _write_text(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")
