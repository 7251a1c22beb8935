"""`annexes refresh` and `annexes ui`: run the pipeline, and watch it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import terminal
from pipeline.cli.common import err, out, project
from pipeline.errors import REFUSED
from pipeline.language import translated as _
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.refresh.plan import Plan
    from pipeline.refresh.state import DocumentOutcome
    from pipeline.store.pending import Waiting

Documents = Annotated[
    list[str] | None,
    typer.Option("--document", "-d", help="Only this document (a folder of raw/); may be repeated.", metavar="ID"),
]
Force = Annotated[bool, typer.Option("--force", help="Read again even what has not changed, and build the whole file.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]
Port = Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)]


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Run")(refresh)
    app.command(rich_help_panel="Run")(ui)


def refresh(document: Documents = None, force: Force = False, as_json: AsJson = False) -> None:
    """Read new and changed documents of raw/, and publish warehouse/annexes.duckdb.

    Nothing is done when nothing changed. One document that is refused never holds back the others: it is named on
    standard error, what was published of it stays, and the exit code is 1. A reading that says much else than what is
    published of the same edition waits for a person (`annexes pending`); that is no refusal.
    """
    from pipeline.acquisition.inbox import waiting_files
    from pipeline.refresh.plan import plan
    from pipeline.store.lock import refresh_lock
    from pipeline.store.pending import WaitingReadings

    settings = project()
    with refresh_lock(settings):
        planned = plan(settings, document or (), force)
        done = _nothing(settings, planned) if planned.nothing else None
    done = done or _run(settings, planned)
    waiting = WaitingReadings(settings.pending).waiting()
    inbox = [path.name for path in waiting_files(settings, datetime.now(UTC))]
    if as_json:
        out(json.dumps({**_as_data(done, waiting), "inbox": inbox}, ensure_ascii=False, indent=1))
    else:
        _summary(done.outcomes)
        for line in done.said:
            out(line)
    if inbox and not as_json:
        told = _("{count} to be taken in {folder}: {names} (`annexes fetch` takes them)")
        out(told.format(count=len(inbox), folder=settings.inbox, names=", ".join(inbox)))
    for line in done.refused:
        err(_("refused: {what}").format(what=line))
    for item in waiting:  # no refusal, but nobody should miss it
        told = _("waiting: {dataset} ({edition}): `annexes pending {id}` says why")
        err(told.format(dataset=item.record.dataset, edition=item.record.edition, id=item.id), logging.WARNING)
    if done.refused:
        raise typer.Exit(REFUSED)


@dataclass(frozen=True)
class _Done:
    """What a refresh did: the outcome of each document read, closing lines, and each thing that was refused."""

    outcomes: tuple[DocumentOutcome, ...] = ()
    unchanged: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    published: bool = False


def _nothing(settings: Settings, planned: Plan) -> _Done:
    from pipeline.orchestration import instance
    from pipeline.refresh.publish import common_problems
    from pipeline.warehouse.publish import published_refusals

    if instance.was_interrupted(settings):
        from pipeline.orchestration.run import finish

        finish(settings)
    _remember(settings, [])
    said = _("Nothing has changed: {count} documents read before, the file is current ({file}).").format(
        count=len(planned.unchanged), file=settings.database
    )
    refused = [
        *common_problems(settings),
        *planned.refused,
        *(f"base : {f}" for f in published_refusals(settings)),
    ]
    return _Done(unchanged=tuple(planned.unchanged), said=(said,), refused=tuple(refused))


def _run(settings: Settings, planned: Plan) -> _Done:
    from pipeline.orchestration.run import execute
    from pipeline.refresh.publish import common_problems

    with terminal.progress(len(planned.changed) + 1) as step:
        done = execute(settings, planned, step)
    _alert(settings, done.outcomes)
    refused = [f"{name} : lecture interrompue : {why}" for name, why in done.crashed.items()]
    if done.published and done.published.error:
        refused.append(f"publication : {done.published.error}")
    _remember(settings, refused)
    said = []
    if published := done.published:
        refused += [f"base : {damage}" for damage in published.damaged]
        if not published.error and not published.skipped:
            made = _("Published: {file} ({versions} versions, {seconds:.1f} s)")
            said = [made.format(file=settings.database, versions=published.versions, seconds=published.seconds)]
            said += _stale_docs(settings)
    refused += common_problems(settings)
    refused += [f"à savoir : {line}" for line in done.repaired]
    said += [f"{o.document} : {reason}" for o in done.outcomes for reason in _mended(o)]
    refused += [line for outcome in done.outcomes for line in outcome.refused]
    refused += [f"{o.document} : {_message(o, i)}" for o in done.outcomes for i in _unexcused(settings, o)]
    return _Done(tuple(done.outcomes), tuple(planned.unchanged), tuple(said), tuple(refused), bool(said))


def _stale_docs(settings: Settings) -> list[str]:
    """In a checkout, what to do where the pages of the tables are not what is declared."""
    from pipeline.cli.dictionary import stale_pages
    from pipeline.datasets import all_datasets
    from pipeline.warehouse.marts import read_marts

    pages = stale_pages(settings.root, all_datasets(), read_marts())
    said = _("{pages}: not what is declared; `make docs` writes them")
    return [said.format(pages=", ".join(pages))] if pages else []


def _mended(outcome: DocumentOutcome) -> dict[str, None]:
    """What was accepted for its declaration alone, once each."""
    return dict.fromkeys(reason for e in outcome.editions if e.status == "accepted" for reason in e.reasons)


def _as_data(done: _Done, waiting: Sequence[Waiting]) -> dict[str, object]:
    """What a refresh did, for a program: `ok` as the exit code says it."""
    return {
        "ok": not done.refused,
        "published": done.published,
        "unchanged": done.unchanged,
        "documents": [
            {
                "document": outcome.document,
                "error": outcome.error or None,
                "seconds": round(outcome.seconds, 3),
                "new_errors": outcome.new_errors,
                "editions": [asdict(edition) for edition in outcome.editions],
            }
            for outcome in done.outcomes
        ],
        "refused": done.refused,
        "pending": [
            {"id": each.id, "dataset": each.record.dataset, "edition": each.record.edition} for each in waiting
        ],
    }


def _remember(settings: Settings, failed: Sequence[str]) -> None:
    """For `annexes status`: when this refresh ended, and what it could not do at all."""
    from pipeline.refresh.state import remember_refresh

    remember_refresh(settings, failed, datetime.now(UTC))


def _alert(settings: Settings, outcomes: Sequence[DocumentOutcome]) -> None:
    """Tell the project's alert command. One that fails is said, and costs the refresh nothing."""
    from pipeline.config import ConfigError
    from pipeline.refresh import alert

    try:
        alert.send(settings, list(alert.new_errors(settings, outcomes)))
    except (alert.AlertError, ConfigError) as error:
        err(f"alerte : {error}")


