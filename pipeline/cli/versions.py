"""What is held and what changed (`annexes versions`, `diff`), and what a person decides of it: `withdraw`, `rollback`,
and `pending`, `accept`, `reject` for the readings that wait."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from pipeline.cli import terminal
from pipeline.cli.common import declared, out, project, warehouse
from pipeline.cli.rows import Format, OutFile, Output, rendered, text_of, write
from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _
from pipeline.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.products.differences import Comparison
    from pipeline.quality.changes import KeyChange
    from pipeline.refresh.review import Question
    from pipeline.store.versions import VersionStore

_T = TypeVar("_T")

WaitingId = Annotated[str, typer.Argument(help="What `annexes pending` shows.", metavar="ID")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence: it is kept with the decision.")]


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Look")(versions)
    app.command(rich_help_panel="Look")(diff)
    for command in (withdraw, forget, pending, accept, reject, rollback):
        app.command(rich_help_panel="Decide")(command)


def versions(
    dataset: Annotated[str | None, typer.Argument(help="Of this dataset only.")] = None,
    output: Format = Output.table,
    out_file: OutFile = None,
) -> None:
    """List the versions held: edition, act, when accepted, rows, status, and the days each answers for.

    Status: `fait foi` (it answers for some day), `met fin` (it repeals or annuls another one), `remplacée` (a later
    reading of its edition counts), `retirée`.

    Example: `annexes versions premier_quartile`
    """
    from pipeline.products import differences

    if dataset is not None:
        declared(dataset)
    with warehouse(project()) as connection:
        rows = differences.versions(connection, dataset)
    if output is Output.table and rows["raison"].null_count == rows.num_rows:
        rows = rows.drop_columns(["raison"])  # nothing was taken back: the room is for what each one answers
    write(rows, output, out_file)


def diff(
    dataset: Annotated[str, typer.Argument(help="A published table.")],
    a: Annotated[
        str, typer.Argument(metavar="A", help="A version number, or the act, NOR or year of an edition held.")
    ],
    b: Annotated[str, typer.Argument(metavar="B", help="The version to compare it with.")],
    output: Format = Output.table,
    out_file: OutFile = None,
    limit: Annotated[int, typer.Option(help="Changes shown in a table; the totals count all.", min=0)] = 50,
    derived: Annotated[
        bool, typer.Option("--derived", help="Columns that no document prints too: official names, regions.")
    ] = False,
) -> None:
    """Show what changed from version A to version B, by key: lost coverage, new coverage, other values, with both.

    A key or value that is gone is lost coverage, not a change. CSV, JSON and Parquet hold every change.

    Example: `annexes diff premier_quartile 6 9`
    """
    from pipeline.products import differences

    asked = declared(dataset)
    with warehouse(project()) as connection:
        cap = limit if output in (Output.table, Output.record) else None
        compared = differences.compare(connection, asked, a, b, cap, derived=derived)
    if output not in (Output.table, Output.record):
        write(compared.changes, output, out_file)
        return
    text = _summary(dataset, compared)
    if compared.changes.num_rows:
        text += "\n" + rendered(compared.changes, output, terminal.width() if out_file is None else None)
    if compared.total > compared.changes.num_rows:
        text += f"{compared.changes.num_rows} montrés sur {compared.total} ; tous : --format csv\n"
    if out_file is not None:
        out_file.write_text(text, encoding="utf-8")
    else:
        terminal.show(text)


def _summary(dataset: str, compared: Comparison) -> str:
    from pipeline.products import differences

    a, b = (
        f"version {v['version_no']} ({v['edition']}, {v['row_count']} lignes)"
        for v in (compared.before, compared.after)
    )
    lines = [f"{dataset} : {a} → {b}"]
    if not compared.total:
        return lines[0] + "\naucune différence\n"
    for title, kinds in (
        ("couverture perdue", differences.LOST),
        ("couverture gagnée", differences.GAINED),
        ("modifié", differences.CHANGED),
    ):
        lines.append(f"  {title} : {differences.counted(compared.of(kinds)) or 'rien'}")
    lines += [f"  {s.nom} ({s.siren}) → {s.nom_successeur} ({s.successeur})" for s in compared.successions]
    return "\n".join(lines) + "\n"


def withdraw(
    version: Annotated[int, typer.Argument(help="Its number: `annexes versions`.")],
    reason: Annotated[str, typer.Option(help="Why, kept with the version for ever.")],
) -> None:
    """Take a version back: from now on it answers for no day, and the reading before it counts again. Publishes.

    Nothing is erased: as-of questions known at an earlier moment still see it. The document is not read again until
    it changes; the same content read again does not bring the version back.

    Example: `annexes withdraw 12 --reason "colonne décalée page 3"`
    """
    from pipeline.store.lock import refresh_lock
    from pipeline.store.versions import open_versions

    settings = project()
    if not reason.strip():
        raise AnnexesError(_("the reason is empty: say why the version is withdrawn"), USAGE)
    with refresh_lock(settings):
        store = open_versions(settings)
        withdrawn = store.withdraw(version, reason.strip(), datetime.now(UTC))
        _publish(settings, store, f"le retrait de la version {version} est enregistré")
    out(f"version {version} de {withdrawn.dataset} retirée. {_left(settings, withdrawn.dataset)}")


def forget(
    reason: Annotated[str, typer.Option(help="Why, kept for ever.")],
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Versions whose files are damaged and stand nowhere else.", metavar="N")
    ] = None,
) -> None:
    """Say that versions which vanished, or are damaged, are to be forgotten. Until then nothing is published.

    Their numbers are never used again. A backup that has them is the better way: annexes restore FILE --version N.

    Example: annexes forget 6 --reason "disque perdu, aucune sauvegarde"
    """
    from pipeline.store.lock import refresh_lock
    from pipeline.store.versions import open_versions

    settings = project()
    if not reason.strip():
        raise AnnexesError("la raison est vide : dire pourquoi ces enregistrements sont oubliés", USAGE)
    with refresh_lock(settings):
        store = open_versions(settings)
        lost = store.lost
        gone = store.forget(reason.strip(), datetime.now(UTC), numbers or ())
        _publish(settings, store, "l'oubli est noté")
    named = f"versions oubliées : {', '.join(map(str, gone))}" if gone else "oublié"
    out("\n".join((*lost, f"{named} : {reason.strip()}")))


def _publish(settings: Settings, store: VersionStore, done: str) -> None:
    from pipeline.refresh import publish
    from pipeline.warehouse.publish import PublishError

    try:
        publish.publish(settings, store)
    except (PublishError, OSError) as error:
        raise AnnexesError(
            f"{done}, la base publiée est encore l'ancienne : {error} ; y remédier puis lancer `annexes refresh`"
        ) from error


def _left(settings: Settings, dataset: str) -> str:
    from pipeline.products import differences

    with warehouse(settings) as connection:
        held = differences.versions(connection, dataset).to_pylist()
    counting = [f"version {v['version_no']} ({v['edition']})" for v in held if v["statut"] == "fait foi"]
    return f"Font foi : {', '.join(counting)}." if counting else f"{dataset} n'a plus de version qui fasse foi."


def pending(
    waiting_id: Annotated[
        str | None, typer.Argument(help="Show what this reading changes in what is published.", metavar="ID")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for programs.")] = False,
    output: Format = Output.table,
    limit: Annotated[int, typer.Option(help="Changes shown in a table; the totals count all.", min=0)] = 50,
) -> None:
    """List the readings that wait for a person, and why; with an ID, what it would change: keys and values.

    A document read again may say something else of the same edition: keys lost, a total halved, most values of a
    column changed. Such a reading is kept aside, what is published stays, and a person decides with `annexes accept`
    or `annexes reject`.
    """
    from pipeline.refresh.review import questions

    found = questions(project())
    if waiting_id is not None:
        _print_changes(waiting_id, [q for q in found if q.waiting.id == waiting_id], as_json, output, limit)
        return
    if as_json:
        out(json.dumps([_plain(q) for q in found], ensure_ascii=False, indent=1))
        return
    if not found:
        out("Aucune lecture en attente.")
    for question in found:
        record = question.waiting.record
        stays = f"publiée : version {question.current.version_no}" if question.current else "rien de publié"
        out(f"{question.waiting.id}  {record.dataset}, {record.edition}, lu le {question.since:%d/%m/%Y %H:%M} UTC")
        out(f"    {record.document}/{record.rendition}, {record.rows} lignes ; {stays}")
        for reason in question.reasons:
            out(f"    {reason}")


def _print_changes(waiting_id: str, found: Sequence[Question], as_json: bool, output: Output, limit: int) -> None:
    from collections import Counter

    from pipeline.datasets import dataset
    from pipeline.products.differences import KINDS as WORDS
    from pipeline.quality.changes import KINDS
    from pipeline.refresh.review import differences

    changes = differences(project(), waiting_id)
    if as_json:
        data = [
            {**asdict(each), "before": _json_value(each.before), "after": _json_value(each.after)} for each in changes
        ]
        told = _plain(found[0]) if found else {}
        out(json.dumps([{**told, "changes": data}], ensure_ascii=False, indent=1, default=str))
        return
    record = found[0].waiting.record
    shown = changes[:limit] if output in (Output.table, Output.record) else changes
    rows = _change_rows(dataset(record.dataset).key, shown)
    if output not in (Output.table, Output.record):
        write(rows, output, None)
        return
    counts = Counter(each.kind for each in changes)
    said = ", ".join(f"{counts[kind]} {WORDS[kind][counts[kind] > 1]}" for kind in KINDS if counts[kind])
    head = f"{waiting_id}  {record.dataset}, {record.edition} : {said or 'aucune différence'}\n"
    text = head + (rendered(rows, output, terminal.width()) if shown else "")
    if len(changes) > len(shown):
        text += f" {len(shown)} montrés sur {len(changes)} ; tous : --format csv\n"
    terminal.show(text)


def _json_value(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _change_rows(key: Sequence[str], changes: Sequence[KeyChange]) -> pa.Table:
    """The changes as rows: changement, the key, nom, colonne, avant, apres, ecart_pct."""
    import pyarrow as pa

    texts: dict[str, list[str | None]] = {
        "changement": [each.kind for each in changes],
        **{name: [_text(each.key[n]) for each in changes] for n, name in enumerate(key)},
        "nom": [each.name or None for each in changes],
        "colonne": [each.column or None for each in changes],
        "avant": [_text(each.before) for each in changes],
        "apres": [_text(each.after) for each in changes],
    }
    columns = {name: pa.array(values, pa.string()) for name, values in texts.items()}
    return pa.table({**columns, "ecart_pct": pa.array([each.percent for each in changes], pa.float64())})


def _text(value: object) -> str | None:
    return None if value is None else text_of(value)


def _plain(question: Question) -> dict[str, object]:
    record = question.waiting.record
    return {
        "id": question.waiting.id,
        "dataset": record.dataset,
        "edition": record.edition,
        "document": record.document,
        "rendition": record.rendition,
        "rows": record.rows,
        "since": question.since.isoformat(timespec="seconds"),
        "published_version": question.current.version_no if question.current else None,
        "reasons": question.reasons,
    }


def accept(waiting_id: WaitingId) -> None:
    """Publish a reading that waits: it becomes the new version of its edition.

    Example: `annexes accept 3f2a91bc`
    """
    from pipeline.refresh import review

    record, published = _decided(lambda settings: review.accept(settings, waiting_id))
    out(f"Accepté : {record.dataset}, {record.edition}, version {record.version_no} ({published.path}).")


def reject(waiting_id: WaitingId, reason: Reason) -> None:
    """Set a reading aside for good: what is published stays, and the same reading does not wait again.

    Example: `annexes reject 3f2a91bc --reason "page 3 lue deux fois"`
    """
    from pipeline.refresh import review

    record, _ = _decided(lambda settings: review.reject(settings, waiting_id, _said(reason)))
    out(f"Rejeté : {record.dataset}, {record.edition} ; ce qui est publié reste.")


def rollback(
    dataset: Annotated[str, typer.Argument(help="The dataset.", metavar="DATASET")],
    version: Annotated[int, typer.Argument(help="The version to go back to.", metavar="VERSION", min=1)],
    reason: Reason,
) -> None:
    """Go back to a version: the later readings of its edition are withdrawn, and the warehouse is published again.

    Nothing is erased: what was known in between stays in the history (`known_at`), and a reading withdrawn this way is
    not taken again by the next refresh. A version that was itself withdrawn comes back under a new number.
    Example: `annexes rollback premier_quartile 4 --reason "colonnes décalées"`
    """
    from pipeline.refresh import review

    back = _decided(lambda settings: review.rollback(settings, dataset, version, _said(reason)))
    number = back.record.version_no
    renamed = f", sous le numéro {number}" if number != version else ""
    gone = f" ; retirées : {', '.join(map(str, back.withdrawn))}" if back.withdrawn else ""
    out(f"Retour à la version {version} de {dataset}{renamed}{gone}.")


def _said(reason: str) -> str:
    if not reason.strip():
        raise AnnexesError(_("--reason: say why, in a sentence"), USAGE)
    return reason.strip()


def _decided(decide: Callable[[Settings], _T]) -> _T:
    """Run a decision under the refresh lock; what cannot be decided or published is one message."""
    from pipeline.store.lock import refresh_lock
    from pipeline.warehouse.publish import PublishError

    settings = project()
    try:
        with refresh_lock(settings):
            return decide(settings)
    except PublishError as error:
        raise AnnexesError(f"la décision est prise, {error} ; `annexes refresh` publie de nouveau") from error
