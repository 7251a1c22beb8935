"""The whole warehouse looked at again: each version file against its record, and the published file against the
versions. Only reading; a backup is checked by `backup.check_backup`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipeline.contract.dataset import Dataset
from pipeline.settings import Settings
from pipeline.store.pending import WaitingReadings
from pipeline.store.records import VersionRecord
from pipeline.store.versions import StoreView, VersionStore
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.ddl import literal
from pipeline.warehouse.publish import declared, published_fingerprint, was_added_to

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def audit(
    settings: Settings, datasets: Sequence[Dataset], current: bool, catalogue: Catalogue | None = None
) -> Iterator[str]:
    """What is wrong (French sentences), nothing when all is whole. Reads every byte of the versions.

    The sha256 of each file, the hash of what each version says, and, where the published file is the one that a publish
    would make now (`current`), that it holds these versions and no other, with all their rows and citations. One that
    is older can only be opened: it was made from other declarations. With the `catalogue` too, one that versions were
    added to is compared with a whole build, made beside for it.
    """
    store = VersionStore(settings.versions, trusting=False)
    held = store.view()
    yield from held.lost
    for damaged in (*held.refused, *WaitingReadings(settings.pending).damaged):
        yield f"{damaged.path.parent.name}/{damaged.path.name} : {damaged.reason}"
    for record in held.records:
        yield from _altered(store, record)
    if settings.database.is_file():
        yield from _published(settings, datasets, store, held, current)
        if current and catalogue is not None and was_added_to(settings) and not held.lost:
            yield from _not_as_whole(settings, datasets, store, catalogue)


def _altered(store: VersionStore, record: VersionRecord) -> Iterator[str]:
    """What the file says against the hash in its record."""
    from pipeline.store.tables import content_hash

    rows = store.rows(record)
    if rows.num_rows != record.rows or content_hash(rows) != record.content_sha256:
        yield f"{record.dataset}, version {record.version_no} : le contenu n'est pas celui qui a été accepté"


def _published(
    settings: Settings, datasets: Sequence[Dataset], store: VersionStore, held: StoreView, current: bool
) -> Iterator[str]:
    import duckdb

    from pipeline.warehouse.build import Inputs
    from pipeline.warehouse.verify import problems

    file = settings.database.name
    if published_fingerprint(settings, thorough=True) is None:
        yield f"{file} : ce n'est pas, octet pour octet, le fichier publié ; `annexes refresh` le refait"
    served = replace(held, records=tuple(r for r in held.records if r.dataset in {d.name for d in datasets}))
    try:
        # Not `access.connect`: the versions are read in the same session, to be compared.
        with duckdb.connect(str(settings.database), read_only=True) as connection:
            connection.execute("SELECT count(*) FROM meta.versions").fetchall()
            if current:
                yield from (f"{file} : {wrong}" for wrong in _other_versions(connection, served.records))
                inputs = Inputs(datasets, store, served, Catalogue())
                yield from (f"{file} : {wrong}" for wrong in problems(connection, inputs))
    except duckdb.Error as error:
        yield f"{file} : {error}"


def _other_versions(connection: DuckDBPyConnection, records: Sequence[VersionRecord]) -> Iterator[str]:
    published = {number for (number,) in connection.execute("SELECT version_no FROM meta.versions").fetchall()}
    accepted = {r.version_no for r in records}
    if published - accepted:
        yield f"versions publiées qui ne sont pas dans versions/ : {sorted(published - accepted)}"
    if accepted - published:
        yield f"versions qui ne sont pas publiées : {sorted(accepted - published)} ; `annexes refresh`"


def _not_as_whole(
    settings: Settings, datasets: Sequence[Dataset], store: VersionStore, catalogue: Catalogue
) -> Iterator[str]:
    """What a file built whole would say otherwise."""
    import duckdb

    from pipeline.warehouse.build import Inputs, build
    from pipeline.warehouse.verify import differences

    with TemporaryDirectory(dir=settings.warehouse, prefix=".verify.") as folder:
        whole = Path(folder) / "whole.duckdb"
        build(Inputs(datasets, store, declared(store, datasets), catalogue), whole)
        with duckdb.connect() as connection:
            for path, name in ((settings.database, "published"), (whole, "whole")):
                connection.execute(f"ATTACH {literal(str(path))} AS {name} (READ_ONLY)")
            for wrong in differences(connection, "published", "whole"):
                yield f"{settings.database.name} : {wrong} dans une base refaite en entier"
