"""The lists of one document, resolved together: the order they share, and no commune in two of them.

One list is resolved in `lists`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipeline.gazetteer.resolver.lists import named_codes, resolve_list, without_doubles
from pipeline.gazetteer.resolver.model import ListResolution, Order

if TYPE_CHECKING:
    from pipeline.gazetteer.snapshot import Gazetteer

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
        kept = iter(without_doubles([r for i in members for r in resolved[i]]))
        for i in members:
            entries = tuple(next(kept) for _ in resolved[i])
            breaks = tuple(b for b in resolved[i].breaks if entries[b.position].code)
            resolved[i] = replace(resolved[i], resolutions=entries, breaks=breaks)
    return resolved
