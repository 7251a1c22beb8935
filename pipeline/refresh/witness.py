"""One rendition of a document, read by every dataset that its acts feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Context, Dataset
from pipeline.contract.findings import Finding
from pipeline.contract.rows import Observation, Rows
from pipeline.datasets import all_datasets
from pipeline.datasets.inventory import Inventory, take, with_headers
from pipeline.datasets.sections import sections
from pipeline.documents.corrections import Correction
from pipeline.documents.model import Act, Document, Rendition
from pipeline.extract.model import Reading
from pipeline.quality.corrections import Corrected
from pipeline.quality.ledger import Fates
from pipeline.quality.prepare import Prepared, prepare
from pipeline.refresh.correcting import correct, marked
from pipeline.settings import Settings

EditionKey = tuple[str, str]
"""(dataset, edition)."""

_UNREAD = {
    "page_sans_texte": "à transcrire : page sans texte",
    "page_illisible": "page illisible",
    "annexe_non_reproduite": "annexe non reproduite",
    "tableau_non_reproduit": "tableau non reproduit",
    "rectificatif_en_prose": "rectificatif en prose, à lire par une personne",
    "passage_omis": "passage omis par le document",
    "hors_limites": "hors des limites de lecture",
}


@dataclass(frozen=True)
class Heard:
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
    heard: Mapping[EditionKey, Heard]
    failed: Mapping[EditionKey, str]
    findings: tuple[Finding, ...]
    fates: Fates


@dataclass
class _Notes:
    heard: dict[EditionKey, Heard] = field(default_factory=dict)
    failed: dict[EditionKey, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    fates: Fates = field(default_factory=Fates)


def feeds(document: Document, act: Act | None) -> tuple[Dataset, ...]:
    """The datasets that an act feeds; those that a sheet feeds when it carries no act."""
    if act is None:
        return tuple(d for d in all_datasets() if d.acts.document(document))
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


def hear(
    settings: Settings, document: Document, rendition: Rendition, reading: Reading, rules: Sequence[Correction] = ()
) -> Witness:
    """Read one rendition. Raises SectionError when a heading that document.toml names is not in it."""
    corrected = correct(reading, rendition, rules)
    notes = _Notes()
    for act, part in _parts(document, corrected.reading):
        _hear_act(_Place(settings, document, rendition, act, reading, corrected), part, notes)
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


def _hear_act(place: _Place, part: Reading, notes: _Notes) -> None:
    document, act, file = place.document, place.act, place.rendition.file
    datasets = () if _corrects_in_prose(part) else feeds(document, act)
    inventory = take(part, datasets)
    edition = act.id if act else document.id
    _grids_apart(inventory, bool(datasets), notes.fates)
    observed = [*_unread(part), *(inventory.observations if datasets else ())]
    notes.findings += [o.finding(document.id, "", edition, file) for o in observed]
    for dataset in datasets:
        _hear_dataset(place, part, inventory, dataset, notes)


def _hear_dataset(place: _Place, part: Reading, inventory: Inventory, dataset: Dataset, notes: _Notes) -> None:
    context = place.context(inventory, dataset)
    key, told = (dataset.name, context.edition), (place.document.id, dataset.name, context.edition)
    ends_in_prose = _ends_in_prose(place.act, part)
    try:
        rows = with_headers(dataset.read(part, context), dataset, chain.from_iterable(context.grids.values()))
        rows = marked(rows, place.printed, place.corrected)
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
    prepared = prepare(dataset, context, rows)
    notes.heard[key] = Heard(prepared, rows, inventory)
    notes.findings += [o.finding(*told, place.rendition.file) for o in prepared.observations]


def _ends_in_prose(act: Act | None, part: Reading) -> bool:
    """An act that repeals or annuls another one needs no annex: what recognises it by its title asks it for none."""
    return act is not None and act.relation is not None and act.relation.ends and not part.grids


def _no_table(reason: str) -> Observation:
    message = f"acte qui met fin à un autre, sans tableau ni liste : {reason}"
    return Observation("acte_sans_tableau", "info", message, "acte sans tableau")


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
            "info" if u.kind == "passage_omis" else "warning",
            f"{_UNREAD[u.kind]} ({u.source.label}) {u.detail}".strip(),
            f"{u.kind} {u.detail or u.source.label}",
            u.source,
        )
        for u in part.unread
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
