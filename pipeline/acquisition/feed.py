"""One round of the DILA feed: list, take the deliveries not taken yet, move the cursor, say what went wrong.

`plan_round` asks the server for its index only; `run_round` downloads and stores. Each delivery is taken whole or not
at all, and one that fails holds back no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pipeline.acquisition import archives, state, taking
from pipeline.acquisition.archives import ArchiveError, Strange
from pipeline.acquisition.config import Feed
from pipeline.acquisition.download import FetchError, Server
from pipeline.acquisition.expected import silence
from pipeline.acquisition.index import Delivery, Listing, ListingError, read_index
from pipeline.acquisition.model import Done, Excluded
from pipeline.acquisition.state import State
from pipeline.acquisition.wanted import Wanted
from pipeline.contract.findings import Finding, Severity
from pipeline.settings import Settings

FIRST_ROUND = timedelta(days=7)
"""How far back the first round goes when nothing says where to begin."""
_GIVE_UP = 3
"""Deliveries in a row that cannot be taken, after which the round ends: the next one finds the server better."""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class RoundPlan:
    """What the index asks for. `wanted` deliveries are taken in this round, `later` of them wait for the next."""

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
    held = state.load(settings.feed_state).seen([d.stamp for d in listing.deliveries])
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
    if not place.rehearsal and held != state.load(place.settings.feed_state):
        state.save(held, place.settings.feed_state)


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
