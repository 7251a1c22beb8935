"""The ledger: every printed piece of a rendition meets exactly one fate, computed from what the rows cite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.contract.rows import Fate, LedgerLine, Observation
from pipeline.extract.model import Cell, Grid, Reading, Source


@dataclass
class Fates:
    """What readers did with the printed pieces of one rendition, by place. Filled by the datasets, then closed."""

    published: dict[Source, str] = field(default_factory=dict)
    """Place → dataset that cites it."""
    quarantined: dict[Source, tuple[str, str]] = field(default_factory=dict)
    """Place → (dataset, rule)."""
    ignored: dict[Source, tuple[str, str]] = field(default_factory=dict)
    """Place → (dataset, reason)."""
    pieces: dict[Source, str] = field(default_factory=dict)
    """Printed pieces that are no grid cells (names of an enumeration), with their text."""

    def ignore(self, cells: Iterable[Cell], dataset: str, reason: str) -> None:
        for cell in cells:
            self.ignored.setdefault(cell.source, (dataset, reason))


def universe(reading: Reading, fates: Fates) -> Mapping[Source, str]:
    """Every printed piece: non-empty grid cells, names of enumerations, and what extraction set aside."""
    pieces = {cell.source: cell.text for grid in reading.grids for cell in grid.cells if cell.text}
    pieces.update(fates.pieces)
    pieces.update({aside.source: aside.text for aside in reading.asides})
    return pieces


def close(
    reading: Reading, fates: Fates, document: str, rendition: str, edition_of: Mapping[str, str]
) -> tuple[list[LedgerLine], list[Observation]]:
    """The ledger's lines, and an error for each piece without a fate or with two that exclude each other.

    A piece that a value cites is published, even if a refused row cites it too; header cells that nothing cites are
    ignored as headers; what extraction set aside is ignored for its reason.
    """
    for aside in reading.asides:
        fates.ignored.setdefault(aside.source, ("", aside.reason))
    for grid in reading.grids:
        _headers(grid, fates)
    counts: Counter[tuple[str, Fate, str]] = Counter()
    wrong: list[Observation] = []
    for source, text in universe(reading, fates).items():
        line = _fate(source, fates)
        if line is None:
            wrong.append(_unbalanced("cellule_sans_destin", source, text, "imprimé, ni publié, ni écarté, ni ignoré"))
        else:
            counts[line] += 1
            if line[1] == "published" and source in fates.ignored:
                wrong.append(_unbalanced("cellule_a_deux_destins", source, text, "publié et ignoré à la fois"))
    lines = [
        LedgerLine(document, rendition, dataset, edition_of.get(dataset, ""), fate, reason, cells)
        for (dataset, fate, reason), cells in sorted(counts.items())
    ]
    return lines, wrong


def _fate(source: Source, fates: Fates) -> tuple[str, Fate, str] | None:
    if source in fates.published:
        return fates.published[source], "published", ""
    if source in fates.quarantined:
        dataset, rule = fates.quarantined[source]
        return dataset, "quarantined", rule
    if source in fates.ignored:
        dataset, reason = fates.ignored[source]
        return dataset, "ignored", reason
    return None


def _headers(grid: Grid, fates: Fates) -> None:
    known = (fates.published, fates.quarantined, fates.ignored)
    for cell in grid.cells:
        if cell.header and not any(cell.source in fate for fate in known):
            fates.ignored[cell.source] = ("", "entete")


def _unbalanced(rule: str, source: Source, text: str, why: str) -> Observation:
    return Observation(rule, "error", f"« {text} » ({source.label}) : {why}", text, source, text)
