"""Lines of the places sheet taken apart: its regions, and under each the départements and sites in printed order.

Cells are told by kind and by their neighbours, never by column, since they drift sideways. Which commune a site is, is
in `communes`; what no rule can read is set aside here, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipeline.contract.rows import Refused
from pipeline.datasets.places import labels
from pipeline.extract.model import Cell, Grid, Reading
from pipeline.gazetteer import Gazetteer

Kind = Literal["region", "total", "departement", "site"]
# A region and the total have known and planned places, a site its places, a département none.
_COUNTS: dict[Kind, int] = {"region": 2, "total": 2, "site": 1, "departement": 0}


@dataclass(frozen=True)
class Entry:
    """A region, total, département or site as printed: its label and the counts behind it.

    `rule` and `reason` are set when something printed spoils it: `extra` holds the cells at fault that are neither.
    """

    kind: Kind
    label: Cell
    counts: tuple[Cell, ...] = ()
    extra: tuple[Cell, ...] = ()
    rule: str = ""
    reason: str = ""

    @property
    def is_spoilt(self) -> bool:
        return bool(self.rule)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The counts as read; only a cell that is a number becomes a count."""
        return tuple(labels.count(cell.text) or 0 for cell in self.counts)

    @property
    def refused(self) -> Refused:
        return Refused((self.label, *self.counts, *self.extra), self.rule, self.reason)


@dataclass(frozen=True)
class Region:
    """One region as printed (`head` is None above the first one) and what stands under it, in printed order."""

    head: Entry | None
    entries: tuple[Entry, ...] = ()

    @property
    def departements(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.kind == "departement")

    @property
    def sites(self) -> tuple[Entry, ...]:
        """Spoilt ones included: they keep their rank."""
        return tuple(entry for entry in self.entries if entry.kind == "site")


@dataclass(frozen=True)
class Sheet:
    """The sheet taken apart. `loose`: printed pieces that belong to no entry, refused."""

    regions: tuple[Region, ...]
    totals: tuple[Entry, ...]
    loose: tuple[Refused, ...]


@dataclass
class _Draft:
    """An entry while its line is read."""

    kind: Kind
    label: Cell
    counts: list[Cell] = field(default_factory=list)
    extra: list[Cell] = field(default_factory=list)
    rule: str = ""
    reason: str = ""

    @property
    def is_full(self) -> bool:
        return len(self.counts) >= _COUNTS[self.kind]

    def spoil(self, cell: Cell, rule: str, reason: str) -> None:
        self.extra.append(cell)
        self.rule, self.reason = self.rule or rule, self.reason or reason

    def entry(self) -> Entry:
        """The entry as read to its end. One number where two are due may be either: it is not guessed which."""
        if len(self.counts) == 1 and _COUNTS[self.kind] == 2 and not self.rule:
            self.rule, self.reason = "nombre_manquant", f"un seul nombre derrière « {self.label.text} », deux attendus"
        return Entry(self.kind, self.label, tuple(self.counts), tuple(self.extra), self.rule, self.reason)


def read_sheet(grids: Iterable[Grid], reading: Reading, gazetteer: Gazetteer) -> Sheet:
    """The regions of the sheet in order. The reading's repairs say which cells are overflow that differs from the lines
    below it, and which cell the file was cut in."""
    reader = _Reader(reading, gazetteer)
    for grid in grids:
        lines: dict[int, list[Cell]] = {}
        for cell in grid.cells:
            if cell.text and not cell.header:
                lines.setdefault(cell.row, []).append(cell)
        for row in sorted(lines):
            reader.line(sorted(lines[row], key=lambda cell: cell.col))
    regions = (
        Region(head.entry() if head else None, tuple(e.entry() for e in under)) for head, under in reader.regions
    )
    return Sheet(tuple(regions), tuple(total.entry() for total in reader.totals), tuple(reader.loose))


