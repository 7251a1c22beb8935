"""`annexes refresh` and `annexes ui`: run the pipeline, and watch it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import Refusal, err, out, project
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.refresh.plan import Plan
    from pipeline.refresh.state import DocumentOutcome

Documents = Annotated[
    list[str] | None,
    typer.Option("--document", "-d", help="Only this document (a folder of raw/); may be repeated.", metavar="ID"),
]
Force = Annotated[bool, typer.Option("--force", help="Read again even what has not changed.")]
Port = Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)]


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Run")(refresh)
    app.command(rich_help_panel="Run")(ui)


def refresh(document: Documents = None, force: Force = False) -> None:
    """Read new and changed documents of raw/, and publish warehouse/annexes.duckdb.

    Nothing is done when nothing changed. One document that is refused never holds back the others: it is named on
    standard error, what was published of it stays, and the exit code is 1. A reading that says much else than what is
    published of the same edition waits for a person (`annexes pending`); that is no refusal.
    """
    from pipeline.refresh.plan import UnknownDocumentError, plan
    from pipeline.store.lock import LockedError, refresh_lock

    settings = project()
    try:
        with refresh_lock(settings):
            planned = plan(settings, document or (), force)
            refused = _nothing(settings, planned) if planned.nothing else _run(settings, planned)
    except UnknownDocumentError as error:
        raise Refusal(str(error), code=2) from error
    except LockedError as error:
        raise Refusal(str(error)) from error
    for line in refused:
        err(f"refusé : {line}")
    _say_what_waits(settings)
    if refused:
        raise typer.Exit(1)


def _say_what_waits(settings: Settings) -> None:
    """Readings kept aside are no refusal, but nobody should miss them."""
    from pipeline.store.pending import waiting

    for item in waiting(settings):
        err(f"en attente : {item.record.dataset} ({item.record.edition}) : `annexes pending` dit pourquoi ({item.id})")


def _nothing(settings: Settings, planned: Plan) -> list[str]:
    from pipeline.orchestration import history
    from pipeline.refresh.plan import staged_refusals

    if history.was_interrupted(settings):
        with history.recorded(settings):
            pass  # opening it closes the runs of the refresh that was killed
    out(f"Rien n'a changé : {len(planned.unchanged)} documents déjà lus, base à jour ({settings.database}).")
    _remember(settings, [])
    return staged_refusals(settings, planned.unchanged)


def _run(settings: Settings, planned: Plan) -> list[str]:
    from pipeline.cli.progress import steps
    from pipeline.orchestration.run import execute

    with steps(len(planned.changed) + 1) as step:
        done = execute(settings, planned, step)
    _summary(done.outcomes)
    _alert(settings, done.outcomes)
    refused = [f"{name} : lecture interrompue : {why}" for name, why in done.crashed.items()]
    if done.published and done.published.error:
        refused.append(f"publication : {done.published.error}")
    _remember(settings, refused)
    if published := done.published:
        refused += [f"base : {damage}" for damage in published.damaged]
        if not published.error and not published.skipped:
            out(f"Publié : {settings.database} ({published.versions} versions, {published.seconds:.1f} s)")
    refused += [line for outcome in done.outcomes for line in outcome.refused]
    refused += [f"{o.document} : {_message(o, i)}" for o in done.outcomes for i in _unexcused(settings, o)]
    return refused


def _remember(settings: Settings, failed: Sequence[str]) -> None:
    """For `annexes status`: when this refresh ended, and what it could not do at all."""
    from pipeline.refresh.state import remember_refresh

    remember_refresh(settings, failed, datetime.now(UTC))


def _alert(settings: Settings, outcomes: Sequence[DocumentOutcome]) -> None:
    """Tell the project's alert command. One that fails is said, and costs the refresh nothing."""
    from pipeline.refresh import alert

    try:
        alert.send(settings, list(alert.new_errors(settings, outcomes)))
    except alert.AlertError as error:
        err(f"alerte : {error}")


def _unexcused(settings: Settings, outcome: DocumentOutcome) -> list[str]:
    """New error findings that nobody acknowledged, unless the refusal of the document or edition already says them."""
    from pipeline.refresh.publish import acknowledged

    if outcome.refused:
        return []
    known = {a.finding for a in acknowledged(settings, outcome.document)}
    return [i for i in outcome.new_errors if i not in known]


def _message(outcome: DocumentOutcome, finding: str) -> str:
    return next(f.message for f in outcome.findings if f.id == finding)


def _summary(outcomes: Sequence[DocumentOutcome]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("jeu de données", "acte", "état"):
        table.add_column(name, overflow="fold", min_width=8)
    for name in ("publiées", "écartées", "err.", "avert.", "infos", "version", "s"):
        table.add_column(name, justify="right", no_wrap=True)
    states = {
        "accepted": "nouvelle",
        "unchanged": "inchangée",
        "refused": "refusée",
        "pending": "en attente",
        "set_aside": "écartée",
    }
    for outcome in outcomes:
        if outcome.error:
            table.add_row("(document)", outcome.document, "refusé", "0", "0", "1", "", "", "", f"{outcome.seconds:.2f}")
        for e in outcome.editions:
            severities = [str(e.findings.get(name, 0)) for name in ("error", "warning", "info")]
            version = str(e.version_no) if e.version_no else ""
            rows = str(e.rows) if e.status in ("accepted", "unchanged") else "0"
            table.add_row(
                e.dataset,
                e.edition,
                "met fin" if e.ends and e.status == "accepted" else states[e.status],
                rows,
                str(e.quarantined),
                *severities,
                version,
                f"{e.seconds:.2f}",
            )
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    console.print(table)


def ui(port: Port = 3000) -> None:
    """Open Dagster on this machine: runs, assets, checks, and the lineage of the warehouse. Ctrl-C ends it."""
    from pipeline.orchestration.ui import InterfaceError, serve

    try:
        code = serve(project(), port, lambda link: out(f"Lignage de la base : {link}"))
    except InterfaceError as error:
        raise Refusal(str(error)) from error
    raise typer.Exit(code)
