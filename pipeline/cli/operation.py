"""`annexes status`, `backup`, `restore`, `verify`, `clean`: what a person who runs this every day needs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli import terminal
from pipeline.cli.common import err, out, project
from pipeline.errors import AnnexesError
from pipeline.language import translated as _

if TYPE_CHECKING:
    from pipeline.refresh.status import Status

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]


def _named_as_a_backup(path: Path | None) -> Path | None:
    if path is not None and not path.name.endswith((".tar.zst", ".tar.gz")):
        raise typer.BadParameter(_("the name of a backup ends with .tar.zst or .tar.gz"))
    return path


Archive = Annotated[
    Path,
    typer.Argument(
        help="A file named .tar.zst or .tar.gz.", metavar="FILE", dir_okay=False, callback=_named_as_a_backup
    ),
]


def register(app: typer.Typer) -> None:
    for command in (status, workers, backup, restore, verify, clean, config):
        app.command(rich_help_panel="Operate")(command)


def status(
    as_json: AsJson = False,
    max_age: Annotated[
        float | None, typer.Option(help="Exit 1 too when the last refresh is older than this many hours.", min=0.0)
    ] = None,
) -> None:
    """Say in one screen what is published, failed, late, expected or waiting, and what it weighs. For cron and probes.

    Exit code 1, each reason on standard error, when: nothing is published though raw/ holds documents; the file in
    place does not open or is not the one that was published; a document or edition stands refused; the last refresh
    was interrupted or could not publish; a version file is damaged; a yearly dataset is late **beyond what is
    declared**: a year without any known act between two known ones, or the act of the new year not heard of two months
    after the usual day. With --max-age, also a last refresh that is too old.

    Exit code 0 otherwise. What someone declared rings no bell: acts listed in raw/actes.toml and not held are shown as
    expected, an edition whose end its own text states as ended. Open findings, readings that wait and documents not
    read yet are shown too, and leave the code at 0.
    """
    from pipeline.refresh.status import status as gather

    found = gather(project(), datetime.now(UTC), timedelta(hours=max_age) if max_age is not None else None)
    if as_json:
        out(json.dumps({"ok": not found.problems, **asdict(found)}, ensure_ascii=False, indent=1, default=str))
    else:
        _show(found)
    for problem in found.problems:
        err(_("to be looked at: {problem}").format(problem=problem))
    if found.problems:
        raise typer.Exit(1)


def workers() -> None:
    """Show where documents are read: on this machine, or by which Dask workers, with their cores and their code.

    Exit code 1 when a worker runs other code than this machine, or the engine cannot be reached.
    """
    from pipeline import config as settings_of
    from pipeline import parallel_engines
    from pipeline.parallel_code import fingerprint

    settings = project()
    declared = settings_of.read(settings).engine
    out(f"moteur : {parallel_engines.label(declared)} ; code {fingerprint()[:12]}")
    if declared.kind == "local":
        return
    found = parallel_engines.workers(declared, settings.root)
    for each in found:
        told = "" if each.same_code else "  AUTRE CODE"
        out(f"{each.address}  {each.host}  {each.threads} à la fois, {each.cores} cœurs  code {each.code[:12]}{told}")
    if not found:
        err("aucun ouvrier ; démarrer `dask worker`")
    if not all(each.same_code for each in found) or not found:
        raise typer.Exit(1)


def _show(found: Status) -> None:
    """The screen, in the language of the locale; what is said of acts and datasets is French."""
    for label, text in _status_lines(found):
        line = f"{label:<11}{text}" if label else f"  {text}"
        out(terminal.wrapped(line, 11 if label else 4))


def _status_lines(found: Status) -> Iterator[tuple[str, str]]:
    """(label, text) of each line; '' for one that goes on below the one before."""
    if file := found.published:
        fresh = _("current") if file.current else _("to be made again by the next `annexes refresh`")
        said = _("{file}, published {age} ago, {versions} versions, {size}; {fresh}")
        about = {"file": file.file, "age": _age(found.at - file.at), "versions": file.versions}
        yield _("Warehouse"), said.format(**about, size=_size(file.bytes), fresh=fresh)
    else:
        yield _("Warehouse"), _("nothing is published")
    if found.last_refresh:
        yield _("Refresh"), _("{age} ago").format(age=_age(found.at - found.last_refresh.at))
    to_read = _("; to be read: {names}").format(names=", ".join(found.to_read)) if found.to_read else ""
    counted = _("{count}, {refused} of them with a refusal").format(count=found.documents, refused=len(found.refused))
    yield _("Documents"), f"{counted}{to_read}"
    for state in found.datasets:
        year = f" {state.year}" if state.year else ""
        detail = f" ; {state.detail}" if state.detail else ""
        yield "", f"{state.name:<24} {_states()[state.state]:<10}{year}{detail}"
    for act in found.expected:
        since = _(", in force from {day}").format(day=f"{act.effect_from:%d/%m/%Y}") if act.effect_from else ""
        yield (
            "",
            _("expected: {dataset}: {title} ({id})").format(dataset=act.dataset, title=act.title, id=act.id) + since,
        )
    yield _("Findings"), ", ".join(f"{found.findings[name]} {label}" for name, label in _severities().items())
    for item in found.pending:
        said = _("{id} {dataset} {edition}, for {age}")
        about = {"id": item.id, "dataset": item.dataset, "edition": item.edition}
        yield _("Waiting"), said.format(**about, age=_age(found.at - item.since))
    yield _("Engine"), found.engine
    for what, place in found.shelves.items():
        yield _("Store"), f"{what} : {place}"
    yield _("Disk"), ", ".join(f"{room} {_size(size)}" for room, size in found.disk.items())


def _states() -> Mapping[str, str]:
    return {
        "held": _("up to date"),
        "expected": _("expected"),
        "ended": _("ended"),
        "late": _("LATE"),
        "empty": _("empty"),
    }


def _severities() -> Mapping[str, str]:
    return {"error": _("errors"), "warning": _("warnings"), "info": "infos", "acknowledged": _("seen before")}


def _age(lapse: timedelta) -> str:
    hours = int(lapse.total_seconds() // 3600)
    if hours >= 48:
        return _("{count} days").format(count=hours // 24)
    return f"{hours} h" if hours else f"{int(lapse.total_seconds() // 60)} min"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} Mo" if count < 1e9 else f"{count / 1e9:.1f} Go"


def backup(
    target: Archive,
    raw: Annotated[bool, typer.Option("--raw", help="Save all of raw/, not its declarations only.")] = False,
) -> None:
    """Save every version, the readings that wait and the declarations of raw/ in one file, with a manifest.

    The file is read back and checked before it gets its name; the published database is not in it, for it is built
    again from the versions. Example: `annexes backup /srv/sauvegardes/annexes-$(date +%F).tar.zst`
    """
    from pipeline.store.backup import backup as save
    from pipeline.store.lock import refresh_lock

    settings = project()
    with refresh_lock(settings):
        manifest = save(settings, target, datetime.now(UTC), raw)
    out(f"{target} : {manifest.versions} versions, {len(manifest.files)} fichiers, {_size(target.stat().st_size)}")


def restore(
    source: Archive,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the versions and declarations that are here.")
    ] = False,
    with_settings: Annotated[
        bool,
        typer.Option("--with-settings", help="Take its annexes.toml too: it may name programs to run and addresses."),
    ] = False,
    version: Annotated[
        list[int] | None,
        typer.Option("--version", help="Only this version, gone or damaged here; may be repeated.", metavar="N"),
    ] = None,
) -> None:
    """Put a backup back in this project, and publish.

    A backup is data: its annexes.toml, which may run a program, is shown and left out unless --with-settings says so.
    All of the backup is verified before anything is written; a restore cut short is finished by the next command that
    writes. Without --force the project must hold no version, and no declaration that differs. Then run
    `annexes refresh`: it reads the documents again.
    """
    from pipeline.refresh.publish import publish
    from pipeline.store.backup import restore as put_back
    from pipeline.store.backup import restore_versions, saved_settings
    from pipeline.store.lock import refresh_lock
    from pipeline.store.versions import open_versions
    from pipeline.warehouse.publish import PublishError

    settings = project()
    left = "" if version or with_settings else saved_settings(settings, source)
    with refresh_lock(settings):
        if version:
            manifest = restore_versions(settings, source, version)
        else:
            manifest = put_back(settings, source, force, with_settings)
        try:
            published = publish(settings, open_versions(settings))
        except PublishError as error:
            raise AnnexesError(f"la sauvegarde est en place, {error}") from error
    if left:
        out("Réglages de la sauvegarde, non repris (--with-settings les reprend) :")
        out("\n".join(f"    {line}" for line in left.splitlines()))
    said = f"versions {', '.join(map(str, version))}" if version else f"{manifest.versions} versions"
    out(f"{source} : {said}, sauvegarde du {manifest.made_at} ; publié : {published.path}")


def verify(
    file: Annotated[
        Path | None,
        typer.Option(help="Check this backup instead of the project.", dir_okay=False, callback=_named_as_a_backup),
    ] = None,
) -> None:
    """Check every version file against its sha256 and its content hash, and the published database against them.

    With --file, check a backup: every member against its manifest. Exit code 1 names what is wrong.
    """
    from pipeline.datasets import all_datasets
    from pipeline.refresh.publish import catalogue, is_current
    from pipeline.store.backup import BackupError, check_backup
    from pipeline.warehouse.audit import audit

    if file is not None:
        try:
            manifest = check_backup(file)
        except BackupError as error:
            raise AnnexesError(str(error)) from error
        out(f"{file} : {manifest.versions} versions, {len(manifest.files)} fichiers, tous conformes au manifeste")
        return
    settings = project()
    current = is_current(settings)
    problems = list(audit(settings, all_datasets(), current, catalogue(settings)))
    for problem in problems:
        err(problem)
    if problems:
        raise typer.Exit(1)
    said = "la base publiée dit ce qu'elles disent" if current else "la base est à refaire (`annexes refresh`)"
    out(f"Chaque version est entière ; {said}.")


def clean(
    keep_runs: Annotated[int, typer.Option(help="How many runs of Dagster to keep, the newest.", min=0)] = 200,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")] = False,
) -> None:
    """Remove what nothing needs any more: staged files of documents that are gone, leftovers of crashes, old runs.

    Versions, readings that wait, the published database and raw/ are never touched. Of Dagster's runs, the newest of
    each document and the newest that succeeded are always kept: the interface shows what they recorded.
    """
    from pipeline.orchestration.instance import purge
    from pipeline.refresh import cleanup
    from pipeline.store.lock import refresh_lock

    settings = project()
    with refresh_lock(settings):
        found = cleanup.leftovers(settings)
        if not dry_run:
            cleanup.remove(found)
        purged = purge(settings, keep_runs, dry_run)
    for item in found:
        out(f"{item.path.relative_to(settings.root)}  {_size(item.bytes)}  {item.why}")
    verb = "à retirer" if dry_run else "retirés"
    freed = sum(item.bytes for item in found) + purged.bytes
    out(f"{len(found)} fichiers ou dossiers et {len(purged.runs)} exécutions {verb}, {_size(freed)}")


def config(as_json: AsJson = False) -> None:
    """Show every setting of this project with its value, its default, and where the value comes from.

    Settings stand in annexes.toml at the root of the project; some are heard from the environment too.
    """
    from pipeline import config as configuration

    found = list(configuration.described(project()))
    if as_json:
        out(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=1, default=str))
        return
    rows = [(each.name, _written(each.value), _written(each.default), each.origin) for each in found]
    header = (_("setting"), _("value"), _("default"), _("from"))
    terminal.show(terminal.table([header, *rows], [False] * 4, terminal.width())[0])


def _written(value: Any) -> str:
    """A value as annexes.toml writes it; empty for none."""
    if value is None or value == ():
        return ""
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)
