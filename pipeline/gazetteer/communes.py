"""Communes, départements and régions of the Code officiel géographique at one date, and exact look-ups of their names.

It finds what a label says; it does not judge resemblance, nor choose among several. No file is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, TypeVar

from pipeline.gazetteer.names import article_in_front, fold, normalise, split_article

CommuneKind = Literal["COM", "COMD", "COMA", "ARM"]
MatchHow = Literal["exact", "normalised", "article_moved", "former_name"]


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune (COM) or a part of one at a date: délégué (COMD), associée (COMA), arrondissement municipal (ARM).

    `code` is the INSEE code, five characters; `rattachement` the code of the commune that a part belongs to, None for
    a COM. A COMD may bear the code of the COM it is part of.
    """

    code: str
    nom: str
    kind: CommuneKind
    rattachement: str | None
    code_departement: str
    code_region: str


@dataclass(frozen=True, slots=True)
class Departement:
    code: str
    nom: str
    code_region: str


@dataclass(frozen=True, slots=True)
class Region:
    """`autres_noms`: other names in use for the whole of it. `devenue`: for a former région, the one it is now in."""

    code: str
    nom: str
    autres_noms: tuple[str, ...] = ()
    devenue: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """One commune that a label may mean; `nom` is the name that matched, a former one when `how` says so."""

    commune: Commune
    how: MatchHow
    nom: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a label may mean. Several matches are an ambiguity for the caller to settle: none is preferred."""

    matches: tuple[Match, ...]

    @property
    def only(self) -> Match | None:
        """The match when there is exactly one."""
        return self.matches[0] if len(self.matches) == 1 else None

    @property
    def ambiguous(self) -> bool:
        return len(self.matches) > 1


def departement_of(code_commune: str) -> str:
    """The code of the département in an INSEE code: '01004' → '01', '2A004' → '2A', '97411' → '974'."""
    return code_commune[:3] if code_commune.startswith("97") else code_commune[:2]


_Named = TypeVar("_Named", Departement, Region)
ALL_KINDS: tuple[CommuneKind, ...] = ("COM", "ARM", "COMA", "COMD")


def _words(label: str) -> str:
    """Folded, Saint written out, the article left where it is printed."""
    return normalise(label.replace("(", " ").replace(")", " "))


def _moved(label: str) -> str:
    """Normalised when the article is printed behind; nothing otherwise, since nothing was moved."""
    return normalise(label) if article_in_front(label) != label else ""


_STEPS: tuple[tuple[MatchHow, Callable[[str], str]], ...] = (
    ("exact", str.strip),
    ("normalised", _words),
    ("article_moved", _moved),
)


class Gazetteer:
    """Communes, départements and régions of the Code officiel géographique at `cog_date`."""

    def __init__(
        self,
        cog_date: date,
        places: Iterable[Commune],
        departements: Iterable[Departement],
        regions: Iterable[Region],
        ended_names: Iterable[tuple[str, str]],
        groups: Callable[[], Mapping[str, str]] = dict,
        former_regions: Iterable[Region] = (),
    ) -> None:
        """`places` in code order; `ended_names` are (name, code of the commune that holds the place now).

        `groups` gives, when first asked, commune code → SIREN of its EPCI; empty where no list of EPCI is held.
        """
        self.cog_date = cog_date
        self.departements = tuple(departements)
        self.regions = tuple(regions)
        self.former_regions = tuple(former_regions)
        self._departement = {d.code: d for d in self.departements}
        self._region = {r.code: r for r in self.regions}
        self._places: dict[str, list[Commune]] = {}
        for place in places:
            self._places.setdefault(place.code_departement, []).append(place)
        self._ended: dict[str, list[tuple[str, str]]] = {}
        for name, code in ended_names:
            self._ended.setdefault(departement_of(code), []).append((name, code))
        self._groups = groups
        self._keys: dict[tuple[str, bool], dict[str, list[Commune]]] = {}
        self._former: dict[str, Mapping[str, Mapping[str, str]]] = {}

    def communes(
        self, departement: str | None = None, kinds: tuple[CommuneKind, ...] = ("COM",)
    ) -> tuple[Commune, ...]:
        """The communes of a département, or of all, in code order; none for a code that is no département."""
        groups = self._places.values() if departement is None else [self._places.get(departement, [])]
        return tuple(place for group in groups for place in group if place.kind in kinds)

    @cached_property
    def _by_code(self) -> dict[str, Commune]:
        found: dict[str, Commune] = {}
        for kind in reversed(ALL_KINDS):  # a COM hides the part of it that bears its code
            found |= {place.code: place for place in self.communes(kinds=(kind,))}
        return found

    def commune(self, code: str) -> Commune | None:
        """The commune of an INSEE code; a part of a commune when no commune bears the code at this date."""
        return self._by_code.get(code)

    @cached_property
    def group_members(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """(SIREN of an EPCI, département) → the communes of this date that it holds there."""
        found: dict[tuple[str, str], set[str]] = {}
        for code, siren in self.groups.items():
            found.setdefault((siren, departement_of(code)), set()).add(code)
        return {key: frozenset(codes) for key, codes in found.items()}

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """Commune of this date → SIREN of the EPCI it is in, in the year held that is nearest to this date.

        It says which communes go together, not to which EPCI one belonged on this date.
        """
        return self._groups()

    def departement(self, code: str) -> Departement | None:
        return self._departement.get(code)

    def region(self, code: str) -> Region | None:
        return self._region.get(code)

    def find_departement(self, name: str) -> Departement | None:
        """The département of that name, whatever its accents, case, hyphens and article."""
        return _only(self.departements, lambda d: (d.nom,), name)

    def find_region(self, name: str) -> Region | None:
        """The région of that name, or of another name of it in use.

        "PACA", "Centre" in 2017; None for "Aquitaine", which then is a part of one, and for "Occitanie" in 2009.
        """
        return _only(self.regions, lambda r: (r.nom,), name) or _only(self.regions, lambda r: r.autres_noms, name)

    def find_former_region(self, name: str) -> Region | None:
        """The région of that name that existed before this date and is now a part of another."""
        return _only(self.former_regions, lambda r: (r.nom,), name)

    def lookup(self, label: str, departement: str | None = None, kinds: tuple[CommuneKind, ...] = ("COM",)) -> Lookup:
        """The places that a label names in a département (or anywhere), by the surest way that finds any.

        Ways in order: as printed; normalised; with its article, printed behind, put in front; as a former name of
        a commune, or of one absorbed by it. All the matches of that way are given, in code order.
        """
        groups = tuple(self._places) if departement is None else (departement,)
        for how, key in _STEPS:
            wanted = key(label)
            found = [
                c for d in groups for c in self._index(d, how == "exact").get(wanted, ()) if wanted and c.kind in kinds
            ]
            if found:
                return Lookup(tuple(Match(commune, how, commune.nom) for commune in found))
        wanted = normalise(label)
        former = [(code, nom) for d in groups for code, nom in self._former_in(d).get(wanted, {}).items()]
        return Lookup(tuple(Match(self._by_code[code], "former_name", nom) for code, nom in former if "COM" in kinds))

    def former_names(self, departement: str) -> Mapping[str, tuple[str, ...]]:
        """Normalised names out of use at this date → codes of the communes that hold the place now, in order.

        Names a commune bore since 1943, and names of the communes it absorbed. One that is also the present name of
        a commune of the département is there too: `lookup` finds the present one first.
        """
        return {key: tuple(found) for key, found in self._former_in(departement).items()}

    def _former_in(self, departement: str) -> Mapping[str, Mapping[str, str]]:
        """Normalised former name → code of the commune that holds the place → the name as it was written."""
        if departement not in self._former:
            names: dict[str, dict[str, str]] = {}
            for name, code in sorted(self._ended.get(departement, ()), key=lambda pair: pair[::-1]):
                names.setdefault(normalise(name), {})[code] = name
            self._former[departement] = names
        return self._former[departement]

    def _index(self, departement: str, as_written: bool) -> dict[str, list[Commune]]:
        """Name, as written or normalised → places of a département, made at the first look-up there."""
        if (departement, as_written) not in self._keys:
            index: dict[str, list[Commune]] = {}
            for place in self._places.get(departement, ()):
                index.setdefault(place.nom if as_written else normalise(place.nom), []).append(place)
            self._keys[departement, as_written] = index
        return self._keys[departement, as_written]


def _only(items: Iterable[_Named], names: Callable[[_Named], tuple[str, ...]], wanted: str) -> _Named | None:
    """The one item that bears the name; None for none or several."""
    key = _bare(wanted)
    found = [item for item in items if key in {_bare(name) for name in names(item)}]
    return found[0] if key and len(found) == 1 else None


def _bare(name: str) -> str:
    """Key of a département or région, where "Réunion" and "La Réunion" are one."""
    return fold(split_article(name)[1])
