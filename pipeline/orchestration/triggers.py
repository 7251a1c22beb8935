"""What starts runs without a person: a schedule and three sensors, off until annexes.toml turns them on at once; and
the file that follows what a person makes in the interface, which is always on.

When to ask again is `refresh.asking`'s to say; what there is to do, the plans' of `refresh` and `acquisition`.
Automation conditions of Dagster serve where one asset follows another. They do not serve here: what changes stands
in folders and on a server, one run takes all of it in, and a run that failed must be asked for again, later each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import dagster as dg

from pipeline import config
from pipeline.orchestration.jobs import FETCH, REFRESH
from pipeline.orchestration.resources import Clock, utc_now
from pipeline.refresh.asking import ask, dumps, loads
from pipeline.settings import Settings

AFTER_THE_FEED = ("20 1 * * *", "40 21 * * *")
"""Twice a day: the issue of the day comes a little after midnight in Paris, its second delivery towards nine."""
TURN_ON = "[schedule]\nenabled = true"

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
Evaluate = Callable[[dg.SensorEvaluationContext], dg.SensorResult | dg.SkipReason]


def is_on(settings: Settings) -> bool:
    """Whether annexes.toml turns the triggers on; Dagster's interface can still turn each on or off by itself. Raises
    ConfigError for a file that cannot be followed."""
    return config.read(settings).schedule.enabled


def schedule(on: bool) -> dg.ScheduleDefinition:
    """The schedule of the job that takes in what arrives."""
    return dg.ScheduleDefinition(
        name="deux_fois_par_jour",
        job=FETCH,
        cron_schedule=list(AFTER_THE_FEED),
        execution_timezone="Europe/Paris",
        default_status=dg.DefaultScheduleStatus.RUNNING if on else dg.DefaultScheduleStatus.STOPPED,
        description=_with_reason(
            "Un tour d'arrivée après chaque livraison du Journal officiel. La lecture suit par capteur.", on
        ),
    )


def sensors(settings: Settings, on: bool, clock: Clock = utc_now) -> list[dg.SensorDefinition]:
    """The three sensors, and what makes the file follow."""
    status = dg.DefaultSensorStatus.RUNNING if on else dg.DefaultSensorStatus.STOPPED
    asking = [
        dg.SensorDefinition(
            name=name,
            evaluation_fn=evaluate,
            minimum_interval_seconds=seconds,
            job=job,
            default_status=status,
            description=_with_reason(said, on),
        )
        for name, evaluate, seconds, job, said in _declared(settings, clock)
    ]
    following = dg.AutomationConditionSensorDefinition(
        name="la_suite",
        target=dg.AssetSelection.all(),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        description=(
            "Ce qui est fait à la main dans cette interface est suivi : une lecture par ses jeux de données, un jeu de "
            "données par la base. Toujours en marche ; une mise à jour (`rafraichir`) n'y ajoute rien."
        ),
    )
    return [*asking, following]


def _with_reason(said: str, on: bool) -> str:
    """What a trigger does, and why it is off with the lines that turn it on."""
    if on:
        return f"{said} En marche : annexes.toml le dit (`[schedule]`, `enabled = true`)."
    lines = "\n".join(f"    {line}" for line in TURN_ON.splitlines())
    return (
        f"{said}\n\nÀ l'arrêt, parce qu'annexes.toml ne le met pas en marche. Pour tous les déclencheurs à la fois, y "
        f"écrire, puis recharger les définitions :\n\n{lines}"
    )


def _declared(settings: Settings, clock: Clock) -> Iterator[tuple[str, Evaluate, int, Any, str]]:
    """(name, evaluation, seconds between ticks, job, description)."""
    drop = "Des fichiers attendent dans `raw/inbox/`."
    feed = "Le flux du Journal officiel liste des livraisons à prendre."
    documents = "Des documents de `raw/` ont changé, ou la base n'est plus celle qu'on publierait."
    yield "boite_de_depot", lambda context: _drop_folder(context, settings, clock()), 30, FETCH, drop
    yield "flux_du_journal_officiel", lambda context: _feed(context, settings, clock()), 1800, FETCH, feed
    yield "lecture_et_publication", lambda context: _documents(context, settings, clock()), 30, REFRESH, documents


def _drop_folder(
    context: dg.SensorEvaluationContext, settings: Settings, now: datetime
) -> dg.SensorResult | dg.SkipReason:
    from pipeline.acquisition import acquire

    mark = acquire.inbox_key(settings, now)
    return _one(context, FETCH.name, "inbox", mark, now) if mark else dg.SkipReason("raw/inbox/ est vide")


def _feed(context: dg.SensorEvaluationContext, settings: Settings, now: datetime) -> dg.SensorResult | dg.SkipReason:
    from pipeline.acquisition.feed import ListingError, plan_round
    from pipeline.acquisition.server import FetchError, Server

    feed = config.load(settings)
    if not feed.enabled:
        return dg.SkipReason("le flux est éteint ([feed] enabled = true dans annexes.toml le met en marche)")
    server = Server(feed.base_url)
    try:
        planned = plan_round(settings, feed, server)
    except (FetchError, ListingError) as error:
        return dg.SkipReason(f"l'index du flux ne se lit pas : {error}")  # the next round says it as a finding
    finally:
        server.close()
    if not planned.wanted:
        return dg.SkipReason("aucune livraison à prendre")
    return _one(context, FETCH.name, "feed", planned.key, now)


def _documents(
    context: dg.SensorEvaluationContext, settings: Settings, now: datetime
) -> dg.SensorResult | dg.SkipReason:
    """One run for all there is to do: what it finds when it begins."""
    from pipeline.refresh import publish, state
    from pipeline.refresh.plan import plan

    planned = plan(settings)
    if planned.nothing:
        return dg.SkipReason("rien n'a changé")
    documents = [(name, state.document_fingerprint(settings, name).encode()) for name in planned.changed]
    mark = state.digest([*documents, ("", publish.fingerprint(settings).encode())])
    return _one(context, REFRESH.name, "rafraichir", mark, now)


def _one(
    context: dg.SensorEvaluationContext, job: str, subject: str, mark: str, now: datetime
) -> dg.SensorResult | dg.SkipReason:
    """A request for a job, unless one is under way or it is too soon to ask again."""
    if context.instance.get_run_records(dg.RunsFilter(job_name=job, statuses=_UNFINISHED), limit=1):
        return dg.SkipReason("déjà en cours")
    asked = loads(context.cursor)
    request = ask(asked.get(subject), mark, now.timestamp())
    if request is None:
        return dg.SkipReason("déjà demandé, à redemander plus tard")
    run = dg.RunRequest(run_key=f"{subject}-{request.key}", job_name=job)
    return dg.SensorResult(run_requests=[run], cursor=dumps({**asked, subject: request}))
