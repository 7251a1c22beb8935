"""The records of the system of record: versions, withdrawals, repairs, what was known of acts not held; to and from
JSON, with a checksum inside, so that a damaged record is seen. No file is opened here; their files are in `versions`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from pipeline.documents.model import CLOSED, ROLE_WORDS, FromBasis, KnownAct, Relation, Role, ToBasis
from pipeline.errors import AnnexesError
from pipeline.published import DatasetName, DocumentId, EditionId, Published, VersionNo

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = 2

ValidFrom = Annotated[date | None, Published("Premier jour d'effet ; NULL si la date d'effet n'est pas connue.")]
ValidFromBase = Annotated[
    FromBasis, Published("D'où vient valid_from : texte, lendemain_publication, consolidation, signature…")
]
ValidTo = Annotated[date | None, Published("Premier jour où l'édition ne vaut plus ; NULL si aucune fin n'est connue.")]
ValidToBase = Annotated[
    ToBasis, Published("Pourquoi elle finit : texte, remplace, remplace_par_acte_non_detenu, abroge…, aucune.")
]


@dataclass(frozen=True)
class ActRecord:
    """The act as it stood when the version was accepted (None fields: not printed, not known)."""

    __pydantic_config__: ClassVar = CLOSED

    id: Annotated[str, Published("Acte lu.", "act_id")]
    title: Annotated[str, Published("Son titre.")]
    nor: Annotated[str | None, Published("Son NOR.")] = None
    signed: date | None = None
    published: Annotated[
        date | None, Published("Date de publication de l'acte : quand le public a pu savoir.", "publie_le")
    ] = None
    url: str | None = None


@dataclass(frozen=True)
class VersionRecord:
    """One accepted reading of one edition. `accepted_at` is UTC; legal dates are plain dates.

    `version_no` is unique over all datasets and grows with each acceptance. `edition` is the id of the act whose
    table this is; for a `rectifie` relation it may be either act, the edition is that of the act rectified. A record
    of zero rows with relation `abroge` or `annule` is no edition: it only ends the one it names.

    Files beside it: `<no>.parquet` (row_no from 1, then the business columns, in the dataset's order) and
    `<no>.cells.parquet` (see `tables.CELLS_SCHEMA`).
    """

    __pydantic_config__: ClassVar = CLOSED

    dataset: DatasetName
    version_no: VersionNo
    edition: EditionId
    document: DocumentId
    rendition: Annotated[str, Published("Fichier lu.")]
    role: Annotated[Role, Published("Rôle du fichier : publie, extrait ou compose.", words=ROLE_WORDS)]
    accepted_at: Annotated[datetime, Published("Moment de l'acceptation (UTC).")]
    rows: Annotated[int, Published("Lignes publiées.", "row_count")]
    quarantined: Annotated[int, Published("Lignes mises en quarantaine.")]
    content_sha256: Annotated[str, Published("Empreinte des lignes publiées, indépendante du fichier.")]
    inputs_sha256: Annotated[str, Published("Empreinte de ce dont la version a été faite.")]
    act: ActRecord | None = None
    publisher: Annotated[str, Published("Éditeur.")] = ""
    licence: Annotated[str, Published("Licence de réutilisation.")] = ""
    source_url: Annotated[str, Published("Adresse de la source.")] = ""
    valid_from: ValidFrom = None
    valid_from_base: ValidFromBase = "inconnue"
    valid_to: ValidTo = None
    valid_to_base: ValidToBase = "aucune"
    relation: Relation | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    """File name → sha256."""
    findings: Mapping[str, int] = field(default_factory=dict)
    """Severity → count."""
    format: int = FORMAT

    @property
    def names(self) -> set[str]:
        """The ids by which other acts may name this one."""
        act = self.act
        return {self.edition} | ({act.id} if act else set()) | ({act.nor} if act and act.nor else set())


@dataclass(frozen=True)
class Withdrawal:
    """A version taken back: its reading no longer counts for what is known from `withdrawn_at` on."""

    __pydantic_config__: ClassVar = CLOSED

    dataset: str
    version_no: int
    withdrawn_at: Annotated[datetime, Published("Moment du retrait (UTC), ou NULL.")]
    reason: Annotated[str, Published("Raison du retrait.", "withdrawn_reason")]
    format: int = FORMAT


@dataclass(frozen=True)
class Repair:
    """Files of a version written again at `repaired_at` because they were gone or altered: the rows have the content
    hash of the record, the bytes are those of another day. `files`: name → sha256, in the place of the record's."""

    __pydantic_config__: ClassVar = CLOSED

    dataset: str
    version_no: int
    repaired_at: datetime
    files: Mapping[str, str]
    format: int = FORMAT


@dataclass(frozen=True)
class KnownActs:
    """The acts known to exist (held or not), as declared from `seen_at` (UTC) on. The first state of a warehouse
    counts from the beginning of time, so that a fresh build answers as one that always knew them."""

    __pydantic_config__: ClassVar = CLOSED

    seen_at: datetime
    acts: tuple[KnownAct, ...]
    format: int = FORMAT


Record = VersionRecord | Withdrawal | Repair | KnownActs
R = TypeVar("R", bound=Record)


class DamagedRecordError(AnnexesError):
    """The text is no record of this store: cut short, altered, or of a newer format. The message is French."""


def encode_record(record: Record) -> str:
    """The record as JSON text (sorted keys, ISO dates) with its `checksum`."""
    body = json.loads(json.dumps(vars(record), default=_plain))
    return json.dumps({**body, "checksum": _checksum(body)}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def decode_record(text: str, kind: type[R]) -> R:
    """The record of that kind which the text is, its fields as the class declares them. Raises DamagedRecordError."""
    from pydantic import ValidationError

    try:
        read: R = _adapter(kind.__name__).validate_python(_body(text))
        return read
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise DamagedRecordError(f"champs inattendus : {place} ({first['msg']})") from error


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter({each.__name__: each for each in (VersionRecord, Withdrawal, Repair, KnownActs)}[kind])


def _body(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamagedRecordError("fichier tronqué ou illisible") from error
    if not isinstance(body, dict):
        raise DamagedRecordError("fichier illisible : un objet JSON était attendu")
    if body.get("format", 0) > FORMAT:
        raise DamagedRecordError(f"format {body['format']}, plus récent que le format {FORMAT} que ce programme lit")
    # Format 1 had no checksum; its files are still read.
    checksum = body.pop("checksum", None)
    if body.get("format") != 1 and checksum != _checksum(body):
        raise DamagedRecordError("fichier altéré : sa somme de contrôle ne correspond pas")
    return body


def _checksum(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> str | dict[str, Any]:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if is_dataclass(value):
        return vars(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")
