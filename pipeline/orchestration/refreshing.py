"""One refresh: documents read, decided and published, by the functions of `refresh`. What came of it is handed back; to
show it in Dagster is `record`'s. No Dagster here.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline import config
from pipeline.documents.model import DocumentError
from pipeline.orchestration.resources import Project
from pipeline.orchestration.results import DocumentRead, Executed, PublishRun
from pipeline.refresh.ahead import Crashed, Refused, staged_in_order
from pipeline.refresh.plan import Plan
from pipeline.refresh.state import documents, outcome_from_json, staged_outcome
from pipeline.store.lock import LockedError, check_held

if TYPE_CHECKING:
    from pipeline.refresh.read import StagedReadings
    from pipeline.refresh.state import DocumentOutcome
    from pipeline.settings import Settings

Say = Callable[[str], None]


def propose(project: Project, document: str) -> StagedReadings | DocumentRead:
    """The readings of a document, staged; or that it is refused."""
    from pipeline.refresh.decide import stage_document
    from pipeline.refresh.state import DocumentOutcome

    # Under the lock, for the readings are staged in place.
    with project.exclusive():
        staged = stage_document(project.settings, document)
    return DocumentRead(staged) if isinstance(staged, DocumentOutcome) else staged


def decide(project: Project, document: str) -> DocumentRead:
    """The editions of a document decided from its staged readings, those accepted committed."""
    from pipeline.refresh.decide import decide_document

    before = _outcome_before(project.settings, document)
    with project.exclusive() as stores:
        return DocumentRead(decide_document(project.settings, stores, document, project.clock), before)


def as_staged(settings: Settings, document: str) -> DocumentRead | None:
    """A document as it was read last, from what is staged; None when there is no outcome. Nothing in it is new."""
    from pipeline.refresh.read import staged_readings

    staged = staged_outcome(settings, document)
    if staged is None:
        return None
    made = outcome_from_json(staged)
    try:
        return DocumentRead(made, None, staged_readings(settings, document))
    except DocumentError:
        return DocumentRead(made)


def _outcome_before(settings: Settings, document: str) -> DocumentOutcome | None:
    staged = staged_outcome(settings, document)
    return outcome_from_json(staged) if staged else None


def refresh(project: Project, plan: Plan, say: Say, warn: Say) -> tuple[Executed, list[DocumentRead]]:
    """Read what the plan says, then publish. `say` is told in French what begins, `warn` what goes wrong aside.

    A document that is refused or crashes stops no other one; an interrupt stops here, and what was accepted before it
    stays.
    """
    started = time.monotonic()
    repaired, lost, again = _repaired(project)
    for line in repaired:
        warn(line)
    if lost:
        return Executed((), {}, PublishRun(lost), time.monotonic() - started, repaired), []
    plan = replace(plan, changed=(*plan.changed, *(name for name in again if name not in plan.changed)))
    read: list[DocumentRead] = []
    crashed: dict[str, str] = {}
    with closing(staged_in_order(project.settings, plan.changed, config.read(project.settings).engine)) as staged:
        for n, document in enumerate(plan.changed, start=1):
            say(f"{document} : lecture ({n}/{len(plan.changed)})")
            made = next(staged)
            if isinstance(made, Crashed):
                crashed[document] = made.why
                warn(made.trace)
                continue
            try:
                check_held()
                read.append(_decided(project, document, made))
            except LockedError:
                raise  # someone else has been writing for too long: the next document would wait as long
            except Exception as error:  # noqa: BLE001 - an error of ours in one document holds no other back
                crashed[document] = f"{type(error).__name__}: {error}"
                warn(traceback.format_exc())
                continue
            if why := project.alert(project.settings, read[-1].outcome):
                warn(f"alerte : {why}")
    published = None
    if plan.publish:
        check_held()
        say("publication de la base")
        published = publish(project)
        read = [_settled(project.settings, each) for each in read]
    outcomes = tuple(each.outcome for each in read)
    return Executed(outcomes, crashed, published, time.monotonic() - started, repaired), read


def _repaired(project: Project) -> tuple[tuple[str, ...], str, list[str]]:
    """What was found damaged and made again; what is lost: nothing is read nor published until a person decides; and
    the documents to be read again."""
    from pipeline.refresh.repair import repair, repair_waiting
    from pipeline.warehouse.publish import RECOVER

    with project.exclusive() as stores:
        done = repair(project.settings, stores.versions, project.clock())
        waiting, again = repair_waiting(project.settings, stores.waiting, project.clock())
        lost = " ; ".join(f"{said} ; {RECOVER}" for said in stores.versions.lost)
        here = set(documents(project.settings))
        return (*done, *waiting), lost, [name for name in again if name in here]


def _decided(project: Project, document: str, staged: StagedReadings | Refused) -> DocumentRead:
    """What comes of a document that was staged, or refused there."""
    if isinstance(staged, Refused):
        from pipeline.refresh.decide import refuse_document

        before = _outcome_before(project.settings, document)
        with project.exclusive():
            return DocumentRead(refuse_document(project.settings, staged.error(document)), before)
    return replace(decide(project, document), readings=staged)


def publish(project: Project) -> PublishRun:
    """Build the file and put it in place, unless nothing changed."""
    from pipeline.refresh import publish as publishing
    from pipeline.store.shelf import ShelfError
    from pipeline.warehouse.publish import PublishError

    with project.exclusive() as stores:
        try:
            done = publishing.publish(project.settings, stores.versions, now=project.clock())
        except (PublishError, ShelfError) as error:
            return PublishRun(error=str(error))
    damaged = [f"{file.path.parent.name}/{file.path.name} : {file.reason}" for file in done.refused]
    return PublishRun("", done.skipped, done.versions, done.seconds, tuple(damaged))


def _settled(settings: Settings, read: DocumentRead) -> DocumentRead:
    """The publish adds what an act read early ends of an edition accepted after it."""
    staged = staged_outcome(settings, read.outcome.document)
    return replace(read, outcome=outcome_from_json(staged)) if staged else read
