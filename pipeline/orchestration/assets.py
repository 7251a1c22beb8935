"""The assets, from what arrives to the published file: documents as archived (observed), their readings, the datasets,
the gazetteer and the acts known, the marts and the file that holds them.

`build` gives them for one project. Their descriptions say in plain words what they are; what steps do is in `refresh`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import dagster as dg

from pipeline import config
from pipeline.contract.dataset import Dataset
from pipeline.datasets import all_datasets
from pipeline.documents.model import Act, Document, KnownAct
from pipeline.orchestration import checks, describe, record
from pipeline.orchestration.partitions import DOCUMENTS, of_dataset, register
from pipeline.orchestration.published import contents
from pipeline.orchestration.refreshing import decide, publish, read_document
from pipeline.orchestration.resources import Project
from pipeline.orchestration.results import DocumentRead
from pipeline.products import addresses
from pipeline.refresh import state
from pipeline.settings import Settings
from pipeline.warehouse.marts import Mart, described, read_marts
from pipeline.warehouse.publish import BUILDING_ROOMS

DOCUMENTS_GROUP, DATASETS_GROUP, BASE_GROUP = "documents", "jeux_de_donnees", "base"
# No issue on Mondays or after a holiday is usual; four days without a round are not.
_ROUNDS = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=4), warn_window=timedelta(days=2))

_SUCCESSION = {"replaces": "une édition remplace la précédente", "accumulates": "chaque acte compte pour lui-même"}
_NAMED = 200
"""Documents whose titles the descriptions know; a project of thousands has its catalogue."""

# What a person makes in the interface is followed: readings by their datasets, datasets by the file. A refresh records
# both ends at once, and asks for nothing.
_FOLLOWS_READINGS = (
    dg.AutomationCondition.any_deps_updated().allow(dg.AssetSelection.assets(record.READING)).since_last_handled()
    & ~dg.AutomationCondition.in_progress()
)
_FOLLOWS_DATASETS = (
    dg.AutomationCondition.any_deps_updated().allow(dg.AssetSelection.groups(DATASETS_GROUP)).since_last_handled()
    & ~dg.AutomationCondition.in_progress()
)


@dataclass(frozen=True)
class _Named:
    """What the descriptions name: documents, by dataset the acts (or sheets) that feed it, and acts known."""

    documents: tuple[Document, ...]
    fed: Mapping[str, Sequence[Act | Document]]
    known: tuple[KnownAct, ...]
    catalogue: describe.Catalogue


def build(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """All assets. `settings` is asked for the titles of the documents and acts that the descriptions name."""
    named = _named(settings)
    return [*_arrivals(settings), _archived(named), reading, reference, _acts(named), _datasets(named), publication]


def _named(settings: Settings) -> _Named:
    from pipeline.documents.declaration import known_acts
    from pipeline.refresh.read import feeds
    from pipeline.refresh.state import documents

    found = [record.declared(settings, name) for name in documents(settings)[:_NAMED]]
    held = tuple(document for document in found if document)
    fed: dict[str, list[Act | Document]] = {}
    for document in held:
        for act in document.acts or (None,):
            for dataset in feeds(document, act):
                fed.setdefault(dataset.name, []).append(act or document)
    return _Named(held, fed, known_acts(settings), describe.Catalogue(config.read(settings).site.url))


# Arrivals.


def _arrivals(settings: Settings) -> list[dg.AssetSpec]:
    """The rounds of what brings new documents, where the feed is on: a project without it expects none. They stand
    apart from the documents' own assets, which they would otherwise mark as out of date at each round."""
    if not config.load(settings).enabled:
        return []
    return [
        dg.AssetSpec(
            record.ARRIVALS,
            group_name="arrivee",
            kinds={"xml"},
            owners=describe.OWNERS,
            freshness_policy=_ROUNDS,
            description=(
                "Les tours d'arrivée : le dossier de dépôt `raw/inbox/`, puis le flux du Journal officiel. "
                "Ce qui entre devient un document de `raw/` ; ce qui est refusé laisse un constat."
            ),
        )
    ]


