"""Make the snapshots of raw/reference/ from the npm package @etalab/decoupage-administratif.

Packs seven versions of the package into a temporary folder (or reads them from --packages), derives communes at each
date, départements, régions, EPCI by year, former names and the passage between dates, and writes them as Parquet with
sources.toml (versions, licence, how each file was made, sha256). Run again with the locked pyarrow, it writes the same
bytes. It refuses to write when its own checks fail. Needs npm and the network, unless --packages is given.

    python scripts/make_reference.py --out raw/reference [--packages FOLDER_OF_TGZ]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts.reference_cog import (
    COG_2019,
    Cog,
    History,
    Json,
    cog_2020,
    former_names,
    history_cog,
    territories,
    yearly_cog,
)

PACKAGE = "@etalab/decoupage-administratif"
HISTORY_VERSION = "0.8.0"  # the last to hold historique-communes.json, and the only one with the EPCI of 2020
HISTORY_DATES = ("2009-04-29", "2017-09-01")
YEARS = {"2021": "1.1.1", "2022": "2.3.1", "2023": "3.1.1", "2024": "4.1.0", "2025": "5.3.0", "2026": "6.0.0"}
# 6.0.0 ships the bytes of 5.3.0 as its epci.json: the EPCI of 2026 are not held.
EPCI_VERSIONS = {"2020": HISTORY_VERSION} | {year: version for year, version in YEARS.items() if year < "2026"}
FIRST_EPT_VERSION = YEARS["2023"]
PARIS, PARIS_SIREN, GRAND_PARIS = "75056", "217500016", "200054781"
COUNTS = {"2009-04-29": 36_682, "2017-09-01": 35_414, COG_2019: 34_970, "2020-01-01": 34_968}  # published by INSEE
HELD_AT = (*HISTORY_DATES, *(f"{year}-01-01" for year in ("2020", *YEARS)))  # the dates written
REFERENCE = Path(__file__).parents[1] / "raw" / "reference"
DATES = {"cog_date", "jusqu_au"}
Row = dict[str, Any]


class Packages:
    """The data files of the package, by version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, version: str, name: str) -> list[Json]:
        archive = self.folder / f"etalab-decoupage-administratif-{version}.tgz"
        if not archive.exists():
            subprocess.run(
                ["npm", "pack", "--silent", f"{PACKAGE}@{version}"],
                cwd=self.folder,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        with tarfile.open(archive) as tar:
            member = tar.extractfile(f"package/data/{name}.json")
            if member is None:
                raise SystemExit(f"{archive.name}: no data/{name}.json")
            rows: list[Json] = json.load(member)
        return rows


def epci_rows(packages: Packages, year: str, communes: dict[str, str]) -> list[Row]:
    """EPCI of a year, the eleven EPT of Grand Paris and the commune of Paris, which stands for itself in the acts."""
    version = EPCI_VERSIONS[year]
    epci = [(e["code"], e["nom"], e["type"], e["membres"]) for e in packages.read(version, "epci")]
    ept = packages.read(max(version, FIRST_EPT_VERSION), "ept")
    epci += [(e["code"], e["nom"], "EPT", e["membres"]) for e in ept]
    epci.append((PARIS_SIREN, "Paris", "COMMUNE", [{"code": PARIS}]))
    rows = [
        {"siren": s, "nom": " ".join(n.split()), "type": t, "membres": sorted(m["code"] for m in members)}
        for s, n, t, members in sorted(epci, key=lambda e: e[0])
    ]
    check_epci(rows, year, communes)
    return rows


def check_epci(rows: list[Row], year: str, communes: dict[str, str]) -> None:
    """Every member is a commune of the year, in one EPCI; the EPT and Paris share out the Métropole exactly."""
    full = [code for row in rows if row["type"] not in ("EPT", "COMMUNE") for code in row["membres"]]
    parts = [code for row in rows if row["type"] in ("EPT", "COMMUNE") for code in row["membres"]]
    grand_paris = next(row["membres"] for row in rows if row["siren"] == GRAND_PARIS)
    if unknown := set(full) - communes.keys():
        raise SystemExit(f"EPCI {year}: not communes of that year: {sorted(unknown)}")
    if len(full) != len(set(full)) or sorted(parts) != grand_paris:
        raise SystemExit(f"EPCI {year}: a commune in two EPCI, or EPT that do not share out the Métropole")


def check_years(packages: Packages) -> None:
    """No year repeats the list of another: populations change every 1 January, so equal lists are one year's."""
    lists = {json.dumps(packages.read(version, "epci"), sort_keys=True) for version in EPCI_VERSIONS.values()}
    if len(lists) != len(EPCI_VERSIONS):
        raise SystemExit("EPCI: two versions of the package hold the same list")


def regional_rows(packages: Packages, dates: Iterable[str]) -> tuple[list[Row], list[Row]]:
    """(départements, régions) at each date; before 2016 from regions.toml, after from the package."""
    by_hand = tomllib.loads((REFERENCE / "regions.toml").read_text(encoding="utf-8"))
    old, other = by_hand["avant_2016"], by_hand["autres_noms"]
    newest = YEARS[max(YEARS)]
    now_departements = {d["code"]: d for d in packages.read(newest, "departements") if d["zone"] != "com"}
    now_regions = {r["code"]: r["nom"] for r in packages.read(newest, "regions") if r["zone"] != "com"}
    departements, regions = [], []
    for date in dates:
        if date < "2016-01-01":
            region_of = {d: code for code, region in old.items() for d in region["departements"]}
            names = {code: region["nom"] for code, region in old.items()}
            former: dict[str, set[str]] = {}
        else:
            region_of = {code: d["region"] for code, d in now_departements.items()}
            names = now_regions
            former = {code: set() for code in names}
            for region in old.values():
                former[region_of[region["departements"][0]]].add(region["nom"])
        departements += [
            {"cog_date": date, "code": d, "nom": now_departements[d]["nom"], "code_region": region_of[d]}
            for d in sorted(region_of)
        ]
        regions += [
            {
                "cog_date": date,
                "code": c,
                "nom": n,
                "autres_noms": sorted({*former.get(c, ()), *other.get(c, ())} - {n}),
            }
            for c, n in sorted(names.items())
        ]
    return departements, regions


def all_cogs(packages: Packages) -> tuple[History, dict[str, Cog]]:
    """Every date in order, 2019 included: it bridges the history and the yearly files, and is not written."""
    history = History(packages.read(HISTORY_VERSION, "historique-communes"))
    yearly = {f"{year}-01-01": yearly_cog(packages.read(version, "communes")) for year, version in YEARS.items()}
    bridge = yearly_cog(packages.read(HISTORY_VERSION, "communes"))
    arrondissements = [place for place in bridge.places if place.kind == "ARM"]
    cogs = {date: history_cog(history, date, arrondissements) for date in HISTORY_DATES}
    members = {m["code"]: m["nom"] for e in packages.read(HISTORY_VERSION, "epci") for m in e["membres"]}
    in_epci = {m["code"] for e in packages.read(YEARS["2021"], "epci") for m in e["membres"]}
    outside = yearly["2021-01-01"].communes.keys() - in_epci
    cogs[COG_2019] = bridge
    cogs["2020-01-01"] = cog_2020(bridge, yearly["2021-01-01"], members, outside)
    return history, cogs | yearly


def check(cogs: dict[str, Cog], held: dict[str, dict[str, str | None]]) -> None:
    """Every commune of every date is reached by the passage, and the published counts of communes are met."""
    for date, cog in cogs.items():
        reached = {owners[date] for owners in held.values()} - {None}
        if reached != cog.communes.keys():
            raise SystemExit(f"{date}: passage and communes differ: {sorted(reached ^ cog.communes.keys())[:10]}")
    for date, expected in COUNTS.items():
        if len(cogs[date].communes) != expected:
            raise SystemExit(f"{date}: {len(cogs[date].communes)} communes, {expected} expected")


def write(path: Path, rows: list[Row]) -> None:
    """One Parquet file, columns in the order of the rows' keys, text but for the dates of DATES."""
    table = pa.Table.from_pylist(rows)
    for column in DATES & set(table.column_names):
        at = table.schema.get_field_index(column)
        table = table.set_column(at, column, table[column].cast(pa.date32()))
    # Sorted codes shrink to a third as differences from the one before.
    codes = {field.name: "DELTA_BYTE_ARRAY" for field in table.schema if field.name == "code" or field.name in HELD_AT}
    others = [field.name for field in table.schema if field.name not in codes]
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=others,
        column_encoding=codes or None,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=REFERENCE, help="folder to write (default: raw/reference)")
    parser.add_argument("--packages", type=Path, help="folder of .tgz files already packed; npm is not called")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        make(Packages(args.packages or Path(temporary)), args.out)


