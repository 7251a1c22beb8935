"""One refresh: documents read, decided and published, by the functions of `refresh`. What came of it is handed back; to
show it in Dagster is `record`'s. No Dagster here.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from pipeline import config
from pipeline.documents.model import DocumentError
from pipeline.language import translated as _
from pipeline.orchestration.resources import Project
from pipeline.orchestration.results import DocumentRead, Executed, PublishRun
from pipeline.refresh.ahead import Crashed, Proposed, Refused, proposals_in_order
from pipeline.refresh.plan import Plan
from pipeline.refresh.state import documents, outcome_from_json, staged_outcome
from pipeline.store.lock import LockedError, check_held
from pipeline.store.pending import Stores

if TYPE_CHECKING:
    from pipeline.refresh.propose import Proposal
    from pipeline.refresh.staging import StagedReadings
    from pipeline.refresh.state import DocumentOutcome
    from pipeline.settings import Settings

Say = Callable[[str], None]
BATCH = 500
"""Documents that are proposed before the lock is taken to decide them."""


def read_document(project: Project, document: str) -> StagedReadings | DocumentRead:
    """The readings of a document, put in place; or that it is refused. The lock is held to put them there only."""
    from pipeline.refresh.decide import stage_document
    from pipeline.refresh.state import DocumentOutcome

    staged = stage_document(project.settings, document, turn=project.exclusive)
    return DocumentRead(staged) if isinstance(staged, DocumentOutcome) else staged


def decide(project: Project, document: str) -> DocumentRead:
    """The editions of a document decided from its staged readings, those accepted committed."""
    from pipeline.refresh.decide import decide_document

    before = _outcome_before(project.settings, document)
    with project.exclusive() as stores:
        return DocumentRead(decide_document(project.settings, stores, document, project.clock), before)


def as_staged(settings: Settings, document: str) -> DocumentRead | None:
    """A document as it was read last, from what is staged; None when there is no outcome. Nothing in it is new."""
    from pipeline.refresh.propose import summary
    from pipeline.refresh.staging import staged_readings

    staged = staged_outcome(settings, document)
    if staged is None:
        return None
    made = outcome_from_json(staged)
    try:
        return DocumentRead(made, None, summary(staged_readings(settings, document)))
    except DocumentError:
        return DocumentRead(made)


def _outcome_before(settings: Settings, document: str) -> DocumentOutcome | None:
    staged = staged_outcome(settings, document)
    return outcome_from_json(staged) if staged else None


def proposals(settings: Settings, plan: Plan, say: Say) -> Generator[tuple[str, Proposed], None, None]:
    """What the documents of a plan say, in its order, by the engine declared. Takes no lock."""
    made = proposals_in_order(settings, plan.changed, config.read(settings).engine, plan.again)
    with closing(made) as found:
        for n, document in enumerate(plan.changed, start=1):
            say(_("{document}: reading ({n}/{total})").format(document=document, n=n, total=len(plan.changed)))
            yield document, next(found)


def refresh(project: Project, plan: Plan, say: Say, warn: Say) -> tuple[Executed, list[DocumentRead]]:
    """Read what the plan says, then publish. `say` is told what begins, `warn` what goes wrong aside.

    The lock is held to decide and to publish, not while documents are read. A document that is refused or crashes stops
    no other one; an interrupt stops here, and what was accepted before it stays.
    """
    started, done = time.monotonic(), _Done()
    repaired, lost, again = _repaired(project) if project.repairs else ((), "", [])
    for line in repaired:
        warn(line)
    if lost:
        return Executed((), {}, PublishRun(lost), time.monotonic() - started, repaired), []
    for batch in _batches(_proposed(project, plan, again, say)):
        with project.exclusive() as stores:
            for document, made in batch:
                _decide_one(project, stores, document, made, done, warn)
    published = None
    if plan.publish:
        check_held()
        say(_("publishing the file"))
        published = publish(project, plan.again)
        done.read = [_settled(project.settings, each) for each in done.read]
    outcomes = tuple(each.outcome for each in done.read)
    return Executed(outcomes, done.crashed, published, time.monotonic() - started, repaired), done.read


def _proposed(project: Project, plan: Plan, again: Iterable[str], say: Say) -> Iterator[tuple[str, Proposed]]:
    """What the documents of a plan say, and those that a repair wants read `again`."""
    yield from (project.proposed or proposals)(project.settings, plan, say)
    planned = set(plan.changed)
    if more := tuple(name for name in again if name not in planned):
        yield from proposals(project.settings, replace(plan, changed=more), say)


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


@dataclass
class _Done:
    """What came of the documents so far; `crashed`: those met by an error of ours, and which."""

    read: list[DocumentRead] = field(default_factory=list)
    crashed: dict[str, str] = field(default_factory=dict)


def _batches(found: Iterable[tuple[str, Proposed]]) -> Iterator[list[tuple[str, Proposed]]]:
    source = iter(found)
    while batch := list(islice(source, BATCH)):
        yield batch


def _decide_one(project: Project, stores: Stores, document: str, made: Proposed, done: _Done, warn: Say) -> None:
    """What comes of one document, added to what is done."""
    if isinstance(made, Crashed):
        done.crashed[document] = made.why
        warn(made.trace)
        return
    try:
        check_held()
        done.read.append(_decided(project, stores, document, made))
    except LockedError:
        raise  # another one may write by now
    except Exception as error:  # noqa: BLE001 - an error of ours in one document holds no other back
        done.crashed[document] = f"{type(error).__name__}: {error}"
        warn(traceback.format_exc())
        return
    if why := project.alert(project.settings, done.read[-1].outcome):
        warn(f"alerte : {why}")


def _decided(project: Project, stores: Stores, document: str, made: Proposal | Refused) -> DocumentRead:
    """What comes of a document that was proposed, or refused there."""
    from pipeline.refresh import decide

    before = _outcome_before(project.settings, document)
    if isinstance(made, Refused):
        return DocumentRead(decide.refuse_document(project.settings, made.error(document)), before)
    outcome = decide.decide_proposal(project.settings, stores, made, project.clock)
    return DocumentRead(outcome, before, None if outcome.error else made.summary)


def publish(project: Project, whole: bool = False) -> PublishRun:
    """Make the file and put it in place, unless nothing changed; the whole of it on demand."""
    from pipeline.refresh import publish as publishing
    from pipeline.store.shelf import ShelfError
    from pipeline.warehouse.publish import PublishError

    with project.exclusive() as stores:
        try:
            done = publishing.publish(project.settings, stores.versions, whole, project.clock())
        except (PublishError, ShelfError) as error:
            return PublishRun(error=str(error))
    damaged = [f"{file.path.parent.name}/{file.path.name} : {file.reason}" for file in done.refused]
    return PublishRun("", done.skipped, done.versions, done.seconds, tuple(damaged))


def _settled(settings: Settings, read: DocumentRead) -> DocumentRead:
    """The publish adds what an act read early ends of an edition accepted after it."""
    staged = staged_outcome(settings, read.outcome.document)
    return replace(read, outcome=outcome_from_json(staged)) if staged else read
