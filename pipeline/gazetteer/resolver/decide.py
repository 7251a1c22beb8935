"""One label, one département: which commune, or why none. Thresholds live here, with what they were chosen on.

Lists are resolved in `lists`, which calls this with a window.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.gazetteer.resolver.index import CountryIndex, DepartementIndex, Form, Found, forms, index_of
from pipeline.gazetteer.resolver.model import Candidate, Resolution, Status

if TYPE_CHECKING:
    from pipeline.gazetteer.communes import Gazetteer, Match

MARGIN_MAX = 9.0
# Below this score a commune is no candidate: it does not resemble the label.
RESEMBLES = 0.6
_SHOWN = 5
_SHORT = 8


@dataclass(frozen=True, slots=True)
class Policy:
    """When a resemblance is enough.

    The best candidate needs this `score`, and the next one must be `margin` + `margin_by_cost` × cost farther, in
    weighted edits (a label already two edits away from its best candidate needs a clearer lead), and `margin_if_short`
    more for each letter that the label has less than eight: short names have many neighbours. Refused when a commune
    not to be had here is nearer by more than `beside`, one of another département by more than `elsewhere`, or when the
    label is the very name of one of another département and the best candidate is more than `homonym` away or only
    begins or ends like it.
    """

    score: float
    margin: float
    margin_by_cost: float
    margin_if_short: float
    beside: float
    elsewhere: float
    homonym: float

    def least_margin(self, cost: float, length: int) -> float:
        """The margin asked of a label of `length` letters, `cost` away from its best candidate."""
        return self.margin + self.margin_by_cost * cost + self.margin_if_short * max(0, _SHORT - length)


# Chosen on the generated damage of seed 1 (`benchmarks/resolver`), reported there on another.
ALONE = Policy(
    score=0.75, margin=0.35, margin_by_cost=0.3, margin_if_short=0.03, beside=0.4, elsewhere=0.4, homonym=0.0
)
# In a narrow window few names compete, and a name of the rest of the country is less likely than a damaged one.
IN_WINDOW = Policy(
    score=0.7, margin=0.3, margin_by_cost=0.2, margin_if_short=0.0, beside=0.4, elsewhere=1.0, homonym=1.25
)
NARROW = 16
# Where five or so codes are left, and one of them resembles the label, chance is out of the question.
IN_TIGHT_WINDOW = replace(IN_WINDOW, elsewhere=1.5, homonym=1.5)
TIGHT = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """The communes still to be had: those of the window, if there is one, that no other name has taken.

    `named` are those of `taken` that stand in the document under their own name.
    """

    window: AbstractSet[str] | None
    taken: AbstractSet[str]
    named: AbstractSet[str]

    def __contains__(self, code: str) -> bool:
        return code not in self.taken and (self.window is None or code in self.window)

    @property
    def policy(self) -> Policy:
        left = None if self.window is None else len(self.window - self.taken)
        if left is None or left > NARROW:
            return ALONE
        return IN_WINDOW if left > TIGHT else IN_TIGHT_WINDOW

    def spent(self, found: Found) -> bool:
        """Whether this commune is no candidate, since it stands there already: under its own name, or by another name
        of which this would be a former or a shorter form."""
        return found.code in self.named or (found.code in self.taken and found.how != "corrected")

    def refusal(self, code: str) -> str:
        """Why a commune is not to be had, in French."""
        return "déjà attribuée à un autre nom" if code in self.taken else "hors de l'ordre de la liste"


@dataclass(frozen=True)
class _Query:
    """A label, the communes it is looked for among, and what is left of them."""

    label: str
    communes: DepartementIndex
    country: CountryIndex
    offer: Offer

    @cached_property
    def spellings(self) -> tuple[Form, ...]:
        return forms(self.label)

    @cached_property
    def found(self) -> list[Found]:
        """What the label resembles, nearest first, on offer or not."""
        return self.communes.nearest(self.spellings, self.offer.window)

    def candidate(self, found: Found) -> Candidate:
        return Candidate(found.code, self.communes.names[found.code], round(found.score, 4), found.how)

    def candidates(self, found: list[Found]) -> tuple[Candidate, ...]:
        """What the label may still be, best first: what resembles it and is to be had; outside the window only where
        nothing inside resembles it; never a commune that stands there under its own name."""
        alike = [f for f in found if f.score >= RESEMBLES and f.code not in self.offer.named]
        inside = [f for f in alike if f.code in self.offer]
        return tuple(map(self.candidate, inside or alike))


def resolve(
    label: str,
    departement: str,
    gazetteer: Gazetteer,
    window: AbstractSet[str] | None = None,
    taken: AbstractSet[str] = frozenset(),
    named: AbstractSet[str] = frozenset(),
) -> Resolution:
    """The commune of `departement` that `label` names at the gazetteer's date.

    `window` holds the codes that the neighbours in a list leave possible: a filter, never a choice. `taken` holds the
    codes that other names already stand for, `named` those of them that stand there under their own name. A name that
    equals, after normalising, that of one commune is decided; any other needs a score and a margin. Nothing is decided
    on a tie, nor for a name nearer to a commune of another département.
    """
    index = index_of(gazetteer)
    query = _Query(label, index.departement(departement), index.country, Offer(window, taken, named))
    matches = gazetteer.lookup(label, departement).matches
    current = [match for match in matches if match.how != "former_name"]
    return _by_name(query, current) if current else _by_resemblance(query, _ranked(query, matches))


def _by_name(query: _Query, matches: list[Match]) -> Resolution:
    """A label that is the name of one commune or more, taken at its word unless its place contradicts it."""
    spelt = [match for match in matches if match.how == "exact"] or matches
    had = [match for match in spelt if match.commune.code in query.offer]
    candidates = tuple(Candidate(match.commune.code, match.commune.nom, 1.0, match.how) for match in spelt)
    if len(had) == 1:
        return _named(query.label, had[0], candidates)
    if had:
        return _undecided(query, "ambiguous", 1.0, 0.0, candidates, "plusieurs communes de ce nom")
    reason = f"{candidates[0].nom} ({candidates[0].code}) {query.offer.refusal(candidates[0].code)}"
    codes = {candidate.code for candidate in candidates}
    rivals = [f for f in query.found if f.code in query.offer and f.code not in codes and f.score >= RESEMBLES]
    if len(spelt) == 1 and not rivals and spelt[0].commune.code not in query.offer.taken:
        return _named(query.label, spelt[0], candidates, reason)
    return _undecided(query, "ambiguous", 1.0, 0.0, candidates + tuple(map(query.candidate, rivals)), reason)


def _named(label: str, match: Match, candidates: tuple[Candidate, ...], reason: str | None = None) -> Resolution:
    commune = match.commune
    return Resolution(label, "decided", commune.code, commune.nom, match.how, 1.0, MARGIN_MAX, candidates, reason)


def _ranked(query: _Query, former: tuple[Match, ...]) -> list[Found]:
    """All that the label resembles, nearest first; a former name counts as its commune's own."""
    renamed = {match.commune.code for match in former}
    found = [Found(0.0, code, 1.0, "former_name") for code in sorted(renamed)]
    return found + [f for f in query.found if f.code not in renamed]


