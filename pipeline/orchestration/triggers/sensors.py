"""Three sensors, each asking a plan: the drop folder, the deliveries of the feed, documents to read and publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from dagster import (
    DagsterInstance,
    DagsterRunStatus,
    DefaultSensorStatus,
    RunRequest,
    RunsFilter,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
)

from pipeline.orchestration.jobs import FETCH, PUBLISH, READ_DOCUMENT
from pipeline.orchestration.partitions import DOCUMENTS
from pipeline.orchestration.project import Clock, utc_now
from pipeline.orchestration.run import assets_of
from pipeline.refresh.asking import Asked, ask, dumps, loads
from pipeline.settings import Settings

BATCH = 20
"""Documents asked for in one tick: a back-load comes in batches."""
PUBLICATION = "(publication)"
"""The subject of a publish, beside those of documents; no folder has this name."""
_UNFINISHED = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
Evaluate = Callable[[SensorEvaluationContext], SensorResult | SkipReason]


def sensors(settings: Settings, on: bool, clock: Clock = utc_now) -> list[SensorDefinition]:
    """All three; running from the start when `on`."""
    status = DefaultSensorStatus.RUNNING if on else DefaultSensorStatus.STOPPED

    return [
        SensorDefinition(
            name=name,
            evaluation_fn=evaluate,
            minimum_interval_seconds=seconds,
            jobs=jobs,
            default_status=status,
            description=description,
        )
        for name, evaluate, seconds, jobs, description in _declared(settings, clock)
    ]


def _declared(settings: Settings, clock: Clock) -> Iterator[tuple[str, Evaluate, int, list[Any], str]]:
    """(name, evaluation, seconds between ticks, jobs, description)."""
    drop = "Des fichiers attendent dans raw/inbox/."
    feed = "Le flux du Journal officiel liste des livraisons à prendre."
    documents = "Des documents de raw/ ont changé, ou la base n'est plus celle qu'on publierait."
    yield "boite_de_depot", lambda context: _drop_folder(context, settings, clock()), 30, [FETCH], drop
    yield "flux_du_journal_officiel", lambda context: _feed(context, settings, clock()), 1800, [FETCH], feed
    yield (
        "lecture_et_publication",
        lambda context: _documents(context, settings, clock()),
        30,
        [READ_DOCUMENT, PUBLISH],
        documents,
    )


def _drop_folder(context: SensorEvaluationContext, settings: Settings, now: datetime) -> SensorResult | SkipReason:
    from pipeline.acquisition import acquire

    mark = acquire.inbox_key(settings, now)
    return _one(context, "inbox", mark, now) if mark else SkipReason("raw/inbox/ est vide")


def _feed(context: SensorEvaluationContext, settings: Settings, now: datetime) -> SensorResult | SkipReason:
    from pipeline import config
    from pipeline.acquisition.feed import ListingError, plan_round
    from pipeline.acquisition.server import FetchError, Server

    feed = config.load(settings)
    if not feed.enabled:
        return SkipReason("le flux est éteint ([feed] enabled = true dans annexes.toml le met en marche)")
    server = Server(feed.base_url)
    try:
        planned = plan_round(settings, feed, server)
    except (FetchError, ListingError) as error:
        return SkipReason(f"l'index du flux ne se lit pas : {error}")  # the next round says it as a finding
    finally:
        server.close()
    return _one(context, "feed", planned.key, now) if planned.wanted else SkipReason("aucune livraison à prendre")


def _one(context: SensorEvaluationContext, subject: str, mark: str, now: datetime) -> SensorResult | SkipReason:
    """A request for the job `fetch`, unless one is under way or it is too soon."""
    if _is_busy(context.instance, FETCH.name):
        return SkipReason("une arrivée est en cours")
    asked = loads(context.cursor)
    request = ask(asked.get(subject), mark, now.timestamp())
    if request is None:
        return SkipReason("déjà demandé, à redemander plus tard")
    run = RunRequest(run_key=f"{subject}-{request.key}", job_name=FETCH.name)
    return SensorResult(run_requests=[run], cursor=dumps({**asked, subject: request}))


def _documents(context: SensorEvaluationContext, settings: Settings, now: datetime) -> SensorResult | SkipReason:
    """Reads first; the publish once no read is under way, for it takes whatever was accepted by then."""
    from pipeline.refresh.plan import plan

    planned = plan(settings)
    asked = loads(context.cursor)
    if planned.nothing:
        return SkipReason("rien n'a changé")
    requests = dict(_reads(context.instance, settings, planned.changed, asked, now))
    if not requests and not _is_busy(context.instance, READ_DOCUMENT.name):
        requests = dict(_publication(context.instance, settings, asked, now))
    if not requests:
        return SkipReason("déjà demandé : en cours, ou à redemander plus tard")
    runs = [_run(settings, subject, request) for subject, request in requests.items()]
    new = [subject for subject in requests if subject != PUBLICATION]
    return SensorResult(
        run_requests=runs,
        cursor=dumps({**asked, **requests}),
        dynamic_partitions_requests=[DOCUMENTS.build_add_request(new)] if new else [],
    )


def _reads(
    instance: DagsterInstance, settings: Settings, changed: tuple[str, ...], asked: dict[str, Asked], now: datetime
) -> Iterator[tuple[str, Asked]]:
    from pipeline.refresh import state

    found = 0
    for document in changed:
        if found == BATCH:
            return
        request = ask(asked.get(document), state.document_fingerprint(settings, document), now.timestamp())
        if request is not None and not _is_busy(instance, READ_DOCUMENT.name, document):
            found += 1
            yield document, request


def _publication(
    instance: DagsterInstance, settings: Settings, asked: dict[str, Asked], now: datetime
) -> Iterator[tuple[str, Asked]]:
    from pipeline.refresh import publish

    if publish.is_current(settings) or _is_busy(instance, PUBLISH.name):
        return
    request = ask(asked.get(PUBLICATION), publish.fingerprint(settings), now.timestamp())
    if request is not None:
        yield PUBLICATION, request


def _run(settings: Settings, document: str, request: Asked) -> RunRequest:
    """The run that a request asks for."""
    if document == PUBLICATION:
        return RunRequest(run_key=f"publish-{request.key}", job_name=PUBLISH.name)
    return RunRequest(
        run_key=f"{document}-{request.key}",
        job_name=READ_DOCUMENT.name,
        partition_key=document,
        asset_selection=assets_of(settings, document),
    )


def _is_busy(instance: DagsterInstance, job: str, document: str | None = None) -> bool:
    """Whether a run of this job (for this document) is asked for and not finished."""
    tags = {"dagster/partition": document} if document else {}
    unfinished = RunsFilter(job_name=job, statuses=_UNFINISHED, tags=tags)
    return bool(instance.get_run_records(unfinished, limit=1))