# A document: archived, read.


def _archived(named: _Named) -> dg.AssetsDefinition:
    titles = f"\n\n{describe.documents_table(named.documents)}" if named.documents else ""
    spec = dg.AssetSpec(
        record.DOCUMENT,
        group_name=DOCUMENTS_GROUP,
        kinds={"file"},
        owners=describe.OWNERS,
        partitions_def=DOCUMENTS,
        description=(
            "Les documents archivés de `raw/`, tels que publiés : une partition chacun, par son identifiant. "
            f"Ils sont observés, jamais fabriqués ici.{titles}"
        ),
        metadata=named.catalogue.metadata(addresses.ACTS),
    )

    @dg.multi_observable_source_asset(name="documents_archives", specs=[spec])  # type: ignore[untyped-decorator]
    def archived_documents(context: dg.AssetExecutionContext, project: dg.ResourceParam[Project]) -> dg.ObserveResult:
        """What a document is now. Nothing is parsed, so that a refused one is seen too."""
        try:
            version, metadata = record.archived(project.settings, context.partition_key)
        except FileNotFoundError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        return dg.ObserveResult(asset_key=record.DOCUMENT, data_version=dg.DataVersion(version), metadata=metadata)

    observed: dg.AssetsDefinition = archived_documents
    return observed


_READ_CHECK = checks.read_spec(record.READING)


