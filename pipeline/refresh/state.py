"""What the folders of a project hold between two refreshes: the documents of raw/, what each one's outcome depends on
(a fingerprint) and what came of reading it, the note of the last refresh, which findings are new. Standard library
only at import: a refresh with nothing to do must cost next to nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipeline.contract.findings import Finding
from pipeline.contract.rows import LedgerLine, Quarantined
from pipeline.files import sha256_of, write_durably
from pipeline.known_hashes import ABSENT, KnownHashes
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
    """Name under the folder and path of each file that counts, in order."""
    found = sorted(_listed(os.fspath(folder), "")) if folder.is_dir() else []
    return ((name, path) for name, path in found)


def _listed(folder: str, under: str) -> Iterator[tuple[str, str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _listed(entry.path, f"{under}{entry.name}/")
            elif entry.is_file() and entry.name not in _STATE and not entry.name.startswith("."):
                yield f"{under}{entry.name}", entry.path


def _hashed(folder: Path, of: HashOf) -> Iterator[tuple[str, bytes]]:
    return ((name, of(path).encode()) for name, path in _files(folder))


HashOf = Callable[[str], str]
"""The sha256 of the file at a path."""


def hash_now(path: str) -> str:
    """The sha256 of a file read now, '' where there is none. Raises OSError."""
    try:
        return sha256_of(Path(path))
    except ABSENT:
        return ""


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
    own = digest(_hashed(settings.raw / document_id, of))
    return digest(
        (
            ("document", own.encode()),
            ("code", code_fingerprint().encode()),
            ("ref", reference_fingerprint(settings.reference).encode()),
        )
    )


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
    beside = path.with_suffix(".tmp")
    beside.write_text(json.dumps(asdict(outcome), ensure_ascii=False, indent=1), encoding="utf-8")
    beside.replace(path)


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
    if not settings.raw.is_dir():
        return ()
    with os.scandir(settings.raw) as entries:
        return tuple(sorted(e.name for e in entries if os.path.lexists(f"{e.path}/document.toml")))


def outcome_path(settings: Settings, document_id: str) -> Path:
    return settings.staged / document_id / "outcome.json"


def staged_outcome(settings: Settings, document_id: str) -> Mapping[str, Any] | None:
    """The last outcome of a document as staged; None when there is none or it is not whole."""
    try:
        loaded = json.loads(outcome_path(settings, document_id).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError):
        return None
    return loaded if isinstance(loaded, dict) else None


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

    write_durably(_note_path(settings), write)


def last_refresh(settings: Settings) -> LastRefresh | None:
    """None when the command never refreshed this project, or the note cannot be read."""
    try:
        note = json.loads(_note_path(settings).read_text(encoding="utf-8"))
        return LastRefresh(datetime.fromisoformat(note["at"]), tuple(note["failed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note_path(settings: Settings) -> Path:
    return settings.warehouse / "refreshed.json"


def remember_findings(settings: Settings) -> None:
    """Remember the findings of the file just published. The caller holds the refresh lock."""
    from pipeline.warehouse.access import connect

    with connect(settings) as connection:
        now = sorted(str(row[0]) for row in connection.execute("SELECT finding FROM meta.findings").fetchall())
    before = _read_history(settings).get("now", [])
    text = json.dumps({"before": before, "now": now}, indent=1) + "\n"
    write_durably(_history_path(settings), lambda target: _write_text(target, text))


def new_findings(settings: Settings) -> frozenset[str]:
    """Ids published last and not the time before; all of them after a first publish."""
    seen = _read_history(settings)
    return frozenset(seen.get("now", ())) - frozenset(seen.get("before", ()))


def _read_history(settings: Settings) -> dict[str, list[str]]:
    try:
        loaded = json.loads(_history_path(settings).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _history_path(settings: Settings) -> Path:
    return settings.warehouse / "published_findings.json"


def _write_text(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")
