"""The grids of an act held against what its datasets expect, both ways: an expected one that is missing and one that
nobody knows are both said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.cleaning.labels import fold
from pipeline.contract.dataset import Dataset, Expect, Ignore
from pipeline.contract.rows import Ignored, Observation, Rows
from pipeline.extract.model import Cell, Grid, Reading

_LEAD = 16
"""Cells at the head of a one-column grid in which its header labels are looked for."""


@dataclass(frozen=True)
class Inventory:
    """What was found: by dataset and expected name the grids, those ignored with why, those unknown, those missing."""

    found: Mapping[str, Mapping[str, tuple[Grid, ...]]]
    ignored: Sequence[tuple[Grid, str, str]] = ()
    """(grid, dataset, why)."""
    unknown: Sequence[Grid] = ()
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Dataset → names of grids it expects and has not."""
    observations: Sequence[Observation] = ()


def labels(grid: Grid) -> tuple[str, ...]:
    """Folded header labels: of the header rows, else of the first row (a header that extraction could not tell)."""
    texts: Iterable[str]
    if grid.header_rows:
        texts = grid.headers
    else:
        texts = (cell.text if (cell := grid.at(0, c)) else "" for c in range(grid.n_cols))
    return tuple(fold(text) for text in texts)


def _labelled(grid: Grid) -> tuple[str, ...]:
    """The labels up to the last one printed: cells that drifted sideways stand right of the header's last column."""
    found = list(labels(grid))
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def data_rows(grid: Grid) -> range:
    """The rows below the header; the first row counts as header when extraction marked none."""
    return range(grid.header_rows or 1, grid.n_rows)


def with_headers(rows: Rows, dataset: Dataset, grids: Iterable[Grid]) -> Rows:
    """The same, and the first row of each grid told by its labels ignored as header, where extraction marked none (a
    table of one or two rows below its header) and the reader did nothing with it. A one-column grid is the reader's.
    """
    told = [item for item in dataset.inventory if item.headers]
    bare = [g for g in grids if g.n_cols > 1 and not g.header_rows and any(matches(g, item) for item in told)]
    if not bare:
        return rows
    used = {cell.source for row in rows.rows for value in row.values() for cell in value.cites}
    used |= {cell.source for refusal in rows.refused for cell in refusal.cells}
    used |= {ignored.cell.source for ignored in rows.ignored}
    headers = [cell for grid in bare for cell in grid.cells if cell.row == 0 and cell.text and cell.source not in used]
    return replace(rows, ignored=[*rows.ignored, *(Ignored(cell, "entete") for cell in headers)])


def lead_cells(grid: Grid, expect: Expect) -> tuple[Cell, ...] | None:
    """The leading cells of a one-column grid that print the expected header labels, in order; None when they do not."""
    cells = [cell for row in range(min(grid.n_rows, _LEAD)) if (cell := grid.own(row, 0))]
    text, position, last = "", 0, 0
    ends: list[int] = []
    for cell in cells:
        text += fold(cell.text) + " "
        ends.append(len(text))
    for pattern in expect.headers:
        match = re.compile(pattern).search(text, position)
        if not match:
            return None
        position = match.end()
        last = next(i for i, end in enumerate(ends) if end >= position)
    return tuple(cells[: last + 1])


def matches(grid: Grid, item: Expect | Ignore) -> bool:
    """Whether a grid is the one declared: headers, then headings path and title, then content."""
    if item.headers:
        if grid.n_cols == 1 and len(item.headers) > 1:
            if not isinstance(item, Expect) or lead_cells(grid, item) is None:
                return False
        else:
            found = _labelled(grid)
            if len(found) != len(item.headers):
                return False
            if not all(re.match(p, label) for p, label in zip(item.headers, found, strict=True)):
                return False
    if item.under is not None:
        path = fold(" / ".join((*grid.under, grid.title)))
        if not re.search(item.under, path):
            return False
    if isinstance(item, Ignore) and item.containing is not None:
        content = fold(" ".join(cell.text for cell in grid.cells))
        if not re.search(item.containing, content):
            return False
    return True


def take(section: Reading, datasets: Sequence[Dataset]) -> Inventory:
    """Every grid of the section given to each dataset that expects it (one table may feed two), by the first item of
    its inventory that it matches; ignored when none expects it and one declares so."""
    found: dict[str, dict[str, list[Grid]]] = {d.name: {} for d in datasets}
    ignored: list[tuple[Grid, str, str]] = []
    unknown: list[Grid] = []
    observations: list[Observation] = []
    for grid in section.grids:
        hits = [(d, i) for d in datasets if (i := next((i for i in d.inventory if matches(grid, i)), None))]
        for dataset, item in hits:
            if isinstance(item, Expect):
                found[dataset.name].setdefault(item.name, []).append(grid)
        ignoring = [(dataset, item) for dataset, item in hits if isinstance(item, Ignore)]
        if not hits:
            unknown.append(grid)
            observations.append(_unknown(grid))
        elif len(ignoring) == len(hits):
            ignored.append((grid, ignoring[0][0].name, ignoring[0][1].why))
    missing: dict[str, tuple[str, ...]] = {}
    for dataset in datasets:
        absent = [i for i in dataset.inventory if isinstance(i, Expect) and i.name not in found[dataset.name]]
        missing[dataset.name] = tuple(i.name for i in absent if not i.optional)
        observations += [_left_out(i, section) for i in absent if i.optional and not i.or_prose and _omissions(section)]
    return Inventory(
        {d: {n: tuple(g) for n, g in grids.items()} for d, grids in found.items()},
        ignored,
        unknown,
        missing,
        observations,
    )


def _omissions(section: Reading) -> list[str]:
    return [u.source.label for u in section.unread if u.kind in ("passage_omis", "annexe_non_reproduite")]


def _left_out(expect: Expect, section: Reading) -> Observation:
    places = ", ".join(_omissions(section))
    return Observation(
        "annexe_non_reproduite", "warning", f"{expect.name} : non reproduite dans ce document ({places})", expect.name
    )


def _unknown(grid: Grid) -> Observation:
    found = labels(grid)
    shown = " | ".join(label for label in found if label) or grid.title
    twice = sorted({label for label in found if label and found.count(label) > 1})
    why = f" ; deux colonnes portent le même titre « {twice[0]} »" if twice else ""
    message = f"tableau que le jeu de données ne connaît pas ({shown[:120]}){why}"
    return Observation("tableau_inconnu", "error", message, shown[:120], grid.source, shown[:120])