@dg.asset(
    name=record.READING,
    group_name=DOCUMENTS_GROUP,
    kinds={"python", "parquet"},
    owners=describe.OWNERS,
    partitions_def=DOCUMENTS,
    deps=[record.DOCUMENT],
    check_specs=[_READ_CHECK],
    code_version=state.code_fingerprint(("documents", "extract")),
    description=(
        "La lecture de chaque fichier d'un document : titres, paragraphes et tableaux tels qu'imprimés, "
        "chaque cellule avec son lieu, les réparations et ce qui n'a pu être lu."
    ),
)
def reading(
    context: dg.AssetExecutionContext, project: dg.ResourceParam[Project]
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """The readings of one document, staged. A document that cannot be read fails its run once its refusal is staged."""
    from pipeline.refresh.propose import summary
    from pipeline.refresh.state import readings_folder

    document, settings = context.partition_key, project.settings
    register(context.instance, {document: record.feeds(settings, document)})
    read = read_document(project, document)
    if isinstance(read, DocumentRead):
        _alert(context, project, read)
        yield from checks.results([checks.read_verdict(read.outcome.findings)], record.READING)
        raise _refused(document, read.outcome.refused)
    yield dg.MaterializeResult(
        data_version=dg.DataVersion(record.reading_version(settings, document)),
        metadata=describe.reading_metadata(summary(read), readings_folder(settings, document)),
    )
    yield from checks.results([checks.read_verdict(read.findings)], record.READING)


# The datasets.


def _datasets(named: _Named) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="decision",
        description="Décide de toutes les éditions d'un document : acceptées, elles deviennent des versions.",
        specs=[_dataset(dataset, named) for dataset in all_datasets()],
        check_specs=[spec for dataset in all_datasets() for spec in checks.dataset_specs(dataset.name)],
        can_subset=True,
    )
    def datasets(
        context: dg.AssetExecutionContext, project: dg.ResourceParam[Project]
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        """The editions of one document decided from its staged readings; those accepted (or as they were) materialise
        their dataset. All of the document is decided whatever was selected: its ledger is one. A refusal fails the run
        once everything that can be said was said."""
        yield from _decided(context, project)

    return datasets


def _decided(
    context: dg.AssetExecutionContext, project: Project
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    from pipeline.refresh.publish import acknowledged

    document, settings = context.partition_key, project.settings
    read = decide(project, document)
    _alert(context, project, read)
    seen = {a.finding for a in acknowledged(settings, document)}
    versions = project.versions()
    for key in context.selected_asset_keys:
        name = key.to_user_string()
        standing = [e for e in read.outcome.editions if e.dataset == name and e.status in ("accepted", "unchanged")]
        if standing:
            version, metadata = record.edition(versions, read, name, standing)
            yield dg.MaterializeResult(asset_key=name, data_version=dg.DataVersion(version), metadata=metadata)
        for result in checks.results(checks.verdicts(read.outcome, name, seen, read.known), name):
            if dg.AssetCheckKey(key, result.check_name or "") in context.selected_asset_check_keys:
                yield result
    if read.outcome.refused:
        raise _refused(document, read.outcome.refused)


def _dataset(dataset: Dataset, named: _Named) -> dg.AssetSpec:
    held = named.fed.get(dataset.name, [])
    absent = [a for a in named.known if a.dataset == dataset.name and a.id not in {h.id for h in held}]
    sources = _listed("Actes et documents qui l'alimentent", held, named.catalogue)
    sources += _listed("Actes connus et non détenus", absent, named.catalogue)
    return dg.AssetSpec(
        dataset.name,
        deps=[dg.AssetDep(record.READING, partition_mapping=dg.IdentityPartitionMapping()), record.REFERENCE],
        group_name=DATASETS_GROUP,
        kinds={"pandera", "parquet"},
        owners=describe.OWNERS,
        partitions_def=of_dataset(dataset.name),
        skippable=True,
        code_version=state.code_fingerprint(),
        automation_condition=_FOLLOWS_READINGS,
        description=f"**{dataset.title}**\n\n{dataset.description}{sources}",
        metadata={
            "dagster/table_name": f"annexes.main.{dataset.name}",
            "dagster/column_schema": describe.table_schema(dataset),
            "succession": _SUCCESSION[dataset.succession],
            **named.catalogue.metadata(addresses.of_dataset(dataset.name)),
        },
    )


def _listed(title: str, acts: Sequence[Act | Document | KnownAct], catalogue: describe.Catalogue) -> str:
    return f"\n\n{title} :\n\n{describe.acts_list(acts, catalogue=catalogue)}" if acts else ""


# What is not made of documents.


@dg.asset(
    name=record.REFERENCE,
    group_name=DATASETS_GROUP,
    kinds={"parquet"},
    owners=describe.OWNERS,
    metadata={"dagster/table_name": "annexes.ref"},
    description=(
        "Le référentiel géographique : communes, départements, régions et EPCI à chaque date. "
        "C'est lui qui décide des codes : un nom imprimé devient un code par ces tables (schéma `ref`)."
    ),
)
def reference(project: dg.ResourceParam[Project]) -> dg.MaterializeResult[None]:
    """The snapshots of raw/reference as they are now, their tables counted."""
    from pipeline.gazetteer import ref_tables

    rows = {name: table.num_rows for name, table in ref_tables(project.settings.reference).items()}
    version, metadata = record.reference_source(project.settings, rows)
    return dg.MaterializeResult(data_version=dg.DataVersion(version), metadata=metadata)


def _acts(named: _Named) -> dg.AssetsDefinition:
    @dg.asset(
        name=record.ACTS,
        group_name=DATASETS_GROUP,
        kinds={"file"},
        owners=describe.OWNERS,
        description=(
            "Les actes dont on connaît l'existence (`raw/actes.toml`), détenus ou non : le premier qui suit une "
            "édition et n'est pas détenu y met fin, car ce qui n'est pas détenu n'est pas répondu."
            f"\n\n{describe.acts_list(named.known, catalogue=named.catalogue)}"
        ),
        metadata=named.catalogue.metadata(addresses.ACTS),
    )
    def acts(project: dg.ResourceParam[Project]) -> dg.MaterializeResult[None]:
        """What raw/actes.toml lists now."""
        version, metadata = record.acts_source(project.settings)
        return dg.MaterializeResult(data_version=dg.DataVersion(version), metadata=metadata)

    return acts


# The marts and the file.


def _mart(mart: Mart, names: Sequence[str]) -> dg.AssetSpec:
    found = described(mart)
    schema = [dg.TableColumn(name, description=said) for d in found[:1] for name, said in d.columns]
    return dg.AssetSpec(
        mart.name,
        deps=sorted({_source(need, names) for need in mart.requires} - {"", mart.name}),
        group_name=BASE_GROUP,
        kinds={"duckdb", "sql"},
        owners=describe.OWNERS,
        skippable=True,
        automation_condition=_FOLLOWS_DATASETS,
        code_version=state.digest([(mart.name, mart.sql.encode())]),
        description="\n\n".join(f"**{d.name}** : {d.comment}" for d in found),
        metadata={
            "dagster/table_name": f"annexes.main.{found[0].name}",
            **({"dagster/column_schema": dg.TableSchema(schema)} if schema else {}),
        },
    )


def _source(need: str, names: Sequence[str]) -> str:
    """The asset that a mart's need stands in; '' for what the file itself gives."""
    schema, _, name = need.partition(".")
    if schema == "ref":
        return record.REFERENCE
    plain = name.removesuffix("_as_of")
    return next((n for n in (plain, name) if schema == "main" and n in names), "")


def _publication_specs() -> list[dg.AssetSpec]:
    marts = read_marts()
    names = [*(d.name for d in all_datasets()), *(mart.name for mart in marts)]
    base = dg.AssetSpec(
        record.BASE,
        deps=[*names, record.REFERENCE, record.ACTS],
        group_name=BASE_GROUP,
        kinds={"duckdb"},
        owners=describe.OWNERS,
        automation_condition=_FOLLOWS_DATASETS,
        code_version=state.code_fingerprint(BUILDING_ROOMS),
        description=(
            "La base publiée, `warehouse/annexes.duckdb` : tous les jeux de données, leurs périodes de validité, "
            "l'origine de chaque valeur. Construite à côté, vérifiée, puis mise en place d'un seul coup."
        ),
        metadata={"dagster/table_name": "annexes"},
    )
    return [*(_mart(mart, names) for mart in marts), base]


@dg.multi_asset(
    name="publication",
    description="Construit la base à côté, la vérifie, la met en place d'un seul coup.",
    specs=_publication_specs(),
    check_specs=[checks.whole_spec(record.BASE)],
)
def publication(
    project: dg.ResourceParam[Project],
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """The file and its marts, from all accepted versions."""
    done = publish(project)
    if done.error:
        raise dg.Failure(done.error, allow_retries=False)
    held = contents(project.settings, record.view_names())
    for event in record.publication_events(project.settings, held, done):
        version = dg.DataVersion((event.tags or {})[record.VERSION])
        yield dg.MaterializeResult(asset_key=event.asset_key, metadata=event.metadata, data_version=version)
    yield from checks.results([record.whole(done)], record.BASE)


# How late a dataset is.


@dg.multi_asset_check(
    name="fraicheur",
    specs=checks.late_specs(),
    description="Dit quels jeux de données annuels sont en retard.",
    can_subset=True,
)
def lateness(
    context: dg.AssetCheckExecutionContext, project: dg.ResourceParam[Project]
) -> Iterator[dg.AssetCheckResult]:
    """What the calendar of the acts says today, of the datasets asked for."""
    asked = {key.asset_key.to_user_string() for key in context.selected_asset_check_keys}
    for each in record.late_states(project.settings, project.versions(), project.clock()):
        if each.name in asked:
            yield from checks.results([checks.late_verdict(each)], each.name)


def _alert(context: dg.AssetExecutionContext, project: Project, read: DocumentRead) -> None:
    if why := project.alert(project.settings, read.outcome):
        context.log.warning(f"alerte : {why}")


def _refused(document: str, reasons: Sequence[str]) -> dg.Failure:
    """How a refusal is shown: a failed run whose message names document, place and remedy. Other documents go on."""
    listed = "\n".join(f"- {reason}" for reason in reasons)
    return dg.Failure(
        description=" | ".join(reasons),
        metadata={"document": document, "refus": dg.MetadataValue.md(listed)},
        allow_retries=False,
    )
