"""Second half of reading a document: its renditions heard together, edition by edition, and the ledger closed.
Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import Finding
from pipeline.contract.quarantine import LedgerLine, Quarantined
from pipeline.contract.rows import Refused
from pipeline.datasets.sections import SectionError
from pipeline.documents import corrections
from pipeline.documents.model import Act, Document, DocumentError, Rendition
from pipeline.extract.model import Reading
from pipeline.quality import ledger
from pipeline.quality.prepare import Prepared, record_fates
from pipeline.quality.witnesses import compare, set_aside
from pipeline.refresh.witness import EditionKey, Heard, Witness, hear
from pipeline.settings import Settings


@dataclass(frozen=True)
class Edition:
    """What one act says for one dataset, from its best rendition, after the others were heard."""

    prepared: Prepared
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def dataset(self) -> Dataset:
        return self.prepared.dataset

    @property
    def act(self) -> Act | None:
        return self.prepared.context.act

    @property
    def id(self) -> str:
        return self.prepared.context.edition


@dataclass(frozen=True)
class ReadEditions:
    """All editions of a document, with what is said of it as a whole."""

    editions: tuple[Edition, ...]
    failed: Mapping[EditionKey, str]
    """Editions whose reader refused the whole of it, in every rendition, and why."""
    findings: tuple[Finding, ...]
    quarantine: tuple[Quarantined, ...]
    ledger: tuple[LedgerLine, ...]
    unbalanced: Mapping[str, int]
    """Rendition file → printed pieces without exactly one fate."""


def read_editions(
    settings: Settings, document: Document, readings: Sequence[tuple[Rendition, Reading]]
) -> ReadEditions:
    """Editions of every dataset that the document's acts (or the sheet itself) feed.

    Raises DocumentError when the headings that document.toml names are in none of the renditions.
    """
    rules = corrections.read(document.folder)
    witnesses: list[Witness] = []
    findings: list[Finding] = []
    for rendition, reading in readings:
        try:
            witnesses.append(hear(settings, document, rendition, reading, rules))
        except SectionError as error:
            message = f"{document.id} : {rendition.file} : {error}"
            findings.append(Finding("section_introuvable", "error", document.id, message, rendition.file))
    if not witnesses:
        raise DocumentError(document.id, "document.toml, act.begins", findings[0].message)
    findings += [f for w in witnesses for f in w.findings]
    editions: list[Edition] = []
    quarantine: list[Quarantined] = []
    failed: dict[EditionKey, str] = {}
    settled: dict[str, list[tuple[Prepared, Heard]]] = {w.rendition.file: [] for w in witnesses}
    for key in dict.fromkeys(k for w in witnesses for k in (*w.heard, *w.failed)):
        heard = _best_first([w.heard[key] for w in witnesses if key in w.heard])
        if not heard:
            failed[key] = next(w.failed[key] for w in witnesses if key in w.failed)
            findings.append(Finding("edition_illisible", "error", document.id, failed[key], key[1], *key))
            continue
        contradicted: dict[tuple[object, ...], tuple[str, str]] = {}
        for other in heard[1:]:
            comparison = compare(heard[0].prepared, other.prepared)
            contradicted.update(comparison.contradicted)
            file = heard[0].prepared.context.rendition.file
            findings += [o.finding(document.id, *key, file) for o in comparison.observations]
        for each in heard:
            settled[each.prepared.context.rendition.file].append((set_aside(each.prepared, contradicted), each))
        best = settled[heard[0].prepared.context.rendition.file][-1][0]
        editions.append(_edition(best, heard[0]))
        quarantine += [quarantined(best, r) for r in best.refused]
        findings += [_refusal(quarantined(best, r)) for r in best.refused]
    lines, unbalanced, wrong = _ledgers(document, witnesses, settled)
    return ReadEditions(tuple(editions), failed, (*findings, *wrong), tuple(quarantine), tuple(lines), unbalanced)


def _best_first(heard: Sequence[Heard]) -> list[Heard]:
    """Renditions come ranked; one that lacks an expected grid stands behind one that has it."""
    return sorted(heard, key=lambda h: bool(h.missing))


def _edition(prepared: Prepared, heard: Heard) -> Edition:
    unknown = tuple(o.printed for o in heard.inventory.observations if o.rule == "tableau_inconnu")
    return Edition(prepared, heard.missing, unknown)


def _ledgers(
    document: Document, witnesses: Sequence[Witness], settled: Mapping[str, Sequence[tuple[Prepared, Heard]]]
) -> tuple[list[LedgerLine], dict[str, int], list[Finding]]:
    lines: list[LedgerLine] = []
    unbalanced: dict[str, int] = {}
    findings: list[Finding] = []
    for witness in witnesses:
        file = witness.rendition.file
        for prepared, heard in settled[file]:
            record_fates(prepared, heard.read, witness.fates)
        edition_of = {p.dataset.name: p.context.edition for p, _ in settled[file]}
        own, wrong = ledger.close(witness.reading, witness.fates, document.id, file, edition_of)
        lines += own
        unbalanced[file] = len(wrong)
        findings += [o.finding(document.id, rendition=file) for o in wrong]
    return lines, unbalanced, findings


def quarantined(prepared: Prepared, refused: Refused) -> Quarantined:
    """A refusal as it is staged and published."""
    context, source = prepared.context, refused.source
    return Quarantined(
        document=context.document.id,
        dataset=prepared.dataset.name,
        edition=context.edition,
        rendition=context.rendition.file,
        rule=refused.rule,
        reason=refused.reason,
        raw=refused.raw,
        place=source.label,
        column=refused.column,
        line=source.line,
        page=source.page,
    )


def _refusal(row: Quarantined) -> Finding:
    return Finding(
        rule=row.rule,
        severity="error",
        document=row.document,
        message=f"{row.place} : {row.reason} ; « {row.raw} » écarté",
        subject=row.raw,
        dataset=row.dataset,
        edition=row.edition,
        place=row.place,
        printed=row.raw,
        rendition=row.rendition,
    )
