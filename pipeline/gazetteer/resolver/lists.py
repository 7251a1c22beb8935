"""The lists of one document: the order they are printed in, the window it leaves each name, no commune named twice.

A single name is decided in `decide`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipeline.gazetteer.resolver.decide import resolve
from pipeline.gazetteer.resolver.index import index_of
from pipeline.gazetteer.resolver.model import Break, ListResolution, Order, Resolution
from pipeline.gazetteer.resolver.order import Ranks, longest_chain, measure

if TYPE_CHECKING:
    from pipeline.gazetteer.communes import Gazetteer

# An order is the document's when this share of the names in lists long enough to tell stand in lists that follow it.
_SHARED = 0.9


class PrintedList(NamedTuple):
    """The names printed under one heading, all of one département."""

    departement: str
    labels: Sequence[str]


def resolve_lists(lists: Sequence[PrintedList], gazetteer: Gazetteer) -> list[ListResolution]:
    """Resolve the lists of one document, in their order; lists of one département exclude one another.

    The order found in most of the document is used for all of it, so that short lists have windows too and a list that
    leaves it shows breaks. A commune named in full in one list is not offered to resemblances in another of the same
    département; named in full in two of them, it is decided in neither.
    """
    alone = [resolve_list(printed.labels, printed.departement, gazetteer) for printed in lists]
    order = common_order(alone)
    named = [named_codes(resolved) for resolved in alone]
    together = []
    for i, printed in enumerate(lists):
        others = (named[j] for j, other in enumerate(lists) if j != i and other.departement == printed.departement)
        taken = frozenset().union(*others) - named[i]
        together.append(resolve_list(printed.labels, printed.departement, gazetteer, order, taken))
    return _exclusive(lists, together)


def common_order(lists: Iterable[ListResolution]) -> Order | Literal["measured"]:
    """The order that most of the document follows; "measured", for each list its own, where there is none."""
    weights: Counter[Order] = Counter()
    for resolved in lists:
        if resolved.order != "none" or len(resolved) > 3:
            weights[resolved.order] += len(resolved)
    if not weights:
        return "measured"
    order, weight = weights.most_common(1)[0]
    return order if weight >= _SHARED * weights.total() else "measured"


def _exclusive(lists: Sequence[PrintedList], resolved: list[ListResolution]) -> list[ListResolution]:
    """No code in two lists of one département."""
    groups: dict[str, list[int]] = defaultdict(list)
    for i, printed in enumerate(lists):
        groups[printed.departement].append(i)
    for members in groups.values():
        kept = iter(without_duplicates([r for i in members for r in resolved[i]]))
        for i in members:
            entries = tuple(next(kept) for _ in resolved[i])
            breaks = tuple(b for b in resolved[i].breaks if entries[b.position].code)
            resolved[i] = replace(resolved[i], resolutions=entries, breaks=breaks)
    return resolved


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
    found = without_duplicates([resolve(label, departement, gazetteer, taken=taken) for label in labels])
    communes = index_of(gazetteer).departement(departement)
    decided = [r.code for r in found if r.code]
    held = measure(decided, communes.by_code, communes.by_name) if order == "measured" else order
    if held == "none":
        return ListResolution(_retry_undecided(found, departement, gazetteer, taken), "none")
    ranks = communes.by_code if held == "code" else communes.by_name
    found, anchors = _between_anchors(found, departement, gazetteer, taken, ranks)
    return ListResolution(tuple(found), held, _breaks(found, anchors))


def without_duplicates(found: list[Resolution]) -> list[Resolution]:
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


def _retry_undecided(
    found: list[Resolution], departement: str, gazetteer: Gazetteer, taken: AbstractSet[str]
) -> tuple[Resolution, ...]:
    """Undecided names again, now that the communes of the decided ones are taken."""
    used = taken | {r.code for r in found if r.code}
    again = [r if r.code else resolve(r.label, departement, gazetteer, taken=used) for r in found]
    return tuple(without_duplicates(again))


def _between_anchors(
    found: list[Resolution], departement: str, gazetteer: Gazetteer, taken: AbstractSet[str], ranks: Ranks
) -> tuple[list[Resolution], set[int]]:
    """Resolve what is no anchor in the window its neighbours leave; each decision may narrow the others' windows."""
    found = list(found)
    at = [i for i, r in enumerate(found) if r.code]
    anchors = {at[k] for k in longest_chain([ranks.rank[found[i].code or ""] for i in at])}
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
        found = without_duplicates(found)
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
    return {at[k] for k in longest_chain([ranks.rank[found[i].code or ""] for i in at])}


def _breaks(found: list[Resolution], anchors: set[int]) -> tuple[Break, ...]:
    """The decided names that are out of order, between the anchors they stand between."""
    breaks = []
    for i, r in enumerate(found):
        if r.code and i not in anchors:
            after = next((found[k].code for k in range(i - 1, -1, -1) if k in anchors), None)
            before = next((found[k].code for k in range(i + 1, len(found)) if k in anchors), None)
            breaks.append(Break(i, r.label, r.code, after, before))
    return tuple(breaks)
