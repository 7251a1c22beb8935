"""One round of the DILA feed: the directory page read, the deliveries not taken yet listed and taken, the cursor of
raw/feed.json moved, what went wrong said. Only names are read of the page: no address there is followed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout
from lxml import etree

from pipeline.acquisition import archives, taking
from pipeline.acquisition.archives import ArchiveError, Strange
from pipeline.acquisition.expected import silence
from pipeline.acquisition.report import Done, Excluded
from pipeline.acquisition.server import FetchError, Server
from pipeline.acquisition.texts import Wanted
from pipeline.config import Feed
from pipeline.contract.findings import Finding, Severity
from pipeline.documents.archive import clear_leftovers
from pipeline.errors import AnnexesError
from pipeline.files import write_json
from pipeline.settings import Settings

_NAME = re.compile(r"JORFSIMPLE_(?P<stamp>[0-9]{8}-[0-9]{6})\.tar\.gz", re.I)
_LOOKS_LIKE = re.compile(r"\.tar\.gz$|\.tgz$|jorfsimple_", re.I)
_STAMP = "%Y%m%d-%H%M%S"


class ListingError(Exception):
    """What the server gave is no directory of deliveries (French)."""


@dataclass(frozen=True, order=True)
class Delivery:
    """One archive of the feed. `stamp` is the server's local time and sorts by it; `name` as the server writes it."""

    stamp: str
    name: str

    @property
    def day(self) -> date:
        """The day it was put there, in Paris."""
        return date(int(self.stamp[:4]), int(self.stamp[4:6]), int(self.stamp[6:8]))


@dataclass(frozen=True)
class Listing:
    """Deliveries, oldest first, and names that look like a delivery and are none."""

    deliveries: tuple[Delivery, ...]
    strange: tuple[str, ...] = ()


def read_index(page: bytes) -> Listing:
    """The deliveries of an Apache directory page; a stamp listed twice counts once.

    Raises ListingError when it lists none: an empty directory, a page of another server, an error in HTML.
    """
    found: dict[str, Delivery] = {}
    strange: list[str] = []
    for name in _links(page):
        match = _NAME.fullmatch(name)
        if match and _is_moment(match["stamp"]):
            found.setdefault(match["stamp"], Delivery(match["stamp"], name))
        elif _LOOKS_LIKE.search(name):
            strange.append(name[:100])
    if not found:
        raise ListingError("la page du flux ne liste aucune livraison JORFSIMPLE : ce n'est pas l'index attendu")
    return Listing(tuple(sorted(found.values())), tuple(dict.fromkeys(strange)))


def _links(page: bytes) -> list[str]:
    parser = etree.HTMLParser(no_network=True, huge_tree=False, recover=True, encoding="utf-8")
    try:
        root = etree.fromstring(page, parser)
    except etree.XMLSyntaxError:
        return []
    found = root.xpath("//a/@href") if root is not None else []
    return [str(link).removeprefix("./") for link in found] if isinstance(found, list) else []


def _is_moment(stamp: str) -> bool:
    try:
        datetime.strptime(stamp, _STAMP)  # noqa: DTZ007 - only whether it is a date
    except ValueError:
        return False
    return True


class StateError(AnnexesError):
    """The state cannot be read, or another process holds it (French)."""


@dataclass(frozen=True)
class State:
    """Every delivery listed up to `cursor` is held, and those of `ahead` beyond it. `missed` were listed and could not
    be taken; `lost` are those of them that the server lists no more."""

    cursor: str = ""
    ahead: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def wants(self, stamp: str) -> bool:
        return stamp > self.cursor and stamp not in self.ahead

    def taken(self, stamp: str, listed: Sequence[str]) -> State:
        """After the archive holds `stamp`; `listed` are the stamps of the index, in order."""
        missed = tuple(s for s in self.missed if s != stamp)
        return replace(self, ahead=(*self.ahead, stamp), missed=missed)._advanced(listed)

    def _advanced(self, listed: Sequence[str]) -> State:
        """The cursor on the last delivery before the first one that is not held."""
        cursor = self.cursor
        for each in listed:
            if each > cursor:
                if each not in self.ahead:
                    break
                cursor = each
        return replace(self, cursor=cursor, ahead=tuple(sorted({s for s in self.ahead if s > cursor})))

    def failed(self, stamp: str) -> State:
        return replace(self, missed=tuple(sorted({*self.missed, stamp})))

    def seen(self, listed: Sequence[str]) -> State:
        """After the index was read: what was missed and is listed no more is lost."""
        gone = {s for s in self.missed if s not in listed}
        missed = tuple(s for s in self.missed if s not in gone)
        lost = tuple(sorted({*self.lost, *gone} - {*listed}))
        return replace(self, missed=missed, lost=lost)._advanced(listed)

    def back_to(self, stamp: str) -> State:
        """To take again what was delivered from `stamp` on; the archive knows what it holds already."""
        return replace(self, cursor=min(self.cursor, stamp) if self.cursor else stamp, ahead=())


