"""Documents read as the assets of the refresh read them, without Dagster around: the same two steps, in their order."""

from __future__ import annotations

from pipeline.refresh import decide
from pipeline.refresh.decide import Clock, utc_now
from pipeline.refresh.state import DocumentOutcome
from pipeline.settings import Settings


def read_document(settings: Settings, document_id: str, clock: Clock = utc_now) -> DocumentOutcome:
    """What became of the document: staged and refused at once, or staged and its editions decided."""
    staged = decide.stage_document(settings, document_id)
    if isinstance(staged, DocumentOutcome):
        return staged
    return decide.decide_document(settings, document_id, clock)
