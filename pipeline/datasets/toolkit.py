"""What readers of several families share: the part of a reading that belongs to one act, its grids held against what
its datasets expect, both ways, and rows framed out of cells that come one a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.cleaning.labels import fold
from pipeline.contract.dataset import Dataset, Expect, Ignore
from pipeline.contract.rows import Ignored, Observation, Rows
from pipeline.documents.model import Act, Document
from pipeline.extract.model import Block, Cell, Grid, Heading, Reading, Source


class SectionError(ValueError):
    """A heading that document.toml names is not in the reading (French)."""


def sections(reading: Reading, document: Document) -> Mapping[str, Reading]:
    """Act id → its part of the reading. An act without `begins` has whatever no other act claims.

    Repairs and unread parts go with the act whose lines hold them. Raises SectionError for a heading not found.
    """
    owner: dict[int, str] = {}
    current = ""
    pending = {fold(a.begins): a for a in document.acts if a.begins}
    ends: str | None = None
    for i, block in enumerate(reading.blocks):
        if isinstance(block, Heading):
            label = fold(block.text)
            if label in pending:
                act = pending.pop(label)
                current, ends = act.id, fold(act.ends) if act.ends else None
            elif ends is not None and label == ends:
                current, ends = "", None
        owner[i] = current
    if pending:
        missing = ", ".join(f"« {act.begins} »" for act in pending.values())
        raise SectionError(f"titre déclaré et introuvable dans le document : {missing}")
    rest = [a.id for a in document.acts if not a.begins]
    return {a.id: _part(reading, owner, a, rest) for a in document.acts}


def _part(reading: Reading, owner: Mapping[int, str], act: Act, rest: list[str]) -> Reading:
    name = "" if act.id in rest else act.id
    blocks = tuple(b for i, b in enumerate(reading.blocks) if owner[i] == name)
    if len({*owner.values(), name}) == 1:
        return reading
    starts = sorted((_order(b), owner[i]) for i, b in enumerate(reading.blocks))

    def mine(source: Source) -> bool:
        before = [who for place, who in starts if place <= source.order]
        return (before[-1] if before else "") == name

    return replace(
        reading,
        blocks=blocks,
        repairs=tuple(r for r in reading.repairs if mine(r.source)),
        unread=tuple(u for u in reading.unread if mine(u.source)),
    )


def _order(block: Block) -> tuple[int, int, int, float, float]:
    return block.source.order


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


Kind = Callable[[str], bool]


@dataclass(frozen=True)
class Frame:
    """Cells between two certain ends. `whole` frames hold exactly one row, its certain kinds at their places."""

    cells: tuple[Cell, ...]
    whole: bool


def frames(cells: Sequence[Cell], width: int, anchors: dict[int, Kind]) -> Iterator[Frame]:
    """Cut `cells` after each one of the kind of the row's last column.

    `anchors` gives, by column from 0, what is certain there; the last column (width - 1) is among them. Between two
    ends: `width` cells make a row; a multiple of it makes several when every anchor but the last of the earlier ones
    stands at its place; anything else is one frame that is not whole.
    """
    last = anchors[width - 1]
    inner = {column: kind for column, kind in anchors.items() if column != width - 1}
    run: list[Cell] = []
    for cell in cells:
        run.append(cell)
        if last(cell.text):
            yield from _split(run, width, inner)
            run = []
    if run:
        yield from _split(run, width, inner)


def _split(run: Sequence[Cell], width: int, inner: dict[int, Kind]) -> Iterator[Frame]:
    rows = [tuple(run[i : i + width]) for i in range(0, len(run), width)]
    if len(rows) == 1 and len(run) == width:
        yield Frame(rows[0], whole=True)
    elif len(run) % width == 0 and all(kind(row[c].text) for row in rows for c, kind in inner.items()):
        yield from (Frame(row, whole=True) for row in rows)
    else:
        yield Frame(tuple(run), whole=False)