def tables(packages: Packages) -> dict[str, list[Row]]:
    """Every file by name with its rows; exits when a check fails."""
    history, cogs = all_cogs(packages)
    held = territories(history, cogs, HISTORY_DATES)
    check(cogs, held)
    check_years(packages)
    passage = {tuple(owners[date] for date in HELD_AT) for owners in held.values()}
    by_code = sorted((row for row in passage if any(row)), key=lambda row: tuple(code or "" for code in row))
    made: dict[str, list[Row]] = {"passage": [dict(zip(HELD_AT, row, strict=True)) for row in by_code]}
    for date in HELD_AT:
        made[f"communes_{date}"] = [
            {"code": p.code, "nom": p.nom, "type": p.kind, "rattachement": p.rattachement} for p in cogs[date].places
        ]
    for date, names in former_names(history, held, cogs).items():
        if date in HELD_AT:
            made[f"noms_anciens_{date}"] = names
    for year in EPCI_VERSIONS:
        made[f"epci_{year}"] = epci_rows(packages, year, cogs[f"{year}-01-01"].communes)
    made["departements"], made["regions"] = regional_rows(packages, HELD_AT)
    return made


def make(packages: Packages, out: Path) -> None:
    """Replace the Parquet files and sources.toml of `out`, once all of them are made and checked."""
    made = tables(packages)
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.parquet"):
        old.unlink()
    for name, rows in made.items():
        write(out / f"{name}.parquet", rows)
    (out / "sources.toml").write_text(sources(out), encoding="utf-8")


