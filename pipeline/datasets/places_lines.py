"""Lines of the places sheet taken apart: its regions, and under each the départements and sites in printed order.

Cells are told by kind and by their neighbours, never by column, since they drift sideways. Which commune a site is, is
in `places_communes`; what no rule can read is set aside here, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.datasets import places_labels as labels
from pipeline.datasets.model import Refused
from pipeline.extract.model import Cell, Grid, Repair
from pipeline.gazetteer import Gazetteer

# What a line may say of a region (known and planned places), of the total (the same), of a site (its places).
_COUNTS = {"region": 2, "total": 2, "site": 1, "departement": 0}


@dataclass
class Entry:
    """A region, total, département or site being read: its label, the counts behind it, and what spoils it."""

    kind: str
    label: Cell
    counts: list[Cell] = field(default_factory=list)
    spoilt: list[Cell] = field(default_factory=list)
    rule: str = ""
    reason: str = ""

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (self.label, *self.counts, *self.spoilt)

    @property
    def is_full(self) -> bool:
        return len(self.counts) >= _COUNTS[self.kind]

    def spoil(self, cell: Cell, rule: str, reason: str) -> None:
        self.spoilt.append(cell)
        self.rule, self.reason = self.rule or rule, self.reason or reason

    def refused(self) -> Refused:
        return Refused(self.cells, self.rule, self.reason)


@dataclass(frozen=True)
class Region:
    """One region as printed, its label and counts (None above the first region), and its entries in printed order."""

    head: Entry | None
    entries: list[Entry] = field(default_factory=list)

    @property
    def departements(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == "departement"]

    @property
    def sites(self) -> list[Entry]:
        """Sites that can be read; a spoilt one is refused."""
        return [entry for entry in self.entries if entry.kind == "site" and not entry.spoilt]


@dataclass(frozen=True)
class Sheet:
    """The sheet taken apart. `loose`: cells that belong to no entry, refused."""

    regions: tuple[Region, ...]
    totals: tuple[Entry, ...]
    loose: tuple[Refused, ...]


def read_sheet(grids: Iterable[Grid], repairs: Sequence[Repair], gazetteer: Gazetteer) -> Sheet:
    """The regions of the sheet in order. `repairs` say which cells are overflow that differs from the lines below it,
    and where the sheet was cut."""
    reader = _Reader(gazetteer, repairs)
    for grid in grids:
        for row in range(grid.n_rows):
            cells = [cell for cell in grid.cells if cell.row == row and cell.text and not cell.header]
            reader.line(sorted(cells, key=lambda cell: cell.col))
    return Sheet(tuple(reader.regions), tuple(reader.totals), tuple(reader.loose))


class _Reader:
    """The state of reading from one cell to the next: the region above, and what the line has said so far."""

    def __init__(self, gazetteer: Gazetteer, repairs: Sequence[Repair]) -> None:
        self.gazetteer = gazetteer
        self.overflow = [r.source for r in repairs if r.kind == "debordement_different"]
        self.cut = {r.source for r in repairs if r.kind == "ligne_coupee"}
        self.regions: list[Region] = []
        self.totals: list[Entry] = []
        self.loose: list[Refused] = []
        self.last: Entry | None = None

    def line(self, cells: Sequence[Cell]) -> None:
        """One line, up to where an overflow begins that could not be checked."""
        self.last = None
        for i, cell in enumerate(cells):
            if reason := self._why_overflow(cells, i):
                self.loose.append(Refused(tuple(cells[i:]), "debordement_non_verifie", reason))
                return
            self._cell(cell, cells[i + 1 :], is_first=i == 0)
            if cell.source in self.cut:
                self._spoil(cell, "ligne_coupee", "la feuille s'arrête au milieu de cette ligne")

    def _why_overflow(self, cells: Sequence[Cell], i: int) -> str:
        cell = cells[i]
        start = cell.source.start or 0
        if any(place.line == cell.source.line and start >= (place.start or 0) for place in self.overflow):
            return "la ligne continue avec des cellules qui diffèrent des lignes suivantes"
        opens = labels.is_total(cell.text) or self._is_region(cell, cells[i + 1 :], is_first=i == 0)
        if i and opens and not self._is_commune_here(cell):
            return "une région ou un total au milieu d'une ligne, que les lignes suivantes ne confirment pas"
        return ""

    def _cell(self, cell: Cell, after: Sequence[Cell], *, is_first: bool) -> None:
        if labels.count(cell.text) is not None:
            self._count(cell)
        elif labels.is_damaged_count(cell.text):
            self._spoil(cell, "nombre_illisible", f"« {cell.text} » n'est pas un nombre entier")
        elif labels.is_total(cell.text):
            self.last = Entry("total", cell)
            self.totals.append(self.last)
        elif is_first and self._is_region(cell, after, is_first=True):
            self.last = Entry("region", cell)
            self.regions.append(Region(self.last))
        else:
            self._place(cell, after, is_first=is_first)

    def _place(self, cell: Cell, after: Sequence[Cell], *, is_first: bool) -> None:
        """A département or a site; an unknown label is a site behind a département only, else a region when it opens
        a line with two counts, else nothing that can be told."""
        behind_departement = self.last is not None and self.last.kind == "departement"
        is_departement = labels.departement(cell.text, self.gazetteer) is not None
        if is_departement and not (behind_departement and self._is_commune_here(cell)):
            self._add(Entry("departement", cell))
        elif behind_departement or labels.communes(labels.parse(cell.text), None, self.gazetteer):
            self._add(Entry("site", cell))
        elif is_first and len(after) > 1 and all(labels.count(c.text) is not None for c in after[:2]):
            self.last = Entry("region", cell)
            self.regions.append(Region(self.last))
        else:
            self._spoil(cell, "libelle_inconnu", f"« {cell.text} » n'est ni une région, ni un département, ni une commune")

    def _add(self, entry: Entry) -> None:
        if not self.regions:
            self.regions.append(Region(None))
        self.regions[-1].entries.append(entry)
        self.last = entry

    def _count(self, cell: Cell) -> None:
        if self.last is None or self.last.kind == "departement":
            self._spoil(cell, "nombre_sans_libelle", f"le nombre « {cell.text} » ne suit aucun libellé qui en porte")
        elif self.last.is_full:
            self._spoil(cell, "cellule_en_trop", f"le nombre « {cell.text} » est de trop derrière « {self.last.label.text} »")
        else:
            self.last.counts.append(cell)

    def _spoil(self, cell: Cell, rule: str, reason: str) -> None:
        """A cell that cannot be read spoils what it may belong to: an entry whose counts are not complete, or that is
        itself that cell. Alone otherwise."""
        entry = self.last
        if entry is not None and cell in entry.cells:
            entry.spoil(cell, rule, reason)
        elif entry is not None and entry.kind != "departement" and (rule != "libelle_inconnu" or not entry.is_full):
            entry.spoil(cell, rule, reason)
        else:
            self.loose.append(Refused((cell,), rule, reason))

    def _is_region(self, cell: Cell, after: Sequence[Cell], *, is_first: bool) -> bool:
        """A name of a region that may also be one of a département or of a commune is a region when counts follow."""
        if not labels.region_codes(cell.text, self.gazetteer):
            return False
        counts = [labels.count(c.text) is not None for c in after[:2]]
        other = labels.departement(cell.text, self.gazetteer) is not None
        other = other or bool(labels.communes(labels.parse(cell.text), None, self.gazetteer))
        return not other or (any(counts) if is_first else all(counts) and len(counts) > 1)

    def _is_commune_here(self, cell: Cell) -> bool:
        """A commune of the département printed just before."""
        if self.last is None or self.last.kind != "departement":
            return False
        before = labels.departement(self.last.label.text, self.gazetteer)
        label = labels.parse(cell.text)
        return label.code is None and any(
            labels.communes(label, code, self.gazetteer) for code in (before.codes if before else ())
        )
