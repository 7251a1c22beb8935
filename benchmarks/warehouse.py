"""What the warehouse costs, as ratios taken in one run: history against a bare CREATE TABLE AS, provenance by the cell,
as-of against the number of editions not selected, memory and time of a whole build.

    python benchmarks/warehouse.py [--quick] [--editions 1 10 100]

Editions are made up: 35 000 rows of 8 columns, 6 cited cells a row. `--quick` takes 1, 5 and 10 editions of 5 000 rows:
it shows that the benchmark runs, its ratios mean little.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.contract.dataset import Column, Dataset, Recognise
from pipeline.contract.rows import Rows
from pipeline.settings import Settings
from pipeline.store.records import ActRecord, VersionRecord
from pipeline.store.tables import CELLS_SCHEMA, content_hash
from pipeline.store.versions import VersionStore
from pipeline.warehouse import access
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.load import load_cells, load_rows
from pipeline.warehouse.writing import STORAGE_VERSION
from tests.warehouse.made import publish

CITED = 6
BASE = Dataset(
    name="zonage",
    title="Zonage",
    description="Une ligne par commune.",
    key=("annee", "code_commune"),
    columns=(
        Column("annee", "INTEGER", "Année."),
        Column("code_commune", "TEXT", "Code."),
        Column("code_departement", "TEXT", "Département."),
        Column("nom", "TEXT", "Nom."),
        Column("libelle_imprime", "TEXT", "Imprimé.", nullable=True),
        Column("zone", "TEXT", "Zone."),
        Column("seuil_euros", "INTEGER", "Seuil."),
        Column("score", "DOUBLE", "Ressemblance.", nullable=True),
    ),
    acts=Recognise(),
    read=lambda *_: Rows(()),
    edition_key=("annee",),
    rhythm="yearly",
)


def made_rows(year: int, count: int) -> pa.Table:
    """One edition; about one value in ten changes from one year to the next."""
    chance = np.random.default_rng(year)
    numbers = np.arange(count)
    codes = [f"{n:05d}" for n in numbers]
    names = [f"Commune-du-{n % 977}-sur-{n}" for n in numbers]
    return pa.table(
        {
            "row_no": pa.array(numbers + 1, pa.int32()),
            "annee": pa.array(np.full(count, year), pa.int32()),
            "code_commune": codes,
            "code_departement": [code[:2] for code in codes],
            "nom": names,
            "libelle_imprime": names,
            "zone": chance.choice(["A", "B1", "B2", "C"], count),
            "seuil_euros": pa.array(9_000 + numbers % 800 + chance.integers(0, 2, count), pa.int32()),
            "score": chance.choice([1.0, 0.97, 0.91], count),
        }
    )


def made_cells(rows: pa.Table) -> pa.Table:
    """Six cited cells a row, as a PDF gives them: text, page, box."""
    count = rows.num_rows * CITED
    row, col = np.divmod(np.arange(count), CITED)
    names, codes, zones = (rows.column(c).to_pylist() for c in ("nom", "code_commune", "zone"))
    euros = [str(v) for v in rows.column("seuil_euros").to_pylist()]
    printed = [text for four in zip(names, codes, codes, zones, euros, zones, strict=True) for text in four]
    top = 90 + (row % 50) * 14.0
    made: dict[str, Any] = {
        "row_no": row + 1,
        "col_no": col + 2,
        "cite_no": np.ones(count),
        "how": ["printed"] * count,
        "printed": printed,
        "rendition": ["annexe.pdf"] * count,
        "page": 1 + row // 50,
        "x0": 40 + col * 90.0,
        "top": top,
        "x1": 125 + col * 90.0,
        "bottom": top + 12,
        "rules": [""] * count,
    }
    arrays = [pa.array(made[f.name]).cast(f.type) if f.name in made else pa.nulls(count, f.type) for f in CELLS_SCHEMA]
    return pa.Table.from_arrays(arrays, schema=CELLS_SCHEMA)


def fill_store(settings: Settings, first: int, last: int, count: int) -> None:
    """Accept editions number `first` to `last`, one a year from 1900."""
    for number in range(first, last + 1):
        rows = made_rows(1900 + number, count)
        act = ActRecord(f"ACTE{number}", f"Arrêté {number}")
        made = VersionRecord(
            dataset=BASE.name,
            version_no=number,
            edition=act.id,
            document=f"doc-{number}",
            rendition="annexe.pdf",
            role="published",
            accepted_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number),
            rows=count,
            quarantined=0,
            content_sha256=content_hash(rows),
            inputs_sha256="",
            act=act,
            valid_from=date(1900 + number, 6, 1),
            valid_from_base="texte",
        )
        VersionStore(settings.versions).commit(made, rows, made_cells(rows))


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """The best wall time of several: what others do on the machine only ever adds."""
    taken: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def loading(settings: Settings, folder: Path, repeat: int) -> dict[str, float]:
    """data.<dataset> as built against a bare CREATE TABLE AS of the same files: one thread, files on disk, by turns."""
    records = VersionStore(settings.versions).records()
    files = [str(VersionStore(settings.versions).path(r.dataset, r.version_no)) for r in records]
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(repeat):
        bare.append(
            seconds(lambda: _with_file(folder, lambda c: c.execute(f"CREATE TABLE t AS FROM read_parquet({files})")))
        )
        ours.append(
            seconds(lambda: _with_file(folder, lambda c: load_rows(c, BASE, records, VersionStore(settings.versions))))
        )
    return {"history_s": min(ours), "bare_s": min(bare)}


def cells_size(settings: Settings, folder: Path) -> dict[str, float]:
    """Bytes of a file that holds meta.cells alone."""
    records = VersionStore(settings.versions).records()
    renditions = {(r.document, r.rendition): n for n, r in enumerate(records, 1)}
    size: list[int] = []
    taken = seconds(
        lambda: size.append(
            _with_file(folder, lambda c: load_cells(c, [BASE], records, renditions, VersionStore(settings.versions)))
        )
    )
    return {"cells": sum(r.rows * CITED for r in records), "cells_mb": size[0] / 1e6, "cells_s": taken}


def _with_file(folder: Path, work: Callable[[duckdb.DuckDBPyConnection], object]) -> int:
    """Run `work` in a new database file (checkpointed and closed); its size."""
    path = folder / "mesure.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"ATTACH '{path}' AS mesure (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE mesure")
        connection.execute("CREATE SCHEMA data")
        connection.execute("CREATE SCHEMA meta")
        work(connection)
        connection.execute("USE memory")
        connection.execute("DETACH mesure")
    return path.stat().st_size


def _publish(root: str, results: Any) -> None:
    done = publish(Settings(Path(root)), [BASE], Catalogue())
    results.put((done.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def building(settings: Settings) -> dict[str, float]:
    """Time and peak memory of a whole publish, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    child = context.Process(target=_publish, args=(str(settings.root), results))
    child.start()
    taken, peak = results.get()
    child.join()
    return {"build_s": taken, "build_peak_mb": peak, "file_mb": settings.database.stat().st_size / 1e6}