class _Reader:
    """What has been read so far: the region above, and the last entry of the line."""

    def __init__(self, reading: Reading, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.overflow = [r for r in reading.repairs if r.kind == "debordement_different"]
        self.cut = {r.source for r in reading.repairs if r.kind == "ligne_coupee"}
        self.regions: list[tuple[_Draft | None, list[_Draft]]] = []
        self.totals: list[_Draft] = []
        self.loose: list[Refused] = []
        self.last: _Draft | None = None

    def line(self, cells: Sequence[Cell]) -> None:
        """One line, up to where an overflow begins that could not be checked."""
        self.last = None
        for i, cell in enumerate(cells):
            after = cells[i + 1 :]
            if reason := self._why_overflow(cell, after, is_first=i == 0):
                self.loose.append(Refused(tuple(cells[i:]), "debordement_non_verifie", reason))
                return
            if cell.source in self.cut:
                self._unreadable(cell, "ligne_coupee", "la feuille s'arrête au milieu de cette cellule")
            elif labels.count(cell.text) is not None:
                self._count(cell)
            elif labels.is_damaged_count(cell.text):
                self._unreadable(cell, "nombre_illisible", f"« {cell.text} » n'est pas un nombre entier")
            else:
                self._label(cell, after, is_first=i == 0)

    def _why_overflow(self, cell: Cell, after: Sequence[Cell], *, is_first: bool) -> str:
        start = cell.source.start or 0
        for repair in self.overflow:
            if repair.source.line == cell.source.line and start >= (repair.source.start or 0):
                parted = f"« {repair.before or 'rien'} » et non « {repair.after or 'rien'} »"
                return f"la ligne continue avec des cellules qui diffèrent des lignes suivantes : {parted}"
        if is_first or self._is_commune_here(cell):
            return ""
        if labels.is_total(cell.text) or self._is_region(cell, after, is_first=False):
            return "une région ou un total au milieu d'une ligne, que les lignes suivantes ne confirment pas"
        return ""

    def _label(self, cell: Cell, after: Sequence[Cell], *, is_first: bool) -> None:
        """An unknown label is a site behind a département only, and a region when it opens a line with two counts."""
        behind_departement = self.last is not None and self.last.kind == "departement"
        if is_first and labels.is_total(cell.text):
            self.last = _Draft("total", cell)
            self.totals.append(self.last)
        elif is_first and (self._is_region(cell, after, is_first=True) or self._opens_as_a_region(cell, after)):
            self.last = _Draft("region", cell)
            self.regions.append((self.last, []))
        elif labels.departement(cell.text, self.gazetteer) and not self._is_commune_here(cell):
            self._add(_Draft("departement", cell))
        elif behind_departement or self._is_commune(cell):
            self._add(_Draft("site", cell))
        else:
            reason = f"« {cell.text} » n'est ni une région, ni un département, ni une commune connue"
            self._unreadable(cell, "libelle_inconnu", reason)

    def _add(self, draft: _Draft) -> None:
        if not self.regions:
            self.regions.append((None, []))
        self.regions[-1][1].append(draft)
        self.last = draft

    def _count(self, cell: Cell) -> None:
        if self.last is None or self.last.kind == "departement":
            reason = f"le nombre « {cell.text} » ne suit aucun libellé qui en porte"
            self.loose.append(Refused((cell,), "nombre_sans_libelle", reason))
        elif self.last.is_full:
            reason = f"le nombre « {cell.text} » est de trop derrière « {self.last.label.text} »"
            self.last.spoil(cell, "nombre_en_trop", reason)
        else:
            self.last.counts.append(cell)

    def _unreadable(self, cell: Cell, rule: str, reason: str) -> None:
        """A cell where a count was due may be that count: what it belongs to cannot be published without it. Behind a
        département, the cell where the file ends was its site."""
        cut_site = self.last is not None and self.last.kind == "departement" and rule == "ligne_coupee"
        if self.last is None or (self.last.is_full and not cut_site):
            self.loose.append(Refused((cell,), rule, reason))
        else:
            self.last.spoil(cell, rule, reason)

    def _is_region(self, cell: Cell, after: Sequence[Cell], *, is_first: bool) -> bool:
        """A name that a région shares with a département or a commune is the région's when its counts follow."""
        if not labels.region_codes(cell.text, self.gazetteer):
            return False
        counts = [labels.count(c.text) is not None for c in after[:2]]
        if all(counts) and len(counts) > 1:
            return True
        shared = labels.departement(cell.text, self.gazetteer) is not None or self._is_commune(cell)
        return not shared or (is_first and counts[:1] == [True])

    def _opens_as_a_region(self, cell: Cell, after: Sequence[Cell]) -> bool:
        """A label that nothing knows, with known and planned places behind it."""
        counts = [labels.count(c.text) is not None or labels.is_damaged_count(c.text) for c in after[:2]]
        known = labels.departement(cell.text, self.gazetteer) is not None or self._is_commune(cell)
        return len(counts) > 1 and all(counts) and not known

    def _is_commune(self, cell: Cell) -> bool:
        return bool(labels.communes(labels.parse(cell.text), None, self.gazetteer))

    def _is_commune_here(self, cell: Cell) -> bool:
        """A commune of the département printed just before, even if its name is one of a région or département."""
        if self.last is None or self.last.kind != "departement":
            return False
        before = labels.departement(self.last.label.text, self.gazetteer)
        label = labels.parse(cell.text)
        codes = before.codes if before and label.code is None else ()
        return any(labels.communes(label, code, self.gazetteer) for code in codes)