def _by_resemblance(query: _Query, found: list[Found]) -> Resolution:
    policy = query.offer.policy
    candidates = query.candidates(found)
    inside = [f for f in found if f.code in query.offer]
    if not inside or inside[0].score < policy.score:
        known = "aucune commune disponible ne ressemble assez à ce nom"
        reason = known if query.communes.names else "département inconnu du référentiel"
        return _undecided(query, "unresolved", inside[0].score if inside else 0.0, 0.0, candidates, reason)
    best = inside[0]
    margin = min(MARGIN_MAX, inside[1].cost - best.cost) if len(inside) > 1 else MARGIN_MAX
    if refusal := _refusal(query, best, margin, found, policy):
        return _undecided(query, "ambiguous", best.score, margin, candidates, refusal)
    nom, score = query.communes.names[best.code], round(best.score, 4)
    return Resolution(query.label, "decided", best.code, nom, best.how, score, round(margin, 4), candidates[:_SHOWN])


def _refusal(query: _Query, best: Found, margin: float, found: list[Found], policy: Policy) -> str | None:
    """Why the best candidate is not good enough, in French; None when it is."""
    if margin < policy.least_margin(best.cost, len(query.spellings[0].text)):
        return "plusieurs communes ressemblent à ce nom"
    rival = next((f for f in found if f.code not in query.offer and not query.offer.spent(f)), best)
    if rival.cost < best.cost - policy.beside:
        return f"plus proche de {rival.code}, {query.offer.refusal(rival.code)}"
    whole = query.spellings[0].text
    homonym = policy.homonym if best.how == "corrected" else 0.0
    if best.cost > homonym and whole in query.country.names:
        return "nom d'une commune d'un autre département"
    limit = best.cost - policy.elsewhere
    if limit > 0 and best.how == "corrected" and query.country.nearest_cost(whole, limit) < limit:
        return "plus proche du nom d'une commune d'un autre département"
    return None


def _undecided(
    query: _Query, status: Status, score: float, margin: float, candidates: tuple[Candidate, ...], reason: str
) -> Resolution:
    return Resolution(
        query.label,
        status,
        score=round(score, 4),
        margin=round(margin, 4),
        candidates=candidates[:_SHOWN],
        reason=reason,
    )
