"""document.toml and actes.toml: what people declare, checked key by key, and document.toml as text, whole or with one
more rendition. Filing is in `archive`.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.documents import model
from pipeline.documents.media import HEAD, MediaError, tell
from pipeline.documents.model import Act, Document, Effect, Rendition


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Effect(_Strict):
    valid_from: date | None = None
    valid_from_base: model.FromBasis = "inconnue"
    valid_to: date | None = None
    valid_to_base: model.ToBasis = "aucune"
    citation: str = ""


class _Relation(_Strict):
    kind: model.RelationKind
    act: str
    portee: Literal["totale", "partielle"] = "totale"
    date_effet: date | None = None


class _Link(_Strict):
    kind: model.LinkKind
    origin: str | None = None
    target: str
    citation: str = Field(min_length=1)
    line: int | None = Field(default=None, ge=1)


class _Act(_Strict):
    id: str
    title: str = ""
    other_title: str = ""
    other_title_origin: str = ""
    authority: str = ""
    nor: str | None = None
    signed: date | None = None
    published: date | None = None
    url: str | None = None
    begins: str | None = None
    ends: str | None = None
    effect: _Effect = _Effect()
    effects: dict[str, _Effect] = Field(default_factory=dict)
    relation: _Relation | None = None
    parameters: dict[str, dict[str, str | int]] = Field(default_factory=dict)
    feeds: tuple[str, ...] = ()
    link: list[_Link] = Field(default_factory=list)

    @model_validator(mode="after")
    def _named(self) -> _Act:
        if not (self.title or self.other_title):
            raise ValueError("title, tel qu'imprimé, ou other_title")
        return self


class _Passage(_Strict):
    lines: str = Field(pattern=r"^[0-9]+(-[0-9]+)?(, ?[0-9]+(-[0-9]+)?)*$")
    why: str = Field(min_length=1)


class _Rendition(_Strict):
    file: str
    role: model.Role
    format: model.Media | None = None
    sha256: str | None = None
    added: date | None = None
    source_sha256: str | None = None
    line_offset: int = Field(default=0, ge=0)
    complete: str | None = Field(default=None, min_length=1)
    delivery: str | None = None
    replaces: str | None = None
    typeset: list[_Passage] = Field(default_factory=list)
    omitted: list[_Passage] = Field(default_factory=list)


class _Head(_Strict):
    id: str
    title: str
    publisher: str
    nature: Literal["arrete", "bulletin", "feuille", "decret", "autre"]
    published: date | None = None
    url: str | None = None
    licence: str | None = None
    date_reference_estimee: str | None = None
    date_reference_raison: str = ""
    parameters: dict[str, dict[str, str | int]] = Field(default_factory=dict)


class _Declaration(_Strict):
    document: _Head
    rendition: list[_Rendition] = Field(min_length=1)
    act: list[_Act] = Field(default_factory=list)


class _Known(_Strict):
    id: str
    dataset: str
    title: str
    nor: str | None = None
    signed: date | None = None
    published: date | None = None
    effect_from: date | None = None
    effect_base: model.FromBasis = "inconnue"
    year: int | None = None
    note: str = ""


class _KnownActs(_Strict):
    act: list[_Known] = Field(default_factory=list)


_REASONS = {
    "extra_forbidden": "clé inconnue",
    "missing": "clé obligatoire absente",
    "date_from_datetime_parsing": "date illisible, attendue sous la forme 2020-06-15",
    "date_type": "date attendue, sous la forme 2020-06-15 sans guillemets",
}


def _load(path: Path, document: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise model.DocumentError(
            document, path.name, "fichier absent", "décrire le document dans ce fichier"
        ) from error
    except UnicodeDecodeError as error:
        raise model.DocumentError(document, path.name, f"octet {error.start} illisible en UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise model.DocumentError(document, path.name, f"TOML illisible : {error}") from error


def _refusal(document: str, name: str, error: ValidationError) -> model.DocumentError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    reason = _REASONS.get(first["type"], first["msg"])
    return model.DocumentError(document, f"{name}, {place}", reason, "voir README, « Add a document »")


def sha256_of(path: Path) -> str:
    """Hex digest of a file, read in chunks."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _rendition(folder: Path, document: str, declared: _Rendition, replaced: frozenset[str]) -> model.Rendition:
    path = folder / declared.file
    if Path(declared.file).name != declared.file or not path.is_file():
        raise model.DocumentError(document, declared.file, "rendition déclarée et absente du dossier")
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    try:
        media = tell(declared.file, head, declared.format)
    except MediaError as error:
        raise model.DocumentError(document, declared.file, str(error), "remettre le fichier d'origine") from error
    digest = sha256_of(path)
    if declared.sha256 is not None and declared.sha256 != digest:
        raise model.DocumentError(
            document, declared.file, "le fichier n'est plus celui qui a été archivé", "restaurer le fichier d'origine"
        )
    return model.Rendition(
        file=declared.file,
        role=declared.role,
        media=media,
        sha256=digest,
        added=declared.added,
        source_sha256=declared.source_sha256,
        line_offset=declared.line_offset,
        complete=declared.complete,
        delivery=declared.delivery,
        replaces=declared.replaces,
        replaced=declared.file in replaced,
        typeset=tuple(chain.from_iterable(map(_passages, declared.typeset))),
        omitted=tuple(chain.from_iterable(map(_passages, declared.omitted))),
    )


