"""What a publisher should be told of the documents it published: which findings concern it, and how each is put.

Our own repairs, what we do not hold and what our reading got wrong are not its affair. Plain values; the letter itself
is written by `report_text`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipeline.contract.findings import Finding, ordered
from pipeline.documents.corrections import Correction
from pipeline.documents.model import Document
from pipeline.quality.around import Around

Kind = Literal["refused", "doubt", "missing", "spelling", "confirm"]
AroundOf = Callable[[Finding], Around | None]
"""The words around what a finding is about; None when they are not to be had."""

# Said of our reading, of our files, or of what we do not hold: nothing that the publisher could answer.
_OURS = frozenset(
    {
        *("cellule_a_deux_destins", "cellule_sans_destin", "correction_sans_objet", "corrections_contraires"),
        *("date_de_publication_inconnue", "document_refuse", "edition_illisible", "edition_refusee"),
        *("millesime_absent", "rendition_illisible", "rendition_refusee", "section_introuvable"),
        *(
            "depot_refuse",
            "texte_refuse",
            "tableau_inconnu",
            "temoin_incomplet",
            "version_en_attente",
            "version_refusee",
        ),
    }
)
_WITNESSES = "temoins_en_desaccord"
_CONFIRM = frozenset({"correction_appliquee", "correction_proposee"})
_SCORE = re.compile(r"(?<=\)) [01],[0-9]{2}(?=[,; ]|$)")
"""The likeness of a candidate, as some messages give it after its code: '(57202) 0,89'. It says nothing to others."""


@dataclass(frozen=True)
class Point:
    """One thing to look at. `others` are the ids of findings about the same printed words, told once."""

    id: str
    kind: Kind
    place: str
    printed: str
    expected: str
    why: str
    around: Around | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Concern:
    """The points of one document. `copied`: it was read in a copy, not in the file that was published."""

    document: Document
    copied: bool
    points: tuple[Point, ...]

    def of(self, kind: Kind) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.kind == kind)


@dataclass(frozen=True)
class Letter:
    """All that one publisher is told on one day."""

    publisher: str
    day: date
    concerns: tuple[Concern, ...]

    @property
    def total(self) -> int:
        return sum(len(concern.points) for concern in self.concerns)


def letters(
    documents: Sequence[Document],
    findings: Iterable[Finding],
    corrections: Mapping[str, Sequence[Correction]],
    around_of: AroundOf,
    day: date,
) -> tuple[Letter, ...]:
    """One letter a publisher, by name, with the documents that have something to say, in the order given.

    `corrections` are the rules of each document: a reading that the publisher confirmed is not asked again.
    """
    by_document: dict[str, list[Finding]] = {}
    for finding in ordered(findings):
        by_document.setdefault(finding.document, []).append(finding)
    told: dict[str, list[Concern]] = {}
    for document in documents:
        rules = {rule.id: rule for rule in corrections.get(document.id, ())}
        points = _points(document, by_document.get(document.id, []), rules, around_of)
        if points:
            copied = bool(document.current) and document.current[0].role != "published"
            told.setdefault(document.publisher, []).append(Concern(document, copied, points))
    return tuple(Letter(name, day, tuple(told[name])) for name in sorted(told))


def kind_of(finding: Finding, document: Document, rules: Mapping[str, Correction]) -> Kind | None:
    """How a finding concerns the publisher; None when it does not.

    A rule not known here is judged by what it says: refused, missing, contradictory, or read under another spelling.
    """
    if finding.rule in _CONFIRM:
        rule = rules.get(finding.subject)
        return "confirm" if rule and rule.status != "confirmed_by_publisher" else None
    if finding.rule in _OURS or finding.rule.startswith("reparation_"):
        return None
    if finding.rule == _WITNESSES and any(r.role == "typeset" for r in document.renditions):
        return None
    if finding.severity == "error":
        return "refused" if finding.printed else None  # a check of ours that fails prints nothing
    if finding.severity == "warning":
        return "doubt" if finding.printed else "missing"
    return "spelling" if finding.printed and finding.expected else None


def _points(
    document: Document, findings: Sequence[Finding], rules: Mapping[str, Correction], around_of: AroundOf
) -> tuple[Point, ...]:
    """One point for all findings about the same printed words at one place, the most severe first."""
    groups: dict[tuple[str, ...], list[tuple[Kind, Finding]]] = {}
    for finding in findings:
        kind = kind_of(finding, document, rules)
        if kind is not None:
            same = (finding.rendition, finding.place, finding.printed) if finding.printed else (finding.id,)
            groups.setdefault(same, []).append((kind, finding))
    points = [_point(group, rules, around_of) for group in groups.values()]
    return tuple(sorted(points, key=lambda p: (_number(p.place), p.place, p.printed)))


def _point(group: Sequence[tuple[Kind, Finding]], rules: Mapping[str, Correction], around_of: AroundOf) -> Point:
    kind, first = group[0]
    expected = next((f.expected for _, f in group if f.expected), "")
    rule = rules.get(first.subject) if first.rule in _CONFIRM else None
    return Point(
        id=first.id,
        kind=kind,
        place=first.place,
        printed=first.printed,
        expected=expected,
        why=rule.reason if rule else _why(first),
        around=around_of(first) if first.printed else None,
        others=tuple(f.id for _, f in group[1:]),
    )


def _why(finding: Finding) -> str:
    """The message without what stands beside it in the letter: the place, what became of it, the scores."""
    message = finding.message.removeprefix(f"{finding.place} : ").removesuffix(f" ; « {finding.printed} » écarté")
    return _SCORE.sub("", message)


def _number(place: str) -> int:
    found = re.search(r"[0-9]+", place)
    return int(found[0]) if found else 0
