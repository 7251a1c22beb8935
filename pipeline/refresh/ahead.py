"""Documents proposed by an engine, in the order of the plan, before any of them is decided: each in one piece, those
with long PDFs by chunks of pages.

Proposing takes no decision and writes only under staged/<id>/, so that it can be done for many documents at once, on
this machine or on others that see the same folder. A worker that is lost is an outcome of its document.
"""

from __future__ import annotations

import traceback
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from pipeline.config import Engine as Declared
from pipeline.documents.model import DocumentError
from pipeline.parallel import Engine, EngineLostError, WorkerLost
from pipeline.parallel_engines import opened
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.refresh.propose import Proposal

# Children that propose documents load for as long as this many small ones take to be proposed here.
WORTH_CHILDREN = 12
# Bytes of a PDF that is worth more than one worker: its pages are spread, or recognised apart.
LONG_PDF = 1 << 20
# Seconds for all the renditions of one document; each of them has limits of its own.
DOCUMENT_SECONDS = 7200.0


@dataclass(frozen=True)
class Refused:
    """A document that cannot be read: where, why and what to do, as in `DocumentError`. Nothing of it is staged."""

    place: str
    reason: str
    remedy: str

    def error(self, document: str) -> DocumentError:
        return DocumentError(document, self.place, self.reason, self.remedy)


@dataclass(frozen=True)
class Crashed:
    """An error of ours while a document was staged: what it is, and its trace."""

    why: str
    trace: str


Proposed: TypeAlias = "Proposal | Refused | Crashed"


def proposals_in_order(
    settings: Settings, documents: Sequence[str], declared: Declared, again: bool = False
) -> Generator[Proposed, None, None]:
    """For each document its proposal, why it is refused, or the error that was met. With `again`, files are extracted
    even where their readings are kept.

    Raises EngineLostError when the engine declared cannot be used, or goes away.
    """
    from pipeline.refresh.staging import this_process

    if declared.kind == "local" and len(documents) < WORTH_CHILDREN:
        for document in documents:
            yield proposed(settings, this_process(), again, document)
        return
    with opened(declared, settings.root) as engine:
        work = partial(proposed, settings, this_process(), again)
        # Before the others: an engine does one thing at a time.
        long = {name: work(name, engine) for name in documents if _is_long(settings, name)}
        results = engine.map(work, [name for name in documents if name not in long], DOCUMENT_SECONDS)
        for document in documents:
            result = long[document] if document in long else next(results)
            if isinstance(result, WorkerLost):
                yield Refused("lecture", _why(result), "vérifier ses fichiers, puis relancer la mise à jour")
            else:
                yield result


def _is_long(settings: Settings, document: str) -> bool:
    return any(path.stat().st_size >= LONG_PDF for path in (settings.raw / document).glob("*.pdf"))


def proposed(settings: Settings, owner: str, again: bool, document: str, engine: Engine | None = None) -> Proposed:
    """One document proposed for the process named `owner`; its tables stay in its folder, for they are large. Runs in a
    worker's child, or here with its pages on an engine."""
    from pipeline.refresh.propose import propose

    try:
        return propose(settings, document, owner, again, engine)
    except EngineLostError:
        raise
    except DocumentError as error:
        return Refused(error.place, error.reason, error.remedy)
    except Exception as error:  # noqa: BLE001 - an error of ours in one document holds no other back
        return Crashed(f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))


def _why(lost: WorkerLost) -> str:
    if lost.cause == "late":
        return f"lecture arrêtée : délai dépassé ({DOCUMENT_SECONDS:g} s)"
    return f"lecture arrêtée : le processus s'est arrêté ({lost.ended_by or 'machine perdue'})"
