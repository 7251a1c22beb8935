"""The order in which a list is printed: which one holds, the chain that keeps it, the window between two names.

Works on ranks alone; which name is which commune is decided elsewhere.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.gazetteer.names import fold, split_article
from pipeline.gazetteer.resolver.model import Order

# An order holds when no more than this share of the decided names leave it. Among four or five names none may; among
# six or more one always may: chance alone orders all but one of six names once in 28 draws.
_BREAKS = 0.1
_ENOUGH = 4
_ONE_MAY_BREAK = 6


@dataclass(frozen=True)
class Ranks:
    """The communes of a département in one order: `codes` in it, and the place of each."""

    codes: tuple[str, ...]

    @cached_property
    def rank(self) -> dict[str, int]:
        return {code: i for i, code in enumerate(self.codes)}

    def between(self, after: str | None, before: str | None) -> frozenset[str]:
        """The codes strictly between two of them; None stands for the beginning or the end."""
        start = self.rank[after] + 1 if after else 0
        stop = self.rank[before] if before else len(self.codes)
        return frozenset(self.codes[start:stop])


def ranks_of(names: Mapping[str, str], order: Order) -> Ranks:
    """The communes (code → name) by code, or by name: its words folded, the article left out."""
    if order == "code":
        return Ranks(tuple(sorted(names)))
    return Ranks(tuple(sorted(names, key=lambda code: (fold(split_article(names[code])[1]), code))))


def longest_chain(ranks: Sequence[int]) -> list[int]:
    """Positions of a longest strictly increasing chain of `ranks`."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for i, rank in enumerate(ranks):
        k = bisect_left(tails, rank)
        before.append(ends[k - 1] if k else None)
        tails[k : k + 1] = [rank]
        ends[k : k + 1] = [i]
    kept: list[int] = []
    i_kept = ends[-1] if ends else None
    while i_kept is not None:
        kept.append(i_kept)
        i_kept = before[i_kept]
    return kept[::-1]


def measure(decided: Sequence[str], by_code: Ranks, by_name: Ranks) -> Order:
    """The order that the codes decided in a list follow: "code", "alphabetical", or "none" where neither holds.

    Where both hold equally, "code": INSEE numbered the communes of a département by name, and the few that were
    numbered later tell the two apart.
    """
    if len(decided) < _ENOUGH:
        return "none"
    in_code, in_name = (len(longest_chain([ranks.rank[code] for code in decided])) for ranks in (by_code, by_name))
    allowed = max(_BREAKS * len(decided), 1 if len(decided) >= _ONE_MAY_BREAK else 0)
    if len(decided) - max(in_code, in_name) > allowed:
        return "none"
    return "code" if in_code >= in_name else "alphabetical"
