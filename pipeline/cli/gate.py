"""`annexes pending`, `accept`, `reject`, `rollback`: the readings that wait for a person, and going back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from pipeline.cli.common import Refusal, out, project
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.refresh.review import Question

_T = TypeVar("_T")

WaitingId = Annotated[str, typer.Argument(help="What `annexes pending` shows.", metavar="ID")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence: it is kept with the decision.")]


def register(app: typer.Typer) -> None:
    for command in (pending, accept, reject, rollback):
        app.command(rich_help_panel="Decide")(command)


def pending(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for programs.")] = False,
) -> None:
    """List the readings that wait for a person, and why.

    A document read again may say something else of the same edition: keys lost, a total halved, most values of a
    column changed. Such a reading is kept aside, what is published stays, and a person decides with `annexes accept`
    or `annexes reject`.
    """
    from pipeline.refresh.review import questions

    found = questions(project())
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
        raise Refusal("--reason : dire pourquoi, en une phrase", code=2)
    return reason.strip()


def _decided(decide: Callable[[Settings], _T]) -> _T:
    """Run a decision under the refresh lock; what cannot be decided or published is one message."""
    from pipeline.store.lock import LockedError, refresh_lock
    from pipeline.store.versions import StoreError
    from pipeline.warehouse.publish import PublishError

    settings = project()
    try:
        with refresh_lock(settings):
            return decide(settings)
    except (LockedError, StoreError) as error:
        raise Refusal(str(error)) from error
    except PublishError as error:
        raise Refusal(f"la décision est prise, {error} ; `annexes refresh` publie de nouveau") from error
