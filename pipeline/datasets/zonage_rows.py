"""One row a commune of the date, whatever the annex says of it: named, taken with its département, left to the rest of
the country, or undecided.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.contract.rows import How, Row, Value
from pipeline.datasets.zonage_decided import Decided, Placed, Reserve
from pipeline.datasets.zonage_lists import Annex
from pipeline.extract.model import Cell
from pipeline.gazetteer import Commune, Gazetteer

_UNNAMED: Mapping[str, Value] = {
    name: Value(None) for name in ("libelle_imprime", "resolution", "score", "marge", "rang_impression")
}


def rows_of(annex: Annex, decided: Decided, gazetteer: Gazetteer) -> list[Row]:
    """The rows in code order. The rest has the zone of the sentence that prints it; without that sentence, none."""
    unfinished = _after_the_end(decided, gazetteer)
    whole = {id(item): _sentence(item.zone, "departement", item.whole) for item in decided.whole.values()}
    rest = _sentence(annex.rest_zone, "reste_du_territoire", annex.rest) if annex.rest else None
    cog = (f"COG {gazetteer.cog_date}",)
    rows: list[Row] = []
    for commune in gazetteer.communes():
        code = commune.code
        if placed := decided.named.get(code):
            said = _named(placed)
        elif code in decided.whole:
            said = whole[id(decided.whole[code])]
        elif code in decided.doubtful:
            said = _undecided(decided.doubtful[code])
        elif rest is None:
            said = _undecided("reste_non_imprime")
        elif code in unfinished:
            said = {**rest, "reserve": Value("liste_non_terminee", (), "rest")}
        else:
            said = rest
        rows.append({**_place(commune, cog), **said})
    return rows


def _place(commune: Commune, cog: tuple[str, ...]) -> Row:
    return {
        "code_region": Value(commune.code_region, (), "resolved", cog),
        "code_departement": Value(commune.code_departement, (), "resolved", cog),
        "code_commune": Value(commune.code, (), "resolved", cog),
        "nom_commune": Value(commune.nom, (), "resolved", cog),
    }


def _named(placed: Placed) -> Row:
    name, resolution = placed.name, placed.resolution
    cites = (name.cell,)
    how = "correction" if name.is_corrected else resolution.how
    return {
        "zone": Value(name.under.zone, cites, "resolved", (str(how),)),
        "portee": Value("commune", cites, "resolved"),
        "libelle_imprime": Value(name.cell.text, cites),
        "resolution": Value(how, cites, "resolved"),
        "score": Value(resolution.score, cites, "resolved"),
        "marge": Value(resolution.margin, cites, "resolved"),
        "reserve": Value(None),
        "rang_impression": Value(name.rank, cites, "resolved"),
    }


def _sentence(zone: str | None, portee: str, sentence: Cell | None) -> Row:
    assert sentence is not None
    how: How = "rest" if portee == "reste_du_territoire" else "whole_departement"
    cites = (sentence,)
    return {"zone": Value(zone, cites, how), "portee": Value(portee, cites, how), **_UNNAMED, "reserve": Value(None)}


def _undecided(why: Reserve) -> Row:
    return {
        "zone": Value(None),
        "portee": Value("indeterminee", (), "rest"),
        **_UNNAMED,
        "reserve": Value(why, (), "rest"),
    }


def _after_the_end(decided: Decided, gazetteer: Gazetteer) -> set[str]:
    """The communes that an unfinished list may still have held: those after its last code."""
    found: set[str] = set()
    for item in decided.lists:
        departement = item.printed.departement
        if item.printed.is_unfinished and departement:
            last = item.last_code or ""
            found.update(c.code for c in gazetteer.communes(departement.code) if c.code > last)
    return found