def _passages(declared: _Passage) -> Iterator[model.Passage]:
    """'5-6, 10' as two passages with one reason."""
    for part in declared.lines.split(","):
        first, _, last = part.strip().partition("-")
        yield model.Passage(int(first), int(last or first), declared.why)


def read_document(folder: Path) -> model.Document:
    """The document declared in `folder`/document.toml, renditions ranked best first.

    Raises DocumentError for an unknown or missing key, a file that is absent, empty, or not what its name says. When
    several renditions are declared, one that is unusable does not hide the others: see `read_document_leniently`.
    """
    document, errors = read_document_leniently(folder)
    if errors:
        raise errors[0]
    return document


def read_document_leniently(folder: Path) -> tuple[model.Document, tuple[model.DocumentError, ...]]:
    """The document with the renditions that can be used, and an error for each that cannot.

    Raises DocumentError when the declaration itself is refused or no rendition is left.
    """
    name = folder.name
    declared = _declared(folder)
    head = declared.document
    replaced = _replaced(name, declared.rendition)
    renditions: list[model.Rendition] = []
    errors: list[model.DocumentError] = []
    for item in declared.rendition:
        try:
            renditions.append(_rendition(folder, name, item, replaced))
        except model.DocumentError as error:
            errors.append(error)
    if not renditions:
        raise errors[0]
    acts = tuple(_act(a) for a in declared.act)
    return (
        model.Document(
            id=head.id,
            title=head.title,
            publisher=head.publisher,
            nature=head.nature,
            folder=folder,
            renditions=tuple(sorted(renditions, key=lambda r: (r.rank, -(r.added or date.min).toordinal()))),
            acts=acts,
            published=head.published,
            url=head.url,
            licence=head.licence,
            reference_date=head.date_reference_estimee,
            reference_why=head.date_reference_raison,
            parameters=head.parameters,
        ),
        tuple(errors),
    )


def read_acts(folder: Path) -> tuple[model.Act, ...]:
    """The acts that `folder`/document.toml declares; its files are not looked at. Raises DocumentError."""
    return tuple(_act(a) for a in _declared(folder).act)


def _declared(folder: Path) -> _Declaration:
    try:
        declared = _Declaration.model_validate(_load(folder / "document.toml", folder.name))
    except ValidationError as error:
        raise _refusal(folder.name, "document.toml", error) from error
    if declared.document.id != folder.name:
        reason = f"« {declared.document.id} » n'est pas le nom du dossier"
        raise model.DocumentError(folder.name, "document.toml, document.id", reason)
    return declared


def _replaced(document: str, declared: list[_Rendition]) -> frozenset[str]:
    """Files that another one replaces, whether or not that one can be used: what was taken back does not come back."""
    files = {item.file for item in declared}
    for item in declared:
        if item.replaces is not None and item.replaces not in files - {item.file}:
            place = f"document.toml, rendition {item.file}, replaces"
            raise model.DocumentError(document, place, f"« {item.replaces} » n'est pas un autre fichier du document")
    return frozenset(item.replaces for item in declared if item.replaces is not None)


def _act(declared: _Act) -> model.Act:
    return model.Act(
        id=declared.id,
        title=declared.title,
        nor=declared.nor,
        signed=declared.signed,
        published=declared.published,
        effect=model.Effect(**declared.effect.model_dump()),
        effects={name: model.Effect(**effect.model_dump()) for name, effect in declared.effects.items()},
        relation=model.Relation(**declared.relation.model_dump()) if declared.relation else None,
        begins=declared.begins,
        ends=declared.ends,
        url=declared.url,
        parameters=declared.parameters,
        feeds=declared.feeds,
        other_title=declared.other_title,
        other_title_origin=declared.other_title_origin,
        authority=declared.authority,
        links=tuple(model.Link(x.kind, x.origin or declared.id, x.target, x.citation, x.line) for x in declared.link),
    )


def read_known_acts(path: Path) -> tuple[model.KnownAct, ...]:
    """The acts of raw/actes.toml, in file order; none when there is no such file. Raises DocumentError."""
    if not path.is_file():
        return ()
    try:
        declared = _KnownActs.model_validate(_load(path, path.name))
    except ValidationError as error:
        raise _refusal(path.name, path.name, error) from error
    return tuple(model.KnownAct(**item.model_dump()) for item in declared.act)


