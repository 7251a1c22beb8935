"""The readings of a document interpreted: each one heard by every dataset its acts feed, corrected, and the renditions
brought together edition by edition, the ledger closed. Nothing is decided here, nothing written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from pipeline.cleaning.labels import shown
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Context, Dataset, Expect
from pipeline.contract.findings import Finding
from pipeline.contract.rows import LedgerLine, Observation, Quarantined, Refused, Row, Rows, Value
from pipeline.contract.rules import rule_named
from pipeline.datasets import all_datasets
from pipeline.datasets.toolkit import Inventory, SectionError, sections, take, with_headers, with_titles
from pipeline.documents import decisions
from pipeline.documents.decisions import Correction
from pipeline.documents.model import Act, Document, DocumentError, Rendition
from pipeline.extract.model import Cell, Reading, Source
from pipeline.extract.typeset import with_typeset
from pipeline.quality import ledger
from pipeline.quality.corrections import Corrected, apply
from pipeline.quality.ledger import Fates
from pipeline.quality.validate import Prepared, prepare, record_fates
from pipeline.quality.witnesses import compare, set_aside
from pipeline.refresh import scanned
from pipeline.settings import Settings

_PAGED = "pdf"


def correct(reading: Reading, rendition: Rendition, rules: Sequence[Correction]) -> Corrected:
    """The corrected reading. A rule placed by page is about paged renditions, one placed by line about the others."""
    paged = rendition.media == _PAGED
    mine = [r for r in rules if (r.where.page is None or paged) and (r.where.line is None or not paged)]
    return apply(reading, mine)


def marked(rows: Rows, printed: Reading, corrected: Corrected) -> Rows:
    """The same rows, in which every value that rests on a corrected text says so: `how` is corrected, the rule is
    named, and what it cites is the text as printed."""
    if not corrected.by_source and not corrected.in_prose:
        return rows
    originals = {c.source: c for grid in printed.grids for c in grid.cells if c.source in corrected.by_source}
    return replace(rows, rows=[_row(row, corrected, originals) for row in rows.rows])


def _row(row: Row, corrected: Corrected, originals: Mapping[Source, Cell]) -> Row:
    return {name: _value(value, corrected, originals) for name, value in row.items()}


def _value(value: Value, corrected: Corrected, originals: Mapping[Source, Cell]) -> Value:
    rules = {rule.id: rule for cell in value.cites if (rule := corrected.rule_of(cell))}
    if not rules:
        return value
    cites = tuple(_as_printed(cell, corrected, originals) for cell in value.cites)
    return replace(value, cites=cites, how="corrected", rules=(*value.rules, *rules))


def _as_printed(cell: Cell, corrected: Corrected, originals: Mapping[Source, Cell]) -> Cell:
    if cell.source in originals:
        return originals[cell.source]
    rule = corrected.rule_of(cell)
    return replace(cell, text=rule.printed) if rule else cell


EditionKey = tuple[str, str]
"""(dataset, edition)."""


@dataclass(frozen=True)
class EditionReading:
    """One edition as this rendition has it."""

    prepared: Prepared
    read: Rows
    inventory: Inventory

    @property
    def missing(self) -> tuple[str, ...]:
        return self.inventory.missing[self.prepared.dataset.name]


@dataclass(frozen=True)
class Witness:
    """A rendition and all that its datasets made of it. `fates` holds what no row decides: grids ignored or unknown."""

    rendition: Rendition
    reading: Reading
    heard: Mapping[EditionKey, EditionReading]
    failed: Mapping[EditionKey, str]
    findings: tuple[Finding, ...]
    fates: Fates


@dataclass
class _Notes:
    heard: dict[EditionKey, EditionReading] = field(default_factory=dict)
    failed: dict[EditionKey, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    fates: Fates = field(default_factory=Fates)


def feeds(document: Document, act: Act | None) -> tuple[Dataset, ...]:
    """The datasets that an act feeds; those that a sheet feeds when it carries no act."""
    if act is None:
        return tuple(d for d in all_datasets() if d.fed_by_sheet(document))
    return tuple(d for d in all_datasets() if d.fed_by(act))


@dataclass(frozen=True)
class _Place:
    """Where one act is read: `printed` is the whole reading before corrections."""

    settings: Settings
    document: Document
    rendition: Rendition
    act: Act | None
    printed: Reading
    corrected: Corrected

    def context(self, inventory: Inventory, dataset: Dataset) -> Context:
        found = inventory.found[dataset.name]
        reference = self.settings.reference
        return Context(self.document, self.rendition, self.act, reference, found, self.corrected.piece)


def read_rendition(
    settings: Settings, document: Document, rendition: Rendition, reading: Reading, rules: Sequence[Correction] = ()
) -> Witness:
    """Read one rendition. Raises SectionError when a heading that document.toml names is not in it."""
    reading = with_typeset(reading, rendition.typeset)
    corrected = correct(with_titles(reading, document), rendition, rules)
    notes = _Notes()
    for act, part in _parts(document, corrected.reading):
        _read_act(_Place(settings, document, rendition, act, reading, corrected), part, notes)
    observed = [*corrected.observations, *_repairs(reading)]
    said = [o.finding(document.id, rendition=rendition.file) for o in observed]
    return Witness(rendition, corrected.reading, notes.heard, notes.failed, tuple(notes.findings + said), notes.fates)


def _parts(document: Document, reading: Reading) -> Iterator[tuple[Act | None, Reading]]:
    if not document.acts:
        yield None, reading
        return
    found = sections(reading, document)
    for act in document.acts:
        yield act, found[act.id]


def _read_act(place: _Place, part: Reading, notes: _Notes) -> None:
    document, act, file = place.document, place.act, place.rendition.file
    datasets = () if _corrects_in_prose(part) else feeds(document, act)
    inventory = take(part, datasets, act)
    edition = act.id if act else document.id
    _grids_apart(inventory, bool(datasets), notes.fates)
    observed = [*_unread(part), *_signs(part), *(inventory.observations if datasets else ())]
    notes.findings += [o.finding(document.id, "", edition, file) for o in observed]
    for dataset in datasets:
        _read_dataset(place, part, inventory, dataset, notes)


def _read_dataset(place: _Place, part: Reading, inventory: Inventory, dataset: Dataset, notes: _Notes) -> None:
    context = place.context(inventory, dataset)
    key, told = (dataset.name, context.edition), (place.document.id, dataset.name, context.edition)
    ends_in_prose = _ends_in_prose(place.act, part)
    try:
        rows = with_headers(dataset.read(part, context), dataset, chain.from_iterable(context.grids.values()))
        rows = scanned.confirmed(marked(rows, place.printed, place.corrected), place.printed, context)
        if ends_in_prose and not (rows.rows or rows.refused):
            raise UnreadableError("acte_sans_tableau", "rien n'y est imprimé pour ce jeu de données")
    except UnreadableError as error:
        if ends_in_prose:
            notes.findings.append(_no_table(error.reason).finding(*told, place.rendition.file))
            return
        notes.failed[key] = error.reason
        cells = [c for grids in context.grids.values() for g in grids for c in g.cells]
        notes.fates.quarantined.update({c.source: (dataset.name, error.rule) for c in cells})
        return
    if _prints_nothing(dataset, inventory, rows):
        notes.findings.append(_not_printed(dataset).finding(*told, place.rendition.file))
        return
    prepared = prepare(dataset, context, rows)
    notes.heard[key] = EditionReading(prepared, rows, inventory)
    notes.findings += [o.finding(*told, place.rendition.file) for o in prepared.observations]


def _ends_in_prose(act: Act | None, part: Reading) -> bool:
    """An act that repeals or annuls another one needs no annex: what recognises it by its title asks it for none."""
    return act is not None and act.relation is not None and act.relation.ends and not part.grids


def _no_table(reason: str) -> Observation:
    message = f"acte qui met fin à un autre, sans tableau ni liste : {reason}"
    return Observation("acte_sans_tableau", "info", message, "acte sans tableau")


def _prints_nothing(dataset: Dataset, inventory: Inventory, rows: Rows) -> bool:
    """Whether an act prints nothing for a dataset that it need not feed: one act may set several tables, or one."""
    expected = [item for item in dataset.inventory if isinstance(item, Expect)]
    found = inventory.found[dataset.name]
    nothing = not (rows.rows or rows.refused or rows.pieces or any(item.name in found for item in expected))
    return nothing and bool(expected) and all(item.optional and not item.or_prose for item in expected)


def _not_printed(dataset: Dataset) -> Observation:
    message = f"{dataset.name} : l'acte n'imprime rien pour ce jeu de données, il n'en donne pas d'édition"
    return Observation("jeu_non_imprime", "info", message, dataset.name)


def _corrects_in_prose(part: Reading) -> bool:
    """A rectificatif without a table is no edition of anything: a person reads it, the finding says so."""
    return not part.grids and any(u.kind == "rectificatif_en_prose" for u in part.unread)


def _grids_apart(inventory: Inventory, known_act: bool, fates: Fates) -> None:
    for grid, dataset, why in inventory.ignored:
        fates.ignore(grid.cells, dataset, why)
    for grid in inventory.unknown:
        if known_act:
            fates.quarantined.update({cell.source: ("", "tableau_inconnu") for cell in grid.cells})
        else:
            fates.ignore(grid.cells, "", "acte_sans_jeu_de_donnees")


def _unread(part: Reading) -> list[Observation]:
    """What the reading says it has not: one finding a place, never silence."""
    return [
        Observation(
            u.kind,
            rule_named(u.kind).severities[0],
            f"{rule_named(u.kind).title} ({u.source.label}) {u.detail}".strip(),
            f"{u.kind} {u.detail or u.source.label}",
            u.source,
        )
        for u in part.unread
    ]


def _signs(part: Reading) -> list[Observation]:
    """What the reading has against itself: one warning a place, for a person to compare with the page."""
    return [
        Observation(
            f"signe_{sign.kind}",
            "warning",
            f"{rule_named(f'signe_{sign.kind}').title} ({sign.source.label}) {sign.detail}".strip(),
            f"{sign.kind} {sign.detail or sign.source.label}",
            sign.source,
        )
        for sign in part.signs
    ]


def _repairs(reading: Reading) -> list[Observation]:
    """One info for each kind of repair: how many, and where the first is."""
    first: dict[str, Observation] = {}
    counts: dict[str, int] = {}
    for repair in reading.repairs:
        rule = f"reparation_{repair.kind}"
        first.setdefault(rule, Observation(rule, "info", repair.kind, repair.kind, repair.source, repair.before))
        counts[rule] = counts.get(rule, 0) + 1
    return [
        replace(o, message=f"{counts[rule]} × {o.message}, d'abord {o.source.label if o.source else ''}")
        for rule, o in first.items()
    ]


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
    rules = decisions.read_corrections(document.folder)
    witnesses: list[Witness] = []
    findings: list[Finding] = []
    for rendition, reading in readings:
        try:
            witnesses.append(read_rendition(settings, document, rendition, reading, rules))
        except SectionError as error:
            message = f"{document.id} : {rendition.file} : {error}"
            findings.append(Finding("section_introuvable", "error", document.id, message, rendition.file))
    if not witnesses:
        raise DocumentError(document.id, "document.toml, act.begins", findings[0].message)
    findings += [f for w in witnesses for f in w.findings]
    findings += _read_by_none(document, witnesses[0].reading)
    editions: list[Edition] = []
    quarantine: list[Quarantined] = []
    failed: dict[EditionKey, str] = {}
    settled: dict[str, list[tuple[Prepared, EditionReading]]] = {w.rendition.file: [] for w in witnesses}
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


def _read_by_none(document: Document, reading: Reading) -> list[Finding]:
    """A document that no dataset reads is said, whatever else is: it may be one that should be read. An act that only
    ends another one needs no dataset of its own; a rectificatif in prose is said already."""
    ends = any(act.relation and act.relation.ends for act in document.acts)
    if ends or _corrects_in_prose(reading) or any(feeds(document, act) for act in document.acts or (None,)):
        return []
    count = len(reading.grids)
    left = f"ses {count} tableaux ne sont que dans grids" if count else "rien n'en est publié"
    message = (
        f"{document.id} : aucun jeu de données ne lit ce document, {left} ; s'il doit nourrir un jeu de données, "
        "le nommer dans document.toml (feeds sous [[act]], ou [document.parameters.<jeu de données>])"
    )
    return [Finding("document_sans_jeu_de_donnees", "warning", document.id, message, document.id)]


def _best_first(heard: Sequence[EditionReading]) -> list[EditionReading]:
    """Renditions come ranked; one that lacks an expected grid stands behind one that has it."""
    return sorted(heard, key=lambda h: bool(h.missing))


def _edition(prepared: Prepared, heard: EditionReading) -> Edition:
    unknown = tuple(o.printed for o in heard.inventory.observations if o.rule == "tableau_inconnu")
    return Edition(prepared, heard.missing, unknown)


def _ledgers(
    document: Document, witnesses: Sequence[Witness], settled: Mapping[str, Sequence[tuple[Prepared, EditionReading]]]
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
        message=f"{row.place} : {row.reason} ; « {shown(row.raw)} » écarté",
        subject=row.raw,
        dataset=row.dataset,
        edition=row.edition,
        place=row.place,
        printed=row.raw,
        rendition=row.rendition,
    )
