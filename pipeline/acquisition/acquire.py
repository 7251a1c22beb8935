"""One acquisition from end to end: the drop folder raw/inbox/, then a round of the feed where it is on, then what is to
be said. A round may be rehearsed on a copy of the archive: what --dry-run shows is what would be done.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.acquisition import report, taking
from pipeline.acquisition.expected import overdue
from pipeline.acquisition.feed import Place, Progress, Round, acquisition_lock, run_round, still_standing
from pipeline.acquisition.inbox import waiting_files
from pipeline.acquisition.report import Done
from pipeline.acquisition.server import Server
from pipeline.acquisition.taking import held_acts, wanted
from pipeline.acquisition.texts import Hints, Wanted, metadata_id
from pipeline.config import Feed
from pipeline.contract.findings import Finding, ordered
from pipeline.documents.declaration import document_folders
from pipeline.documents.model import KnownAct
from pipeline.files import link_or_copy, shown_name, what_is_odd
from pipeline.settings import Settings


@contextmanager
def rehearsal(settings: Settings) -> Iterator[Place]:
    """A place whose `raw` has the same documents: declarations copied, files linked. Downloads stay."""
    # Beside the archive, where files can be linked.
    settings.acquisition.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=settings.acquisition) as folder:
        raw = Path(folder)
        for document in document_folders(settings.raw):
            copy = raw / document.name
            copy.mkdir()
            for path in document.iterdir():
                if path.name.endswith(".toml") and path.is_file():
                    shutil.copyfile(path, copy / path.name)
                elif path.is_file() and not path.is_symlink():
                    link_or_copy(path, copy / path.name)
        yield Place(settings, raw, rehearsal=True)


def inbox_key(settings: Settings, now: datetime) -> str:
    """What identifies the files that wait, for a sensor that must not ask twice; '' when none does."""
    files = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in waiting_files(settings, now)]
    return hashlib.sha256(repr(files).encode()).hexdigest()[:16] if files else ""


def take_inbox(
    place: Place, choice: Wanted, now: datetime, today: date, progress: Progress = lambda _: None
) -> tuple[Done, ...]:
    """Take every file that waits. Raises OSError when the disk refuses; the caller holds the acquisition lock."""
    done: list[Done] = []
    for path in waiting_files(place.settings, now):
        progress(path.name)
        hints = Hints(id=_named(place.raw, path.name))
        done.append(taking.by_hand(place.raw, path, choice, hints, today, keep=choice.all_tables, settled=True))
        if done[-1].action != "refuse" and not place.rehearsal:
            path.unlink()
    done += [_left(path) for path in _odd_files(place.settings)]
    return tuple(done)


def _odd_files(settings: Settings) -> list[Path]:
    """Links, pipes and devices of the drop folder, which are never opened."""
    if not settings.inbox.is_dir():
        return []
    found = (p for p in sorted(settings.inbox.iterdir()) if not p.name.startswith("."))
    return [p for p in found if what_is_odd(p) and not (p.is_dir() and not p.is_symlink())]


def _left(path: Path) -> Done:
    name, why = shown_name(path.name), what_is_odd(path)
    return Done("refuse", "", name, why, f"refuser : {name} ({why})")


def inbox_findings(done: tuple[Done, ...]) -> Iterator[Finding]:
    """An error for each file that the archive refused: it was given to be published, and is not."""
    for each in done:
        if each.action == "refuse":
            yield Finding("depot_refuse", "error", each.document, f"raw/inbox : {each.line}", each.name)


def _named(raw: Path, name: str) -> str | None:
    """The document that a file's name tells: a JORFTEXT, or a document already archived."""
    stem = Path(name).stem
    return metadata_id(name) or (stem if (raw / stem / "document.toml").is_file() else None)


PARIS = ZoneInfo("Europe/Paris")
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Acquired:
    """What one acquisition did. `round` is None while the feed is off."""

    inbox: tuple[Done, ...]
    round: Round | None
    findings: tuple[Finding, ...]

    @property
    def done(self) -> tuple[Done, ...]:
        return (*self.inbox, *(self.round.done if self.round else ()))

    @property
    def changed(self) -> bool:
        """Whether the archive holds something it did not hold: a refresh has something to do."""
        return any(each.action in ("create", "add") for each in self.done)

    @property
    def failed(self) -> tuple[str, ...]:
        refused = tuple(each.line for each in self.inbox if each.action == "refuse")
        return (*refused, *(self.round.failed if self.round else ()))


def utc_now() -> datetime:
    return datetime.now(UTC)


def acquire(
    settings: Settings,
    feed: Feed,
    server: Server | None = None,
    clock: Clock = utc_now,
    progress: Progress = lambda _: None,
    dry_run: bool = False,
    since: date | None = None,
) -> Acquired:
    """Take in what waits in raw/inbox/ and, with the feed on, what its index lists anew (or from `since` on); leave the
    findings that stand.

    With `dry_run` the archive, the drop folder, the cursor and the findings stay as they are. Raises StateError while
    another process acquires, DocumentError for an unreadable actes.toml, OSError when the disk refuses.
    """
    now = clock()
    today = now.astimezone(PARIS).date()
    with acquisition_lock(settings), _place(settings, dry_run) as place:
        choice = wanted(settings, feed.all_tables)
        dropped = take_inbox(place, choice, now, today, progress)
        made: Round | None = None
        if feed.enabled:
            with _served(feed, server) as served:
                made = run_round(place, feed, served, choice, today, since, progress)
        parts: dict[report.Part, list[Finding]] = {
            "inbox": list(inbox_findings(dropped)),
            "expected": list(_late(settings, choice, today)),
        }
        if made is not None:
            parts["feed"] = [*made.findings, *still_standing(report.findings(settings, "feed"), made)]
        if not dry_run:
            _keep(settings, parts, made, now)
    return Acquired(dropped, made, tuple(ordered(f for found in parts.values() for f in found)))


def _keep(
    settings: Settings, parts: Mapping[report.Part, Sequence[Finding]], made: Round | None, now: datetime
) -> None:
    for part, found in parts.items():
        report.save_findings(settings, part, found)
    excluded = [text for taken in (made.taken if made else ()) for text in taken.excluded]
    report.add_exclusions(settings, excluded, now)


@contextmanager
def _place(settings: Settings, dry_run: bool) -> Iterator[Place]:
    with rehearsal(settings) if dry_run else nullcontext(Place(settings, settings.raw)) as place:
        yield place


@contextmanager
def _served(feed: Feed, server: Server | None) -> Iterator[Server]:
    """The server passed in, which its owner closes; else one of our own."""
    if server is not None:
        yield server
        return
    own = Server(feed.base_url)
    try:
        yield own
    finally:
        own.close()


def _late(settings: Settings, choice: Wanted, today: date) -> Iterator[Finding]:
    """The yearly acts that nobody has seen, from those known and those held, each with the year of its publication or
    signature."""
    held = [
        KnownAct(act.id, dataset.name, act.title, signed=act.signed, published=day, year=day.year)
        for act in held_acts(settings.raw)
        if (day := act.published or act.signed)
        for dataset in choice.datasets
        if dataset.fed_by(act)
    ]
    return overdue(choice.datasets, choice.known, held, today)
