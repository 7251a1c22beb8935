"""The jobs: take in what arrives, refresh (plan, read, publish) in one run, and publish alone."""

from dataclasses import replace
from itertools import chain, islice

import dagster as dg

from pipeline.orchestration import assets, describe, record
from pipeline.orchestration.instance import begin, end
from pipeline.orchestration.refreshing import BATCH, refresh
from pipeline.orchestration.resources import Project
from pipeline.refresh.plan import Plan, plan
from pipeline.refresh.publish import is_current
from pipeline.refresh.state import documents


class Demand(dg.Config):
    """What a refresh is asked for."""

    documents: list[str] | None = None
    """Only these documents (folders of raw/); all of them when not given, none for an empty list."""
    relire: bool = False
    """Read again even what has not changed."""
    extraire: bool = False
    """Extract files again even where their readings are kept, and build the whole file."""
    publier: bool = True
    """Publish the file at the end, unless it says already all that it should, and record what the history lacks."""


@dg.op(
    name="lire_et_publier",
    description=(
        "Établit ce qui a changé dans `raw/`, lit ces documents, décide de leurs éditions, publie la base. "
        "`documents` : seulement ceux-là (sinon tous) ; `relire: true` : même ce qui n'a pas changé ; "
        "`extraire: true` : même les fichiers dont la lecture est gardée, et toute la base."
    ),
)
def read_and_publish(context: dg.OpExecutionContext, config: Demand, project: dg.ResourceParam[Project]) -> None:
    """The whole of a refresh. Fails, once all is recorded, when a document, an edition or the publish was refused."""
    settings, instance = project.settings, context.instance

    def say(what: str) -> None:
        context.log.info(what)
        project.progress(what)

    since = begin(settings)
    due = _plan(project, config)
    executed, read = refresh(project, due, say, context.log.warning)
    project.done(executed)
    versions, unknown = project.versions(), iter(read)
    if config.publier:
        read_now = set(due.changed)
        others = [name for name in documents(settings) if name not in read_now]
        unknown = chain(read, record.unrecorded(instance, settings, others, since))
    while some := list(islice(unknown, BATCH)):
        record.record_documents(instance, settings, versions, some, context.run_id)
    if config.publier and not (executed.published and executed.published.error):
        late = record.late_states(settings, versions, project.clock())
        record.record_publication(instance, settings, executed.published, late, context.run_id)
    end(settings)
    if executed.refused:
        lines = "\n".join(f"- {line}" for line in executed.refused)
        raise dg.Failure(" | ".join(executed.refused), {"refus": dg.MetadataValue.md(lines)}, allow_retries=False)


def _plan(project: Project, demand: Demand) -> Plan:
    settings = project.settings
    if project.proposed and demand.documents:  # planned by the caller, who has read them
        due = Plan(tuple(demand.documents), (), publish=True)
    elif demand.documents is None:
        due = plan(settings, force=demand.relire)
    elif demand.documents:
        due = plan(settings, demand.documents, demand.relire)
    else:
        due = Plan((), (), not is_current(settings))
    return replace(due, publish=due.publish and demand.publier, again=demand.extraire)


@dg.job(
    name="rafraichir",
    description=(
        "Met la base à jour, comme `annexes refresh` : lit ce qui a changé dans `raw/` et publie. "
        "Rien n'est fait quand rien n'a changé. À lancer sans rien régler, ou pour quelques documents."
    ),
)
def REFRESH() -> None:  # noqa: N802 - a job is a constant of this module
    read_and_publish()


PUBLISH = dg.define_asset_job(
    "publier",
    selection=dg.AssetSelection.groups(assets.BASE_GROUP) | dg.AssetSelection.checks_for_assets(record.BASE),
    description="Construit la base à partir des versions acceptées et la met en place. Ne lit rien.",
)
_RETRIES = dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


@dg.op(name="tour_d_arrivee", retry_policy=_RETRIES, description="Prend ce qui attend, et en fait des documents.")
def take_in(context: dg.OpExecutionContext, project: dg.ResourceParam[Project]) -> None:
    """What one delivery or file was refused for is in the metadata and the findings; a server that gave nothing at all
    fails the run, which is tried again."""
    from pipeline import config
    from pipeline.acquisition.acquire import acquire

    feed = config.load(project.settings)
    acquired = acquire(project.settings, feed, clock=project.clock, progress=context.log.info)
    made = acquired.round
    if made is not None and made.failed and not any(not taken.error for taken in made.taken):
        raise dg.Failure("le flux n'a rien donné : " + " ; ".join(made.failed[:5]))
    counts = {action: sum(d.action == action for d in acquired.done) for action in ("create", "add", "refuse")}
    lines = [("pris", d.line) for d in acquired.done] + [("échec", line) for line in acquired.failed]
    shown: describe.Metadata = {
        "documents créés": counts["create"],
        "renditions ajoutées": counts["add"],
        "refusés": counts["refuse"],
        "livraisons en attente": made.later if made else 0,
        "flux": feed.base_url if made else "éteint",
        "détail": dg.MetadataValue.md(describe.markdown_table(("", "ce qui est arrivé"), lines, limit=50)),
    }
    context.log_event(dg.AssetMaterialization(record.ARRIVALS, metadata=shown))


@dg.job(
    name="acquerir",
    description="Prend le dossier de dépôt et, s'il est en marche, le flux du Journal officiel. Ne lit rien.",
)
def FETCH() -> None:  # noqa: N802 - a job is a constant of this module
    take_in()
