"""Group acquisition: one round of what brings new documents. It stands apart from the documents' own assets, which it
would otherwise mark as out of date at each round."""

from collections.abc import Sequence
from datetime import timedelta

from dagster import (
    AssetExecutionContext,
    Backoff,
    Failure,
    FreshnessPolicy,
    Jitter,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    RetryPolicy,
    asset,
)

from pipeline.orchestration.describe import markdown_table
from pipeline.orchestration.project import Project

GROUP = "acquisition"
# No issue on Mondays or after a holiday is usual; four days without a round are not.
FRESH = FreshnessPolicy.time_window(fail_window=timedelta(days=4), warn_window=timedelta(days=2))


@asset(
    group_name=GROUP,
    kinds={"xml"},
    freshness_policy=FRESH,
    retry_policy=RetryPolicy(max_retries=3, delay=60, backoff=Backoff.EXPONENTIAL, jitter=Jitter.PLUS_MINUS),
    code_version="1",
    description=(
        "Un tour d'arrivée : le dossier de dépôt `raw/inbox/`, puis le flux du Journal officiel s'il est en marche. "
        "Ce qui entre devient un document de `raw/` ; ce qui est refusé laisse un constat."
    ),
)
def arrivals(context: AssetExecutionContext, project: ResourceParam[Project]) -> MaterializeResult[None]:
    """Takes in what waits. What one delivery or file was refused for is in the metadata and the findings; a server that
    gave nothing at all fails the run, which is tried again."""
    from pipeline import config
    from pipeline.acquisition.acquire import acquire

    feed = config.load(project.settings)
    acquired = acquire(project.settings, feed, clock=project.clock, progress=context.log.info)
    made = acquired.round
    if made is not None and made.failed and not any(not taken.error for taken in made.taken):
        raise Failure("le flux n'a rien donné : " + " ; ".join(made.failed[:5]))
    counts = {action: sum(d.action == action for d in acquired.done) for action in ("create", "add", "refuse")}
    return MaterializeResult(
        metadata={
            "documents créés": counts["create"],
            "renditions ajoutées": counts["add"],
            "refusés": counts["refuse"],
            "livraisons en attente": made.later if made else 0,
            "flux": feed.base_url if made else "éteint",
            "détail": MetadataValue.md(_detail([d.line for d in acquired.done], acquired.failed)),
        }
    )


def _detail(done: Sequence[str], failed: Sequence[str]) -> str:
    lines = [("pris", line) for line in done] + [("échec", line) for line in failed]
    return markdown_table(("", "ce qui est arrivé"), lines, limit=50)
