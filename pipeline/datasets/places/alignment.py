"""Two ordered lists that came apart, départements and communes, laid side by side again without crossing.

Pure: codes in, codes out. What the names are, and what is said of it, is elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Codes = frozenset[str]


@dataclass(frozen=True)
class Alignment:
    """How many sites an alignment explains, and for each site the positions of the départements it may belong to:
    those that it has in at least one of the best alignments."""

    explained: int
    places: tuple[tuple[int, ...], ...]


def beside(nearest: Sequence[int | None], possible: Sequence[Codes], departements: Sequence[Codes]) -> Alignment:
    """Each site under the département printed before it (`nearest`: its position, None when there is none)."""
    places = tuple(() if at is None else (at,) for at in nearest)
    explained = sum(
        1 for at, codes in zip(nearest, possible, strict=True) if at is not None and codes & departements[at]
    )
    return Alignment(explained, places)


def align(possible: Sequence[Codes], departements: Sequence[Codes]) -> Alignment:
    """The alignments that explain the most sites, each département taking consecutive sites of its own, or none.

    `possible`: per site, the codes of the départements where its name is a commune; `departements`: per printed
    département, the codes it may mean. A site is explained when the two meet.
    """
    if not departements:
        return Alignment(0, tuple(() for _ in possible))
    fits = [[1 if codes & other else 0 for other in departements] for codes in possible]
    # From the top: the most sites explained up to this one, when it belongs to that département; then from the bottom.
    down = _best_runs(fits)
    up = [row[::-1] for row in _best_runs([row[::-1] for row in fits[::-1]])[::-1]]
    most = max(down[-1], default=0) if down else 0
    places = tuple(
        tuple(j for j in range(len(departements)) if down[i][j] + up[i][j] - fits[i][j] == most)
        for i in range(len(possible))
    )
    return Alignment(most, places)


def _best_runs(fits: Sequence[Sequence[int]]) -> list[list[int]]:
    """best[i][j]: sites 0..i explained at most when site i is in département j and none before it is in a later one."""
    best: list[list[int]] = []
    for row in fits:
        before = best[-1] if best else [0] * len(row)
        highest, current = 0, []
        for j, fit in enumerate(row):
            highest = max(highest, before[j])
            current.append(highest + fit)
        best.append(current)
    return best
