"""A small project that follows a directory of the DILA served on this machine, and its days: the clock set, triggers
that tick, the runs they ask for. What a day brings and what is then read is in the tests.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from dagster import RunRequest, SkipReason

from pipeline.settings import Settings
from pipeline.warehouse.access import connect
from tests import reference
from tests.acquisition.served import Directory
from tests.conftest import ROOT
from tests.histories import add_history
from tests.orchestration.ticking import DROP_FOLDER, FEED, READING, Clock, Project, requests
from tests.shipped import copy_acts

ARRETE = "JORFTEXT000042056679"
"""The arrêté of 15 June 2020 on first-quartile thresholds."""
REFERENCE = reference.tables(
    *("departements", "regions", "passage", "epci_2020", "epci_2024"),
    *(f"{name}_{day}" for name in ("communes", "noms_anciens") for day in ("2020-01-01", "2024-01-01")),
)
_TYPESET = re.compile(r'\[\[rendition\]\]\nfile = "annexe\.pdf"\nrole = "typeset"\n')


def small_project(root: Path, directory: Directory) -> Settings:
    """The arrêté of 2020 as its page prints it, the acts known since, and the feed switched on."""
    settings = Settings(root)
    shutil.copytree(ROOT / "raw" / ARRETE, settings.raw / ARRETE, ignore=shutil.ignore_patterns("*.pdf"))
    declaration = settings.raw / ARRETE / "document.toml"
    declaration.write_text(_TYPESET.sub("", declaration.read_text(encoding="utf-8")), encoding="utf-8")
    reference.link(settings.reference, REFERENCE)
    copy_acts(settings.raw)
    add_history(root)
    feed = f'[feed]\nenabled = true\nbase_url = "{directory.base_url}"\n[schedule]\nenabled = true\n'
    settings.configuration.write_text(feed, encoding="utf-8")
    return settings


@dataclass
class Days:
    """The project, the directory it follows, and what ran since it was last asked."""

    project: Project
    clock: Clock
    directory: Directory
    ran: list[str] = field(default_factory=list)

    def scheduled(self) -> list[str]:
        """The next tick of the schedule and all that follows from it: the runs, by job and documents read, and
        whether they failed."""
        self.clock.now = self.project.scheduled_after(self.clock.now)
        self._run(self.project.tick_schedule(self.clock.now))
        return self.followed()

    def noticed(self) -> list[str]:
        """A tick of the feed's sensor half an hour later, and all that follows from it."""
        self.clock.now += timedelta(minutes=30)
        self._run(requests(self.project.tick(FEED)))
        return self.followed()

    def dropped(self, name: str, data: bytes) -> list[str]:
        """A file put in the drop folder, its sensor's tick, and all that follows from it."""
        self.project.settings.inbox.mkdir(exist_ok=True)
        path = self.project.settings.inbox / name
        path.write_bytes(data)
        os.utime(path, (self.clock.now.timestamp(),) * 2)
        self.clock.now += timedelta(minutes=1)
        self._run(requests(self.project.tick(DROP_FOLDER)))
        return self.followed()

    def followed(self) -> list[str]:
        """Ticks of the reading sensor until nothing is left to ask."""
        for _ in range(10):
            self.clock.now += timedelta(seconds=30)
            found = self.project.tick(READING)
            if isinstance(found, SkipReason):
                assert found.skip_message == "rien n'a changé"
                ran, self.ran = self.ran, []
                return ran
            self._run(found)
        raise AssertionError(f"still asking after ten ticks: {self.ran}")

    def _run(self, found: Sequence[RunRequest]) -> None:
        for request in found:
            before = len(self.project.done)
            failed = "" if self.project.run(request) else "failed"
            read = [outcome.document for done in self.project.done[before:] for outcome in done.outcomes]
            self.ran.append(" ".join(filter(None, (request.job_name, *read, failed))))

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.project.settings) as held:
            return held.execute(query).fetchall()