def load_state(path: Path) -> State:
    """The state kept in a file; a new one when there is none. Raises StateError for one that does not read."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        lists = {name: tuple(map(str, held.get(name, ()))) for name in ("ahead", "missed", "lost")}
        return State(cursor=str(held["cursor"]), **lists)
    except FileNotFoundError:
        return State()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = "ne se lit pas ; le restaurer, ou l'effacer pour repartir des derniers jours"
        raise StateError(f"{path.name} {reason} ({error})") from error


def save_state(state: State, path: Path) -> None:
    """Write beside, force to the disk, rename."""
    write_json(path, asdict(state))


@contextmanager
def acquisition_lock(settings: Settings) -> Iterator[None]:
    """One process at a time takes files in. Raises StateError when another one does."""
    settings.acquisition.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.acquisition / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StateError("un autre processus dépose des fichiers dans raw/ ; attendre sa fin") from error
    try:
        for name in clear_leftovers(settings.raw):
            logging.getLogger(__name__).warning(f"{name} : reste d'un dépôt interrompu, enlevé")
        yield
    finally:
        lock.release()


FIRST_ROUND = timedelta(days=7)
"""How far back the first round goes when nothing says where to begin."""
_GIVE_UP = 3
"""Deliveries in a row that cannot be taken, after which the round ends: the next one finds the server better."""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class RoundPlan:
    """What the index asks for. `texts.Wanted` deliveries are taken in this round, `later` of them wait for the next."""

    listing: Listing
    state: State
    wanted: tuple[Delivery, ...]
    later: int = 0

    @property
    def key(self) -> str:
        """What identifies this plan, for a sensor that must not ask twice."""
        names = "\x1f".join((self.state.cursor, *(d.name for d in self.wanted)))
        return hashlib.sha256(names.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Taken:
    """What came of one delivery. `error`: nothing of it was taken, and why."""

    delivery: Delivery
    texts: int = 0
    done: tuple[Done, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    strange: tuple[Strange, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Round:
    """All of a round. `findings` are those that stand after it; `error`: the index could not be had."""

    taken: tuple[Taken, ...] = ()
    findings: tuple[Finding, ...] = ()
    later: int = 0
    error: str = ""

    @property
    def done(self) -> tuple[Done, ...]:
        return tuple(done for taken in self.taken for done in taken.done)

    @property
    def failed(self) -> tuple[str, ...]:
        """One sentence for each thing that could not be had or was refused."""
        return (
            *((self.error,) if self.error else ()),
            *(t.error for t in self.taken if t.error),
            *(d.line for d in self.done if d.action == "refuse"),
        )


@dataclass(frozen=True)
class Place:
    """Where a round reads and writes. A rehearsal has another `raw`, and keeps no state."""

    settings: Settings
    raw: Path
    rehearsal: bool = False

    @property
    def downloads(self) -> Path:
        return self.settings.acquisition / "downloads"


def plan_round(settings: Settings, feed: Feed, server: Server, since: date | None = None) -> RoundPlan:
    """The deliveries to take, oldest first: those not taken yet, or all from the day `since` on.

    Raises FetchError, ListingError, StateError.
    """
    listing = read_index(server.page())
    held = load_state(settings.feed_state).seen([d.stamp for d in listing.deliveries])
    if since or not held.cursor:
        held = held.back_to(_before(since or feed.since or listing.deliveries[-1].day - FIRST_ROUND))
    wanted = [d for d in listing.deliveries if held.wants(d.stamp)]
    return RoundPlan(listing, held, tuple(wanted[: feed.batch]), max(0, len(wanted) - feed.batch))


def run_round(
    place: Place,
    feed: Feed,
    server: Server,
    choice: Wanted,
    today: date,
    since: date | None = None,
    progress: Progress = lambda _: None,
) -> Round:
    """Take what the index asks for, from `since` on where it is given. The cursor moves after each delivery, once the
    archive holds it.

    Never raises for what the server gives: a failure is in the round, and is tried again by the next one. Raises
    StateError, and OSError when the disk refuses. The caller holds the acquisition lock.
    """
    try:
        plan = plan_round(place.settings, feed, server, since)
    except (FetchError, ListingError) as error:
        message = f"flux injoignable : {error}"
        return Round(findings=(Finding("flux_injoignable", "warning", "", message, "index"),), error=message)
    held, listed = plan.state, [d.stamp for d in plan.listing.deliveries]
    _remember(place, held)
    taken: list[Taken] = []
    for delivery in plan.wanted:
        if len(taken) >= _GIVE_UP and all(t.error for t in taken[-_GIVE_UP:]):
            break
        progress(delivery.name)
        taken.append(_take(place, delivery, server, choice))
        held = held.failed(delivery.stamp) if taken[-1].error else held.taken(delivery.stamp, listed)
        _remember(place, held)
        _forget(place, delivery, taken[-1])
    newest = plan.listing.deliveries[-1].day
    findings = [*_findings(taken, held, plan.listing), *silence(newest, today, feed.silence_days)]
    return Round(tuple(taken), tuple(findings), plan.later + len(plan.wanted) - len(taken))


def still_standing(before: Iterable[Finding], made: Round) -> Iterator[Finding]:
    """Of the findings of former rounds, those that say what was lost for good unless it is delivered again: a text
    refused until it is taken, members left out until their delivery is read again."""
    taken = {done.name for done in made.done}
    again = {each.delivery.stamp for each in made.taken if not each.error}
    for finding in before:
        ended = {"texte_refuse": taken, "fichier_ecarte": again}.get(finding.rule)
        if ended is not None and finding.subject not in ended:
            yield finding


def _before(day: date) -> str:
    """A stamp older than every delivery of the day, and newer than those of the day before."""
    return f"{day:%Y%m%d}-"


def _take(place: Place, delivery: Delivery, server: Server, choice: Wanted) -> Taken:
    try:
        path = server.download(delivery.name, place.downloads)
        texts = _verified(path)
    except (FetchError, ArchiveError) as error:
        reason = str(error) if isinstance(error, FetchError) else f"{delivery.name} : {error}"
        return Taken(delivery, error=reason)
    done: list[Done] = []
    excluded: list[Excluded] = []
    strange: list[Strange] = []
    for member in archives.members(path):
        if isinstance(member, Strange):
            strange.append(member)
            continue
        made = taking.from_feed(place.raw, member.name, member.data, choice, delivery.stamp)
        if isinstance(made, Excluded):
            excluded.append(made)
        elif made is not None:
            done.append(made)
    return Taken(delivery, texts, tuple(done), tuple(excluded), tuple(strange))


def _verified(path: Path) -> int:
    """The number of texts of a whole delivery; one that is not whole is removed, so that it is downloaded anew."""
    try:
        return archives.verify(path)
    except ArchiveError:
        path.unlink()
        raise


def _remember(place: Place, held: State) -> None:
    if not place.rehearsal and held != load_state(place.settings.feed_state):
        save_state(held, place.settings.feed_state)


def _forget(place: Place, delivery: Delivery, taken: Taken) -> None:
    """The archive holds what was wanted: the download has done its work."""
    if not place.rehearsal and not taken.error:
        (place.downloads / delivery.name).unlink(missing_ok=True)


def _findings(taken: Sequence[Taken], held: State, listing: Listing) -> Iterator[Finding]:
    for each in taken:
        stamp = each.delivery.stamp
        if each.error:
            yield Finding("livraison_non_prise", "warning", "", f"livraison non prise : {each.error}", stamp)
        for done in each.done:
            if done.action == "refuse":
                severity: Severity = "error" if done.document else "warning"
                yield Finding("texte_refuse", severity, done.document, f"{stamp} : {done.line}", done.name)
        if each.strange:
            first = each.strange[0]
            message = (
                f"{stamp} : {len(each.strange)} fichiers de l'archive écartés, d'abord {first.name} ({first.reason})"
            )
            yield Finding("fichier_ecarte", "warning", "", message, stamp)
    for stamp in held.lost:
        message = f"livraison {stamp} annoncée, jamais reçue entière, et retirée de l'index"
        yield Finding("livraison_perdue", "error", "", message, stamp)
    for name in listing.strange:
        yield Finding("nom_de_livraison_inconnu", "info", "", f"l'index annonce « {name} », qui n'est pas lu", name)
