"""Any table of regions and sites, flattened with any choice of unclosed rows and drifting cells, comes back whole."""

from __future__ import annotations

from datetime import date
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.gazetteer import Commune, Departement, Region, load
from tests.conftest import ROOT
from tests.datasets.places_made import HEADER, hear

Site = tuple[Departement, Commune, int | None]
Table = list[tuple[Region, int, int, list[Site]]]


@cache
def pool() -> list[tuple[Region, list[tuple[Departement, list[Commune]]]]]:
    """Per region, its départements with one commune in seven of each."""
    gazetteer = load(ROOT / "raw" / "reference", date(2017, 9, 1))
    return [
        (
            region,
            [(d, gazetteer.communes(d.code)[::7]) for d in gazetteer.departements if d.code_region == region.code],
        )
        for region in gazetteer.regions
    ]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Regions in any order, each with known and planned places and sites in the order of its départements."""
    chosen = draw(st.lists(st.sampled_from(pool()), min_size=1, max_size=5, unique_by=lambda item: item[0].code))
    table: Table = []
    for region, departements in chosen:
        places = [(d, c) for d, communes in departements for c in communes]
        picked = draw(st.lists(st.sampled_from(places), min_size=1, max_size=5, unique_by=lambda p: p[1].code))
        numbers = [draw(st.none() | st.integers(0, 2000)) for _ in picked]
        sites = [(d, c, n) for (d, c), n in zip(sorted(picked, key=lambda p: p[1].code), numbers, strict=True)]
        table.append((region, draw(st.integers(0, 9999)), draw(st.integers(0, 9999)), sites))
    return table


def cells(table: Table) -> list[list[str]]:
    lines: list[list[str]] = []
    for region, known, planned, sites in table:
        head = [region.nom, str(known), str(planned)]
        for departement, commune, number in sites:
            label = f"{departement.nom} ({departement.code})"
            lines.append([*head, label, commune.nom, "" if number is None else str(number)])
            head = ["", "", ""]
    totals = [str(sum(row[i] for row in table)) for i in (1, 2)]  # type: ignore[misc]
    return [*lines, ["<b>Total</b>", *(f"<b>{total}</b>" for total in totals)]]


def flatten(lines: list[list[str]], data: st.DataObject) -> bytes:
    """Some rows unclosed, so that they go on with everything below; empty cells strewn before any cell."""
    drift = data.draw(st.booleans())
    unclosed = data.draw(st.sets(st.integers(0, len(lines) - 2)))
    flat = []
    for i, line in enumerate(lines):
        overflow = [text for below in lines[i + 1 :] for text in below if text] if i in unclosed else []
        strewn = [t for text in line for t in ([""] * data.draw(st.integers(0, 2 if drift else 0)) + [text])]
        flat.append("\t".join([*strewn, *overflow]))
    return ("\n".join([HEADER, *flat]) + "\n").encode()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.data())
def test_any_table_comes_back_whole(table: Table, data: st.DataObject) -> None:
    heard = hear(flatten(cells(table), data))
    assert not heard.refused
    assert not heard.unbalanced
    assert [(r["code_region"], r["places_connues"], r["places_prevues"]) for r in heard.regions] == [
        (region.code, known, planned) for region, known, planned, _ in table
    ]
    wanted = [(region.code, d.code, c.code, c.nom, n) for region, _, _, sites in table for d, c, n in sites]
    assert [
        (s["code_region_feuille"], s["code_departement"], s["code_commune"], s["libelle_imprime"], s["places"])
        for s in heard.sites
    ] == wanted
    assert not heard.said("total_different")
    assert not heard.said("cellules_fusionnees_perdues")


DAMAGE = st.sampled_from(["", "x", "12", "2O6", "Paris", "Bretagne", "Nord (59)", "Total", "<b>", "(?)", "(33)"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.data())
def test_whatever_is_damaged_every_cell_has_one_fate(table: Table, data: st.DataObject) -> None:
    lines = flatten(cells(table), data).decode().split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(1, len(lines) - 2))
        printed = lines[at].split("\t")
        printed[data.draw(st.integers(0, len(printed) - 1))] = data.draw(DAMAGE)
        lines[at] = "\t".join(printed)
    whole = "\n".join(lines).encode()
    heard = hear(whole[: data.draw(st.sampled_from([len(whole), len(whole) - 3, len(whole) // 2]))])
    assert not heard.unbalanced
