"""Where things are and how much they may take. Paths and limits only; nothing here opens a file for its content."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _


class ProjectNotFoundError(AnnexesError):
    """No project folder was found from here."""

    code = USAGE


@dataclass(frozen=True)
class Settings:
    """The folders of one project. `root` is absolute; everything else follows from it."""

    root: Path

    @cached_property
    def raw(self) -> Path:
        return self.root / "raw"

    @cached_property
    def reference(self) -> Path:
        return self.raw / "reference"

    @cached_property
    def staged(self) -> Path:
        return self.root / "staged"

    @cached_property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @cached_property
    def versions(self) -> Path:
        return self.warehouse / "versions"

    @cached_property
    def pending(self) -> Path:
        """Readings that wait for a person, and those a person rejected."""
        return self.warehouse / "pending"

    @cached_property
    def database(self) -> Path:
        return self.warehouse / "annexes.duckdb"

    @cached_property
    def published_note(self) -> Path:
        """What the last publish noted of its file."""
        return self.warehouse / "published.json"

    @cached_property
    def in_force(self) -> Path:
        """The last good state of the files that all documents share: what counts while one of them is broken."""
        return self.warehouse / "en_vigueur"

    @cached_property
    def last_refresh_note(self) -> Path:
        """When the last refresh ended, and what it could not do."""
        return self.warehouse / "refreshed.json"

    @cached_property
    def finding_history(self) -> Path:
        """The findings published last, and the time before."""
        return self.warehouse / "published_findings.json"

    @cached_property
    def lock(self) -> Path:
        return self.warehouse / ".refresh.lock"

    @cached_property
    def under_way(self) -> Path:
        """Is there from the beginning of a refresh to its end; after a kill it stays."""
        return self.warehouse / ".runs_open"

    @cached_property
    def dagster_home(self) -> Path:
        return self.root

    @cached_property
    def configuration(self) -> Path:
        """What a person set for this project; absent in most."""
        return self.root / "annexes.toml"

    @cached_property
    def inbox(self) -> Path:
        """The drop folder: files put here are taken into raw/ and removed."""
        return self.raw / "inbox"

    @cached_property
    def feed_state(self) -> Path:
        """Up to which delivery raw/ holds the feed."""
        return self.raw / "feed.json"

    @cached_property
    def acquisition(self) -> Path:
        """Downloads under way and the report of the last round."""
        return self.staged / "acquisition"

    @cached_property
    def acts(self) -> Path:
        """Acts known, held or not."""
        return self.raw / "actes.toml"


def find_root(start: Path | None = None) -> Path:
    """The project folder: $ANNEXES_ROOT, else the nearest folder upwards with raw/ and dagster.yaml, else the checkout
    this package stands in. Raises ProjectNotFoundError when none of the three is one."""
    named = os.environ.get("ANNEXES_ROOT")
    if named:
        root = Path(named).expanduser().resolve()
        if not root.is_dir():
            raise ProjectNotFoundError(_("ANNEXES_ROOT names {root}, which is not a folder").format(root=root))
        return root
    here = (start or Path.cwd()).resolve()
    package = Path(__file__).resolve().parent.parent
    for folder in (here, *here.parents, package):
        if (folder / "raw").is_dir() and (folder / "dagster.yaml").is_file():
            return folder
    raise ProjectNotFoundError(_("no project here: expected a folder with raw/ and dagster.yaml (or set ANNEXES_ROOT)"))


def load() -> Settings:
    """The settings of the project found from the working directory. Raises ProjectNotFoundError."""
    return Settings(find_root())
