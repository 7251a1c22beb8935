"""Several names printed as one, when what parted them is lost: where to cut, and which communes are named inside.

A cut is made only where it is beyond doubt: official names, in the order of the list, in the window of their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pipeline.gazetteer.names import normalise
from pipeline.gazetteer.resolver.decide import resolve
from pipeline.gazetteer.resolver.index import DepartementIndex, index_of
from pipeline.gazetteer.resolver.order import Ranks, longest_chain, measure

if TYPE_CHECKING:
    from pipeline.gazetteer.communes import Gazetteer

Span = tuple[int, int]
# A word ends where a capital follows a small letter too: a comma lost with its space glues two names.
_WORD = re.compile(r"[A-ZÀ-ÖØ-ÞŒÆ]*[a-zß-öø-ÿœæ]+|[A-ZÀ-ÖØ-ÞŒÆ]+|[0-9]+")
_BETWEEN = tuple(
    (*joint, *more)
    for joint in (("ainsi", "que"), ("de", "meme", "que"), ("et", "enfin"), ("et",), ("ou",), ("puis",))
    for more in (("de",), ("d",), ())
)
"""Words that stand between two names of a sentence, the longer first."""
SURE = 0.9
"""A label that resembles one commune this much is one name; what stands between two official names must as well."""
_LONGEST_DAMAGED = 7
_MOST_WORDS_WITH_DAMAGE = 40
# A whole list without separators may be one label; beyond this it is no list of one département.
_MOST_WORDS = 900


class _Word(NamedTuple):
    key: str
    start: int
    end: int


class _Cover(NamedTuple):
    """Names that cover all the words of a label, compared by how little is supposed: damaged ones, then how many."""

    damaged: int
    spans: tuple[Span, ...]

    @property
    def weight(self) -> tuple[int, int]:
        return self.damaged, len(self.spans)


def cuts(
    labels: Sequence[str], departement: str, gazetteer: Gazetteer, taken: AbstractSet[str] = frozenset()
) -> list[tuple[Span, ...]]:
    """For each label of a list, the spans of the names it holds; one span where it is one name, or not surely several.

    `taken` are communes that another list of the département names.
    """
    communes = index_of(gazetteer).departement(departement)
    exact = [_exact(label, departement, gazetteer) for label in labels]
    known = [code for code in exact if code]
    ranks = (
        communes.by_name if measure(known, communes.by_code, communes.by_name) == "alphabetical" else communes.by_code
    )
    at = [i for i, code in enumerate(exact) if code]
    kept = longest_chain([ranks.rank[exact[i] or ""] for i in at])
    anchors = [at[k] for k in kept]
    used = frozenset({*taken, *known})
    found: list[tuple[Span, ...]] = []
    for i, label in enumerate(labels):
        whole = ((0, len(label)),)
        if exact[i] or gazetteer.lookup(label, departement).matches or len(_words(label)) < 2:
            found.append(whole)
            continue
        after = next((exact[k] for k in reversed(anchors) if k < i), None)
        before = next((exact[k] for k in anchors if k > i), None)
        window = ranks.between(after, before) - used
        found.append(_Joined(label, departement, gazetteer, ranks, window).spans() or whole)
    return found


def named_inside(label: str, departement: str, gazetteer: Gazetteer, besides: str = "") -> frozenset[str]:
    """The communes of the département whose names stand in a label as whole words.

    Not those whose words are part of the name of the commune `besides`, which the label was read as.
    """
    communes = index_of(gazetteer).departement(departement)
    words = [word.key for word in _words(label)]
    explained = f" {communes.folded.get(besides, '')} "
    found: set[str] = set()
    for i in range(len(words)):
        for j in range(i + 1, min(len(words), i + communes.longest) + 1):
            key = " ".join(words[i:j])
            if f" {key} " not in explained:
                found.update(communes.codes_by_words.get(key, ()))
    return frozenset(found - {besides})


def between_names(label: str, departement: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The stretches of a label that no official name of the département explains: damaged names stand there."""
    communes = index_of(gazetteer).departement(departement)
    words = _words(label)
    explained = [False] * len(words)
    for i in range(len(words)):
        for j in range(i + 1, min(len(words), i + communes.longest) + 1):
            if " ".join(word.key for word in words[i:j]) in communes.codes_by_words:
                explained[i:j] = [True] * (j - i)
    found: list[str] = []
    start = 0
    for i in range(len(words) + 1):
        if i == len(words) or explained[i]:
            if i > start:
                found.append(label[words[start].start : words[i - 1].end])
            start = i + 1
    return tuple(text for text in found if any(c.isalpha() for c in text))