def reading(settings: Settings, editions: int) -> dict[str, float]:
    """Best time of an as-of (whole and one key), of `main`, and of a look-up of provenance."""
    row = 1 + 777 % 100
    with access.connect(settings, threads=1) as connection:

        def timed(sql: str) -> float:
            return 1000 * seconds(lambda: connection.execute(sql).fetchall(), 15)

        return {
            "as_of_ms": timed("SELECT count(*), sum(seuil_euros) FROM zonage_as_of('1901-07-01')"),
            "as_of_key_ms": timed("FROM zonage_as_of('1901-07-01') WHERE code_commune = '00777'"),
            "main_key_ms": timed("FROM zonage WHERE code_commune = '00777'"),
            "why_ms": timed(f"FROM meta.provenance WHERE version_no = {editions} AND row_no IN (0, {row})"),
            "diff_ms": timed("SELECT changement, count(*) FROM zonage_diff(1, 1) GROUP BY ALL"),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--editions", type=int, nargs="+")
    options = parser.parse_args()
    steps = options.editions or ([1, 5, 10] if options.quick else [1, 10, 100])
    count = 5_000 if options.quick else 35_000
    measured: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        settings, held = Settings(Path(name)), 0
        for editions in steps:
            fill_store(settings, held + 1, editions, count)
            held = editions
            found = loading(settings, Path(name), 3) | cells_size(settings, Path(name)) | building(settings)
            measured[editions] = found | reading(settings, editions)
            print(editions, json.dumps({k: round(v, 3) for k, v in measured[editions].items()}), flush=True)
    return 0 if report(measured) or options.quick else 1


def report(measured: dict[int, dict[str, float]]) -> bool:
    """Print the ratios, each with its target; whether all are met."""
    steps = sorted(measured)
    few, many = measured[steps[-2] if len(steps) > 1 else steps[-1]], measured[steps[-1]]
    more = steps[-1] / (steps[-2] if len(steps) > 1 else steps[-1])
    lines = [
        ("history / bare CREATE TABLE AS", many["history_s"] / many["bare_s"], 1.5),
        ("MB for 21 million cells", many["cells_mb"] * 21e6 / many["cells"], 250),
        ("why, ms", many["why_ms"], 50),
        (f"as-of, {steps[-1]} editions / {round(steps[-1] / more)}", many["as_of_ms"] / few["as_of_ms"], 1.5),
        ("as-of of one key, same", many["as_of_key_ms"] / few["as_of_key_ms"], 1.5),
        ("build peak, MB", many["build_peak_mb"], 1000),
        ("build time / editions, growth", many["build_s"] / few["build_s"] / more, 1.2),
        ("file size / editions, growth", many["file_mb"] / few["file_mb"] / more, 1.2),
    ]
    for label, value, target in lines:
        print(f"{label:45} {value:9.2f}   target <= {target:g}   {'ok' if value <= target else 'MISSED'}")
    return all(value <= target for _, value, target in lines)


if __name__ == "__main__":
    sys.exit(main())
