"""The lists of a zoning annex as printed: zone by zone, département by département, with what is wrong with each.

Headings say the zone and the département, whatever their level and dress. Which commune a name is, is decided
in `zonage_communes`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.cleaning.labels import fold
from pipeline.datasets.enumeration import Enumeration, enumerate_names
from pipeline.extract.model import Cell, Grid, Heading, Paragraph, Reading, Source
from pipeline.gazetteer import Departement, Gazetteer, normalise
from pipeline.gazetteer.resolver import resolve_list
from pipeline.gazetteer.resolver.similarity import edit_cost

ZONES = {"a bis": "Abis", "abis": "Abis", "a": "A", "b1": "B1", "b2": "B2", "c": "C"}
_ZONE = re.compile(r"zone\s+(\S{1,3}(?: ?bis)?)")
_CODED = re.compile(r"\s*([0-9A-Za-z]{2,3})\s*[-–—]\s*(\S[^,]*)")
_WHOLE = re.compile(r"l'ensemble des communes(?: du departement)?\s*\.?")
_REST = re.compile(r"le reste du territoire(?: national)?\s*\.?")
_SIGNED = re.compile(r"fait (?:a [^,]+, )?le [0-9]")
_DAMAGE = 0.2
"""Weighted edits for each letter that a département's name may be away from that of its code ("Seine-et-Mame")."""


@dataclass(frozen=True)
class Problem:
    """Why a list cannot be published as it stands: the rule and a French reason."""

    rule: str
    reason: str


_NOTHING = Enumeration((), True, False)


@dataclass(frozen=True)
class ZoneList:
    """One département's names under one zone. `whole` is the sentence that takes all its communes, when there is one.

    `zone` is None while no zone heading is over it, `departement` None when its heading names none.
    """

    zone: str | None
    departement: Departement | None
    label: str
    source: Source
    printed: Enumeration = _NOTHING
    whole: Cell | None = None
    problem: Problem | None = None

    @property
    def place(self) -> str:
        """As a reader would name it: "zone B1, 22-Côtes-d'Armor"."""
        return f"zone {self.zone}, {self.label}" if self.zone else self.label

    @property
    def pieces(self) -> tuple[Cell, ...]:
        return (self.whole, *self.printed.names) if self.whole else self.printed.names

    @property
    def is_empty(self) -> bool:
        return not self.pieces

    @property
    def is_unfinished(self) -> bool:
        return bool(self.printed.names) and not self.printed.finished


@dataclass(frozen=True)
class Annex:
    """All the lists in printed order, and the sentence that gives the rest of the country its zone. `zones` are those
    of the zone headings, in order; `spelt` the département headings read otherwise than printed: (heading,
    département)."""

    lists: tuple[ZoneList, ...]
    rest: Cell | None = None
    rest_zone: str | None = None
    zones: tuple[str | None, ...] = ()
    spelt: tuple[tuple[ZoneList, Departement], ...] = ()


@dataclass
class _State:
    gazetteer: Gazetteer
    zone: str | None = None
    zones: list[str | None] = field(default_factory=list)
    zone_problem: Problem | None = None
    heading: ZoneList | None = None
    after_zone: bool = False
    paragraphs: list[Paragraph] = field(default_factory=list)
    lists: list[ZoneList] = field(default_factory=list)
    spelt: list[tuple[ZoneList, Departement]] = field(default_factory=list)
    rest: Cell | None = None
    rest_zone: str | None = None

    def close(self) -> None:
        """The list that was open ends here."""
        if self.heading:
            self.lists += _with_names(self.heading, self.paragraphs, self.gazetteer)
        self.heading, self.paragraphs = None, []


def read_annex(reading: Reading, gazetteer: Gazetteer) -> Annex:
    """The lists that stand under the zone and département headings of a reading, up to the place and date of signature.

    A list that goes on under its own heading printed again is one; other repetitions are weighed in `zonage_order`.
    """
    state = _State(gazetteer)
    for block in reading.blocks:
        if isinstance(block, Grid):
            continue
        if isinstance(block, Paragraph) and _SIGNED.match(fold(block.text)) and (state.zone or state.lists):
            break
        _take(block, state)
    state.close()
    return Annex(_merged(state.lists), state.rest, state.rest_zone, tuple(state.zones), tuple(state.spelt))


def _take(block: Heading | Paragraph, state: _State) -> None:
    folded = fold(block.text)
    zone = _ZONE.fullmatch(folded)
    if zone:
        state.close()
        state.zone, state.after_zone = ZONES.get(zone[1]), True
        state.zones.append(state.zone)
        unknown = Problem("zone_inconnue", f"« {block.text} » n'est pas une zone connue")
        state.zone_problem = None if state.zone else unknown
    elif heading := _departement_heading(block, state):
        state.close()
        state.heading, state.after_zone = heading, False
    elif isinstance(block, Heading):
        _other_heading(block, state)
    elif _REST.fullmatch(folded):
        _rest(block, state)
    elif state.heading:
        state.paragraphs.append(block)
    elif state.after_zone:
        _open(block.text, block.source, state, Problem("liste_sans_departement", "aucun département au-dessus"))
        state.paragraphs.append(block)


def _other_heading(block: Heading, state: _State) -> None:
    """A heading that is neither a zone nor a département: inside the annex, what follows cannot be placed."""
    inside = state.heading is not None or state.after_zone
    state.close()
    if inside:
        _open(
            block.text,
            block.source,
            state,
            Problem("departement_inconnu", f"« {block.text} » n'est pas un département"),
        )


def _open(label: str, source: Source, state: _State, problem: Problem) -> None:
    state.heading = ZoneList(state.zone, None, label, source, problem=problem)
    state.after_zone = False