def document_folders(raw: Path) -> Iterator[Path]:
    """The folders of raw/ that hold a document.toml, by name."""
    if not raw.is_dir():
        return
    for folder in sorted(raw.iterdir()):
        if (folder / "document.toml").is_file():
            yield folder


Scalar: TypeAlias = str | int | date | tuple[str, ...] | None
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_FIRST_RENDITION = re.compile(r"(?m)^[ \t]*\[\[[ \t]*rendition[ \t]*\]\]")


def document_toml(document: Document) -> str:
    """The whole declaration. What is None, or as the reader takes it when absent, is left out."""
    lines = list(
        _toml_table(
            "[document]",
            {
                "id": document.id,
                "title": document.title,
                "publisher": document.publisher,
                "nature": document.nature,
                "published": document.published,
                "url": document.url,
                "licence": document.licence,
                "date_reference_estimee": document.reference_date,
                "date_reference_raison": document.reference_why or None,
            },
        )
    )
    lines += _toml_parameters("document.parameters", document.parameters)
    for rendition in document.renditions:
        lines += _rendition_toml(rendition)
    for act in document.acts:
        lines += _act_toml(act)
    return "\n".join(lines).rstrip("\n") + "\n"


def with_rendition(text: str, rendition: Rendition) -> str:
    """The declaration with one more rendition, before the others: the newest is named first. Comments stay.

    ValueError when the text declares its renditions in another way than [[rendition]] tables.
    """
    found = _FIRST_RENDITION.search(text)
    if not found:
        raise ValueError("aucune table [[rendition]]")
    before, after = text[: found.start()], text[found.start() :]
    head = before.split("\n")[:-1]
    own = len(head)
    while own and head[own - 1].lstrip().startswith("#"):
        own -= 1  # comments right above belong to the table they stand on
    block = [*_rendition_toml(rendition), *head[own:]]
    return "\n".join([*head[:own], *block]) + "\n" + after


def _rendition_toml(rendition: Rendition) -> Iterator[str]:
    yield from _toml_table(
        "[[rendition]]",
        {
            "file": rendition.file,
            "role": rendition.role,
            "format": rendition.media,
            "sha256": rendition.sha256,
            "added": rendition.added,
            "source_sha256": rendition.source_sha256,
            "line_offset": rendition.line_offset or None,
            "complete": rendition.complete,
            "delivery": rendition.delivery,
            "replaces": rendition.replaces,
        },
    )
    for name, passages in (("typeset", rendition.typeset), ("omitted", rendition.omitted)):
        for passage in passages:
            lines = f"{passage.first}-{passage.last}"
            yield from _toml_table(f"[[rendition.{name}]]", {"lines": lines, "why": passage.why})


def _act_toml(act: Act) -> Iterator[str]:
    yield from _toml_table(
        "[[act]]",
        {
            "id": act.id,
            "nor": act.nor,
            "title": act.title,
            "other_title": act.other_title or None,
            "other_title_origin": act.other_title_origin or None,
            "authority": act.authority or None,
            "signed": act.signed,
            "published": act.published,
            "url": act.url,
            "begins": act.begins,
            "ends": act.ends,
            "feeds": act.feeds or None,
        },
    )
    unsaid = vars(Effect())
    for place, effect in (("", act.effect), *((f"s.{_toml_key(name)}", item) for name, item in act.effects.items())):
        if effect != Effect():
            said = {name: value for name, value in vars(effect).items() if value != unsaid[name]}
            yield from _toml_table(f"[act.effect{place}]", said)
    if act.relation is not None:
        yield from _toml_table("[act.relation]", vars(act.relation))
    yield from _toml_parameters("act.parameters", act.parameters)
    for link in act.links:
        yield from _toml_table("[[act.link]]", vars(link))


def _toml_parameters(path: str, parameters: Mapping[str, Mapping[str, str | int]]) -> Iterator[str]:
    for dataset, values in parameters.items():
        yield from _toml_table(f"[{path}.{_toml_key(dataset)}]", values)


def _toml_table(header: str, values: Mapping[str, Scalar]) -> Iterator[str]:
    yield header
    for name, value in values.items():
        if value is not None:
            yield f"{_toml_key(name)} = {_toml_value(value)}"
    yield ""


def _toml_key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _toml_value(name)


def _toml_value(value: str | int | date | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml_value, value))}]"
    if isinstance(value, str):
        # A JSON string is a TOML basic string, but for the delete character and lone surrogates.
        clean = value.encode("utf-8", "replace").decode("utf-8")
        return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, date) else str(value)
