"""The lists of a zoning annex as printed: zone by zone, département by département, with what is wrong with each.

Headings say the zone and the département, whatever their level and dress; zones come in one order, and each lists its
départements by code. Which commune a name is, is decided in `communes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from pipeline.cleaning.labels import fold
from pipeline.contract.rows import Observation
from pipeline.datasets.enumeration import Enumeration, enumerate_names
from pipeline.datasets.zonage.headings import Problem, read_departement
from pipeline.extract.model import Cell, Grid, Heading, Paragraph, Reading, Source
from pipeline.gazetteer import Departement, Gazetteer
from pipeline.gazetteer.resolver import cuts, resolve_list

_ZONE_LABELS = {"a bis": "Abis", "abis": "Abis", "a": "A", "b1": "B1", "b2": "B2", "c": "C"}
_ZONE = re.compile(r"zone\s+(\S{1,3}(?: ?bis)?)")
_WHOLE = re.compile(r"l'ensemble des communes(?: du departement)?\s*\.?")
_REST = re.compile(r"le reste du territoire(?: national)?\s*\.?")
_ANNEX = re.compile(r"annexes?")
_SIGNED = re.compile(r"fait (?:a [^,]+, )?le [0-9]")


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
    under: Cell | None = None
    """The zone heading over it, as printed."""

    @property
    def place(self) -> str:
        """As a reader would name it: "zone B1, 22-Côtes-d'Armor"."""
        return f"zone {self.zone}, {self.label}" if self.zone else self.label

    @property
    def pieces(self) -> tuple[Cell, ...]:
        """All that is printed of it: the ledger asks what became of each."""
        remarks = tuple(remark.cell for remark in self.printed.remarks)
        return (*((self.whole,) if self.whole else ()), *self.printed.names, *remarks)

    @property
    def is_empty(self) -> bool:
        return not (self.whole or self.printed.names)

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
    rest_under: Cell | None = None
    zones: tuple[str | None, ...] = ()
    spelt: tuple[tuple[ZoneList, Departement], ...] = ()


@dataclass
class _State:
    gazetteer: Gazetteer
    zone: str | None = None
    zone_heading: Cell | None = None
    zones: list[str | None] = field(default_factory=list)
    zone_problem: Problem | None = None
    heading: ZoneList | None = None
    after_zone: bool = False
    paragraphs: list[Paragraph] = field(default_factory=list)
    lists: list[ZoneList] = field(default_factory=list)
    spelt: list[tuple[ZoneList, Departement]] = field(default_factory=list)
    rest: Cell | None = None
    rest_zone: str | None = None
    rest_under: Cell | None = None

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
    return Annex(
        lists=_merged(state.lists),
        rest=state.rest,
        rest_zone=state.rest_zone,
        rest_under=state.rest_under,
        zones=tuple(state.zones),
        spelt=tuple(state.spelt),
    )


def _take(block: Heading | Paragraph, state: _State) -> None:
    folded = fold(block.text)
    zone = _ZONE.fullmatch(folded)
    if zone:
        state.close()
        state.zone, state.after_zone = _ZONE_LABELS.get(zone[1]), True
        state.zone_heading = Cell(0, 0, block.text, block.source)
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
    elif state.after_zone and (state.zones or block.text.count(",") > 1):
        problem = Problem("liste_sans_departement", "aucun département au-dessus")
        _open("liste sans département", block.source, state, problem)
        state.paragraphs.append(block)


def _other_heading(block: Heading, state: _State) -> None:
    """A heading that is neither a zone nor a département: inside the annex, what follows cannot be placed. Names may
    follow the very heading of the annex, when those of the first zone are lost."""
    if not (state.zones or state.lists or state.heading):
        state.after_zone = state.after_zone or bool(_ANNEX.fullmatch(fold(block.text)))
        return
    inside = state.heading is not None or state.after_zone
    state.close()
    if inside:
        unknown = Problem("departement_inconnu", f"« {block.text} » n'est pas un département")
        _open(block.text, block.source, state, unknown)


def _open(label: str, source: Source, state: _State, problem: Problem) -> None:
    state.heading = ZoneList(state.zone, None, label, source, problem=problem)
    state.after_zone = False


def _rest(block: Paragraph, state: _State) -> None:
    """The sentence closes the list of zones only right under a zone heading: elsewhere that heading is lost."""
    cell = Cell(0, 0, block.text, block.source)
    if state.after_zone and state.zone and state.rest is None:
        state.rest, state.rest_zone, state.after_zone = cell, state.zone, False
        state.rest_under = state.zone_heading
        return
    state.close()
    _open(block.text, block.source, state, Problem("reste_sans_zone", "aucun titre de zone juste au-dessus"))
    state.paragraphs.append(block)
    state.close()


def _departement_heading(block: Heading | Paragraph, state: _State) -> ZoneList | None:
    """The list that a block opens, when it is the heading of a département."""
    read = read_departement(block, state.gazetteer)
    begun = bool(state.zone or state.lists or state.heading)
    if read is None or not (begun or (read.departement and read.is_coded)):
        return None  # a name, or a title of the document before its annex
    problem = read.problem or _zone_problem(state)
    opened = ZoneList(state.zone, read.departement, block.text, block.source, problem=problem, under=state.zone_heading)
    if read.departement and read.is_mended:
        state.spelt.append((opened, read.departement))
    return opened


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
        printed = _NOTHING if whole else _enumerated(run, heading.departement, gazetteer)
        if not lists:
            lists.append(replace(heading, printed=printed, whole=whole))
        elif (
            not (whole or lists[-1].whole)
            and lists[-1].departement
            and _is_of(printed, lists[-1].departement, gazetteer)
        ):
            lists[-1] = replace(lists[-1], printed=lists[-1].printed.followed(printed))
        else:
            lost = Problem(
                "titre_manquant", "ce qui suit la fin de la liste n'en est pas : un titre manque entre les deux"
            )
            problem = heading.problem or lost
            lists.append(replace(heading, departement=None, printed=printed, whole=whole, problem=problem))
    return lists or [heading]


def _enumerated(run: Sequence[Paragraph], departement: Departement | None, gazetteer: Gazetteer) -> Enumeration:
    """The names of a run of paragraphs; several printed as one are cut where that is beyond doubt."""
    if departement is None:
        return enumerate_names(run)
    code = departement.code
    printed = enumerate_names(run, lambda text: bool(gazetteer.lookup(text, code).matches))
    # A name over two lines has no place of its own inside: it stays whole.
    labels = [name.text if name.source.last_line is None else "" for name in printed.names]
    return printed.split(cuts(labels, code, gazetteer))


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


def _merged(lists: Sequence[ZoneList]) -> tuple[ZoneList, ...]:
    """A département's heading printed again right after its own list, not finished yet (a page begins), goes on with
    it."""
    kept: list[ZoneList] = []
    for item in lists:
        last = kept[-1] if kept else None
        if last and _same(last, item):
            kept[-1] = replace(last, printed=last.printed.followed(item.printed))
        else:
            kept.append(item)
    return tuple(kept)


def _same(last: ZoneList, item: ZoneList) -> bool:
    alike = (last.zone, last.departement) == (item.zone, item.departement) and item.departement is not None
    return alike and last.is_unfinished and not (item.whole or last.problem or item.problem or last.printed.cut)


ZONES = ("Abis", "A", "B1", "B2", "C")
_ANYWHERE = ("2A", "2B")
"""Corsica stands between 19 and 21 or after 29, as printers will."""


def placed(annex: Annex) -> tuple[tuple[ZoneList, ...], tuple[Observation, ...]]:
    """The lists, with a problem on those whose zone is not sure, and a finding for each step back.

    No zone is sure under a zone heading that comes after that of a later zone, nor under that of the rest when no
    sentence says what the rest is. Départements that start again from a lower code are of another zone, up to the
    next zone heading; from the beginning of the zone, when its heading is printed twice. One list alone out of place
    keeps its zone, unless the heading that comes next skips a zone: then one is lost, and it may be lost there.
    """
    segments = [(zone, list(group)) for zone, group in groupby(annex.lists, key=lambda item: item.zone)]
    following = [*(zone for zone, _ in segments[1:]), annex.rest_zone] if segments else []
    found: list[ZoneList] = []
    observations: list[Observation] = []
    latest = -1
    for (zone, segment), after in zip(segments, following, strict=True):
        rank = ZONES.index(zone) if zone in ZONES else latest
        out_of_order = rank < latest or (zone == ZONES[-1] and annex.rest_zone is None)
        latest = max(latest, -1 if out_of_order else rank)
        back = list(_steps_back(segment))
        restarts = (i for i in back if i + 1 in back or not _is_next(zone, after))
        sure = next(restarts, len(segment))
        if out_of_order or (sure < len(segment) and annex.zones.count(zone) > 1):
            sure = 0
        problem = _misplaced if out_of_order else _lost
        found += segment[:sure]
        found += [replace(item, problem=item.problem or problem(item)) for item in segment[sure:]]
        observations += [_out_of_place(segment[i]) for i in back if i < sure]
        observations += [_unsure(problem(item), item) for item in segment[sure : sure + 1]]
    return tuple(found), tuple(observations)


def _steps_back(segment: Sequence[ZoneList]) -> Iterator[int]:
    """Positions of the lists whose département does not come after all those before it in its zone."""
    highest, seen = "", set[str]()
    for i, item in enumerate(segment):
        code = item.departement.code if item.departement and not item.problem else ""
        if code in seen or (code and code < highest and code not in _ANYWHERE):
            yield i
        elif code:
            seen.add(code)
            highest = highest if code in _ANYWHERE else code


def _is_next(zone: str | None, after: str | None) -> bool:
    """Whether no zone stands between these two; the zone of a heading that is no zone is not known."""
    return zone in ZONES and after in ZONES and ZONES.index(after) == ZONES.index(zone) + 1


def _lost(item: ZoneList) -> Problem:
    reason = f"les départements recommencent dans la zone {item.zone} : un titre de zone manque ou n'est pas à sa place"
    return Problem("zone_perdue", reason)


def _misplaced(item: ZoneList) -> Problem:
    reason = f"le titre de la zone {item.zone} n'est pas à sa place dans l'ordre des zones"
    return Problem("zone_hors_ordre", reason)


def _unsure(problem: Problem, item: ZoneList) -> Observation:
    message = f"{item.place} : {problem.reason} ; les communes nommées d'ici au titre suivant restent sans zone"
    return Observation("titre_de_zone_manquant", "warning", message, item.place, item.source, item.label)


def _out_of_place(item: ZoneList) -> Observation:
    message = f"{item.place} : département répété, ou hors de l'ordre des codes"
    return Observation("departement_hors_ordre", "warning", message, item.place, item.source, item.label)
