"""The places sheet taken apart: printed labels told by kind, its regions, and under each the départements and sites in
printed order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import Indel

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold, shown, squeeze
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.rows import Refused
from pipeline.extract.model import Cell, Grid, Reading
from pipeline.extract.tsv import plain
from pipeline.gazetteer import CommuneKind, Gazetteer, Match, normalise

# Parts of communes have official codes too: a site may stand in a delegated or an associated commune.
KINDS: tuple[CommuneKind, ...] = ("COM", "COMD", "COMA")
# A département printed with its code may be misspelt: this likeness of the names still confirms the code.
_LIKENESS = 0.85
_NOTE = re.compile(r"^(?P<label>.*?)\s*\((?P<note>[^()]*)\)$")
_CODE = re.compile(r"[0-9]{2,3}|2[abAB]")
_TOTAL = re.compile(r"(total|totaux|ensemble)\b")
_DIGIT = re.compile(r"[0-9]")

Spelling = Literal["exact", "altered", "contradicted"]


@dataclass(frozen=True)
class Label:
    """A printed label apart from its marks and notes."""

    text: str
    code: str | None = None
    """The département code in brackets behind it, as printed."""
    uncertain: bool = False
    """Followed by "(?)"."""
    several: bool = False
    """Followed by "(plusieurs dispositifs…)"."""


@dataclass(frozen=True)
class DepartementLabel:
    """A printed département: the codes it may mean (two when its code contradicts its name, none when unknown)."""

    codes: tuple[str, ...]
    spelling: Spelling
    official: str = ""


def parse(printed: str) -> Label:
    """A label without bold marks and without the notes behind it; brackets that are no note stay in the text."""
    text, code, uncertain, several = squeeze(plain(printed)), None, False, False
    while found := _NOTE.match(text):
        note = fold(found["note"])
        if note == "?":
            uncertain = True
        elif note.startswith("plusieurs dispositifs"):
            several = True
        elif code is None and _CODE.fullmatch(note):
            code = note.upper()
        else:
            break
        text = found["label"]
    return Label(text, code, uncertain, several)


def count(printed: str) -> int | None:
    """A whole number printed alone, bold or not; None for any other text."""
    try:
        return values.count(plain(printed))
    except UnreadableError:
        return None


def is_damaged_count(printed: str) -> bool:
    """A text with digits that is no number and no label with its code: '2O6', '12 places'."""
    label = parse(printed)
    return label.code is None and count(printed) is None and bool(_DIGIT.search(label.text))


def is_total(printed: str) -> bool:
    return bool(_TOTAL.match(fold(plain(printed))))


# A sheet repeats its labels, and every cell is asked more than once which kind it is.
@lru_cache(maxsize=1024)
def region_codes(printed: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The codes of the régions a label names: one, or two for "Occitanie (Nouvelle-Aquitaine)".

    None for any other label, and for "Guadeloupe (971)", which its code makes a département.
    """
    label = parse(printed)
    text = label.text
    if label.code:
        return ()
    if region := gazetteer.find_region(text) or gazetteer.find_former_region(text):
        return (region.code,)
    names = [part for part in re.split(r"[()/]", text) if part.strip()]
    found = [gazetteer.find_region(name) for name in names]
    return tuple(region.code for region in found if region) if len(names) > 1 and all(found) else ()


@lru_cache(maxsize=1024)
def departement(printed: str, gazetteer: Gazetteer) -> DepartementLabel | None:
    """A label read as a département: by its name, by its code, by both; None when it is neither, or a commune printed
    with the code of its département.

    A code that its name contradicts gives the codes of both: only the communes beside it can tell.
    """
    label = parse(printed)
    by_name = gazetteer.find_departement(label.text)
    by_code = gazetteer.departement(label.code) if label.code else None
    if label.code is None:
        return DepartementLabel((by_name.code,), "exact", by_name.nom) if by_name else None
    if by_name and by_code and by_name.code == by_code.code:
        return DepartementLabel((by_code.code,), "exact", by_code.nom)
    if by_name is None and by_code and _alike(label.text, by_code.nom):
        return DepartementLabel((by_code.code,), "altered", by_code.nom)
    if by_name is None and by_code and communes(label, by_code.code, gazetteer):
        return None
    codes = tuple(d.code for d in (by_name, by_code) if d)
    return DepartementLabel(codes, "contradicted", " ou ".join(d.nom for d in (by_name, by_code) if d))


def _alike(a: str, b: str) -> bool:
    return Indel.normalized_similarity(normalise(a), normalise(b)) >= _LIKENESS


def communes(label: Label, departement_code: str | None, gazetteer: Gazetteer) -> tuple[Match, ...]:
    """The communes and parts of communes that bear the name, in a département or (None) anywhere.

    A commune hides the part of it that bears its name.
    """
    matches = gazetteer.lookup(label.text, departement_code, KINDS).matches
    whole = {match.commune.code for match in matches if match.commune.kind == "COM"}
    return tuple(m for m in matches if m.commune.kind == "COM" or m.commune.rattachement not in whole)


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
        return tuple(count(cell.text) or 0 for cell in self.counts)

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
            elif count(cell.text) is not None:
                self._count(cell)
            elif is_damaged_count(cell.text):
                self._unreadable(cell, "nombre_illisible", f"« {shown(cell.text)} » n'est pas un nombre entier")
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
        if is_total(cell.text) or self._is_region(cell, after, is_first=False):
            return "une région ou un total au milieu d'une ligne, que les lignes suivantes ne confirment pas"
        return ""

    def _label(self, cell: Cell, after: Sequence[Cell], *, is_first: bool) -> None:
        """An unknown label is a site behind a département only, and a region when it opens a line with two counts."""
        behind_departement = self.last is not None and self.last.kind == "departement"
        if is_first and is_total(cell.text):
            self.last = _Draft("total", cell)
            self.totals.append(self.last)
        elif is_first and (self._is_region(cell, after, is_first=True) or self._opens_as_a_region(cell, after)):
            self.last = _Draft("region", cell)
            self.regions.append((self.last, []))
        elif departement(cell.text, self.gazetteer) and not self._is_commune_here(cell):
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
        if not region_codes(cell.text, self.gazetteer):
            return False
        counts = [count(c.text) is not None for c in after[:2]]
        if all(counts) and len(counts) > 1:
            return True
        shared = departement(cell.text, self.gazetteer) is not None or self._is_commune(cell)
        return not shared or (is_first and counts[:1] == [True])

    def _opens_as_a_region(self, cell: Cell, after: Sequence[Cell]) -> bool:
        """A label that nothing knows, with known and planned places behind it."""
        counts = [count(c.text) is not None or is_damaged_count(c.text) for c in after[:2]]
        known = departement(cell.text, self.gazetteer) is not None or self._is_commune(cell)
        return len(counts) > 1 and all(counts) and not known

    def _is_commune(self, cell: Cell) -> bool:
        return bool(communes(parse(cell.text), None, self.gazetteer))

    def _is_commune_here(self, cell: Cell) -> bool:
        """A commune of the département printed just before, even if its name is one of a région or département."""
        if self.last is None or self.last.kind != "departement":
            return False
        before = departement(self.last.label.text, self.gazetteer)
        label = parse(cell.text)
        codes = before.codes if before and label.code is None else ()
        return any(communes(label, code, self.gazetteer) for code in codes)
