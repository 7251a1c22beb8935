"""`annexes findings`, `quarantine`, `ack`, `replay`: what was noticed or refused, and what people do about it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import declared, err, out, project, unknown_document, warehouse
from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.contract.rows import Quarantined
    from pipeline.products.lookup import Record


class Level(StrEnum):
    """How much a finding matters."""

    erreur = "erreur"
    avertissement = "avertissement"
    info = "info"
    error = "error"
    warning = "warning"

    @property
    def published(self) -> str:
        """The word of meta.findings: the English ones are those of the release before."""
        return {"error": "erreur", "warning": "avertissement"}.get(self.value, self.value)


LEVELS = (Level.erreur, Level.avertissement, Level.info)


OfDocument = Annotated[str | None, typer.Option("--document", "-d", help="Of this document only.", metavar="ID")]
OfDataset = Annotated[str | None, typer.Option("--dataset", help="Of this dataset only.")]
OfRule = Annotated[str | None, typer.Option("--rule", help="Of this rule only.")]
AsJson = Annotated[bool, typer.Option("--json", help="For a program: one array, every field.")]


def register(app: typer.Typer) -> None:
    for command in (findings, quarantine, ack, replay):
        app.command(rich_help_panel="Deal with what was refused")(command)


def findings(
    severity: Annotated[
        list[Level] | None, typer.Option("--severity", "-s", help="Of this severity; may be repeated.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Only what the publication before the last did not have.")] = False,
    unseen: Annotated[bool, typer.Option("--open", help="Only what nobody acknowledged.")] = False,
    document: OfDocument = None,
    dataset: OfDataset = None,
    rule: OfRule = None,
    as_json: AsJson = False,
) -> None:
    """List what was noticed in the documents; errors and warnings unless `--severity` says otherwise.

    erreur: something printed is not published. avertissement: published, a person should look. info: read and mended.
    An id never changes with the line, the version or the run.

    Example: `annexes findings --severity erreur --open`
    """
    from pipeline.products import lookup
    from pipeline.refresh.state import new_findings

    settings = project()
    fresh = new_findings(settings)
    wanted = lookup.Filter(
        document=_document(settings, document), dataset=_dataset(dataset), rule=rule or "", only=fresh if new else None
    )
    with warehouse(settings) as connection:
        found = lookup.published_findings(connection, wanted)
    found = [{**row, "acknowledged": reason, "new": row["id"] in fresh} for row, reason in _seen(settings, found)]
    found = [row for row in found if not (unseen and row["acknowledged"])]
    levels = [level.published for level in severity or (Level.erreur, Level.avertissement)]
    shown = [row for row in found if row["severity"] in levels]
    if as_json:
        out(json.dumps(shown, ensure_ascii=False, indent=1, default=str))
        return
    for row in shown:
        _print_finding(row)
    _print_counts(found, shown)


def quarantine(
    document: OfDocument = None, dataset: OfDataset = None, rule: OfRule = None, as_json: AsJson = False
) -> None:
    """List the printed rows and pieces that were refused, with their text, where they stand, and why.

    Example: `annexes quarantine --dataset zonage_abc`
    """
    from pipeline.products import lookup

    settings = project()
    wanted = lookup.Filter(document=_document(settings, document), dataset=_dataset(dataset), rule=rule or "")
    with warehouse(settings) as connection:
        found = lookup.published_quarantine(connection, wanted)
    found = [{**row, "acknowledged": reason} for row, reason in _seen(settings, found)]
    if as_json:
        out(json.dumps(found, ensure_ascii=False, indent=1, default=str))
        return
    for row in found:
        out(f"{row['id']}  {row['document']}  {row['dataset']}, {row['place']}  [{row['rule']}]")
        out(f"    « {row['raw']} »" + (f" (colonne {row['column_name']})" if row["column_name"] else ""))
        out(f"    {row['reason']}")
        if row["acknowledged"]:
            out(f"    vue : {row['acknowledged']}")
    if not found:
        out("Rien en quarantaine.")
        return
    names = ", ".join(sorted({row["document"] for row in found}))
    out(
        f"\n{len(found)} en quarantaine ({names}). Décider : une règle dans raw/<document>/corrections.toml puis "
        '`annexes replay` ; ou laisser, en disant pourquoi : `annexes ack ID --reason "…"`.'
    )


def ack(
    finding: Annotated[list[str], typer.Argument(metavar="FINDING...", help="Ids, from `annexes findings`.")],
    reason: Annotated[str | None, typer.Option(help="Why it stands, for those who read it later.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Forget that it was seen.")] = False,
) -> None:
    """Say that a finding was looked at and why it stands; kept in raw/DOCUMENT/findings.toml, to be committed.

    An acknowledged error no longer makes `annexes refresh` end on 1. It stays listed, with the reason.

    Example: `annexes ack 4b31fda3559d --reason "à confirmer sur le Journal officiel"`
    """
    from pipeline.refresh.review import acknowledge, forget

    settings = project()
    if not undo and not (reason or "").strip():
        raise AnnexesError(_('--reason "…" is missing: say why the finding is left'), USAGE)
    if undo and reason:
        raise AnnexesError(_("--undo takes no reason"), USAGE)
    files = forget(settings, finding) if undo else acknowledge(settings, finding, (reason or "").strip())
    for path in files:
        name = path.relative_to(settings.root)
        out(f"{name} : {'écrit' if path.exists() else 'vide, retiré'} ; la base le dira après `annexes refresh`")


def replay(
    document: Annotated[str | None, typer.Argument(help="This document, instead of all that have quarantine.")] = None,
) -> None:
    """Read again the documents that have quarantined rows, publish, and say what left quarantine.

    Run it after writing a rule in raw/DOCUMENT/corrections.toml. Exit codes are those of `annexes refresh`.

    Example: `annexes replay BOI-8A-2-09`
    """
    from pipeline.cli.refreshing import refresh
    from pipeline.refresh import publish

    settings = project()
    before = {o.document: o.quarantine for o in publish.outcomes(settings)}
    chosen = [_document(settings, document)] if document else [name for name, rows in before.items() if rows]
    if not chosen:
        out("Rien en quarantaine : rien à rejouer.")
        return
    code = 0
    try:
        refresh(document=chosen, force=True)
    except typer.Exit as ended:
        code = ended.exit_code
    after = {o.document: o.quarantine for o in publish.outcomes(settings)}
    for name in chosen:
        _print_replayed(name, before.get(name, ()), after.get(name, ()))
    raise typer.Exit(code)


def _print_replayed(name: str, before: Sequence[Quarantined], after: Sequence[Quarantined]) -> None:
    """What left quarantine and what entered it; a text refused twice, with the same id, counts once."""
    left, stay = {q.id: q.raw for q in before}, {q.id: q.raw for q in after}
    gone = [raw for i, raw in left.items() if i not in stay]
    entered = [raw for i, raw in stay.items() if i not in left]
    said = f"sortis de quarantaine : {_quoted(gone)}" if gone else "rien n'est sorti de quarantaine"
    out(f"{name} : {said} ; {len(stay)} en quarantaine")
    if entered:
        out(f"  entrés en quarantaine : {_quoted(entered)}")


def _quoted(texts: Sequence[str]) -> str:
    shown = ", ".join(f"« {text} »" for text in texts[:10])
    return f"{len(texts)}, {shown}" + (" …" if len(texts) > 10 else "")


def _print_finding(row: Record) -> None:
    where = ", ".join(part for part in (row["dataset"], row["place"]) if part)
    new = "  nouvelle" if row["new"] else ""
    level = "vue" if row["acknowledged"] else row["severity"]
    out(f"{level:<14}{row['id']}  {row['document'] or '(acte non détenu)'}  {where}  [{row['rule']}]{new}")
    out(f"    {row['message']}")
    if row["acknowledged"]:
        out(f"    vue : {row['acknowledged']}")


def _print_counts(found: Sequence[Record], shown: Sequence[Record]) -> None:
    counts = Counter(row["severity"] for row in found if not row["acknowledged"])
    said = ", ".join(f"{counts[level]} {level.value}" for level in LEVELS)
    if seen := sum(bool(row["acknowledged"]) for row in found):
        said += f", {seen} déjà vue{'s' if seen > 1 else ''}"
    hidden = len(found) - len(shown)
    out(f"{said}" + (f" ; {hidden} non montrées, `--severity info` les montre" if hidden else ""))


def _seen(settings: Settings, rows: Sequence[Record]) -> list[tuple[Record, str | None]]:
    """Each row with the reason given for it, as findings.toml says now (the base may not know yet)."""
    from pipeline.documents.model import DocumentError
    from pipeline.refresh.publish import acknowledged
    from pipeline.refresh.state import documents

    reasons: dict[str, str] = {}
    for name in documents(settings):
        try:
            reasons |= {a.finding: a.reason for a in acknowledged(settings, name)}
        except DocumentError as error:
            err(str(error))
    return [(row, reasons.get(row["id"])) for row in rows]


def _document(settings: Settings, name: str | None) -> str:
    from pipeline.refresh.state import documents

    known = documents(settings)
    if name is not None and name not in known:
        raise unknown_document(name, known)
    return name or ""


def _dataset(name: str | None) -> str:
    return declared(name).name if name else ""
