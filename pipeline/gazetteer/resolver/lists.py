"""The lists of one document: the order they are printed in, the window it leaves each name, no commune named twice.

A single name is decided in `decide`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipeline.gazetteer.resolver.decide import resolve
from pipeline.gazetteer.resolver.evidence import Cohesion, doubted, settled
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
    What is left is settled, or doubted, by how the candidates go with the list (`evidence`).
    `order` "measured" uses an order only where it holds (see `order.measure`). `taken` are codes that stand under their
    own name in another list of the same département: never given again.
    """
    found = without_duplicates([resolve(label, departement, gazetteer, taken=taken, named=taken) for label in labels])
    communes = index_of(gazetteer).departement(departement)
    decided = [r.code for r in found if r.code]
    held = measure(decided, communes.by_code, communes.by_name) if order == "measured" else order
    ranks = {"code": communes.by_code, "alphabetical": communes.by_name}.get(held)
    work = _Work(departement, gazetteer, taken, found, ranks)
    work.decide()
    resolutions = work.doubted()
    return ListResolution(resolutions, held, work.breaks() if ranks else ())


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
        kept.append(replace(r, status="ambiguous", code=None, nom=None, how=None, rival=None, reason=reason))
    return kept


def named_codes(found: Iterable[Resolution]) -> frozenset[str]:
    """The communes that stand there by their current name."""
    return frozenset(r.code for r in found if r.code and _strength(r) == 2)


def _strength(r: Resolution) -> int:
    """2 for a current name, 1 for a former one, 0 for a resemblance."""
    return {"shortened": 0, "corrected": 0, "former_name": 1}.get(r.how or "", 2)


@dataclass
class _Work:
    """One list while it is resolved: what is found for each name, and which names are anchors of the order `ranks`.

    Without an order no name is an anchor, and every window is the whole département.
    """

    departement: str
    gazetteer: Gazetteer
    taken: AbstractSet[str]
    found: list[Resolution]
    ranks: Ranks | None
    anchors: set[int] = field(default_factory=set)

    def decide(self) -> None:
        """Decide what can be; each decision may narrow the windows of the other names."""
        self.anchors = self._chain({i for i, r in enumerate(self.found) if r.code})
        resolved: dict[int, frozenset[str] | None] = {}
        weighed: dict[int, frozenset[str] | None] = {}
        while True:  # ends: anchors are only added, since what a window offers fits between them: windows only shrink
            windows = self._windows()
            if fresh := [i for i, window in windows.items() if resolved.get(i, ()) != window]:
                resolved.update((i, windows[i]) for i in fresh)
                self._resolve(fresh, windows)
            elif left := [i for i in windows if not self.found[i].code and weighed.get(i, ()) != windows[i]]:
                weighed.update((i, windows[i]) for i in left)
                self._settle(left, windows)
            else:
                return

    def doubted(self) -> tuple[Resolution, ...]:
        """The resolutions; an exact name that a neighbour of its window fits far better has it as its rival."""
        communes = index_of(self.gazetteer).departement(self.departement)
        cohesion, used = self._cohesion(), self._used()
        everywhere = frozenset(communes.names) - used
        around = self._around_anchors() if self.ranks else {}
        weighed = list(self.found)
        for i, r in enumerate(self.found):
            if not r.code or _strength(r) != 2 or (self.ranks and i not in around):
                continue
            window = self.ranks.between(*around[i]) - used if self.ranks else everywhere
            weighed[i] = doubted(r, sorted(window), communes, cohesion)
        return tuple(weighed)

    def breaks(self) -> tuple[Break, ...]:
        """The decided names that are out of order, between the anchors they stand between."""
        found, anchors = self.found, self.anchors
        breaks = []
        for i, r in enumerate(found):
            if r.code and i not in anchors:
                after = next((found[k].code for k in range(i - 1, -1, -1) if k in anchors), None)
                before = next((found[k].code for k in range(i + 1, len(found)) if k in anchors), None)
                breaks.append(Break(i, r.label, r.code, after, before))
        return tuple(breaks)

    def _resolve(self, positions: Iterable[int], windows: Mapping[int, frozenset[str] | None]) -> None:
        """Names again, in their windows."""
        used, named = self._used(), self.taken | named_codes(self._kept())
        for i in positions:
            label = self.found[i].label
            self.found[i] = resolve(label, self.departement, self.gazetteer, windows[i], used, named)
        self._accept(positions, windows)

    def _settle(self, positions: Iterable[int], windows: Mapping[int, frozenset[str] | None]) -> None:
        """Names that resemblance leaves undecided, by how their candidates go with the list."""
        cohesion = self._cohesion()
        free = frozenset(index_of(self.gazetteer).departement(self.departement).names) - self._used()
        for i in positions:
            window = windows[i]
            offered = free if window is None else window
            self.found[i] = settled(self.found[i], offered, cohesion) or self.found[i]
        self._accept(positions, windows)

    def _accept(self, positions: Iterable[int], windows: Mapping[int, frozenset[str] | None]) -> None:
        """No code twice; what was decided inside its window is an anchor, as long as all make one chain."""
        self.found = without_duplicates(self.found)
        inside = {i for i in positions if self.found[i].code in (windows[i] or ())}
        self.anchors = self._chain(self.anchors | inside)

    def _chain(self, positions: set[int]) -> set[int]:
        """Of these decided names, those that make the longest chain in the list's order."""
        if self.ranks is None:
            return set()
        at = sorted(positions)
        return {at[k] for k in longest_chain([self.ranks.rank[self.found[i].code or ""] for i in at])}

    def _kept(self) -> list[Resolution]:
        """The names whose commune is not offered again: the anchors; without an order, all that are decided."""
        return [r for i, r in enumerate(self.found) if r.code and (self.ranks is None or i in self.anchors)]

    def _used(self) -> frozenset[str]:
        return frozenset(self.taken | {r.code or "" for r in self._kept()})

    def _cohesion(self) -> Cohesion:
        return Cohesion(self.gazetteer, self.departement, frozenset(r.code for r in self.found if r.code))

    def _windows(self) -> dict[int, frozenset[str] | None]:
        """For each name that is no anchor: the codes still to be had between the anchors around it."""
        if self.ranks is None:
            return {i: None for i, r in enumerate(self.found) if not r.code}
        used = self._used()
        windows: dict[int, frozenset[str] | None] = {}
        after: str | None = None
        run: list[int] = []
        for i in range(len(self.found) + 1):
            if i < len(self.found) and i not in self.anchors:
                run.append(i)
                continue
            before = self.found[i].code if i < len(self.found) else None
            if run:
                windows.update(dict.fromkeys(run, self.ranks.between(after, before) - used))
            after, run = before, []
        return windows

    def _around_anchors(self) -> dict[int, tuple[str | None, str | None]]:
        """For each anchor, the codes of the anchors before and after it."""
        at = sorted(self.anchors)
        codes = [None, *(self.found[i].code for i in at), None]
        return {i: (codes[k], codes[k + 2]) for k, i in enumerate(at)}
