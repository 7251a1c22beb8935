"""The readings of many documents staged by an engine, in the order of the plan, before any of them is decided: each
document in one piece, those with long PDFs by chunks of pages.

Staging takes no decision and writes only under staged/<id>/, so that it can be done for many documents at once, on this
machine, on others that see the same folder, or on others that do not (`remote`). A worker that is lost is an outcome of
its document.
"""

from __future__ import annotations

import traceback
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from pipeline import config
from pipeline.config import Engine as Declared
from pipeline.documents.model import DocumentError
from pipeline.parallel import Engine, EngineLostError, WorkerLost
from pipeline.parallel_engines import opened
from pipeline.refresh.remote import HandedOut, RemoteDocument, RemoteReadings, in_a_folder, readings_of
from pipeline.settings import Settings
from pipeline.store.shelf import ShelfError

if TYPE_CHECKING:
    from pipeline.refresh.read import StagedReadings

# Children that stage documents load for as long as this many small ones take to be staged here.
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


Staged: TypeAlias = "StagedReadings | Refused | Crashed"


def staged_in_order(settings: Settings, documents: Sequence[str], declared: Declared) -> Generator[Staged, None, None]:
    """For each document its staged readings, why it is refused, or the error that was met.

    Raises EngineLostError when the engine declared cannot be used, or goes away, ShelfError when files cannot be put
    where its workers find them.
    """
    from pipeline.refresh.read import staged_readings

    if declared.kind == "local" and len(documents) < WORTH_CHILDREN:
        for document in documents:
            yield _staged(settings, document)
        return
    with opened(declared, settings.root) as engine:
        results = _mapped(settings, documents, declared, engine)
        for document, result in zip(documents, results, strict=True):
            if isinstance(result, WorkerLost):
                yield Refused("lecture", _why(result), "vérifier ses fichiers, puis relancer la mise à jour")
            else:
                yield result if result is not None else staged_readings(settings, document)


def _mapped(
    settings: Settings, documents: Sequence[str], declared: Declared, engine: Engine
) -> Iterator[Refused | Crashed | WorkerLost | None]:
    """What is kept of each document, in order, until it is decided: None where its readings are in its folder."""
    store = config.read(settings).store
    if declared.kind == "dask" and store.raw:
        handed = HandedOut(settings, store)
        answers = engine.map(stage_elsewhere, map(handed.hand_out, documents), DOCUMENT_SECONDS)
        for document, answer in zip(documents, answers, strict=True):
            if isinstance(answer, RemoteReadings):
                handed.take_in(document, answer)
            yield None if isinstance(answer, RemoteReadings) else answer
        return
    # Before the others: an engine does one thing at a time.
    long = {name: _left(_staged(settings, name, engine)) for name in documents if _is_long(settings, name)}
    results = engine.map(partial(stage_apart, settings), [n for n in documents if n not in long], DOCUMENT_SECONDS)
    for document in documents:
        yield long[document] if document in long else next(results)


def stage_elsewhere(remote: RemoteDocument) -> Refused | Crashed | RemoteReadings:
    """Stages one document whose files come from a shelf. Runs in a worker's child."""
    try:
        return in_a_folder(remote, _stage_and_pack)
    except ShelfError as error:
        return Crashed(str(error), "")


def _stage_and_pack(settings: Settings, document: str) -> Refused | Crashed | RemoteReadings:
    return stage_apart(settings, document) or readings_of(settings, document)


def stage_apart(settings: Settings, document: str) -> Refused | Crashed | None:
    """Stages one document; its readings stay in its folder, for they are large. Runs in a worker's child."""
    return _left(_staged(settings, document))


def _left(staged: Staged) -> Refused | Crashed | None:
    """What is kept of a document until its turn: its readings are in its folder."""
    return staged if isinstance(staged, Refused | Crashed) else None


def _is_long(settings: Settings, document: str) -> bool:
    return any(path.stat().st_size >= LONG_PDF for path in (settings.raw / document).glob("*.pdf"))


def _staged(settings: Settings, document: str, engine: Engine | None = None) -> Staged:
    from pipeline.refresh.read import stage_readings

    try:
        return stage_readings(settings, document, engine)
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
