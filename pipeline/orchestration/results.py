"""What came of a refresh, and of one document of it: plain values, from the functions that do it to what shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.refresh.propose import ReadingSummary
    from pipeline.refresh.state import DocumentOutcome


@dataclass(frozen=True)
class PublishRun:
    """What the publish did. `error` is why nothing new was put in place; `damaged` names the version files that are
    not served (French sentences)."""

    error: str = ""
    skipped: bool = False
    versions: int = 0
    seconds: float = 0.0
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Executed:
    """What came of a plan. `outcomes` in the plan's order, refusals among them; `crashed` holds the documents whose
    reading ended on an error that is no refusal (their staged outcome is the former one). `published` is None when the
    plan asked for none."""

    outcomes: tuple[DocumentOutcome, ...] = ()
    crashed: Mapping[str, str] = field(default_factory=dict)
    published: PublishRun | None = None
    seconds: float = 0.0
    repaired: tuple[str, ...] = ()
    """What was found damaged or gone, and made again."""

    @property
    def refused(self) -> list[str]:
        """One sentence for each thing that a person has to look at."""
        found = [f"{name} : lecture interrompue : {why}" for name, why in self.crashed.items()]
        found += [line for outcome in self.outcomes for line in outcome.refused]
        return found + ([f"publication : {self.published.error}"] if self.published and self.published.error else [])


@dataclass(frozen=True)
class DocumentRead:
    """A document as it was read: its outcome, that of the reading before (None for a first one), and its readings in
    figures, where any could be made."""

    outcome: DocumentOutcome
    before: DocumentOutcome | None = None
    readings: ReadingSummary | None = None

    @property
    def known(self) -> frozenset[str] | None:
        """Ids of the findings of the reading before."""
        return frozenset(f.id for f in self.before.findings) if self.before else None