EPT_NOTE = "epci.json ; EPT de 2023, aux mêmes communes ; commune de Paris ajoutée"
ALL_VERSIONS = (HISTORY_VERSION, *YEARS.values())
# First prefix that fits a file's name; no version named: that of the file's year.
HOW = {
    "communes_2009": ((HISTORY_VERSION,), "historique-communes.json, états en vigueur à la date ; Mayotte n'y est pas"),
    "communes_2017": ((HISTORY_VERSION,), "historique-communes.json, états en vigueur à la date"),
    "communes_2020": (
        (HISTORY_VERSION, YEARS["2021"]),
        "communes.json de 2019 et de 2021, départagés par les EPCI de 2020 ; parties supprimées alors gardées",
    ),
    "communes_": ((), "communes.json de l'année, sans les collectivités d'outre-mer"),
    "epci_2020": ((HISTORY_VERSION, FIRST_EPT_VERSION), EPT_NOTE),
    "epci_2021": ((YEARS["2021"], FIRST_EPT_VERSION), EPT_NOTE),
    "epci_2022": ((YEARS["2022"], FIRST_EPT_VERSION), EPT_NOTE),
    "epci_": ((), "epci.json et ept.json de l'année ; commune de Paris ajoutée"),
    "passage": (ALL_VERSIONS, "une ligne par territoire indivis : la commune qui le tient à chaque date"),
    "noms_anciens": (ALL_VERSIONS, "noms qui ont pris fin, sous la commune qui tient le territoire à la date"),
    "departements": ((YEARS["2026"],), "departements.json ; régions d'avant 2016 : regions.toml"),
    "regions": ((YEARS["2026"],), "regions.json ; régions d'avant 2016 et autres noms : regions.toml"),
}


def sources(out: Path) -> str:
    """sources.toml: where each file comes from, how it was made, and its sha256."""
    lines = [
        "# Generated by scripts/make_reference.py.",
        f'paquet = "{PACKAGE}"',
        'licence_donnees = "Licence Ouverte 2.0 (INSEE, Code officiel géographique ; DGCL, liste des EPCI)"',
        'licence_paquet = "MIT"',
        "",
    ]
    for path in sorted(out.glob("*.parquet")):
        versions, how = next(value for prefix, value in HOW.items() if path.name.startswith(prefix))
        versions = versions or (YEARS[path.stem.split("_")[1][:4]],)
        lines += [
            "[[fichier]]",
            f'nom = "{path.name}"',
            f"versions = {json.dumps(sorted(set(versions)))}",
            f'comment = "{how}"',
            f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"',
            "",
        ]
    return "\n".join(lines[:-1]) + "\n"


if __name__ == "__main__":
    main()
