"""What the rest of a list says of a name: the communes of one EPCI stand in a list together.

Resemblance and the window come first, in `decide` and `lists`; this settles what they leave, and doubts an exact name
that fits its list far worse than a neighbour one letter away.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import Levenshtein

from pipeline.gazetteer.resolver.model import Candidate, Resolution
from pipeline.gazetteer.resolver.similarity import SUBSTITUTION, edit_cost

if TYPE_CHECKING:
    from pipeline.gazetteer.communes import Gazetteer
    from pipeline.gazetteer.resolver.index import DepartementIndex

# Chosen on the real lists of `benchmarks/resolver` (table d), where they are swept.
DOUBTED = 3.0
"""An exact name is doubted when its neighbour's fit is at least this many times its own."""
SETTLED = 8.0
"""A name is settled when one candidate's fit is at least this many times that of every other."""
SUPPORTED = 0.3
"""What is settled needs this share of its group in the list."""
ENOUGH = 3
"""… and this many communes of it."""
RESEMBLANCE = 0.7
"""… and at least this score."""
NEARLY = 0.15
"""Another candidate may resemble the name better by this much of a score, no more."""
_PRIOR = 2.0
"""Members that each group is credited with, printed in the proportion of the whole département."""


class Fit(NamedTuple):
    """Of the `members` of a commune's group in the département, itself left out, `printed` stand in the list."""

    printed: int
    members: int
    share: float

    def __str__(self) -> str:
        return f"{self.printed} des {self.members} autres communes de son groupement sont dans la liste"


@dataclass(frozen=True)
class Cohesion:
    """How well a commune goes with the communes `printed` in one list of its département."""

    gazetteer: Gazetteer
    departement: str
    printed: AbstractSet[str]

    def fit(self, code: str, without: Collection[str] = ()) -> Fit:
        """The fit of a commune, the printed communes `without` left out: those of the name that is weighed."""
        of_code = self.gazetteer.groups.get(code, "")
        members = self.gazetteer.group_members.get((of_code, self.departement), frozenset()) - {code, *without}
        printed = len(members & self.printed)
        base = len(self.printed) / max(1, len(self.gazetteer.communes(self.departement)))
        return Fit(printed, len(members), (printed + _PRIOR * base) / (len(members) + _PRIOR))


def settled(undecided: Resolution, offered: Container[str], cohesion: Cohesion) -> Resolution | None:
    """The resolution of an undecided name by the groups of its candidates; None when they do not tell.

    One candidate must have its group in the list, fit it far better than all others, resemble the name about as well
    as they do, and be `offered`: free, and at the place of the name.
    """
    fits = {c.code: cohesion.fit(c.code) for c in undecided.candidates}
    ranked = sorted(undecided.candidates, key=lambda c: -fits[c.code].share)
    if not ranked or ranked[0].code not in offered:
        return None
    chosen, best = ranked[0], fits[ranked[0].code]
    others = fits[ranked[1].code].share if len(ranked) > 1 else 0.0
    supported = best.printed >= ENOUGH and best.printed >= SUPPORTED * best.members
    resembles = chosen.score >= max(RESEMBLANCE, *(c.score - NEARLY for c in ranked))
    if not (supported and resembles) or best.share < SETTLED * others:
        return None
    return replace(
        undecided,
        status="decided",
        code=chosen.code,
        nom=chosen.nom,
        how=chosen.how,
        score=chosen.score,
        reason=f"{best} ; {undecided.reason}",
    )


def doubted(exact: Resolution, window: Iterable[str], communes: DepartementIndex, cohesion: Cohesion) -> Resolution:
    """An exact name with the neighbour it is more probably a damaged form of, if there is one.

    `window` holds the codes that the place of the name leaves free, of the département `communes`. The neighbour is at
    most one letter away and fits the list `DOUBTED` times better.
    """
    assert exact.code is not None
    label = communes.folded[exact.code]
    rivals = [code for code in window if _is_neighbour(label, communes.folded[code])]
    if not rivals:
        return exact
    own = cohesion.fit(exact.code)
    fits = {code: cohesion.fit(code, without=(exact.code,)) for code in rivals}
    code = max(rivals, key=lambda one: (fits[one].share, one))
    if fits[code].share < DOUBTED * own.share:
        return exact
    nom, cost = communes.names[code], edit_cost(label, communes.folded[code])
    rival = Candidate(code, nom, round(1 - cost / max(len(label), len(communes.folded[code])), 4))
    reason = (
        f"{nom} ({code}), à une lettre, va mieux dans la liste : {fits[code]}, contre {own.printed} des {own.members}"
    )
    return replace(exact, rival=rival, candidates=(*exact.candidates, rival), reason=reason)


def _is_neighbour(label: str, name: str) -> bool:
    return Levenshtein.distance(label, name, score_cutoff=2) <= 2 and edit_cost(label, name) <= SUBSTITUTION
