"""What a refresh made, recorded in the history for each document and each published table, as if each had had a run of
its own. Metadata is made here for the assets that a step makes too.

Events are recorded once the work is committed and published, and outside of any run: purging one loses none. The
history can be thrown away at any time: what it lacks is recorded again from what is staged and published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from pipeline import config
from pipeline.orchestration import checks, describe, partitions
from pipeline.orchestration.bulk import written_together
from pipeline.orchestration.published import Contents, Relation, contents
from pipeline.orchestration.results import DocumentRead, PublishRun
from pipeline.products import addresses
from pipeline.refresh import state
from pipeline.settings import Settings
from pipeline.warehouse.marts import Mart, described, in_order, read_marts

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.documents.model import Document
    from pipeline.refresh.state import DocumentOutcome, EditionOutcome
    from pipeline.refresh.status import DatasetState
    from pipeline.store.versions import VersionStore

ARRIVALS, DOCUMENT, READING, REFERENCE, ACTS, BASE = (
    "arrivees",
    "document",
    "lecture",
    "ref",
    "actes_connus",
    "base",
)

Event = dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation
VERSION = "dagster/data_version"


# Documents.


def record_documents(
    instance: dg.DagsterInstance, settings: Settings, store: VersionStore, read: Sequence[DocumentRead], run_id: str
) -> None:
    """Make partitions of these documents, and record their readings, editions and checks."""
    partitions.register(instance, {each.outcome.document: _fed(settings, each) for each in read})
    report(instance, (event for each in read for event in document_events(settings, store, each)), run_id)


def document_events(settings: Settings, store: VersionStore, read: DocumentRead) -> Iterator[Event]:
    """All that is recorded of a document: its reading, and the datasets for which it says something new."""
    from pipeline.refresh.publish import acknowledged
    from pipeline.refresh.state import readings_folder

    outcome, document = read.outcome, read.outcome.document
    seen = {a.finding for a in acknowledged(settings, document)}
    yield observation(settings, document)
    if read.readings:
        yield dg.AssetMaterialization(
            READING,
            partition=document,
            metadata=describe.reading_metadata(read.readings, readings_folder(settings, document)),
            tags={VERSION: reading_version(settings, document)},
        )
        findings = read.readings.findings
    else:
        findings = outcome.findings
    yield from checks.evaluations([checks.read_verdict(findings, seen)], READING, document)
    for name in dict.fromkeys(e.dataset for e in outcome.editions):
        yield from _edition_events(store, read, name, seen)


def _edition_events(store: VersionStore, read: DocumentRead, dataset: str, seen: Collection[str]) -> Iterator[Event]:
    """What a document says for one dataset now: nothing when the reading before said the same; of the checks, those
    that fail or say something else than then."""
    document = read.outcome.document
    verdicts = checks.verdicts(read.outcome, dataset, seen, read.known)
    standing = _standing(read.outcome, dataset)
    if read.before:
        before = checks.verdicts(read.before, dataset, seen)
        if before == verdicts and _versions(standing) == _versions(_standing(read.before, dataset)):
            return
        verdicts = [verdict for verdict in verdicts if not verdict.passed or verdict not in before]
    if standing:
        version, metadata = edition(store, read, dataset, standing)
        yield dg.AssetMaterialization(dataset, partition=document, metadata=metadata, tags={VERSION: version})
    yield from checks.evaluations(verdicts, dataset, document)


def _standing(outcome: DocumentOutcome, dataset: str) -> list[EditionOutcome]:
    return [e for e in outcome.editions if e.dataset == dataset and e.status in ("accepted", "unchanged")]


def _versions(editions: Sequence[EditionOutcome]) -> set[int | None]:
    return {e.version_no for e in editions}


def observation(settings: Settings, document: str) -> dg.AssetObservation:
    """A document of raw/ as it stands now, versioned by its files."""
    version, metadata = archived(settings, document)
    return dg.AssetObservation(DOCUMENT, partition=document, metadata=metadata, tags={VERSION: version})


def archived(settings: Settings, document: str) -> tuple[str, describe.Metadata]:
    """Version and metadata of a document as it was archived. Raises FileNotFoundError for a folder that is gone."""
    folder = settings.raw / document
    if not folder.is_dir():
        raise FileNotFoundError(f"{document} : dossier absent de raw/ ; le remettre ou retirer cette partition")
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder)}
    sizes = {name: len(data) for name, data in files.items()}
    return state.digest(files.items()), describe.document_metadata(declared(settings, document), folder, sizes)


def declared(settings: Settings, document: str) -> Document | None:
    """The document as document.toml declares it; None when that is refused."""
    from pipeline.documents.declaration import read_document_leniently
    from pipeline.documents.model import DocumentError

    try:
        return read_document_leniently(settings.raw / document)[0]
    except DocumentError:
        return None


def reading_version(settings: Settings, document: str) -> str:
    """Hash over the staged readings, one part a rendition."""
    from pipeline.refresh.state import readings_folder

    folder = readings_folder(settings, document)
    return state.digest((path.name, path.read_bytes()) for path in sorted(folder.glob("*.parquet")))


def edition(
    store: VersionStore, read: DocumentRead, dataset: str, standing: Sequence[EditionOutcome]
) -> tuple[str, describe.Metadata]:
    """Version and metadata of what a document gives a dataset: content hashes of the versions that stand, joined."""
    numbers = {e.version_no for e in standing}
    held = [r for name in dict.fromkeys(e.edition for e in standing) for r in store.live(dataset, name)]
    records = sorted((r for r in held if r.version_no in numbers), key=lambda r: r.version_no)
    path = store.path(dataset, records[-1].version_no)
    first = store.rows(records[-1]).drop_columns(["row_no"]).slice(0, describe.PREVIEW_ROWS)
    rows = zip(*(column.to_pylist() for column in first.columns), strict=True)
    shown = describe.preview(first.column_names, rows)
    metadata = describe.edition_metadata(read.outcome, dataset, standing, path, shown)
    return "-".join(r.content_sha256 for r in records), metadata


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))


def _fed(settings: Settings, read: DocumentRead) -> list[str]:
    """The datasets that wait for this document: those that it fed, or that a refused one should."""
    if not read.outcome.error:
        return list(dict.fromkeys(e.dataset for e in read.outcome.editions))
    return feeds(settings, read.outcome.document)


def feeds(settings: Settings, document: str) -> list[str]:
    """The datasets that a document's acts feed, by its declaration; none for a refused one."""
    from pipeline.refresh.read import feeds as fed_by

    found = declared(settings, document)
    acts = (found.acts or (None,)) if found else ()
    return list(dict.fromkeys(d.name for act in acts for d in fed_by(found, act))) if found else []


