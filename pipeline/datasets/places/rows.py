"""The rows of both datasets of the places sheet, each value with the printed cells it comes from, and what is said of
the sheet: sums that do not agree, labels read otherwise than printed, sites without a code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from pipeline.contract.dataset import Context, Expect
from pipeline.contract.rows import Ignored, Observation, Refused, Row, Rows, Value
from pipeline.datasets.places.communes import Located, Site, locate, printed_before
from pipeline.datasets.places.sheet import (
    DepartementLabel,
    Entry,
    Region,
    Sheet,
    count,
    parse,
    read_sheet,
    region_codes,
)
from pipeline.extract.model import Cell, Reading, Source
from pipeline.extract.tsv import plain
from pipeline.gazetteer import Commune, Gazetteer, load


def unexplained_places(region: Region) -> int | None:
    """Known places of a region less the sum of its sites'; None when a site of it, or its own number, is not read."""
    head = region.head
    if head is None or head.is_spoilt or not head.counts or any(site.is_spoilt for site in region.sites):
        return None
    known, *sites = (entry.numbers[0] for entry in (head, *region.sites) if entry.counts)
    return known - sum(sites)


def of_region(region: Region, codes: Sequence[str], code: str | None, gazetteer: Gazetteer) -> Iterator[Observation]:
    """What is said of one published region: its two names, its sites' sum, more places known than planned."""
    head = region.head
    if head is None:
        return
    name, place = parse(head.label.text).text, head.label.source
    if len(codes) > 1:
        both = " et ".join(f"{_region_name(c, gazetteer)} ({c})" for c in codes)
        read = f"lue {_region_name(code, gazetteer)}, l'autre ayant sa propre ligne" if code else "sans code"
        message = f"« {name} » nomme deux régions, {both} : {read}"
        yield Observation("region_a_deux_noms", "warning", message, name, place, name, code or "")
    if former := gazetteer.find_former_region(name):
        successor = _region_name(former.devenue, gazetteer)
        message = f"« {name} » est une ancienne région ({former.code}), devenue une partie de {successor} : sans code"
        yield Observation("region_ancienne", "warning", message, name, place, name, successor)
    gap = unexplained_places(region)
    if not head.numbers:
        return
    known, planned = head.numbers
    if gap:
        total = known - gap
        message = f"{name} : {known} places connues, {total} par la somme des sites (écart {gap:+d})"
        yield Observation("ecart_sites", "warning", message, name, head.counts[0].source, str(known), str(total))
    if known > planned:
        message = f"{name} : plus de places connues ({known}) que prévues ({planned})"
        yield Observation(
            "plus_de_connues_que_prevues", "warning", message, name, head.counts[0].source, str(known), f"≤ {planned}"
        )


def of_total(sheet: Sheet) -> Iterator[Observation]:
    """The printed total against the sum of the regions, when every number of both is read."""
    heads = [region.head for region in sheet.regions if region.head]
    if any(head.is_spoilt or len(head.counts) != 2 for head in heads):
        return
    for total in sheet.totals:
        if total.is_spoilt or len(total.counts) != 2:
            continue
        for i, what in enumerate(("connues", "prévues")):
            printed = total.numbers[i]
            summed = sum(head.numbers[i] for head in heads)
            if printed != summed:
                message = f"total des places {what} : {printed} imprimé, {summed} par la somme des régions"
                subject, place = f"places {what}", total.counts[i].source
                yield Observation("total_different", "warning", message, subject, place, str(printed), str(summed))


def of_sites(located: Located, gazetteer: Gazetteer) -> Iterator[Observation]:
    """What is said of the départements and sites of one region."""
    for entry, read in located.departements:
        yield from _of_departement(entry, read)
    if located.realigned:
        yield _realigned(located)
    yield from _without_commune(located)
    for site in located.sites:
        yield from _of_site(site, located, gazetteer)


def _of_departement(entry: Entry, read: DepartementLabel) -> Iterator[Observation]:
    printed, place = entry.label.text, entry.label.source
    if read.spelling == "altered":
        message = f"« {printed} » lu {read.official} ({read.codes[0]})"
        yield Observation("departement_mal_ecrit", "info", message, printed, place, printed, read.official)
    if read.spelling == "contradicted":
        shown = f" ({read.official})" if read.official else ""
        message = f"« {printed} » : le code contredit le nom{shown} ; la commune décide"
        yield Observation("code_contredit_nom", "warning", message, printed, place, printed, " ou ".join(read.codes))