def _rest(block: Paragraph, state: _State) -> None:
    """The sentence closes the list of zones only right under a zone heading: elsewhere that heading is lost."""
    cell = Cell(0, 0, block.text, block.source)
    if state.after_zone and state.zone and state.rest is None:
        state.rest, state.rest_zone, state.after_zone = cell, state.zone, False
        return
    state.close()
    _open(block.text, block.source, state, Problem("reste_sans_zone", "aucun titre de zone juste au-dessus"))
    state.paragraphs.append(block)
    state.close()


def _departement_heading(block: Heading | Paragraph, state: _State) -> ZoneList | None:
    """The list that a heading opens, with or without the code; a paragraph opens one only where it prints a known code
    and its very name."""
    coded = _CODED.fullmatch(block.text)
    begun = bool(state.zone or state.lists or state.heading)
    if coded is None and (isinstance(block, Paragraph) or not begun):
        return None
    by_code = state.gazetteer.departement(coded[1].upper()) if coded else None
    by_name = state.gazetteer.find_departement(coded[2] if coded else block.text)
    if coded is None:
        found, problem = by_name, None
    else:
        found, problem = _which(by_code, by_name, coded)
    sure = by_code is not None and by_code == by_name
    if (coded is None and found is None) or (isinstance(block, Paragraph) and not sure) or not (found or begun):
        return None  # a name, or a title of the document before its annex
    opened = ZoneList(state.zone, found, block.text, block.source, problem=problem or _zone_problem(state))
    if coded and found and not sure:
        state.spelt.append((opened, found))
    return opened


def _which(
    by_code: Departement | None, by_name: Departement | None, coded: re.Match[str]
) -> tuple[Departement | None, Problem | None]:
    """The département of a heading such as "22-Côtes-d'Armor": one damaged half is forgiven, a contradiction is not."""
    if by_code and by_name and by_code != by_name:
        reason = f"« {coded[0].strip()} » : le code est celui de {by_code.nom}, le nom celui de {by_name.nom}"
        return None, Problem("departement_contradictoire", reason)
    if by_code and not by_name and not _resembles(coded[2], by_code.nom):
        reason = f"« {coded[0].strip()} » : le code est celui de {by_code.nom}"
        return None, Problem("departement_contradictoire", reason)
    if by_code or by_name:
        return by_code or by_name, None
    return None, Problem("departement_inconnu", f"« {coded[0].strip()} » n'est pas un département")


def _resembles(printed: str, name: str) -> bool:
    official = normalise(name)
    return edit_cost(normalise(printed), official) <= _DAMAGE * len(official)


def _zone_problem(state: _State) -> Problem | None:
    if state.zone:
        return None
    return state.zone_problem or Problem("zone_absente", "aucun titre de zone au-dessus")


def _with_names(heading: ZoneList, paragraphs: Sequence[Paragraph], gazetteer: Gazetteer) -> list[ZoneList]:
    """The list with what is printed under its heading. Names that follow its end, a full stop or the sentence that
    takes all the communes, belong to another list whose heading is lost, unless most are of this département too."""
    lists: list[ZoneList] = []
    for run in _runs(paragraphs):
        first = run[0]
        whole = Cell(0, 0, first.text, first.source) if _WHOLE.fullmatch(fold(first.text)) else None
        printed = _NOTHING if whole else enumerate_names(run)
        if not lists:
            lists.append(replace(heading, printed=printed, whole=whole))
        elif (
            not (whole or lists[-1].whole)
            and lists[-1].departement
            and _is_of(printed, lists[-1].departement, gazetteer)
        ):
            lists[-1] = replace(lists[-1], printed=_followed(lists[-1].printed, printed))
        else:
            lost = Problem(
                "titre_manquant", "ce qui suit la fin de la liste n'en est pas : un titre manque entre les deux"
            )
            problem = heading.problem or lost
            lists.append(replace(heading, departement=None, printed=printed, whole=whole, problem=problem))
    return lists or [heading]


def _runs(paragraphs: Sequence[Paragraph]) -> list[list[Paragraph]]:
    """Paragraphs up to each that ends a list; the sentence that takes all the communes stands alone."""
    runs: list[list[Paragraph]] = []
    ended = True
    for paragraph in paragraphs:
        whole = bool(_WHOLE.fullmatch(fold(paragraph.text)))
        if ended or whole:
            runs.append([])
        runs[-1].append(paragraph)
        ended = whole or paragraph.text.rstrip().endswith(".")
    return runs


def _is_of(printed: Enumeration, departement: Departement, gazetteer: Gazetteer) -> bool:
    """Whether at least half of the names are communes of the département."""
    resolved = resolve_list([name.text for name in printed.names], departement.code, gazetteer)
    return 2 * sum(1 for r in resolved if r.code) >= len(resolved)


def _followed(first: Enumeration, then: Enumeration) -> Enumeration:
    ranked = tuple(replace(name, row=rank) for rank, name in enumerate((*first.names, *then.names)))
    return Enumeration(ranked, then.finished, then.cut)


def _merged(lists: Sequence[ZoneList]) -> tuple[ZoneList, ...]:
    """A département's heading printed again right after its own list, not finished yet (a page begins), goes on with
    it."""
    kept: list[ZoneList] = []
    for item in lists:
        last = kept[-1] if kept else None
        if last and _same(last, item):
            kept[-1] = replace(last, printed=_followed(last.printed, item.printed))
        else:
            kept.append(item)
    return tuple(kept)


def _same(last: ZoneList, item: ZoneList) -> bool:
    alike = (last.zone, last.departement) == (item.zone, item.departement) and item.departement is not None
    return alike and last.is_unfinished and not (item.whole or last.problem or item.problem or last.printed.cut)
