"""Documents proposed by an engine, in the order of the plan, before any of them is decided: each in one piece, those
with long PDFs by chunks of pages.

Proposing takes no decision and writes only under staged/<id>/, so that it can be done for many documents at once, on
this machine, on others that see the same folder, or on others that do not (`remote`: files are read there and
interpreted here). A worker that is lost is an outcome of its document.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from pipeline import config
from pipeline.config import Engine as Declared
from pipeline.documents.model import DocumentError
from pipeline.parallel import Engine, EngineLostError, WorkerLost
from pipeline.parallel_engines import opened
from pipeline.settings import Settings
from pipeline.store.shelf import ShelfError

if TYPE_CHECKING:
    from pipeline.config import Store
    from pipeline.refresh.propose import Proposal
    from pipeline.refresh.remote import RemoteDocument, RemoteReadings

R = TypeVar("R")

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

    Raises EngineLostError when the engine declared cannot be used, or goes away, ShelfError when files cannot be put
    where its workers find them.
    """
    from pipeline.refresh.staging import this_process

    if declared.kind == "local" and len(documents) < WORTH_CHILDREN:
        for document in documents:
            yield proposed(settings, this_process(), again, document)
        return
    with opened(declared, settings.root) as engine:
        store = config.read(settings).store
        elsewhere = declared.kind == "dask" and bool(store.raw)
        results = (
            _read_elsewhere(settings, documents, store, engine)
            if elsewhere
            else _mapped(settings, documents, again, engine)
        )
        for result in results:
            if isinstance(result, WorkerLost):
                yield Refused("lecture", _why(result), "vérifier ses fichiers, puis relancer la mise à jour")
            else:
                yield result


def _mapped(
    settings: Settings, documents: Sequence[str], again: bool, engine: Engine
) -> Iterator[Proposed | WorkerLost]:
    from pipeline.refresh.staging import this_process

    work = partial(proposed, settings, this_process(), again)
    # Before the others: an engine does one thing at a time.
    long = {name: work(name, engine) for name in documents if _is_long(settings, name)}
    results = engine.map(work, [name for name in documents if name not in long], DOCUMENT_SECONDS)
    for document in documents:
        yield long[document] if document in long else next(results)


def _read_elsewhere(
    settings: Settings, documents: Sequence[str], store: Store, engine: Engine
) -> Iterator[Proposed | WorkerLost]:
    """Files handed out through the store; what workers read of them comes back, and is interpreted here."""
    from pipeline.refresh.remote import HandedOut, RemoteReadings
    from pipeline.refresh.staging import proposal_folder, this_process

    handed = HandedOut(settings, store)
    answers = engine.map(read_elsewhere, map(handed.hand_out, documents), DOCUMENT_SECONDS)
    for document, answer in zip(documents, answers, strict=True):
        if isinstance(answer, RemoteReadings):
            folder = proposal_folder(settings, document, this_process())
            handed.take_in(document, answer, folder)
            yield _told(partial(_interpreted, settings, document, folder))
        else:
            yield answer


def _interpreted(settings: Settings, document: str, folder: Path) -> Proposal:
    from pipeline.refresh.propose import interpreted
    from pipeline.refresh.staging import proposed_readings

    return interpreted(settings, proposed_readings(settings, document, folder), folder)


def read_elsewhere(remote: RemoteDocument) -> Refused | Crashed | RemoteReadings:
    """Reads one document whose files come from a shelf. Runs in a worker's child."""
    from pipeline.refresh.remote import in_a_folder

    try:
        return in_a_folder(remote, lambda settings, document: _told(lambda: _read_and_pack(settings, document)))
    except ShelfError as error:
        return Crashed(str(error), "")


def _read_and_pack(settings: Settings, document: str) -> RemoteReadings:
    from pipeline.refresh.remote import readings_of
    from pipeline.refresh.staging import extract_readings, proposal_folder, this_process

    folder = proposal_folder(settings, document, this_process())
    extract_readings(settings, document, folder)
    return readings_of(folder)


def _is_long(settings: Settings, document: str) -> bool:
    return any(path.stat().st_size >= LONG_PDF for path in (settings.raw / document).glob("*.pdf"))


def proposed(settings: Settings, owner: str, again: bool, document: str, engine: Engine | None = None) -> Proposed:
    """One document proposed for the process named `owner`; its tables stay in its folder, for they are large. Runs in a
    worker's child, or here with its pages on an engine."""
    from pipeline.refresh.propose import propose

    return _told(lambda: propose(settings, document, owner, again, engine))


def _told(make: Callable[[], R]) -> R | Refused | Crashed:
    """What is made of a document, or why it is not."""
    try:
        return make()
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
