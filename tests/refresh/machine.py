"""A machine that does to a small project what people, crashes and disks do, in any order, and looks at it after each
step. Driven by hypothesis: `test_machine` for seconds, tests/soak for an hour."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from unittest import mock

from hypothesis import assume, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline import files
from pipeline.datasets import all_datasets
from pipeline.errors import AnnexesError
from pipeline.orchestration.refreshing import refresh
from pipeline.orchestration.resources import Project, nobody
from pipeline.refresh import cleanup, review, state
from pipeline.refresh.plan import plan
from pipeline.refresh.publish import is_current, publish
from pipeline.refresh.status import status
from pipeline.store import backup as backups
from pipeline.store.lock import refresh_lock
from pipeline.store.pending import open_stores
from pipeline.store.versions import VersionStore
from pipeline.warehouse.access import connect
from pipeline.warehouse.audit import audit
from pipeline.warehouse.publish import published_fingerprint
from tests.refresh import small
from tests.refresh.small import DATASET, PRICES

TABLES = [PRICES, {**PRICES, "A": 4_150}, {**PRICES, "C": 2_111}, {zone: price // 4 for zone, price in PRICES.items()}]
"""The last one is so different that it waits for a person."""
DAMAGES = ("gone", "cut", "zeroed", "a bit", "folder")


class Killed(BaseException):
    """Where the system would have ended the process."""


def harm(path: Path, damage: str, place: int) -> None:
    """Do that to a file, `place` of a hundred from its beginning."""
    data = bytearray(path.read_bytes())
    path.chmod(0o644)
    if damage == "a bit" and data:
        data[min(len(data) - 1, len(data) * place // 100)] ^= 1
        path.write_bytes(data)
    elif damage == "cut":
        path.write_bytes(data[: len(data) * place // 100])
    elif damage == "zeroed":
        path.write_bytes(bytes(len(data)))
    else:
        path.unlink()
        if damage == "folder":
            path.mkdir()


class Machine(RuleBasedStateMachine):
    """`held`: the content of every version accepted and not given up by a person, by its number. `looked`: how often
    any machine was looked at, once a step."""

    looked: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="annexes-machine-"))
        self.settings = small.published(self.root / "project")
        self.now = datetime.now(UTC)
        self.code = 0
        self.held = self._in_store()
        self.saved: dict[int, str] | None = None
        self.trusted = True
        """Nothing was damaged since all was last found whole."""

    def teardown(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    # What is looked at.

    def _in_store(self) -> dict[int, str]:
        found = VersionStore(self.settings.versions, trusting=False).view().records
        return {r.version_no: r.content_sha256 for r in found}

    def _audit(self) -> list[str]:
        return list(audit(self.settings, all_datasets(), is_current(self.settings)))

    def _problems(self) -> list[str]:
        """What status rings for, but for acts that nobody has heard of in all that time, and for a clock set back,
        which it must name."""
        found = [p for p in status(self.settings, self.now).problems if not p.startswith(f"{DATASET} :")]
        of_the_clock = [p for p in found if "datés d'un jour à venir" in p]
        assert bool(of_the_clock) == self._is_set_back()
        return [p for p in found if p not in of_the_clock]

    def _is_set_back(self) -> bool:
        """Whether something that is held was accepted on a later day than the clock says."""
        view = VersionStore(self.settings.versions).view()
        stamps = [*(r.accepted_at for r in view.records), *(w.withdrawn_at for w in view.withdrawals)]
        return any(s > self.now + timedelta(days=1) for s in (*stamps, *(k.seen_at for k in view.known_acts)))

    @invariant()
    def nothing_accepted_is_gone_in_silence(self) -> None:
        found = self._in_store()
        missing = {n for n, content in self.held.items() if found.get(n) != content}
        if missing:
            assert self._audit(), f"versions {missing} are gone, and verify says nothing"
            assert self._problems(), f"versions {missing} are gone, and status says nothing"
        if self.trusted:
            assert not missing
            assert set(found) == set(self.held), "a version that nobody accepted"

    @invariant()
    def what_is_published_was_promised(self) -> None:
        Machine.looked += 1
        if published_fingerprint(self.settings, thorough=True) is None:
            assert not self.trusted or not self.settings.database.exists()
            return
        with connect(self.settings) as connection:
            shown = dict(connection.execute("SELECT version_no, content_sha256 FROM meta.versions").fetchall())
            connection.execute(f"SELECT count(*) FROM {DATASET}").fetchone()
        ever = self.held | (self.saved or {}) | self._in_store()
        assert all(ever.get(n) == content for n, content in shown.items() if n in ever)

    # What is done.

    def _with(self, do: Callable[[], object]) -> bool:
        """Do it as a command would; whether it ended well. Raises what is no refusal."""
        code = f"code {self.code}"
        try:
            with mock.patch.object(state, "code_fingerprint", lambda *_: code), refresh_lock(self.settings):
                do()
        except (AnnexesError, OSError) as error:
            note(f"refused: {error}")
            return False
        self.held |= {n: c for n, c in self._in_store().items() if n not in self.held}
        return True

    def _refresh(self) -> bool:
        refusals: list[str] = []

        def run() -> None:
            project = Project(self.settings, clock=lambda: self.now, stores=open_stores(self.settings))
            done, _ = refresh(project, plan(self.settings), nobody, nobody)
            assert not done.crashed, done.crashed
            refusals.extend(done.refused)
            state.remember_refresh(self.settings, done.refused, self.now)

        ended = self._with(run)
        note(f"refresh: {refusals}")
        return ended and not refusals

    @rule(table=st.sampled_from(TABLES))
    def deliver(self, table: dict[str, object]) -> None:
        small.print_prices(self.settings, table)

    @rule()
    def refresh(self) -> None:
        before = self.settings.database.read_bytes() if self.settings.database.is_file() else None
        sound = published_fingerprint(self.settings, thorough=True) is not None
        if not self._refresh():
            assert not self.trusted, "a refresh that is refused, and nothing was damaged"
            assert self._audit() or self._problems()
            if before is not None and sound:
                assert self.settings.database.read_bytes() == before, "the file in place did not stay"
            return
        assert self._in_store().items() >= self.held.items(), "what was accepted is gone after a refresh that was well"
        assert self._audit() == []
        with mock.patch.object(state, "code_fingerprint", lambda *_: f"code {self.code}"):
            assert plan(self.settings).nothing, "running again would change something"
            assert self._problems() == []
        self.trusted = True

    @rule(hours=st.integers(-30 * 24, 30 * 24))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def code_changes(self) -> None:
        self.code += 1

    @rule()
    def withdraw(self) -> None:
        def run() -> None:
            store = VersionStore(self.settings.versions)
            live = store.view().live
            if live:
                store.withdraw(live[-1].version_no, "mal lu", self.now)
                publish(self.settings, store, now=self.now)

        self._with(run)

    @rule(accepts=st.booleans())
    def decide_on_what_waits(self, accepts: bool) -> None:
        def run() -> None:
            for item in open_stores(self.settings).waiting.waiting()[:1]:
                if accepts:
                    review.accept(self.settings, item.id, lambda: self.now)
                else:
                    review.reject(self.settings, item.id, "non", lambda: self.now)

        self._with(run)

    @rule(number=st.integers(1, 4))
    def roll_back(self, number: int) -> None:
        self._with(lambda: review.rollback(self.settings, DATASET, number, "essai", lambda: self.now))

    @rule()
    def clean(self) -> None:
        self._with(lambda: cleanup.remove(cleanup.leftovers(self.settings)))

    @rule()
    @precondition(lambda self: self.trusted)
    def back_up(self) -> None:
        if self._with(lambda: backups.backup(self.settings, self.root / "s.tar.gz", self.now)):
            self.saved = dict(self.held)

    @rule()
    @precondition(lambda self: self.saved is not None)
    def restore(self) -> None:
        saved = self.saved
        assert saved is not None

        def run() -> None:
            backups.restore(self.settings, self.root / "s.tar.gz", force=True)
            self.held = dict(saved)
            publish(self.settings, VersionStore(self.settings.versions), now=self.now)

        assert self._with(run), "a whole backup is not put back"
        self.trusted = True

    @rule(point=st.sampled_from(files.FAILPOINTS))
    def killed_while_refreshing(self, point: str) -> None:
        def ends(*_: object) -> None:
            raise Killed

        with mock.patch.dict(os.environ, {files.FAILPOINT_VARIABLE: point}), mock.patch.object(os, "kill", ends):
            try:
                self._refresh()
            except Killed:
                note("killed")
        self.held |= {n: c for n, c in self._in_store().items() if n not in self.held}

    @rule(data=st.data(), damage=st.sampled_from(DAMAGES), place=st.integers(0, 99))
    def a_file_is_damaged(self, data: st.DataObject, damage: str, place: int) -> None:
        found = [p for room in (self.settings.warehouse, self.settings.staged) for p in sorted(room.rglob("*"))]
        names = [p.relative_to(self.settings.root).as_posix() for p in found if p.is_file() and p != self.settings.lock]
        assume(names)
        name = data.draw(st.sampled_from(names))
        self.trusted = False
        harm(self.settings.root / name, damage, place)

    @rule()
    @precondition(lambda self: not self.trusted)
    def a_person_gives_up_what_is_lost(self) -> None:
        """What neither the project nor a backup can give back is forgotten, by its number."""

        def run() -> None:
            store = VersionStore(self.settings.versions)
            damaged = [int(f.path.name.split(".")[0]) for f in store.view().refused if f.path.name[0].isdigit()]
            if store.lost or damaged:
                store.forget("perdu", self.now, sorted(set(damaged)))
                kept = self._in_store()
                self.held = {n: c for n, c in self.held.items() if kept.get(n) == c}

        self._with(run)
