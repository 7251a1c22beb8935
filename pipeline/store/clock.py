"""What a clock that was once years ahead does to the record, taken back: a version was known no later than the one
written after it. Stamps in the files stay; these are the moments that count. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.store.records import KnownActs, VersionRecord, Withdrawal

AHEAD = timedelta(days=730)
"""A stamp so far after the present is that of a clock that was wrong; a nearer one, that of a clock set back since."""
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No record is older than the program: a clock that says less is wrong itself."""
_SLIP = timedelta(days=1)


def not_before(newest: datetime | None, now: datetime) -> datetime:
    """The stamp of what is written `now`: never before what is known, unless that is of a day still to come."""
    if newest is None or (newest > now + AHEAD and now >= EARLIEST):
        return now
    return max(now, newest)


def counted(
    records: Sequence[VersionRecord], withdrawals: Iterable[Withdrawal], states: Iterable[KnownActs]
) -> tuple[list[VersionRecord], list[Withdrawal], list[KnownActs]]:
    """The records, by number, and what was said of them, at the moments that count. `records` are all there are."""
    moments: dict[int, datetime] = {}
    since: datetime | None = None
    """When the clock was ahead: the first stamp that a later version contradicts, and the one that does."""
    righted: datetime | None = None
    least: datetime | None = None
    for record in reversed(records):
        if least is not None and record.accepted_at > least + AHEAD:
            moments[record.version_no], since, righted = least, record.accepted_at, righted or least
        else:
            least = record.accepted_at if least is None else min(least, record.accepted_at)

    def moment(stamp: datetime) -> datetime:
        return righted if since and righted and stamp >= since else stamp

    return (
        [replace(r, accepted_at=moments[r.version_no]) if r.version_no in moments else r for r in records],
        [replace(w, withdrawn_at=moment(w.withdrawn_at)) for w in withdrawals],
        [replace(s, seen_at=moment(s.seen_at)) for s in states],
    )


def ahead(
    records: Iterable[VersionRecord], withdrawals: Iterable[Withdrawal], states: Iterable[KnownActs], now: datetime
) -> str:
    """That something is dated after `now` (French), '' when nothing is."""
    stamps = [
        *(r.accepted_at for r in records),
        *(w.withdrawn_at for w in withdrawals),
        *(s.seen_at for s in states),
    ]
    wrong = [stamp for stamp in stamps if now >= EARLIEST and stamp > now + _SLIP]
    if not wrong:
        return ""
    return (
        f"{len(wrong)} enregistrements sont datés d'un jour à venir (jusqu'au {max(wrong):%d/%m/%Y}) : vérifier "
        "l'horloge de la machine ; la prochaine version acceptée à l'heure juste les remet à leur place"
    )