def unrecorded(
    instance: dg.DagsterInstance, settings: Settings, documents: Iterable[str], since: float | None = None
) -> Iterator[DocumentRead]:
    """Documents read of which the history knows nothing, or not what was staged after `since` (seconds since the
    epoch): a new history, or that of a refresh that was killed. Each is read as it is asked for."""
    from pipeline.orchestration.refreshing import as_staged
    from pipeline.refresh.state import outcome_path

    assert partitions.DOCUMENTS.name
    known = set(instance.get_dynamic_partitions(partitions.DOCUMENTS.name))
    for name in documents:
        path = outcome_path(settings, name)
        late = since is not None and path.is_file() and path.stat().st_mtime >= since
        if (name not in known or late) and (read := as_staged(settings, name)):
            yield read


# The published file.


def record_publication(
    instance: dg.DagsterInstance,
    settings: Settings,
    published: PublishRun | None,
    states: Sequence[DatasetState],
    run_id: str,
) -> None:
    """Record the published file, its marts and what they are made of, unless the history has this very file; and how
    late its datasets are."""
    last = instance.get_latest_materialization_event(dg.AssetKey(BASE))
    recorded = last.asset_materialization.tags if last and last.asset_materialization else None
    events: list[Event] = []
    if settings.database.is_file() and (recorded or {}).get(VERSION) != file_version(settings):
        held = contents(settings, view_names())
        events += [*source_events(settings, held.reference), *publication_events(settings, held, published)]
    if published:
        events += checks.evaluations([whole(published)], BASE, None)
    for each in states:
        events += checks.evaluations([checks.late_verdict(each)], each.name, None)
    report(instance, events, run_id)


