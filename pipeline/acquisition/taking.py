"""One file at the door, whoever brought it: described, judged, planned, stored. For the feed and the drop folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipeline.acquisition.content import same_content
from pipeline.acquisition.model import Done, Excluded
from pipeline.acquisition.texts import Described, Hints, TextError, describe
from pipeline.acquisition.wanted import Wanted, nominative
from pipeline.documents import archive
from pipeline.documents.archive import Incoming, Step
from pipeline.documents.declaration import document_folders, read_acts, read_document_leniently, read_known_acts
from pipeline.documents.model import Act, Document, DocumentError, Role
from pipeline.settings import Settings


def wanted(settings: Settings, all_tables: bool) -> Wanted:
    """What this project keeps: its datasets, the acts it knows. Raises DocumentError for an unreadable actes.toml."""
    from pipeline.datasets import all_datasets

    return Wanted(all_datasets(), read_known_acts(settings.acts), all_tables)


def held_acts(raw: Path) -> tuple[Act, ...]:
    """The acts that the documents of the archive declare; a declaration that does not read is left out."""
    held: list[Act] = []
    for folder in document_folders(raw):
        try:
            held += read_acts(folder)
        except DocumentError:
            continue  # the refresh refuses it, and says so
    return tuple(held)


def from_feed(raw: Path, name: str, data: bytes, choice: Wanted, stamp: str) -> Done | Excluded | None:
    """Take one text of a delivery; None for one that nobody asked for. A text that does not say what it is is refused
    only when its title cannot be told: it might be one of ours."""
    try:
        text = describe(name, data)
    except TextError as error:
        return _refused("", name, str(error))
    verdict = choice.verdict(text)
    if verdict.why == "nominatif":
        return Excluded(text.document.id, text.nature, verdict.detail)
    if not verdict.kept:
        return None
    day = date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8]))
    step = archive.plan(
        raw, Incoming(name, data, _completed(raw, text, choice), day, stamp, media=text.media), same_content
    )
    return _applied(raw, step)


def by_hand(
    raw: Path, path: Path, choice: Wanted, hints: Hints, today: date, role: Role = "published", keep: bool = False
) -> Done:
    """Take one file that a person gives; `keep` takes it even if no dataset reads it. Raises OSError."""
    if path.stat().st_size > archive.MAX_BYTES:
        return _refused(hints.id or "", path.name, f"fichier de plus de {archive.MAX_BYTES >> 20} Mio")
    data = path.read_bytes()
    try:
        text = _described(raw, path.name, data, hints)
    except TextError as error:
        return _refused(hints.id or "", path.name, str(error))
    held = (raw / text.document.id / "document.toml").is_file()
    if not held and not choice.verdict(text).kept:
        if persons := nominative(text.nature, text.document.title):
            return _refused(text.document.id, path.name, f"texte sur des personnes ({persons}) : non gardé")
        if not keep:
            reason = "aucun jeu de données ne lit ce texte ; --all-tables le garde pour ses tableaux"
            return _refused(text.document.id, path.name, reason)
    incoming = Incoming(path.name, data, _completed(raw, text, choice), today, role=role, media=text.media)
    return _applied(raw, archive.plan(raw, incoming, same_content))


def _completed(raw: Path, text: Described, choice: Wanted) -> Document:
    """As `Wanted.completed`; a rectificatif may follow its act in one delivery, so the archive is asked each time."""
    return choice.completed(text, held_acts(raw) if text.rectificatif else ())


def _described(raw: Path, name: str, data: bytes, hints: Hints) -> Described:
    """What the file and the hints say; a document already archived answers for its title."""
    if hints.id and hints.title is None and (held := _held(raw, hints.id)):
        hints = Hints(**{**vars(hints), "title": held.title})
    return describe(name, data, hints)


def _held(raw: Path, document_id: str) -> Document | None:
    if document_id not in {folder.name for folder in document_folders(raw)}:
        return None
    try:
        return read_document_leniently(raw / document_id)[0]
    except DocumentError:
        return None  # the plan refuses with that very error


def _applied(raw: Path, step: Step) -> Done:
    try:
        archive.apply(raw, step)
    except DocumentError as error:
        return _refused(step.document, step.name, str(error))
    return Done(step.action, step.document, step.name, step.reason, step.line)


def _refused(document: str, name: str, reason: str) -> Done:
    return Done("refuse", document, name, reason, f"refuser : {name} ({reason})")
