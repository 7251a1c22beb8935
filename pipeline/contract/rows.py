"""What a dataset's reader hands over, and what becomes of it: values with the printed pieces they come from, refusals,
what is ignored; quarantined rows and ledger lines, as they are staged and published. Plain values; the sums are in
`quality.ledger`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pipeline.contract.findings import Finding, Severity
from pipeline.extract.model import Cell, Source, joined
from pipeline.published import DatasetName, DocumentId, EditionId, Published, Words

Scalar = str | int | float | Decimal | date | bool | None

How = Literal["printed", "parsed", "resolved", "whole_departement", "rest", "corrected", "ocr"]
HOW_WORDS: Words = (
    ("printed", "imprime"),
    ("parsed", "lu"),
    ("resolved", "deduit"),
    ("whole_departement", "departement_entier"),
    ("rest", "reste"),
    ("corrected", "corrige"),
    ("ocr", "reconnu"),
)
"""As the published file says it."""


@dataclass(frozen=True, slots=True)
class Value:
    """One business value, the printed pieces it comes from, and how it was made of them."""

    value: Scalar | tuple[str, ...]
    cites: tuple[Cell, ...] = ()
    how: How = "printed"
    rules: tuple[str, ...] = ()


Row = Mapping[str, Value]


@dataclass(frozen=True)
class Refused:
    """Printed pieces that make no row: quarantined with the rule and a French reason; replayed after a correction."""

    cells: tuple[Cell, ...]
    rule: str
    reason: str
    column: str = ""

    @property
    def source(self) -> Source:
        return joined(c.source for c in self.cells)

    @property
    def raw(self) -> str:
        return " | ".join(c.text for c in self.cells)


@dataclass(frozen=True)
class Ignored:
    """A printed piece left out for a declared reason."""

    cell: Cell
    reason: str


@dataclass(frozen=True)
class Observation:
    """A finding as the reader sees it; the engine adds document, dataset and edition."""

    rule: str
    severity: Severity
    message: str
    subject: str = ""
    source: Source | None = None
    printed: str = ""
    expected: str = ""

    def finding(self, document: str, dataset: str = "", edition: str = "", rendition: str = "") -> Finding:
        return Finding(
            rule=self.rule,
            severity=self.severity,
            document=document,
            message=self.message,
            subject=self.subject or self.printed or self.message,
            dataset=dataset,
            edition=edition,
            place=self.source.label if self.source else "",
            printed=self.printed,
            expected=self.expected,
            rendition=rendition,
        )


@dataclass(frozen=True)
class Rows:
    """All that a reader made of one act: every printed piece of its section is cited, refused or ignored."""

    rows: Sequence[Row]
    refused: Sequence[Refused] = ()
    ignored: Sequence[Ignored] = ()
    observations: Sequence[Observation] = ()
    pieces: Sequence[Cell] = ()
    """Printed pieces that are not cells of a grid (names of an enumeration): they enter the ledger's universe."""
    shared: Mapping[str, Value] = field(default_factory=dict)
    """Values that one sentence or declaration gives to every row (a year): cited once for the version."""


Fate = Literal["published", "quarantined", "ignored"]
FATE_WORDS: Words = (("published", "publie"), ("quarantined", "ecarte"), ("ignored", "ignore"))


@dataclass(frozen=True)
class Quarantined:
    """One refused row or piece: the raw printed text, the rule that refused it, where, and why (French)."""

    document: DocumentId
    dataset: DatasetName
    edition: EditionId
    rendition: Annotated[str, Published("Fichier.")]
    rule: Annotated[str, Published("Règle qui refuse.")]
    reason: Annotated[str, Published("Pourquoi.")]
    raw: Annotated[str, Published("Texte imprimé.")]
    place: Annotated[str, Published("Où regarder.")]
    column: Annotated[str, Published("Colonne en cause.", "column_name")] = ""
    line: Annotated[int | None, Published("Ligne du fichier.")] = None
    page: Annotated[int | None, Published("Page.")] = None

    @property
    def id(self) -> str:
        parts = (self.rule, self.document, self.dataset, self.edition, self.raw)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class LedgerLine:
    """How many printed cells of a rendition met one fate, for one reason ('' when published)."""

    document: DocumentId
    rendition: Annotated[str, Published("Fichier.")]
    dataset: DatasetName
    edition: EditionId
    fate: Annotated[Fate, Published("publie, ecarte ou ignore.", words=FATE_WORDS)]
    reason: Annotated[str, Published("Raison, si ignorée ou refusée.")]
    cells: Annotated[int, Published("Nombre de cellules imprimées.")]
