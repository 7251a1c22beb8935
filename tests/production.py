"""Documents read and published as the assets of the refresh do it, without Dagster around: the same steps."""

from __future__ import annotations

from datetime import datetime

from pipeline.refresh import decide
from pipeline.refresh import publish as publishing
from pipeline.refresh.decide import Clock, utc_now
from pipeline.refresh.state import DocumentOutcome
from pipeline.settings import Settings
from pipeline.store.pending import open_stores
from pipeline.store.versions import VersionStore
from pipeline.warehouse.publish import Published


def read_document(settings: Settings, document_id: str, clock: Clock = utc_now) -> DocumentOutcome:
    """What became of the document: staged and refused at once, or staged and its editions decided."""
    staged = decide.stage_document(settings, document_id)
    if isinstance(staged, DocumentOutcome):
        return staged
    return decide.decide_document(settings, open_stores(settings), document_id, clock)


def publish(settings: Settings, force: bool = False, now: datetime | None = None) -> Published:
    """The warehouse of what the project holds now."""
    return publishing.publish(settings, VersionStore(settings.versions), force, now)