def _realigned(located: Located) -> Observation:
    """One finding a region: the flattening lost the spans, so the sheet is not said to be wrong."""
    parts: dict[tuple[str, ...], str] = {}
    for entry, read in located.departements:
        sites = [s.label.text for s in located.sites if s.code_departement in read.codes]
        parts.setdefault(read.codes, f"{entry.label.text} : {', '.join(sites) or 'aucune'}")
    left = [s.label.text for s in located.sites if s.code_departement is None]
    tail = f" ; sans département : {', '.join(left)}" if left else ""
    head = located.region.head
    name, place = _name(located.region), (head or located.departements[0][0]).label.source
    message = f"{name} : les cellules fusionnées sont perdues, colonnes réalignées ({' ; '.join(parts.values())}{tail})"
    return Observation("cellules_fusionnees_perdues", "info", message, name, place)


def _without_commune(located: Located) -> Iterator[Observation]:
    """A département in which no site of the region is, nor may be."""
    seen: set[str] = set()
    possible = {code for s in located.sites if s.code_departement is None for code in s.allowed}
    spoilt = any(site.is_spoilt for site in located.region.sites)
    for entry, read in located.departements:
        codes = set(read.codes)
        used = {s.code_departement for s in located.sites} | possible | seen
        if codes and not codes & used and not spoilt:
            message = f"{entry.label.text} est listé sous {_name(located.region)} sans commune"
            yield Observation(
                "departement_sans_commune", "warning", message, entry.label.text, entry.label.source, entry.label.text
            )
        seen |= codes


def _of_site(site: Site, located: Located, gazetteer: Gazetteer) -> Iterator[Observation]:
    region, code_region = located.region, located.code_region
    printed, place = site.entry.label.text, site.entry.label.source
    # A name may stand twice in the sheet: its region tells the findings apart.
    subject = f"{_name(region)} / {printed}"
    if site.commune and site.part:
        kind = "associée" if site.part.kind == "COMA" else "déléguée"
        message = f"« {printed} » est une commune {kind} de {_shown(site.commune)} au {gazetteer.cog_date:%d/%m/%Y}"
        yield Observation("commune_deleguee_ou_associee", "info", message, subject, place, printed, site.commune.nom)
    if site.commune and site.how == "former_name":
        message = f"« {printed} » est un nom ancien de {_shown(site.commune)}"
        yield Observation("nom_ancien", "info", message, subject, place, printed, site.commune.nom)
    if site.commune is None:
        yield _unresolved(site, subject)
    if site.conflict:
        beside = f"« {site.departement.label.text} »" if site.departement else "les départements de la région"
        message = f"« {printed} » n'est pas une commune du département imprimé ({beside})"
        yield Observation(
            "departement_contradictoire", "warning", message, subject, place, printed, site.code_departement or ""
        )
    if site.commune and code_region and site.code_region != code_region:
        official = _region_name(site.code_region, gazetteer)
        message = f"{_shown(site.commune)} est en {official} ; la feuille la met sous « {_name(region)} »"
        yield Observation("region_differente", "warning", message, subject, place, printed, official)


def _unresolved(site: Site, subject: str) -> Observation:
    printed, place = site.entry.label.text, site.entry.label.source
    shown = ", ".join(_shown(c) for c in site.candidates) or "aucune"
    why = {
        "homonymes": "plusieurs communes portent ce nom",
        "deux_communes": "le nom en joint deux",
        "ailleurs": "c'est le nom d'une commune d'un autre département",
        "inconnue": "aucune commune de ce nom dans les départements imprimés",
    }[site.how]
    message = f"« {printed} » sans code : {why} ; candidates : {shown}"
    rule = "nom_de_deux_communes" if site.how == "deux_communes" else "commune_non_resolue"
    return Observation(rule, "warning", message, subject, place, printed, shown)


def _name(region: Region) -> str:
    return parse(region.head.label.text).text if region.head else "région non imprimée"


def _shown(commune: Commune) -> str:
    return f"{commune.nom} ({commune.code})"


def _region_name(code: str | None, gazetteer: Gazetteer) -> str:
    region = gazetteer.region(code) if code else None
    return region.nom if region else ""


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
    observations: list[Observation] = list(of_total(sheet))
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
            observations += of_region(region, codes, code, gazetteer)
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
    named = [region_codes(r.head.label.text, gazetteer) if r.head else () for r in sheet.regions]
    alone = {codes[0] for codes in named if len(codes) == 1}
    for region, codes in zip(sheet.regions, named, strict=True):
        left = codes if len(codes) == 1 else [code for code in codes if code not in alone]
        # A former région is not the one that it became a part of: it has no code at this date.
        yield region, codes, left[0] if len(left) == 1 and gazetteer.region(left[0]) else None


def _region_row(order: int, region: Region, head: Entry, code: str | None, gazetteer: Gazetteer) -> Row:
    known, planned = (head.counts[i] if len(head.counts) > i else None for i in range(2))
    official = gazetteer.region(code) if code else None
    gap = unexplained_places(region)
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
    return Rows(rows, refused, ignored, list(of_sites(located, gazetteer)))


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
    return Value(count(cell.text), (cell,), "parsed") if cell else Value(None)
