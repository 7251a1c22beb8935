"""How a refusal is shown in Dagster: a failed run whose message names document, place and remedy."""

from __future__ import annotations

from collections.abc import Sequence

from dagster import Failure, MetadataValue


def refused(document: str, reasons: Sequence[str]) -> Failure:
    """The failure of a document's run. Its outcome is staged by the caller; other documents go on."""
    listed = "\n".join(f"- {reason}" for reason in reasons)
    return Failure(
        description=" | ".join(reasons),
        metadata={"document": document, "refus": MetadataValue.md(listed)},
        allow_retries=False,
    )
