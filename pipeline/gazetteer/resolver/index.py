"""What one gazetteer offers to match against: folded names by département, and the country's names as decoys.

Built once for each gazetteer and kept as long as it lives. Finding is here; deciding is not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.gazetteer.names import normalise, split_article
from pipeline.gazetteer.resolver.model import How
from pipeline.gazetteer.resolver.order import Ranks, ranks_of
from pipeline.gazetteer.resolver.similarity import ARTICLE, SHORTENED, edit_cost

if TYPE_CHECKING:
    from pipeline.gazetteer.communes import Commune, Gazetteer

# Forms priced for one label: the nearest by plain edits.
_PRICED = 8
# Those left out: at this many weighted edits for each plain one, they would still be this much farther than the best.
_CHEAPEST = 0.35
_TOO_FAR = 0.8


class Found(NamedTuple):
    """A commune the label resembles: `cost` in weighted edits, `score` 1 - cost by letter, `how` if it were chosen."""

    cost: float
    code: str
    score: float
    how: How = "corrected"


class Form(NamedTuple):
    """One folded spelling to compare; `article` is the article left out of it, "" when nothing was."""

    text: str
    article: str


def forms(label: str) -> tuple[Form, ...]:
    """The spellings of a name: whole and, where it has an article, without it."""
    article, bare = split_article(label)
    whole = Form(normalise(label), "")
    return (whole, Form(normalise(bare), article)) if article else (whole,)


class DepartementIndex:
    """The communes of one département, under the folded forms they can be printed in."""

    def __init__(self, communes: Iterable[Commune]) -> None:
        self.names = {commune.code: commune.nom for commune in communes}
        self._texts: list[str] = []
        self._owners: list[tuple[str, str]] = []
        for code, nom in self.names.items():
            for form in forms(nom):
                self._texts.append(form.text)
                self._owners.append((code, form.article))

    @cached_property
    def folded(self) -> dict[str, str]:
        """Code → its name normalised."""
        return {code: normalise(nom) for code, nom in self.names.items()}

    @cached_property
    def codes_by_words(self) -> dict[str, list[str]]:
        """Folded name, with its article and without → the communes that bear it."""
        found: dict[str, list[str]] = defaultdict(list)
        for text, (code, _article) in zip(self._texts, self._owners, strict=True):
            found[text].append(code)
        return dict(found)

    @cached_property
    def longest(self) -> int:
        """The words of the longest name."""
        return max((text.count(" ") + 1 for text in self._texts), default=0)

    @cached_property
    def _from_start(self) -> list[tuple[str, str]]:
        return sorted((text, code) for text, (code, _) in zip(self._texts, self._owners, strict=True))

    @cached_property
    def _from_end(self) -> list[tuple[str, str]]:
        return sorted((text[::-1], code) for text, (code, _) in zip(self._texts, self._owners, strict=True))

    @cached_property
    def by_code(self) -> Ranks:
        return ranks_of(self.names, "code")

    @cached_property
    def by_name(self) -> Ranks:
        return ranks_of(self.names, "alphabetical")

    def nearest(self, spellings: Iterable[Form], window: AbstractSet[str] | None = None) -> list[Found]:
        """The communes that a label, given by its `forms`, resembles or is a piece of, nearest first.

        Those of `window` are compared as well as the nearest of the whole département: one of these nearer is a doubt.
        """
        best: dict[str, Found] = {}
        inside = None if window is None else [i for i, owner in enumerate(self._owners) if owner[0] in window]
        for form in spellings:
            near = (*self._cut(form), *self._similar(form), *(self._similar(form, inside) if inside else ()))
            for found in near:
                if found.code not in best or found < best[found.code]:
                    best[found.code] = found
        return sorted(best.values())

    def _similar(self, form: Form, among: list[int] | None = None) -> Iterator[Found]:
        """The names like this spelling, of all the département or of those at the positions `among`."""
        texts = self._texts if among is None else [self._texts[i] for i in among]
        farthest, best = max(3, len(form.text) // 2), inf
        near = process.extract(
            form.text, texts, scorer=Levenshtein.distance, score_cutoff=farthest, limit=_PRICED, processor=None
        )
        for text, distance, at in near:
            if distance * _CHEAPEST > best + _TOO_FAR:
                break
            code, article = self._owners[at if among is None else among[at]]
            cost = edit_cost(form.text, text) + (0.0 if article == form.article else ARTICLE)
            best = min(best, cost)
            yield Found(cost, code, max(0.0, 1 - cost / max(len(form.text), len(text))))

    def _cut(self, form: Form) -> Iterator[Found]:
        """The names that begin or end with this spelling, as when a word is left out or a line is cut."""
        for piece, names in ((form.text, self._from_start), (form.text[::-1], self._from_end)):
            for i in range(bisect_left(names, (piece, "")), len(names)):
                text, code = names[i]
                if not text.startswith(piece):
                    break
                if piece and text != piece:
                    yield Found(SHORTENED, code, 1 - SHORTENED / len(piece), "shortened")


class CountryIndex:
    """Every commune name of the country, to see that a label is nearer to a name that is not in its département."""

    def __init__(self, communes: Iterable[Commune]) -> None:
        self.names = {normalise(commune.nom) for commune in communes}

    @cached_property
    def _halves(self) -> dict[tuple[int, bool, str], list[str]]:
        """Names by (length, whether the first half, that half): damage in one half leaves the other to find it by."""
        halves: dict[tuple[int, bool, str], list[str]] = defaultdict(list)
        for name in self.names:
            middle = len(name) // 2
            halves[len(name), True, name[:middle]].append(name)
            halves[len(name), False, name[middle:]].append(name)
        return halves

    def nearest_cost(self, form: str, limit: float) -> float:
        """Cost of the name nearest to a normalised label, or `limit`; only names with one half intact are found."""
        best = limit
        for length in range(max(2, len(form) - 2), len(form) + 3):
            middle = length // 2
            for key in ((length, True, form[:middle]), (length, False, form[middle - length :])):
                for name in self._halves.get(key, ()):
                    if Levenshtein.distance(form, name, score_cutoff=2) <= 2:
                        best = min(best, edit_cost(form, name))
        return best


class Index:
    """Both indexes of one gazetteer, each département built when first asked for."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._communes: dict[str, list[Commune]] = defaultdict(list)
        for commune in gazetteer.communes():
            self._communes[commune.code_departement].append(commune)
        self._departements: dict[str, DepartementIndex] = {}

    @cached_property
    def country(self) -> CountryIndex:
        return CountryIndex(commune for communes in self._communes.values() for commune in communes)

    def departement(self, code: str) -> DepartementIndex:
        """The communes of a département; empty for a code that the gazetteer does not hold."""
        if code not in self._departements:
            self._departements[code] = DepartementIndex(self._communes.get(code, ()))
        return self._departements[code]


_indexes: WeakKeyDictionary[Gazetteer, Index] = WeakKeyDictionary()


def index_of(gazetteer: Gazetteer) -> Index:
    """The index of this gazetteer, built at the first call."""
    if gazetteer not in _indexes:
        _indexes[gazetteer] = Index(gazetteer)
    return _indexes[gazetteer]
