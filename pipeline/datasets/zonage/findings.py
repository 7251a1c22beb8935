"""What is said of a zoning annex: names read otherwise than printed, names without a commune and what that leaves open,
lists out of order, cut or missing. Quarantined names have their own findings, made of their refusals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pipeline.contract.rows import Observation
from pipeline.datasets.zonage.communes import Decided, Placed, ReadList, Unplaced, shown
from pipeline.datasets.zonage.lists import Annex, ZoneList
from pipeline.gazetteer import Gazetteer

_MENDED = {
    "corrected": ("nom_corrige", "lu"),
    "shortened": ("nom_abrege", "est une forme courte de"),
    "former_name": ("nom_ancien", "est un nom ancien de"),
}


def observations(annex: Annex, decided: Decided, gazetteer: Gazetteer) -> Iterator[Observation]:
    """All that is said of one annex, in no particular order."""
    for item, departement in annex.spelt:
        message = f"{item.place} : titre lu {departement.code}-{departement.nom}"
        yield Observation("departement_mal_ecrit", "info", message, item.place, item.source, item.label)
    for item in annex.lists:
        if item.is_empty:
            yield _empty(item)
    yield from _orders(decided.lists)
    for read in decided.lists:
        if read.printed.is_unfinished:
            yield _unfinished(read, gazetteer, decided)
    for placed in sorted(decided.named.values(), key=lambda p: p.name.rank):
        yield from _mended(placed)
    for unplaced in decided.unplaced:
        yield from _left_open(unplaced, decided, gazetteer)
    if annex.rest is None:
        message = "aucune phrase ne donne de zone au reste du territoire : communes non nommées laissées sans zone"
        yield Observation("reste_non_imprime", "warning", message, "reste du territoire")


def _empty(item: ZoneList) -> Observation:
    message = (
        f"{item.place} : titre sans aucun nom ; communes de ce département non nommées ailleurs laissées sans zone"
    )
    return Observation("titre_sans_liste", "warning", message, item.place, item.source, item.label)


def _orders(lists: Sequence[ReadList]) -> Iterator[Observation]:
    """In which order the document prints its lists, and each name that leaves it."""
    counts = Counter(read.resolved.order for read in lists)
    labels = {"code": "par codes INSEE", "alphabetical": "par noms", "none": "sans ordre reconnu"}
    if counts:
        said = ", ".join(f"{n} {labels[order]}" for order, n in counts.most_common())
        yield Observation("ordre_des_listes", "info", f"ordre des {counts.total()} listes : {said}", "ordre des listes")
    for read in lists:
        for broken in read.resolved.breaks:
            name = read.names[broken.position]
            between = f"entre {broken.after or 'le début'} et {broken.before or 'la fin'}"
            message = f"{read.printed.place} : « {broken.label} » ({broken.code}) est hors de l'ordre, {between}"
            subject = f"{read.printed.place} / {broken.label}"
            yield Observation("ordre_rompu", "warning", message, subject, name.cell.source, broken.label)


def _unfinished(read: ReadList, gazetteer: Gazetteer, decided: Decided) -> Observation:
    item, last = read.printed, read.last_code
    assert item.departement is not None
    settled = {*decided.named, *decided.whole, *decided.doubtful}
    after = [c for c in gazetteer.communes(item.departement.code) if c.code > (last or "") and c.code not in settled]
    tail = item.printed.names[-1]
    since = f"après {last}" if last else "du département"
    message = (
        f"{item.place} : la liste finit sur « {tail.text} » sans point final ; {len(after)} communes {since} sont "
        "classées avec réserve"
    )
    return Observation("liste_non_terminee", "warning", message, item.place, tail.source, tail.text)


def _mended(placed: Placed) -> Iterable[Observation]:
    """A name read otherwise than printed, with what settled it; an exact one that is probably damage."""
    name, resolution = placed.name, placed.resolution
    subject = f"{name.under.place} / {name.cell.text}"
    rule, verb = _MENDED.get(resolution.how or "", ("", ""))
    official = f"{resolution.nom} ({resolution.code})"
    if rule:
        why = f" : {resolution.reason}" if resolution.reason else ""
        message = f"{name.under.place} : « {name.label} » {verb} {official}{why}"
        yield Observation(rule, "info", message, subject, name.cell.source, name.cell.text, official)
    if rival := resolution.rival:
        message = (
            f"{name.under.place} : « {name.label} » est le nom de {official}, mais {resolution.reason} ; zone donnée "
            f"sous réserve, {rival.nom} ({rival.code}) laissée sans zone"
        )
        yield Observation(
            "nom_douteux", "warning", message, subject, name.cell.source, name.cell.text, f"{rival.nom} ({rival.code})"
        )


def _left_open(unplaced: Unplaced, decided: Decided, gazetteer: Gazetteer) -> Iterator[Observation]:
    """The communes left without a zone because this name could be theirs, with all its candidates."""
    name = unplaced.name
    open_codes = [c.code for c in unplaced.resolution.candidates if c.code in decided.doubtful]
    communes = [commune for code in open_codes if (commune := gazetteer.commune(code))]
    if communes:
        left = ", ".join(f"{c.nom} ({c.code})" for c in communes)
        message = (
            f"{name.under.place} : « {name.label} » sans code, candidates {shown(unplaced.resolution)} ; communes "
            f"laissées sans zone : {left}"
        )
        subject = f"{name.under.place} / {name.cell.text}"
        yield Observation("zone_indeterminee", "warning", message, subject, name.cell.source, name.cell.text, left)
