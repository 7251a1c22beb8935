"""What is said of the places sheet: sums that do not agree, labels read otherwise than printed, sites without a code.

Each finding shows the numbers and the place, and stands only where the sheet really disagrees with itself or with the
gazetteer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.contract.rows import Observation
from pipeline.datasets.places import labels
from pipeline.datasets.places.communes import Located, Site
from pipeline.datasets.places.labels import DepartementLabel
from pipeline.datasets.places.lines import Entry, Region, Sheet
from pipeline.gazetteer import Commune, Gazetteer


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
    name, place = labels.parse(head.label.text).text, head.label.source
    if len(codes) > 1:
        both = " et ".join(f"{_region_name(c, gazetteer)} ({c})" for c in codes)
        read = f"lue {_region_name(code, gazetteer)}, l'autre ayant sa propre ligne" if code else "sans code"
        message = f"« {name} » nomme deux régions, {both} : {read}"
        yield Observation("region_a_deux_noms", "warning", message, name, place, name, code or "")
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
        yield Observation("region_differente", "warning", message, subject, place, _name(region), official)


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
    return labels.parse(region.head.label.text).text if region.head else "région non imprimée"


def _shown(commune: Commune) -> str:
    return f"{commune.nom} ({commune.code})"


def _region_name(code: str | None, gazetteer: Gazetteer) -> str:
    region = gazetteer.region(code) if code else None
    return region.nom if region else ""