def source_events(settings: Settings, reference: Mapping[str, int]) -> Iterator[dg.AssetMaterialization]:
    """The gazetteer, of which `reference` counts the tables, and the acts known."""
    for name, (version, metadata) in {
        REFERENCE: reference_source(settings, reference),
        ACTS: acts_source(settings),
    }.items():
        yield dg.AssetMaterialization(name, metadata=metadata, tags={VERSION: version})


def publication_events(
    settings: Settings, held: Contents, published: PublishRun | None
) -> Iterator[dg.AssetMaterialization]:
    """Each mart that stands in the file, and the file. A mart is a query on the file: it says the same while the file
    does."""
    version = file_version(settings)
    for mart in in_order(read_marts()):
        if metadata := mart_metadata(mart, held):
            yield dg.AssetMaterialization(mart.name, metadata=metadata, tags={VERSION: version})
    yield dg.AssetMaterialization(BASE, metadata=file_metadata(settings, held, published), tags={VERSION: version})


def whole(published: PublishRun) -> checks.Verdict:
    """Whether every version file is served."""
    said = " | ".join(published.damaged)
    return checks.Verdict(checks.WHOLE, not said, "error" if said else "info", said=said)


def late_states(settings: Settings, store: VersionStore, now: datetime) -> list[DatasetState]:
    """How late the datasets are whose acts come every year."""
    from pipeline.datasets import all_datasets
    from pipeline.documents.declaration import known_acts
    from pipeline.refresh.status import dataset_states

    yearly = [d for d in all_datasets() if d.rhythm == "yearly"]
    return list(dataset_states(yearly, store.view(verify=False), known_acts(settings), now.date()))


def file_version(settings: Settings) -> str:
    """Fingerprint of all that the publish read, as it noted it."""
    from pipeline.warehouse.publish import published_fingerprint

    return published_fingerprint(settings) or ""


def file_metadata(settings: Settings, held: Contents, published: PublishRun | None) -> describe.Metadata:
    """The file in figures, plotted through time. What the publish took is known of one just made."""
    made = {"versions": published.versions, "secondes": round(published.seconds, 2)} if published else {}
    counts = [("données", held.datasets), ("référentiel", held.reference)]
    rows = [(kind, name, count) for kind, tables in counts for name, count in tables.items()]
    rows += [("croisement", view.name, view.rows) for view in held.views.values()]
    catalogue = describe.Catalogue(config.read(settings).site.url)
    return {
        **catalogue.metadata(addresses.HOME),
        "dagster/row_count": sum(held.datasets.values()),
        "lignes écartées": held.quarantined,
        "erreurs": held.findings.get("erreur", 0),
        "avertissements": held.findings.get("avertissement", 0),
        "infos": held.findings.get("info", 0),
        **made,
        "octets": settings.database.stat().st_size,
        "aperçu": describe.preview(("jeu de données", "lignes"), [(n, c) for n, c in held.datasets.items() if c]),
        "tables": dg.MetadataValue.md(describe.markdown_table(("nature", "table", "lignes"), rows, limit=len(rows))),
        "fichier": dg.MetadataValue.path(settings.database),
    }


