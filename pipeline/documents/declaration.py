"""document.toml and actes.toml: what people declare, checked key by key, and document.toml as text, whole or with one
more rendition. Filing is in `archive`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import tomlkit
from annotated_types import MinLen
from pydantic import BeforeValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from pipeline.documents.comments import with_comments
from pipeline.documents.media import BY_NAME, HEAD, MediaError, tell
from pipeline.documents.model import (
    CLOSED,
    FORMAT,
    Act,
    DeclaredRendition,
    Document,
    DocumentError,
    KnownAct,
    Rendition,
)
from pipeline.files import OddFileError, is_plain_name, open_plain, read_toml, shown_name
from pipeline.settings import Settings

_OF_FOLDER = {"folder": Path(), "renditions": (), "acts": ()}
"""What a document has that its table does not say."""


def _alone(table: Any) -> Any:
    """[document] with what the rest of the file and the folder say, still empty."""
    if not isinstance(table, Mapping):
        return table
    if extra := sorted(table.keys() & _OF_FOLDER.keys()):
        raise PydanticCustomError("unexpected_keyword_argument", "clé inconnue : {key}", {"key": extra[0]})
    return {**table, **_OF_FOLDER}


@dataclass(frozen=True)
class _Declaration:
    """document.toml."""

    __pydantic_config__: ClassVar = CLOSED

    document: Annotated[Document, BeforeValidator(_alone)]
    rendition: Annotated[tuple[DeclaredRendition, ...], MinLen(1)]
    act: tuple[Act, ...] = ()


@dataclass(frozen=True)
class _KnownActs:
    """actes.toml."""

    __pydantic_config__: ClassVar = CLOSED

    act: tuple[KnownAct, ...] = ()


_REASONS = {
    "unexpected_keyword_argument": "clé inconnue",
    "missing": "clé obligatoire absente",
    "predicate_failed": f"format inconnu ; formats lus : {', '.join(sorted(BY_NAME))}",
    "date_from_datetime_parsing": "date illisible, attendue sous la forme 2020-06-15",
    "date_type": "date attendue, sous la forme 2020-06-15 sans guillemets",
}
T = TypeVar("T")


def _read(path: Path, document: str, kind: type[T]) -> T:
    """The file as records of that kind. Raises DocumentError."""
    try:
        adapter: TypeAdapter[T] = _adapter(kind)  # type: ignore[arg-type]
        return adapter.validate_python(_load(path, document))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = _REASONS.get(first["type"], first["msg"])
        raise DocumentError(document, f"{path.name}, {place}", reason, "voir README, « Add a document »") from error


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _load(path: Path, document: str) -> dict[str, Any]:
    try:
        return read_toml(path)
    except FileNotFoundError as error:
        raise DocumentError(document, path.name, "fichier absent", "décrire le document dans ce fichier") from error
    except (OddFileError, OSError) as error:
        raise DocumentError(document, path.name, str(error)) from error


def sha256_of(path: Path) -> str:
    """Hex digest of a file, read in chunks."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _rendition(folder: Path, document: str, declared: DeclaredRendition, replaced: frozenset[str]) -> Rendition:
    path, shown = folder / declared.file, shown_name(declared.file)
    if Path(declared.file).name != declared.file or declared.file in ("", "..") or not is_plain_name(declared.file):
        remedy = "nommer un fichier du dossier, sans chemin"
        raise DocumentError(document, shown, "ce n'est pas le nom d'un fichier du dossier", remedy)
    try:
        with open_plain(path) as handle:
            head = handle.read(HEAD)
            handle.seek(0)
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise DocumentError(document, shown, "rendition déclarée et absente du dossier") from error
    except (OddFileError, OSError) as error:
        raise DocumentError(document, shown, str(error)) from error
    try:
        media = tell(declared.file, head, declared.media)
    except MediaError as error:
        raise DocumentError(document, declared.file, str(error), "remettre le fichier d'origine") from error
    if declared.sha256 is not None and declared.sha256 != digest:
        raise DocumentError(
            document, declared.file, "le fichier n'est plus celui qui a été archivé", "restaurer le fichier d'origine"
        )
    seen = {"media": media, "sha256": digest, "replaced": declared.file in replaced}
    return Rendition(**{**vars(declared), **seen})


def read_document(folder: Path) -> Document:
    """The document declared in `folder`/document.toml, renditions ranked best first.

    Raises DocumentError for an unknown or missing key, a file that is absent, empty, or not what its name says. When
    several renditions are declared, one that is unusable does not hide the others: see `read_document_leniently`.
    """
    document, errors = read_document_leniently(folder)
    if errors:
        raise errors[0]
    return document


def read_document_leniently(folder: Path) -> tuple[Document, tuple[DocumentError, ...]]:
    """The document with the renditions that can be used, and an error for each that cannot.

    Raises DocumentError when the declaration itself is refused or no rendition is left.
    """
    name = folder.name
    declared = _declared(folder)
    replaced = _replaced(name, declared.rendition)
    renditions: list[Rendition] = []
    errors: list[DocumentError] = []
    for item in declared.rendition:
        try:
            renditions.append(_rendition(folder, name, item, replaced))
        except DocumentError as error:
            errors.append(error)
    if not renditions:
        raise errors[0]
    best_first = sorted(renditions, key=lambda r: (r.rank, -(r.added or date.min).toordinal()))
    return replace(declared.document, folder=folder, renditions=tuple(best_first), acts=declared.act), tuple(errors)


