"""The rows of both datasets, each value with the printed cells it comes from.

Taking the sheet apart is in `lines`, resolving its sites in `communes`, what is said of it in `findings`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from pipeline.contract.dataset import Context, Expect
from pipeline.contract.rows import Ignored, Observation, Refused, Row, Rows, Value
from pipeline.datasets.places import findings, labels
from pipeline.datasets.places.communes import Located, Site, locate, printed_before
from pipeline.datasets.places.lines import Entry, Region, Sheet, read_sheet
from pipeline.extract.model import Cell, Reading, Source
from pipeline.extract.tsv import plain
from pipeline.gazetteer import Gazetteer, load

# The date of the codes, unless document.toml declares another (`cog`): the sheet prints none.
COG = date(2017, 9, 1)
SHEET = Expect(
    "feuille des places",
    headers=(
        r"regions?$",
        r"places connues",
        r"places prevues",
        r"departements?$",
        r"communes?$",
        r"(nombre de )?places",
    ),
)


def read_regions(reading: Reading, context: Context) -> Rows:
    """One row a region; the printed total is a check, not a row. A region that nothing names is refused."""
    sheet, gazetteer = _sheet(reading, context)
    rows: list[Row] = []
    refused: list[Refused] = []
    observations: list[Observation] = list(findings.of_total(sheet))
    for order, (region, codes, code) in enumerate(_coded(sheet, gazetteer), start=1):
        head = region.head
        if head is None:
            continue
        if head.is_spoilt:
            refused.append(head.refused)
        elif not codes:
            reason = f"aucune région ne porte le nom « {head.label.text} »"
            refused.append(Refused((head.label, *head.counts), "region_inconnue", reason))
        else:
            rows.append(_region_row(order, region, head, code, gazetteer))
            observations += findings.of_region(region, codes, code, gazetteer)
    for total in sheet.totals:
        if total.is_spoilt:
            refused.append(total.refused)
    totals = [cell for total in sheet.totals if not total.is_spoilt for cell in (total.label, *total.counts)]
    return Rows(rows, refused, [Ignored(cell, "total_de_controle") for cell in totals], observations)


def read_sites(reading: Reading, context: Context) -> Rows:
    """One row a site, in printed order. A site with a number or a label that cannot be read is refused."""
    sheet, gazetteer = _sheet(reading, context)
    # A corrected cell reads as it should be; what the sheet prints is kept in its repair.
    printed = {repair.source: repair.before for repair in reading.repairs if repair.kind == "correction"}
    parts: list[Rows] = []
    first = 1
    for region, _, code in _coded(sheet, gazetteer):
        parts.append(_sites_of(locate(region, code, gazetteer), first, printed, gazetteer))
        first += len(region.sites)
    return Rows(
        [row for part in parts for row in part.rows],
        [*sheet.loose, *(item for part in parts for item in part.refused)],
        [item for part in parts for item in part.ignored],
        [item for part in parts for item in part.observations],
    )


def _sheet(reading: Reading, context: Context) -> tuple[Sheet, Gazetteer]:
    declared = context.parameter("places_sites", "cog")
    gazetteer = load(context.reference, date.fromisoformat(str(declared)) if declared else COG)
    return read_sheet(context.grids.get(SHEET.name, ()), reading, gazetteer), gazetteer


def _coded(sheet: Sheet, gazetteer: Gazetteer) -> Iterator[tuple[Region, tuple[str, ...], str | None]]:
    """Each region with the codes of the régions it names and its own code.

    Of two names, the one that has no row of its own in the sheet; None when that does not tell.
    """
    named = [labels.region_codes(r.head.label.text, gazetteer) if r.head else () for r in sheet.regions]
    alone = {codes[0] for codes in named if len(codes) == 1}
    for region, codes in zip(sheet.regions, named, strict=True):
        left = codes if len(codes) == 1 else [code for code in codes if code not in alone]
        yield region, codes, left[0] if len(left) == 1 else None


def _region_row(order: int, region: Region, head: Entry, code: str | None, gazetteer: Gazetteer) -> Row:
    known, planned = (head.counts[i] if len(head.counts) > i else None for i in range(2))
    official = gazetteer.region(code) if code else None
    gap = findings.unexplained_places(region)
    numbers = tuple(cell for entry in (head, *region.sites) for cell in entry.counts[:1])
    return {
        "ordre": Value(order, (head.label,), "parsed"),
        "libelle_feuille": Value(plain(head.label.text), (head.label,)),
        "code_region": Value(code, (head.label,), "resolved"),
        "nom_region": Value(official.nom if official else None, (head.label,), "resolved"),
        "places_connues": _number(known),
        "places_prevues": _number(planned),
        "ecart_sites": Value(None) if gap is None else Value(gap, numbers, "parsed"),
    }


def _sites_of(located: Located, first: int, printed: Mapping[Source, str], gazetteer: Gazetteer) -> Rows:
    """The rows of one region; its first site has rank `first`, refused ones keep theirs."""
    region = located.region
    resolved = {site.entry: site for site in located.sites}
    groups = _groups(region.sites)
    rows: list[Row] = []
    refused: list[Refused] = []
    for i, entry in enumerate(region.sites):
        if entry.is_spoilt:
            beside = printed_before(region, entry)
            cells = (*((beside.label,) if beside else ()), *entry.refused.cells)
            refused.append(Refused(cells, entry.rule, entry.reason))
        else:
            place = {"ordre": Value(first + i, (entry.label,), "parsed")}
            group = _group(groups, i, first, region.sites)
            rows.append({**place, **_site_row(resolved[entry], located, printed), **group})
    used = {cell.source for row in rows for value in row.values() for cell in value.cites}
    used |= {cell.source for item in refused for cell in item.cells}
    refused += [entry.refused for entry in region.departements if entry.is_spoilt]
    # A département beside no site says nothing of any row; `departement_sans_commune` tells when it has none at all.
    left = [e.label for e in region.departements if not e.is_spoilt and e.label.source not in used]
    ignored = [Ignored(cell, "departement_sans_site_a_cote") for cell in left]
    return Rows(rows, refused, ignored, list(findings.of_sites(located, gazetteer)))


def _site_row(site: Site, located: Located, printed: Mapping[Source, str]) -> Row:
    head, label = located.region.head, site.entry.label
    region = (head.label,) if head else ()
    beside = (site.departement.label,) if site.departement else ()
    told = (label, *beside)
    commune, part = site.commune, site.part
    return {
        "ligne": Value(label.source.line, (label,), "parsed"),
        "libelle_region_feuille": Value(plain(head.label.text) if head else None, region),
        "code_region_feuille": Value(located.code_region, region, "resolved"),
        "code_region": Value(site.code_region, told, "resolved"),
        "code_departement": Value(site.code_departement, told, "resolved"),
        "departement_feuille": Value(plain(beside[0].text) if beside else None, beside),
        "code_commune": Value(commune.code if commune else None, told, "resolved"),
        "code_commune_deleguee_associee": Value(part.code if part else None, told, "resolved"),
        "nom_commune": Value(commune.nom if commune else None, told, "resolved"),
        "libelle_imprime": Value(plain(printed.get(label.source, label.text)), (label,)),
        "communes_candidates": Value(tuple(c.code for c in site.candidates) or None, (label,), "resolved"),
        "places": _number(site.entry.counts[0] if site.entry.counts else None),
        "incertain": Value(site.label.uncertain, (label,), "parsed"),
        "plusieurs_dispositifs": Value(site.label.several, (label,), "parsed"),
    }


def _groups(sites: Sequence[Entry]) -> list[int | None]:
    """For each site, the position of the site that bears the number it may stand under: itself, or the last one above
    with a number. None before any number, and after a site that cannot be read, whose number may be the one."""
    groups: list[int | None] = []
    current: int | None = None
    for i, site in enumerate(sites):
        current = None if site.is_spoilt else i if site.counts else current
        groups.append(current)
    return groups


def _group(groups: Sequence[int | None], i: int, first: int, sites: Sequence[Entry]) -> Row:
    bearer = groups[i]
    cites = sites[bearer].counts if bearer is not None else ()
    return {
        "groupe_places": Value(None if bearer is None else first + bearer, cites, "resolved"),
        "sites_du_groupe": Value(None if bearer is None else groups.count(bearer), cites, "resolved"),
    }


def _number(cell: Cell | None) -> Value:
    return Value(labels.count(cell.text), (cell,), "parsed") if cell else Value(None)
