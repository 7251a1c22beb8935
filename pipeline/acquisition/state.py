"""Up to where the feed has been taken: raw/feed.json, beside the documents it speaks of.

The cursor moves over a delivery only once the archive holds what was wanted of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.settings import Settings
from pipeline.warehouse.files import write_json


class StateError(Exception):
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


def load(path: Path) -> State:
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


def save(state: State, path: Path) -> None:
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
        yield
    finally:
        lock.release()
