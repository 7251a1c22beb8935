"""What a resolution says: plain values. How it is reached is elsewhere in this package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, overload

How = Literal["exact", "normalised", "article_moved", "former_name", "shortened", "corrected"]
HOW_WORDS = (
    ("normalised", "normalise"),
    ("article_moved", "article_deplace"),
    ("former_name", "ancien_nom"),
    ("shortened", "abrege"),
    ("corrected", "corrige"),
)
"""As the published tables say it; exact is the same."""
Status = Literal["decided", "ambiguous", "unresolved"]
Order = Literal["code", "alphabetical", "none"]


class Candidate(NamedTuple):
    """A commune that the label could mean; `score` as in Resolution."""

    code: str
    nom: str
    score: float
    how: How = "corrected"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a printed label means.

    `code`, `nom` and `how` are set only when `status` is "decided". `score` is the similarity of the best
    candidate, from 0 to 1 (1 for equal after normalising); `margin` is how many weighted edits farther the next
    candidate is, at most `decide.MARGIN_MAX`. `candidates` come best first. `reason`, in French, says why nothing was
    decided, or what a person should know about a decision. `rival` is the commune that a name decided by its exact
    spelling may be a damaged form of: a doubt, for the caller to show.
    """

    label: str
    status: Status
    code: str | None = None
    nom: str | None = None
    how: How | None = None
    score: float = 0.0
    margin: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    reason: str | None = None
    rival: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """A decided name that the order of its list does not expect there: `position` in the list, from 0."""

    position: int
    label: str
    code: str
    after: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class ListResolution(Sequence[Resolution]):
    """The resolutions of one list, in its order; `order` is the one found to hold, `breaks` where it does not."""

    resolutions: tuple[Resolution, ...]
    order: Order
    breaks: tuple[Break, ...] = ()

    @overload
    def __getitem__(self, index: int) -> Resolution: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Resolution, ...]: ...
    def __getitem__(self, index: int | slice) -> Resolution | tuple[Resolution, ...]:
        return self.resolutions[index]

    def __len__(self) -> int:
        return len(self.resolutions)

    def __iter__(self) -> Iterator[Resolution]:
        return iter(self.resolutions)
