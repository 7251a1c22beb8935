"""`annexes add` and `annexes fetch`: new documents into raw/, by hand or from the open data of the Journal officiel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import err, out, project, typed_day
from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.acquisition.acquire import Acquired
    from pipeline.acquisition.report import Done
    from pipeline.acquisition.texts import Hints
    from pipeline.config import Feed


class NatureName(StrEnum):
    """What a document is; a sheet (feuille) carries no act."""

    arrete = "arrete"
    decret = "decret"
    bulletin = "bulletin"
    feuille = "feuille"
    autre = "autre"


class RoleName(StrEnum):
    """Where a file comes from: published as it is, cut from another one, set from the figures."""

    published = "published"
    extract = "extract"
    typeset = "typeset"


Files = Annotated[list[Path], typer.Argument(help="Files to take in.", exists=True, dir_okay=False, readable=True)]
Day = Annotated[date | None, typer.Option(parser=typed_day, metavar="DAY", help="As 13/05/2024 or 2024-05-13.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")]
AllTables = Annotated[
    bool, typer.Option("--all-tables", help="Keep texts that no dataset reads, for their tables (schema grids).")
]


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Bring documents in")(add)
    app.command(rich_help_panel="Bring documents in")(fetch)


def add(
    files: Files,
    document_id: Annotated[str | None, typer.Option("--id", help="Document: a JORFTEXT, a NOR, a name.")] = None,
    nor: Annotated[str | None, typer.Option(help="NOR of the act.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the act.")] = None,
    signed: Day = None,
    published: Day = None,
    url: Annotated[str | None, typer.Option(help="Address of the text.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published it.")] = None,
    nature: Annotated[NatureName | None, typer.Option(help="What it is; a feuille carries no act.")] = None,
    role: Annotated[
        RoleName, typer.Option(help="As published, cut from another file, or typeset.")
    ] = RoleName.published,
    all_tables: AllTables = False,
    dry_run: DryRun = False,
) -> None:
    """Take files into raw/: a text of the open data (XML), a Légifrance page saved by hand (HTML), a PDF, a sheet.

    What the file says of itself (identifier, NOR, title, dates) need not be said again; a PDF says nothing. A file of a
    document already held becomes one more rendition of it, unless it prints the same. Then run `annexes refresh`.
    Example: `annexes add joe_20240516_0113_0026.pdf --id JORFTEXT000049542213 --nor TREL2412330A --published 2024-05-16
    --title "Arrêté du 13 mai 2024 …"`
    """
    from pipeline.acquisition.texts import Hints

    if len(files) > 1 and any((document_id, nor, title)):
        raise AnnexesError(_("--id, --nor and --title describe one file: give one at a time"), USAGE)
    hints = Hints(
        id=document_id,
        nor=nor,
        title=title,
        signed=signed,
        published=published,
        url=url,
        publisher=publisher,
        nature=nature.value if nature else None,
    )
    done = _take(project(), files, hints, role, all_tables, dry_run)
    refused = [each.line for each in done if each.action == "refuse"]
    _finish([each.line for each in done if each.action != "refuse"], refused, dry_run)


def fetch(
    dry_run: DryRun = False,
    since: Day = None,
    all_tables: AllTables = False,
) -> None:
    """Take in what lies in raw/inbox/ and what the feed of the Journal officiel has brought since the last time.

    The feed is off until annexes.toml says `[feed]` and `enabled = true`, or ANNEXES_FEED_URL names its directory. Kept
    are the texts that a dataset recognises by title or NOR and the acts of raw/actes.toml. A round takes 60 deliveries
    at most; run it again for the rest. `--since` goes back to a day. Then run `annexes refresh`.
    Example: `ANNEXES_FEED_URL=https://…/JORFSIMPLE/ annexes fetch --since 2026-04-20 --dry-run`
    """
    from dataclasses import replace

    from pipeline import config
    from pipeline.acquisition.acquire import acquire
    from pipeline.cli.terminal import progress

    settings = project()
    with progress(None) as step:
        feed = config.load(settings)
        feed = replace(feed, all_tables=feed.all_tables or all_tables)
        acquired = acquire(settings, feed, progress=step, dry_run=dry_run, since=since)
    lines = [each.line for each in acquired.done if each.action != "refuse"]
    _finish([*lines, *_told(feed, acquired)], acquired.failed, dry_run)


def _take(
    settings: Settings, files: Sequence[Path], hints: Hints, role: RoleName, all_tables: bool, dry_run: bool
) -> list[Done]:
    from pipeline.acquisition.acquire import PARIS, rehearsal, utc_now
    from pipeline.acquisition.feed import Place, acquisition_lock
    from pipeline.acquisition.taking import by_hand, wanted

    today = utc_now().astimezone(PARIS).date()
    with acquisition_lock(settings):
        choice = wanted(settings, all_tables)
        with rehearsal(settings) if dry_run else nullcontext(Place(settings, settings.raw)) as place:
            return [by_hand(place.raw, path, choice, hints, today, role.value, all_tables) for path in files]


def _told(feed: Feed, acquired: Acquired) -> Iterator[str]:
    """What the round did besides the files, one line each."""
    made = acquired.round
    if made is None:
        yield "flux éteint : [feed] enabled = true dans annexes.toml, ou ANNEXES_FEED_URL, le met en marche"
        return
    if made.error:
        return
    whole = [taken for taken in made.taken if not taken.error]
    yield f"flux {feed.base_url} : {len(whole)} livraisons prises, {sum(t.texts for t in whole)} textes lus"
    if excluded := sum(len(taken.excluded) for taken in made.taken):
        yield f"{excluded} textes nominatifs laissés de côté (raw/exclusions.json)"
    if made.later:
        yield f"{made.later} livraisons attendent : relancer annexes fetch"
    said = frozenset({"livraison_non_prise", "texte_refuse"})  # as failures, on standard error
    yield from (f"à regarder : {f.message}" for f in acquired.findings if f.severity != "info" and f.rule not in said)


def _finish(lines: Sequence[str], refused: Sequence[str], dry_run: bool) -> None:
    """The lines, what was refused on standard error, and what to do next. Exit code 1 when something was refused."""
    for line in lines:
        out(line)
    for line in refused:
        err(line)
    if dry_run:
        out("à blanc : rien n'a été fait")
    elif any(line.startswith(("créer", "ajouter")) for line in lines):
        out("Ensuite : annexes refresh")
    if refused:
        raise typer.Exit(1)