def left_over(label: str, code: str, departement: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """What stands in a label before and after the name of the commune it was read as; nothing where that name is not
    in it as whole words."""
    words = _words(label)
    name = index_of(gazetteer).departement(departement).folded.get(code, "").split()
    for i in range(len(words) - len(name) + 1):
        if name and [word.key for word in words[i : i + len(name)]] == name:
            around = (label[: words[i].start], label[words[i + len(name) - 1].end :])
            return tuple(text.strip() for text in around if any(c.isalpha() for c in text))
    return ()


def _exact(label: str, departement: str, gazetteer: Gazetteer) -> str | None:
    only = gazetteer.lookup(label, departement).only
    return only.commune.code if only and only.how != "former_name" else None


def _words(label: str) -> list[_Word]:
    return [_Word(normalise(m.group()), m.start(), m.end()) for m in _WORD.finditer(label)]


@dataclass
class _Joined:
    """One label that may hold several names, and the communes that its place leaves for them."""

    label: str
    departement: str
    gazetteer: Gazetteer
    ranks: Ranks
    window: frozenset[str]
    _damaged: dict[Span, str | None] = field(default_factory=dict)

    @cached_property
    def words(self) -> list[_Word]:
        return _words(self.label)

    @cached_property
    def communes(self) -> DepartementIndex:
        return index_of(self.gazetteer).departement(self.departement)

    def spans(self) -> tuple[Span, ...]:
        """The spans of two names or more that cover the label in one best way; empty where there is none."""
        if len(self.words) > _MOST_WORDS or not any(self._codes(i, j) for i, j in self._stretches()):
            return ()
        whole = resolve(self.label, self.departement, self.gazetteer, self.window)
        if whole.code and whole.score >= SURE and whole.how != "shortened":
            return ()
        covers = sorted(self._covers(0, -1, allow=0), key=lambda c: c.weight)
        if not covers and len(self.words) <= _MOST_WORDS_WITH_DAMAGE:
            covers = sorted(self._covers(0, -1, allow=1), key=lambda c: c.weight)
        if not covers or any(c.weight == covers[0].weight for c in covers[1:]) or len(covers[0].spans) < 2:
            return ()
        return covers[0].spans

    def _stretches(self) -> Iterator[Span]:
        n = len(self.words)
        return ((i, j) for i in range(n) for j in range(i + 1, min(n, i + self.communes.longest) + 1))

    def _codes(self, i: int, j: int) -> list[str]:
        key = " ".join(word.key for word in self.words[i:j])
        return [code for code in self.communes.codes_by_words.get(key, ()) if code in self.window]

    def _covers(self, i: int, last: int, allow: int) -> list[_Cover]:
        """The best covers, two at most, of the words from `i` by names ranked after `last`, `allow` of them damaged."""
        memo: dict[tuple[int, int, int], list[_Cover]] = {}

        def best(i: int, last: int, allow: int) -> list[_Cover]:
            if i == len(self.words):
                return [_Cover(0, ())]
            if (i, last, allow) not in memo:
                found: list[_Cover] = []
                for j in range(i + 1, min(len(self.words), i + self.communes.longest) + 1):
                    for code, damage in self._readings(i, j, allow):
                        if self.ranks.rank[code] > last:
                            rests = best(self._next(j), self.ranks.rank[code], allow - damage)
                            span = (self.words[i].start, self.words[j - 1].end)
                            found += (_Cover(rest.damaged + damage, (span, *rest.spans)) for rest in rests)
                memo[i, last, allow] = sorted(found, key=lambda c: c.weight)[:2]
            return memo[i, last, allow]

        return best(i, last, allow)

    def _next(self, j: int) -> int:
        """The word after `j`, words that only join two names passed over."""
        keys = tuple(word.key for word in self.words[j : j + 4])
        joints = (len(joint) for joint in _BETWEEN if keys[: len(joint)] == joint and j + len(joint) < len(self.words))
        return j + next(joints, 0)

    def _readings(self, i: int, j: int, allow: int) -> Iterator[tuple[str, int]]:
        codes = self._codes(i, j)
        yield from ((code, 0) for code in codes)
        if allow and not codes and j - i <= _LONGEST_DAMAGED and (i, j) != (0, len(self.words)):
            if (i, j) not in self._damaged:
                text = self.label[self.words[i].start : self.words[j - 1].end]
                found = resolve(text, self.departement, self.gazetteer, self.window)
                sure = found.score >= SURE and found.how == "corrected"
                self._damaged[i, j] = found.code if sure else None
            if code := self._damaged[i, j]:
                yield code, 1
