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
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.gazetteer.model import departement_of
from pipeline.gazetteer.names import normalise
from scripts.reference_cog import Cog, History, Json, cog_2020, history_cog, yearly_cog

PACKAGE = "@etalab/decoupage-administratif"
HISTORY_VERSION = "0.8.0"  # the last to hold historique-communes.json, and the only one with the EPCI of 2020
COG_2019 = "2019-01-01"  # bridges the history and the yearly files; not written
HISTORY_DATES = ("2009-04-29", "2017-09-01")
YEARS = {"2021": "1.1.1", "2022": "2.3.1", "2023": "3.1.1", "2024": "4.1.0", "2025": "5.3.0", "2026": "6.0.0"}
# 6.0.0 ships the bytes of 5.3.0 as its epci.json: the EPCI of 2026 are not held.
EPCI_VERSIONS = {"2020": HISTORY_VERSION} | {year: version for year, version in YEARS.items() if year < "2026"}
FIRST_EPT_VERSION = YEARS["2023"]
PARIS, PARIS_SIREN, GRAND_PARIS = "75056", "217500016", "200054781"
COUNTS = {"2009-04-29": 36_682, "2017-09-01": 35_414, COG_2019: 34_970, "2020-01-01": 34_968}  # published by INSEE
HELD_AT = (*HISTORY_DATES, *(f"{year}-01-01" for year in ("2020", *YEARS)))  # the dates written
REFERENCE = Path(__file__).parents[1] / "raw" / "reference"
Row = dict[str, Any]


class Packages:
    """The data files of the package, by version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, version: str, name: str) -> list[Json]:
        archive = self.folder / f"etalab-decoupage-administratif-{version}.tgz"
        if not archive.exists():
            subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{version}"], cwd=self.folder, check=True)
        with tarfile.open(archive) as tar:
            member = tar.extractfile(f"package/data/{name}.json")
            if member is None:
                raise SystemExit(f"{archive.name}: no data/{name}.json")
            rows: list[Json] = json.load(member)
        return rows


def territories(history: History, cogs: dict[str, Cog]) -> dict[str, dict[str, str | None]]:
    """For each territory that never divides (a chain of the history): the commune that holds it at each date."""
    held: dict[str, dict[str, str | None]] = {}
    for root, states in history.states.items():
        owners = {date: history.owner(root, date) for date in (*HISTORY_DATES, COG_2019)}
        if owners["2009-04-29"] and owners["2009-04-29"] not in cogs["2009-04-29"].communes:
            owners["2009-04-29"] = None  # Mayotte
        last = owners[COG_2019]
        for date in (d for d in cogs if d > COG_2019):
            last = cogs[date].owner(states[-1]["code"], last) or renamed_code(cogs, date, last) if last else None
            owners[date] = last
        held[root] = owners
    return held


def renamed_code(cogs: dict[str, Cog], date: str, code: str | None) -> str:
    """The new code of a commune that kept its name (its chief town moved); the sources of 2021 do not link the two."""
    dates = list(cogs)
    before, now = cogs[dates[dates.index(date) - 1]].communes, cogs[date].communes
    for new in now.keys() - before.keys():
        if code and now[new] == before[code] and departement_of(new) == departement_of(code):
            return new
    raise SystemExit(f"{date}: nothing says what became of commune {code}")


def former_names(history: History, held: dict[str, dict[str, str | None]], cogs: dict[str, Cog]) -> list[Row]:
    """(cog_date, code_commune, nom, jusqu_au): names ended by that date, under the commune that holds the place now."""
    found: set[tuple[str, str, str, str]] = set()
    for root, owners in held.items():
        for nom, end in history.former_names(root):
            found |= {(d, code, nom, end) for d, code in owners.items() if code and end <= d}
    dates = [d for d in cogs if d >= COG_2019]
    for before, after in pairwise(dates):
        for code, nom in cogs[before].communes.items():
            if cogs[after].communes.get(code) != nom:
                for date in (d for d in dates if d >= after):
                    owner = cogs[date].owner(code, None) or renamed_code(cogs, date, code)
                    found.add((date, owner, nom, after))
    return [
        dict(zip(("cog_date", "code_commune", "nom", "jusqu_au"), row, strict=True))
        for row in sorted(found)
        if row[0] != COG_2019 and normalise(row[2]) != normalise(cogs[row[0]].communes[row[1]])
    ]


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


def write(out: Path, name: str, rows: list[Row], dates: tuple[str, ...] = ()) -> None:
    """One Parquet file, columns in the order of the rows' keys; those named in `dates` become DATE."""
    table = pa.Table.from_pylist(rows)
    for column in dates:
        at = table.schema.get_field_index(column)
        table = table.set_column(at, column, table[column].cast(pa.date32()))
    # Sorted codes shrink to a third as differences from the one before.
    codes = {field.name: "DELTA_BYTE_ARRAY" for field in table.schema if field.name == "code" or field.name in HELD_AT}
    others = [field.name for field in table.schema if field.name not in codes]
    pq.write_table(
        table,
        out / name,
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


def make(packages: Packages, out: Path) -> None:
    history, cogs = all_cogs(packages)
    held = territories(history, cogs)
    check(cogs, held)
    out.mkdir(parents=True, exist_ok=True)
    for date in HELD_AT:
        rows = [
            {"code": p.code, "nom": p.nom, "type": p.kind, "rattachement": p.rattachement} for p in cogs[date].places
        ]
        write(out, f"communes_{date}.parquet", rows)
    check_years(packages)
    for year in EPCI_VERSIONS:
        write(out, f"epci_{year}.parquet", epci_rows(packages, year, cogs[f"{year}-01-01"].communes))
    passage = {tuple(owners[date] for date in HELD_AT) for owners in held.values()}
    rows = [dict(zip(HELD_AT, row, strict=True)) for row in sorted(passage, key=lambda r: tuple(c or "" for c in r))]
    write(out, "passage.parquet", [row for row in rows if any(row.values())])
    write(out, "noms_anciens.parquet", former_names(history, held, cogs), dates=("cog_date", "jusqu_au"))
    departements, regions = regional_rows(packages, HELD_AT)
    write(out, "departements.parquet", departements, dates=("cog_date",))
    write(out, "regions.parquet", regions, dates=("cog_date",))
    (out / "sources.toml").write_text(sources(out), encoding="utf-8")


EPT_NOTE = "epci.json ; EPT de 2023, aux mêmes communes ; commune de Paris ajoutée"
ALL_VERSIONS = (HISTORY_VERSION, *YEARS.values())
# First prefix that fits a file's name; no version named: that of the file's year.
HOW = {
    "communes_2009": ((HISTORY_VERSION,), "historique-communes.json, états en vigueur à la date ; Mayotte n'y est pas"),
    "communes_2017": ((HISTORY_VERSION,), "historique-communes.json, états en vigueur à la date"),
    "communes_2020": (
        (HISTORY_VERSION, YEARS["2021"]),
        (
            "communes.json de 2019 et de 2021, départagés par les EPCI de 2020 ; une partie de commune supprimée en 2019 "
            "ou en 2020, à une date non connue, y est encore"
        ),
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
