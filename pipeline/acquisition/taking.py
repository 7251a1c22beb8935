"""One file at the door, whoever brought it: described, judged, compared with what is held, planned, stored. For the
feed and the drop folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from pipeline.acquisition.report import Done, Excluded
from pipeline.acquisition.texts import Described, Hints, TextError, Wanted, describe, metadata_id, nominative
from pipeline.documents import archive
from pipeline.documents.archive import Incoming, Step
from pipeline.documents.declaration import document_folders, known_acts, read_acts, read_document_leniently
from pipeline.documents.model import Act, Document, DocumentError, Media, Role
from pipeline.extract.model import ExtractError, Grid, Heading, Reading
from pipeline.files import OddFileError, is_written, open_plain, read_plain, shown_name
from pipeline.settings import Settings


def same_content(stored: Path, data: bytes, media: Media) -> bool:
    """True when both read, and read the same. Only markup is parsed: another file is its bytes."""
    old = stored.read_bytes()
    if old == data:
        return True
    if media not in ("xml", "html"):
        return False
    return (mark := _mark(old, media)) is not None and mark == _mark(data, media)


def _mark(data: bytes, media: Media) -> str | None:
    """A hash of what is printed; None for what does not read."""
    try:
        if media == "xml":
            from pipeline.extract.xml import read_xml

            reading = read_xml(data)
        else:
            from pipeline.extract.html import read_html

            reading = read_html(data)
    except ExtractError:
        return None
    digest = hashlib.sha256()
    for piece in _printed(reading):
        digest.update(repr(piece).encode("utf-8", "replace"))
    return digest.hexdigest()


def _printed(reading: Reading) -> Iterator[tuple[object, ...]]:
    for block in reading.blocks:
        if isinstance(block, Grid):
            yield "grid", block.n_rows, block.n_cols, block.title, block.under
            for c in block.cells:
                yield c.row, c.col, c.row_span, c.col_span, c.header, c.text
        else:
            yield "heading" if isinstance(block, Heading) else "paragraph", block.text, block.under
    for part in reading.unread:
        yield part.kind, part.detail


def wanted(settings: Settings, all_tables: bool) -> Wanted:
    """What this project keeps: its datasets, the acts it knows. Raises DocumentError for an unreadable actes.toml."""
    from pipeline.datasets import all_datasets

    return Wanted(all_datasets(), known_acts(settings), all_tables)


def held_acts(raw: Path) -> tuple[Act, ...]:
    """The acts that the documents of the archive declare; a declaration that does not read is left out."""
    return tuple(act for folder in document_folders(raw) for act in _acts(folder))


def _acts(folder: Path) -> tuple[Act, ...]:
    try:
        return read_acts(folder)
    except DocumentError:
        return ()  # the refresh refuses it, and says so


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
    text = _at_home(raw, text)
    day = date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8]))
    step = archive.plan(
        raw, Incoming(name, data, _completed(raw, text, choice), day, stamp, media=text.media), same_content
    )
    return _applied(raw, step)


def by_hand(
    raw: Path,
    path: Path,
    choice: Wanted,
    hints: Hints,
    today: date,
    role: Role = "published",
    keep: bool = False,
    settled: bool = False,
) -> Done:
    """Take one file that a person gives; `keep` takes it even if no dataset reads it, `settled` only if nobody writes
    it. Raises OSError."""
    try:
        data = _whole(path) if settled else read_plain(path, archive.MAX_BYTES)
    except OddFileError as error:
        return _refused(hints.id or "", shown_name(path.name), str(error))
    name = shown_name(path.name)
    try:
        text = _described(raw, name, data, hints)
    except TextError as error:
        return _refused(hints.id or "", name, str(error))
    if hints.id in (None, metadata_id(name)):
        text = _at_home(raw, text)
    held = (raw / text.document.id / "document.toml").is_file()
    if not held and not choice.verdict(text).kept:
        if persons := nominative(text.nature, text.document.title):
            return _refused(text.document.id, name, f"texte sur des personnes ({persons}) : non gardé")
        if not keep:
            reason = "aucun jeu de données ne lit ce texte ; --all-tables le garde pour ses tableaux"
            return _refused(text.document.id, name, reason)
    incoming = Incoming(name, data, _completed(raw, text, choice), today, role=role, media=text.media)
    return _applied(raw, archive.plan(raw, incoming, same_content))


def _are_two_texts(one: Act, other: Act) -> bool:
    return one.id != other.id and all(act.id.startswith("JORFTEXT") for act in (one, other))


def _whole(path: Path) -> bytes:
    """The bytes of a file that does not change while it is read, and that no process of this machine has open for
    writing. Raises OddFileError, OSError."""
    with open_plain(path) as stream:
        before = os.fstat(stream.fileno())
        data = stream.read(archive.MAX_BYTES + 1)
        after = os.fstat(stream.fileno())
        now = path.lstat()
    seen = {(s.st_ino, s.st_size, s.st_mtime_ns) for s in (before, after, now)}
    if len(data) > archive.MAX_BYTES:
        raise OddFileError(f"fichier de plus de {archive.MAX_BYTES >> 20} Mio")
    if len(seen) > 1 or len(data) != after.st_size or is_written(path):
        raise OddFileError("encore en cours d'écriture : laissé où il est")
    return data


def _at_home(raw: Path, text: Described) -> Described:
    """The text as one more file of the document that already carries its act, and no other act, under another name: one
    added by its NOR alone, before the Journal officiel's own file came. A bulletin that reproduces it is another; so is
    a text of the Journal officiel under another identifier: a rectificatif may bear the NOR of what it rectifies."""
    act = text.act
    if act is None or (raw / text.document.id / "document.toml").is_file():
        return text
    names = {act.id, act.nor} - {None}
    for folder in document_folders(raw):
        own = _acts(folder)
        if len(own) == 1 and {own[0].id, own[0].nor} & names and not _are_two_texts(own[0], act):
            held = _held(raw, folder.name)
            if held and held.nature == text.document.nature:
                return replace(text, document=replace(text.document, id=held.id))
    return text


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