def read_acts(folder: Path) -> tuple[Act, ...]:
    """The acts that `folder`/document.toml declares; its files are not looked at. Raises DocumentError."""
    return _declared(folder).act


def _declared(folder: Path) -> _Declaration:
    declared = _read(folder / "document.toml", folder.name, _Declaration)
    if declared.document.id != folder.name:
        reason = f"« {declared.document.id} » n'est pas le nom du dossier"
        raise DocumentError(folder.name, "document.toml, document.id", reason)
    if nameless := next((act.id for act in declared.act if not act.name), None):
        reason = "clé obligatoire absente : title, tel qu'imprimé, ou other_title"
        raise DocumentError(folder.name, f"document.toml, act {nameless}", reason)
    return declared


def _replaced(document: str, declared: tuple[DeclaredRendition, ...]) -> frozenset[str]:
    """Files that another one replaces, whether or not that one can be used: what was taken back does not come back."""
    files = {item.file for item in declared}
    for item in declared:
        if item.replaces is not None and item.replaces not in files - {item.file}:
            place = f"document.toml, rendition {item.file}, replaces"
            raise DocumentError(document, place, f"« {item.replaces} » n'est pas un autre fichier du document")
    return frozenset(item.replaces for item in declared if item.replaces is not None)


def read_known_acts(path: Path) -> tuple[KnownAct, ...]:
    """The acts of raw/actes.toml, in file order; none when there is no such file. Raises DocumentError."""
    return _read(path, path.name, _KnownActs).act if os.path.lexists(path) else ()


def known_acts(settings: Settings) -> tuple[KnownAct, ...]:
    """The acts of raw/actes.toml; while it does not read, those that it last declared (`problem_of_acts` says why).
    Raises DocumentError when it never did."""
    try:
        return read_known_acts(settings.acts)
    except DocumentError:
        former = settings.in_force / settings.acts.name
        if not former.is_file():
            raise
        return read_known_acts(former)


def problem_of_acts(settings: Settings) -> str:
    """Why raw/actes.toml cannot be followed (French), '' when it can or there is none."""
    try:
        read_known_acts(settings.acts)
    except DocumentError as error:
        return f"raw/{error} ; ce qu'il déclarait avant reste en vigueur"
    return ""


def document_folders(raw: Path) -> Iterator[Path]:
    """The folders of raw/ that hold a document.toml, by name."""
    if not raw.is_dir():
        return
    for folder in sorted(raw.iterdir()):
        if (folder / "document.toml").is_file():
            yield folder


def document_toml(document: Document) -> str:
    """The whole declaration. What is as the reader takes it when absent is left out."""
    whole = tomlkit.document()
    whole["document"] = _table({k: v for k, v in vars(document).items() if k not in _OF_FOLDER}, Document)
    whole["rendition"] = _tables(map(_rendition_table, document.renditions))
    if document.acts:
        whole["act"] = _tables(_table(vars(act), Act) for act in document.acts)
    return tomlkit.dumps(whole).rstrip("\n") + "\n"


def with_rendition(text: str, rendition: Rendition) -> str:
    """The declaration with one more rendition, before the others: the newest is named first. Comments stay, those right
    above the first rendition with it.

    ValueError when the text declares its renditions in another way than [[rendition]] tables.
    """
    try:
        whole = tomlkit.parse(text)
    except (TOMLKitError, RecursionError) as error:
        raise ValueError(str(error)) from error
    with_comments(whole, "rendition").insert(0, _rendition_table(rendition))
    return tomlkit.dumps(whole)


def _rendition_table(rendition: Rendition) -> Table:
    declared = {f.name for f in fields(DeclaredRendition)}
    said = {name: value for name, value in vars(rendition).items() if name in declared}
    return _table({FORMAT if name == "media" else name: value for name, value in said.items()}, DeclaredRendition)


def _tables(each: Iterable[Table]) -> AoT:
    return AoT(list(each))


def _table(values: Mapping[str, Any], record: type | None = None) -> Table:
    """A table of what differs from what the record has by default, what has fields of its own last."""
    usual = {f.name: _default(f) for f in fields(record)} if record else {}
    said = {name: value for name, value in values.items() if value is not None and value != usual.get(name, MISSING)}
    inner = {n: v for n, v in said.items() if isinstance(v, Mapping) or is_dataclass(v) or _is_list(v)}
    table = tomlkit.table(is_super_table=bool(said) and inner.keys() == said.keys())
    for name, value in said.items():
        if name not in inner:
            table.add(name, _value(value))
    table.add(tomlkit.nl())
    for name, value in inner.items():
        table.add(name, _tables(map(_inner, value)) if _is_list(value) else _inner(value))
    return table


def _is_list(value: Any) -> bool:
    """Records, one table each."""
    return isinstance(value, tuple) and bool(value) and is_dataclass(value[0])


def _inner(value: Any) -> Table:
    return _table(value) if isinstance(value, Mapping) else _table(vars(value), type(value))


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value(each) for each in value]
    # A lone surrogate has no UTF-8.
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
