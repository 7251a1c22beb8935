"""The names of one list of one département, resolved together: its order, where it breaks, the window of each name.

A single name is decided in `decide`; what order means is in `order`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pipeline.gazetteer.resolver.decide import resolve
from pipeline.gazetteer.resolver.index import index_of
from pipeline.gazetteer.resolver.model import Break, ListResolution, Order, Resolution
from pipeline.gazetteer.resolver.order import Ranks, chain, measure

if TYPE_CHECKING:
    from pipeline.gazetteer.snapshot import Gazetteer


def resolve_list(
    labels: Sequence[str],
    departement: str,
    gazetteer: Gazetteer,
    order: Order | Literal["measured"] = "measured",
    taken: AbstractSet[str] = frozenset(),
) -> ListResolution:
    """The communes of `departement` that the labels of one printed list name, in the list's order.

    Names decided alone give anchors where their longest ordered chain holds; between two anchors only the
    communes of that window that no other name has taken are offered to the others, until nothing more is decided.
    `order` "measured" uses an order only where it holds (see `order.measure`). `taken` are codes that another list of
    the same département already stands for: never given again.
    """
    found = without_doubles([resolve(label, departement, gazetteer, taken=taken) for label in labels])
    communes = index_of(gazetteer).departement(departement)
    decided = [r.code for r in found if r.code]
    held = measure(decided, communes.by_code, communes.by_name) if order == "measured" else order
    if held == "none":
        return ListResolution(_second_look(found, departement, gazetteer, taken), "none")
    ranks = communes.by_code if held == "code" else communes.by_name
    found, anchors = _between_anchors(found, departement, gazetteer, taken, ranks)
    return ListResolution(tuple(found), held, _breaks(found, anchors))


def without_doubles(found: list[Resolution]) -> list[Resolution]:
    """A code stands for one name: a current name before a former one, that before a resemblance; nobody in a tie."""
    claims: dict[str, list[int]] = defaultdict(list)
    for r in found:
        if r.code:
            claims[r.code].append(_strength(r))
    kept: list[Resolution] = []
    for r in found:
        rivals = claims[r.code] if r.code else []
        if len(rivals) < 2 or (_strength(r) == max(rivals) and rivals.count(_strength(r)) == 1):
            kept.append(r)
            continue
        reason = f"{r.nom} ({r.code}) est aussi demandée par un autre nom"
        kept.append(replace(r, status="ambiguous", code=None, nom=None, how=None, reason=reason))
    return kept


def named_codes(found: Iterable[Resolution]) -> frozenset[str]:
    """The communes that stand there by their current name."""
    return frozenset(r.code for r in found if r.code and _strength(r) == 2)


def _strength(r: Resolution) -> int:
    """2 for a current name, 1 for a former one, 0 for a resemblance."""
    return {"shortened": 0, "corrected": 0, "former_name": 1}.get(r.how or "", 2)


def _second_look(
    found: list[Resolution], departement: str, gazetteer: Gazetteer, taken: AbstractSet[str]
) -> tuple[Resolution, ...]:
    """Undecided names again, now that the communes of the decided ones are taken."""
    used = taken | {r.code for r in found if r.code}
    again = [r if r.code else resolve(r.label, departement, gazetteer, taken=used) for r in found]
    return tuple(without_doubles(again))


def _between_anchors(
    found: list[Resolution], departement: str, gazetteer: Gazetteer, taken: AbstractSet[str], ranks: Ranks
) -> tuple[list[Resolution], set[int]]:
    """Resolve what is no anchor in the window its neighbours leave; each decision may narrow the others' windows."""
    found = list(found)
    at = [i for i, r in enumerate(found) if r.code]
    anchors = {at[k] for k in chain([ranks.rank[found[i].code or ""] for i in at])}
    settled: dict[int, frozenset[str]] = {}
    while True:  # ends: anchors are only added, since what a window offers fits between them, so windows only shrink
        used = taken | {found[i].code or "" for i in anchors}
        windows = _windows(found, anchors, used, ranks)
        fresh = [i for i, window in windows.items() if settled.get(i) != window]
        if not fresh:
            return found, anchors
        settled.update((i, windows[i]) for i in fresh)
        for i in fresh:
            found[i] = resolve(found[i].label, departement, gazetteer, windows[i], used)
        found = without_doubles(found)
        anchors |= {i for i in fresh if found[i].code in windows[i]}
        anchors = _ordered(anchors, found, ranks)


def _windows(
    found: list[Resolution], anchors: set[int], used: AbstractSet[str], ranks: Ranks
) -> dict[int, frozenset[str]]:
    """For each name that is no anchor, by its position: the codes still to be had between the anchors around it."""
    windows: dict[int, frozenset[str]] = {}
    after: str | None = None
    run: list[int] = []
    for i in range(len(found) + 1):
        if i < len(found) and i not in anchors:
            run.append(i)
            continue
        before = found[i].code if i < len(found) else None
        if run:
            windows.update(dict.fromkeys(run, ranks.between(after, before) - used))
        after, run = before, []
    return windows


def _ordered(anchors: set[int], found: list[Resolution], ranks: Ranks) -> set[int]:
    """The anchors that still make one chain: two names decided in one window may come out in the wrong order."""
    at = sorted(anchors)
    return {at[k] for k in chain([ranks.rank[found[i].code or ""] for i in at])}


def _breaks(found: list[Resolution], anchors: set[int]) -> tuple[Break, ...]:
    """The decided names that are out of order, between the anchors they stand between."""
    breaks = []
    for i, r in enumerate(found):
        if r.code and i not in anchors:
            after = next((found[k].code for k in range(i - 1, -1, -1) if k in anchors), None)
            before = next((found[k].code for k in range(i + 1, len(found)) if k in anchors), None)
            breaks.append(Break(i, r.label, r.code, after, before))
    return tuple(breaks)
