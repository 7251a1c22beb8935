"""The archive that takes files in: what is to be done with a file at the door (`plan`), then doing it (`apply`).

A file once stored is never rewritten. What a text is and whether two files say the same is told by the caller: nothing
is parsed here, and no dataset is known.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Literal

from pipeline.documents import completing
from pipeline.documents.declaration import (
    document_folders,
    document_toml,
    read_document_leniently,
    sha256_of,
    with_rendition,
)
from pipeline.documents.media import BY_SUFFIX, HEAD, MediaError, tell
from pipeline.documents.model import Document, DocumentError, Media, Rendition, Role
from pipeline.files import is_alive, link_or_copy, shown_name

MAX_BYTES = 256 << 20
_WORK = ".incoming"
"""Folder of raw/ where a new document is put together before it is renamed into place."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_RESERVED = frozenset({"reference", "inbox"})
_FILES_OF_RAW = (".json", ".toml")
"""What the common files of raw/ end in: no document takes the place of one."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

Action = Literal["create", "add", "nothing", "refuse"]
SameContent = Callable[[Path, bytes, Media], bool]
"""(a stored file, a file at the door, the media of both) -> whether they print the same."""


@dataclass(frozen=True)
class Incoming:
    """A file at the door, and the document it is a rendition of as the file itself or a person describes it.

    `name` is its name where it comes from, never used as a path; `received` the day it was delivered; `delivery` the
    name of the delivery that brought it, None when a person did. `document` has no rendition yet.
    """

    name: str
    data: bytes
    document: Document
    received: date
    delivery: str | None = None
    role: Role = "published"
    media: Media | None = None


@dataclass(frozen=True)
class Step:
    """What is to be done with one file, and why (French). `rendition` is set where something is to be stored."""

    action: Action
    document: str
    name: str
    reason: str
    incoming: Incoming
    rendition: Rendition | None = None

    @property
    def line(self) -> str:
        """The step as it is shown."""
        verbs = {"create": "créer", "add": "ajouter une rendition", "nothing": "rien", "refuse": "refuser"}
        target = f" → {self.rendition.file}" if self.rendition else ""
        return f"{verbs[self.action]} : {self.document or self.name}{target} ({self.reason})"


def plan(raw: Path, incoming: Incoming, same_content: SameContent) -> Step:
    """What to do with a file, from what `raw` holds now. Reads, writes nothing."""
    try:
        media = _door(incoming)
    except MediaError as error:
        return _step(incoming, "refuse", str(error))
    document = incoming.document
    taken = document.id.lower() in _RESERVED or document.id.lower().endswith(_FILES_OF_RAW)
    if not _ID.fullmatch(document.id) or taken:
        return _step(
            incoming, "refuse", f"« {document.id} » ne peut pas être l'identifiant d'un document ; donner --id"
        )
    folder = raw / document.id
    digest = hashlib.sha256(incoming.data).hexdigest()
    if not (folder / "document.toml").is_file():
        if folder.exists():
            return _step(incoming, "refuse", f"le dossier raw/{document.id} existe et n'a pas de document.toml")
        return _newcomer(raw, incoming, _rendition(incoming, media, digest, _stored_name(incoming, media)))
    try:
        held, _ = read_document_leniently(folder)
    except DocumentError as error:
        return _step(incoming, "refuse", f"le document archivé ne se lit pas : {error}")
    return _redelivery(held, incoming, _rendition(incoming, media, digest, ""), same_content)


def apply(raw: Path, step: Step) -> None:
    """Store what a plan says. A new document appears whole or not at all; so does a rendition's declaration.

    Raises DocumentError when the declaration that would be written does not read back, OSError when the disk refuses.
    """
    if step.rendition is None:
        return
    work = raw / _WORK / f"{step.document}.{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        (_create if step.action == "create" else _add)(raw / step.document, work, step, step.rendition)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        _remove_empty(work.parent)


def clear_leftovers(raw: Path) -> list[str]:
    """Remove what commands that were killed left on its way into raw/, unless the process that put it there lives; the
    names removed. The caller holds the acquisition lock. Raises OSError."""
    gone: list[str] = []
    for work in sorted((raw / _WORK).glob("*")):
        owner = work.name.rpartition(".")[2]
        if owner.isdigit() and int(owner) != os.getpid() and is_alive(int(owner)):
            continue
        shutil.rmtree(work) if work.is_dir() and not work.is_symlink() else work.unlink()
        gone.append(f"raw/{_WORK}/{shown_name(work.name)}")
    _remove_empty(raw / _WORK)
    return gone


def _door(incoming: Incoming) -> Media:
    """The media of a file worth taking; MediaError for an empty, huge or unknown one."""
    if len(incoming.data) > MAX_BYTES:
        raise MediaError(f"fichier de plus de {MAX_BYTES >> 20} Mio")
    return tell(incoming.name, incoming.data[:HEAD], incoming.media)


def _newcomer(raw: Path, incoming: Incoming, rendition: Rendition) -> Step:
    if twin := next(_twins(raw, incoming.data, rendition.sha256), None):
        return _step(incoming, "nothing", f"mêmes octets que {twin.parent.name}/{twin.name}")
    title = incoming.document.title
    return _step(incoming, "create", title if len(title) <= 120 else title[:119] + "…", rendition)


def _redelivery(held: Document, incoming: Incoming, rendition: Rendition, same_content: SameContent) -> Step:
    alike = [r for r in held.renditions if (r.role, r.media) == (rendition.role, rendition.media)]
    newest = next((r for r in alike if not r.replaced), alike[0] if alike else None)
    facts = completing.told(completing.learned(held, incoming.document))
    completed = f" ; document.toml complété : {facts}" if facts else ""
    if newest is None:
        file = _free_name(held, _stored_name(incoming, rendition.media), rendition.sha256)
        reason = f"première rendition {rendition.media}{completed}"
        return _step(incoming, "add", reason, replace(rendition, file=file))
    if newest.sha256 == rendition.sha256:
        return _step(incoming, "nothing", f"déjà archivé : {newest.file}")
    twin = next((r for r in held.renditions if r.sha256 == rendition.sha256), None)
    if twin and not incoming.delivery:
        return _step(incoming, "nothing", f"déjà archivé : {twin.file}, que {newest.file} a remplacé depuis")
    if incoming.delivery and newest.delivery and incoming.delivery < newest.delivery:
        return _step(incoming, "nothing", f"livraison antérieure à celle de {newest.file}")
    if same_content(held.path(newest), incoming.data, rendition.media):
        return _step(incoming, "nothing", f"même contenu que {newest.file}, octets différents")
    if incoming.delivery and incoming.delivery == newest.delivery:
        return _step(incoming, "refuse", f"la livraison {incoming.delivery} donne deux contenus de ce texte")
    when = incoming.delivery or f"{incoming.received:%Y%m%d}"
    usual = PurePath(_stored_name(incoming, rendition.media))
    file = _free_name(held, f"{usual.stem}_{when}{usual.suffix}", rendition.sha256)
    reason = f"contenu différent de {newest.file}{completed}"
    return _step(incoming, "add", reason, replace(rendition, file=file, replaces=newest.file))


def _step(incoming: Incoming, action: Action, reason: str, rendition: Rendition | None = None) -> Step:
    return Step(action, incoming.document.id, incoming.name, reason, incoming, rendition)


def _rendition(incoming: Incoming, media: Media, digest: str, file: str) -> Rendition:
    return Rendition(file, incoming.role, media, digest, added=incoming.received, delivery=incoming.delivery)


def _twins(raw: Path, data: bytes, digest: str) -> Iterator[Path]:
    """Stored files of the same bytes; only those of the same size are read."""
    for folder in document_folders(raw):
        for path in sorted(folder.iterdir()):
            plain = path.is_file() and not path.is_symlink()
            if plain and path.stat().st_size == len(data) and sha256_of(path) == digest:
                yield path


def _stored_name(incoming: Incoming, media: Media) -> str:
    """A plain name of safe characters, whose suffix is one of the media."""
    last = PureWindowsPath(PurePosixPath(incoming.name).name)
    suffix = last.suffix
    clean = _UNSAFE.sub("_", last.stem).strip("._")[:80] or incoming.document.id
    if BY_SUFFIX.get(suffix.lower()) != media:
        suffix = next(known for known, kind in BY_SUFFIX.items() if kind == media)
    return clean + suffix.lower()


def _free_name(held: Document, name: str, digest: str) -> str:
    """The name, numbered when the folder has one already. A file of these very bytes that nobody declared is what a
    crash left of this step: its name is free."""
    usual, declared = PurePath(name), {r.file for r in held.renditions}
    number, free = 1, name
    while (path := held.folder / free).exists() and (free in declared or sha256_of(path) != digest):
        number += 1
        free = f"{usual.stem}_{number}{usual.suffix}"
    return free


def _create(folder: Path, work: Path, step: Step, rendition: Rendition) -> None:
    document = replace(step.incoming.document, renditions=(rendition,))
    built = work / step.document
    built.mkdir()
    _store(built / rendition.file, step.incoming.data)
    _write(built / "document.toml", document_toml(document).encode())
    _check(built)
    built.rename(folder)
    _sync(folder.parent)


def _add(folder: Path, work: Path, step: Step, rendition: Rendition) -> None:
    declaration = folder / "document.toml"
    try:
        text = with_rendition(declaration.read_text(encoding="utf-8"), rendition)
        held, _ = read_document_leniently(folder)
        if facts := completing.learned(held, step.incoming.document):
            text = completing.with_facts(text, facts)
    except ValueError as error:
        raise DocumentError(step.document, "document.toml", str(error), "déclarer le fichier à la main") from error
    _store(work / rendition.file, step.incoming.data)
    _write(work / "document.toml", text.encode())
    # The file first: until the declaration names it, it is only a file that nobody reads.
    (work / rendition.file).rename(folder / rendition.file)
    try:
        _check_beside(folder, work / "document.toml")
        (work / "document.toml").replace(declaration)
    except (DocumentError, OSError):
        (folder / rendition.file).unlink()
        raise
    _sync(folder)


def _check(folder: Path) -> None:
    _, errors = read_document_leniently(folder)
    if errors:
        raise errors[0]


def _check_beside(folder: Path, declaration: Path) -> None:
    """The new declaration read back with the files it names, before it takes the place of the old one."""
    mirror = declaration.parent / folder.name
    mirror.mkdir()
    for path in folder.iterdir():
        if path.is_file() and not path.is_symlink() and path.name != declaration.name:
            link_or_copy(path, mirror / path.name)
    shutil.copyfile(declaration, mirror / declaration.name)
    read_document_leniently(mirror)


def _store(path: Path, data: bytes) -> None:
    _write(path, data)
    path.chmod(0o444)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