def mart_metadata(mart: Mart, held: Contents) -> describe.Metadata:
    """A mart in figures; nothing for one that the file does not hold."""
    views = [held.views[d.name] for d in described(mart) if d.name in held.views]
    macros = [d.name for d in described(mart) if d.name in held.macros]
    shown: describe.Metadata = {"macros": ", ".join(macros)} if macros else {}
    for view in views[:1]:
        shown |= _view_metadata(view)
    return shown


def _view_metadata(view: Relation) -> describe.Metadata:
    columns = [dg.TableColumn(name, kind, comment or None) for name, kind, comment in view.columns]
    return {
        "dagster/row_count": view.rows,
        "dagster/column_schema": dg.TableSchema(columns),
        "aperçu": describe.preview([name for name, _, _ in view.columns], view.first),
    }


def reference_source(settings: Settings, rows: Mapping[str, int]) -> tuple[str, describe.Metadata]:
    """Version and metadata of the gazetteer; `rows` counts its tables."""
    table = describe.markdown_table(("table de ref", "lignes"), sorted(rows.items()))
    metadata = {"dagster/row_count": sum(rows.values()), "aperçu": dg.MetadataValue.md(table)}
    return state.reference_fingerprint(settings.reference), metadata


def acts_source(settings: Settings) -> tuple[str, describe.Metadata]:
    """Version and metadata of what raw/actes.toml lists."""
    from pipeline.documents.declaration import known_acts

    acts = known_acts(settings)
    content = settings.acts.read_bytes() if settings.acts.is_file() else b""
    return state.digest([("", content)]), {
        "dagster/row_count": len(acts),
        "actes": dg.MetadataValue.md(describe.acts_list(acts)),
        "fichier": dg.MetadataValue.path(settings.acts),
    }


@cache
def view_names() -> tuple[str, ...]:
    """The views of the marts."""
    return tuple(d.name for mart in read_marts() for d in described(mart) if d.arguments is None)


# In the history.


def report(instance: dg.DagsterInstance, events: Iterable[Event], run_id: str) -> None:
    """Record events that belong to no run. Evaluations of checks are told of a run all the same: Dagster keeps no more
    than one for a check and a partition without one."""
    newest: dict[tuple[dg.AssetKey, str | None], dg.EventLogRecord] = {}
    with written_together(instance) as together:
        for event in events:
            if isinstance(event, dg.AssetCheckEvaluation):
                kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION.value
                about = _about(event, newest.get((event.asset_key, event.partition)))
                told = dg.DagsterEvent(event_type_value=kind, job_name="rafraichir", event_specific_data=about)
                instance.report_dagster_event(told, run_id)
                continue
            instance.report_runless_asset_event(event)
            if isinstance(event, dg.AssetMaterialization):
                made = together.last if together else _last_made(instance, event)
                newest[event.asset_key, event.partition] = made


def _last_made(instance: dg.DagsterInstance, event: dg.AssetMaterialization) -> dg.EventLogRecord:
    wanted = dg.AssetRecordsFilter(event.asset_key, [event.partition] if event.partition else None)
    return instance.fetch_materializations(wanted, limit=1).records[0]


def _about(event: dg.AssetCheckEvaluation, made: dg.EventLogRecord | None) -> dg.AssetCheckEvaluation:
    """The evaluation, told of the materialisation that it is about: without it the interface goes by moments, which the
    storage cuts to whole seconds, and shows the check as not evaluated."""
    from dagster._core.definitions.asset_checks.asset_check_evaluation import (
        AssetCheckEvaluationTargetMaterializationData,
    )

    if made is None:
        return event
    target = AssetCheckEvaluationTargetMaterializationData(
        storage_id=made.storage_id, run_id=made.event_log_entry.run_id, timestamp=made.timestamp
    )
    return dg.AssetCheckEvaluation(
        asset_key=event.asset_key,
        check_name=event.check_name,
        passed=event.passed,
        metadata=event.metadata,
        target_materialization_data=target,
        severity=event.severity,
        description=event.description,
        partition=event.partition,
    )
