"""Maps of départements and plots of amounts, from what is held now; each with its table and its sentence.

The outlines of the mainland come from a package (assets/vendor); départements overseas are drawn as tiles beside them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pipeline.site.render import number
from pipeline.site.source import PACKAGE, Row, SiteSource

CLASSES = 5
OVERSEAS = ("971", "972", "973", "974", "976")
ZONES = ("Abis", "A", "B1", "B2", "C")


@dataclass(frozen=True)
class Place:
    """A département on a map: its class from 0 (least) to CLASSES-1, None where nothing is held of it."""

    code: str
    name: str
    value: float | None
    shown: str
    grade: int | None


@dataclass(frozen=True)
class Map:
    """One map. `bounds`: the class limits as words, least first."""

    key: str
    title: str
    places: tuple[Place, ...]
    bounds: tuple[str, ...]


@dataclass(frozen=True)
class Outlines:
    """Paths of the mainland's départements and the box that they are drawn in."""

    view_box: str
    paths: Mapping[str, str]


def outlines() -> Outlines:
    kept = json.loads((PACKAGE / "assets/vendor/departements.json").read_text(encoding="utf-8"))
    return Outlines(kept["view_box"], kept["paths"])


def context(source: SiteSource) -> Mapping[str, Any]:
    """All that the page of maps and plots shows; what is not held has no part in it."""
    return {
        "outlines": outlines(),
        "overseas": OVERSEAS,
        "zones": _zones(source) if "zonage_abc" in source.datasets else None,
        "thresholds": _thresholds(source) if "premier_quartile" in source.datasets else None,
        "places": _places(source) if "places_sites" in source.datasets else None,
        "ceilings": _ceilings(source) if "plafonds_plus" in source.datasets else None,
    }


def _names(source: SiteSource) -> dict[str, str]:
    rows = source.rows(
        "SELECT code_departement, arg_max(nom, cog_date) AS nom FROM ref.departements GROUP BY 1 ORDER BY 1"
    )
    return {row["code_departement"]: row["nom"] for row in rows}


def _map(
    key: str, title: str, names: Mapping[str, str], values: Mapping[str, float], bounds: Sequence[float], unit: str
) -> Map:
    """`bounds` are the lower limits of the classes after the first."""
    places = tuple(
        Place(
            code,
            name,
            values.get(code),
            f"{number(round(values[code], 1))}{unit}" if code in values else "non détenu",
            sum(values[code] >= b for b in bounds) if code in values else None,
        )
        for code, name in names.items()
    )
    told = [f"moins de {number(bounds[0])}{unit}"]
    told += [f"{number(low)} à {number(high)}{unit}" for low, high in pairwise(bounds)]
    return Map(key, title, places, (*told, f"{number(bounds[-1])}{unit} et plus"))


def _quantiles(values: Sequence[float], step: int) -> list[float]:
    """Limits that part the values in CLASSES classes of about the same number, rounded down to `step`."""
    ordered = sorted(values)
    limits = (ordered[len(ordered) * n // CLASSES] for n in range(1, CLASSES))
    rounded = sorted({float(int(limit // step * step)) for limit in limits if limit // step > 0})
    return rounded or [float(step)]


def _zones(source: SiteSource) -> Mapping[str, Any]:
    rows = source.rows(
        "SELECT code_departement, zone, count(*) AS n, any_value(edition) AS edition, any_value(valid_from) AS since "
        "FROM zonage_abc GROUP BY ALL"
    )
    total: dict[str, int] = {}
    for row in rows:
        total[row["code_departement"]] = total.get(row["code_departement"], 0) + row["n"]
    names = _names(source)
    # Zone A bis is of the zonings since 2014 only.
    zones = [zone for zone in ZONES if zone != "Abis" or any(row["zone"] == zone for row in rows)]
    shares = {
        zone: {
            place: 100 * sum(r["n"] for r in rows if (r["code_departement"], r["zone"]) == (place, zone)) / count
            for place, count in total.items()
        }
        for zone in zones
    }
    maps = [_map(f"zone-{zone}", f"Zone {zone}", names, shares[zone], (1, 10, 25, 50), "\u202f%") for zone in zones]
    counts = {zone: sum(r["n"] for r in rows if r["zone"] == zone) for zone in (*zones, None)}
    return {
        "maps": maps,
        "table": _table(names, total, shares),
        "counts": counts,
        "communes": sum(total.values()),
        **_since(rows),
    }


def _table(names: Mapping[str, str], total: Mapping[str, int], shares: Mapping[str, Mapping[str, float]]) -> list[Row]:
    return [
        {
            "code": code,
            "name": names.get(code, code),
            "communes": n,
            "shares": [share[code] for share in shares.values()],
        }
        for code, n in sorted(total.items())
    ]


def _since(rows: Sequence[Row]) -> Row:
    return {"edition": rows[0]["edition"], "since": rows[0]["since"]} if rows else {"edition": "", "since": None}


def _thresholds(source: SiteSource) -> Mapping[str, Any]:
    rows = source.rows(
        "SELECT DISTINCT siren, nom_epci, coalesce(type_territoire, '?') AS type, "
        "seuil_euros_par_uc_an AS seuil, annee "
        "FROM premier_quartile ORDER BY seuil, nom_epci"
    )
    medians = source.rows(
        "SELECT code_departement, median(seuil_euros_par_uc_an) AS seuil, count(*) AS n FROM premier_quartile "
        "GROUP BY 1 ORDER BY 1"
    )
    by_type = source.rows(
        "SELECT type, count(*) AS n, min(seuil) AS least, median(seuil) AS median, max(seuil) AS most FROM "
        "(SELECT DISTINCT siren, coalesce(type_territoire, '?') AS type, seuil_euros_par_uc_an AS seuil "
        "FROM premier_quartile) GROUP BY type ORDER BY median DESC, type"
    )
    values = {row["code_departement"]: float(row["seuil"]) for row in medians}
    drawn = _map("seuil", "Seuil médian", _names(source), values, _quantiles(list(values.values()), 100), "\u202f€")
    points = [{"type": r["type"], "seuil": r["seuil"], "nom": r["nom_epci"]} for r in rows]
    return {
        "map": drawn,
        "medians": medians,
        "by_type": by_type,
        "points": points,
        "year": rows[0]["annee"] if rows else None,
    }


def _places(source: SiteSource) -> Mapping[str, Any]:
    rows = source.rows(
        "SELECT code_departement, sum(places) AS places, count(*) AS sites, "
        "count(*) FILTER (places IS NULL) AS unknown "
        "FROM places_sites WHERE code_departement IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    values = {row["code_departement"]: float(row["places"]) for row in rows if row["places"] is not None}
    drawn = _map("places", "Places imprimées", _names(source), values, (50, 100, 200, 300), "")
    return {"map": drawn, "table": rows, "total": sum(values.values())}


def _ceilings(source: SiteSource) -> Mapping[str, Any]:
    rows = source.rows(
        "SELECT v.version_no, p.valid_from, categorie_menage, libelle_categorie, territoire, plafond_euros "
        "FROM history.plafonds_plus h JOIN meta.periods p USING (version_no) JOIN meta.versions v USING (version_no) "
        "WHERE p.known_to IS NULL AND NOT est_increment ORDER BY territoire, categorie_menage, p.valid_from"
    )
    points = [
        {
            "le": row["valid_from"],
            "categorie": row["categorie_menage"],
            "territoire": row["territoire"],
            "plafond": row["plafond_euros"],
        }
        for row in rows
    ]
    return {"points": points, "table": rows, "editions": len({row["valid_from"] for row in rows})}