def _unexcused(settings: Settings, outcome: DocumentOutcome) -> list[str]:
    """New error findings that nobody acknowledged, unless the refusal of the document or edition already says them."""
    from pipeline.refresh.publish import acknowledged_or_none

    if outcome.refused:
        return []
    known = {a.finding for a in acknowledged_or_none(settings, outcome.document)}
    return [i for i in outcome.new_errors if i not in known]


def _message(outcome: DocumentOutcome, finding: str) -> str:
    return next(f.message for f in outcome.findings if f.id == finding)


def _states() -> dict[str, str]:
    return {
        "accepted": _("new"),
        "unchanged": _("unchanged"),
        "refused": _("refused"),
        "pending": _("waiting"),
        "set_aside": _("set aside"),
    }


def _headers() -> tuple[str, ...]:
    return (
        *(_("dataset"), _("act"), _("state"), _("published"), _("quarantined")),
        *(_("err."), _("warn."), _("infos"), "version", "s"),
    )


def _summary(outcomes: Sequence[DocumentOutcome]) -> None:
    rows = [row for outcome in outcomes for row in _summary_rows(outcome)]
    if rows:
        headers = _headers()
        out(terminal.table([headers, *rows], [n > 2 for n in range(len(headers))], terminal.width())[0] + "\n")


def _summary_rows(outcome: DocumentOutcome) -> Iterator[tuple[str, ...]]:
    """One line an edition of the document, and one for the document when it was refused as a whole."""
    if outcome.error:
        yield (
            "(document)",
            outcome.document,
            _("refused as a whole"),
            "0",
            "0",
            "1",
            "",
            "",
            "",
            f"{outcome.seconds:.2f}",
        )
    for e in outcome.editions:
        yield (
            e.dataset,
            e.edition,
            _("ends") if e.ends and e.status == "accepted" else _states()[e.status],
            str(e.rows) if e.status in ("accepted", "unchanged") else "0",
            str(e.quarantined),
            *(str(e.findings.get(name, 0)) for name in ("error", "warning", "info")),
            str(e.version_no) if e.version_no else "",
            f"{e.seconds:.2f}",
        )


def ui(port: Port = 3000) -> None:
    """Open Dagster on this machine: runs, assets, checks, and the lineage of the warehouse. Ctrl-C ends it."""
    from pipeline.orchestration.ui import serve

    code = serve(project(), port, lambda link: out(_("Lineage of the file: {link}").format(link=link)))
    raise typer.Exit(code)
