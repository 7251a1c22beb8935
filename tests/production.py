"""Documents read as the assets of the refresh read them, without Dagster around: the same two steps, in their order."""

from __future__ import annotations

from pipeline.refresh import accept
from pipeline.refresh.accept import Clock, utc_now
from pipeline.refresh.outcome import DocumentOutcome
from pipeline.settings import Settings


def read_document(settings: Settings, document_id: str, clock: Clock = utc_now) -> DocumentOutcome:
    """What became of the document: staged and refused at once, or staged and its editions decided."""
    staged = accept.stage_document(settings, document_id)
    if isinstance(staged, DocumentOutcome):
        return staged
    return accept.accept_editions(settings, document_id, clock)
