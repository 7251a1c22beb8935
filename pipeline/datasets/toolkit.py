"""What readers of several families share: a table read as its columns are declared, the part of a reading that belongs
to one act, its grids held against what its datasets expect, both ways, and rows framed out of cells that come one a
line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pipeline.cleaning.labels import fold
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Column, Context, Dataset, Expect, Ignore
from pipeline.contract.rows import Ignored, Observation, Refused, Row, Rows, Value
from pipeline.documents.model import Act, Document
from pipeline.extract.model import Block, Cell, Grid, Heading, Reading, Source


@dataclass(frozen=True)
class Total:
    """A printed row that sums others: told by its first cell, held against the sum of `column`, and no row itself."""

    label: str
    """Regular expression matched, from its beginning, on the folded text of the row's first cell."""
    column: str


def table(expect: Expect, columns: Sequence[Column], total: Total | None = None) -> Callable[[Reading, Context], Rows]:
    """The reader of a table that prints one row a line: of each grid found for `expect`, each row below the header,
    each column from the place that its declaration says (`printed`), read by its parser (`parse`).

    A row without one of its cells, or with one that its parser refuses, is refused with the reason and costs no other.
    A blank cell of a nullable column is NULL. A row of totals is held against the sum: a difference is a warning.
    """
    read = tuple(c for c in columns if c.printed is not None)

    def rows_of(_reading: Reading, context: Context) -> Rows:
        rows: list[Row] = []
        refused: list[Refused] = []
        ignored: list[Ignored] = []
        observations: list[Observation] = []
        for grid in context.grids.get(expect.name, ()):
            first = len(rows)
            for index in data_rows(grid):
                if total and _is_total(grid, index, total):
                    ignored += (Ignored(cell, "total") for cell in _printed_cells(grid, index))
                    observations += _reconciled(grid, index, total, read, rows[first:])
                    continue
                row = _declared_row(grid, index, read)
                if isinstance(row, Refused):
                    refused.append(row)
                elif row:
                    rows.append(row)
        return Rows(rows, refused, ignored, observations)

    return rows_of


def _declared_row(grid: Grid, index: int, columns: Sequence[Column]) -> Row | Refused:
    """One row of values, why it is refused, or nothing for a line without text."""
    cells = {c.name: grid.at(index, c.printed or 0) for c in columns}
    present = tuple(cell for cell in cells.values() if cell and cell.text)
    needed = [c for c in columns if not c.nullable]
    if not present:
        return {}
    if missing := [c for c in needed if not ((cell := cells[c.name]) and cell.text)]:
        count = "une cellule imprimée" if len(present) == 1 else f"{len(present)} cellules imprimées"
        return Refused(
            present, "cellule_manquante", f"{count} sur {len(columns)}", missing[0].name if len(missing) == 1 else ""
        )
    row: dict[str, Value] = {}
    for column in columns:
        cell = cells[column.name]
        if cell is None or not cell.text:
            row[column.name] = Value(None)
            continue
        try:
            row[column.name] = _value(column, cell)
        except UnreadableError as error:
            return Refused(present, error.rule, error.reason, column.name)
    return row


def _value(column: Column, cell: Cell) -> Value:
    value = column.parse(cell.text) if column.parse else cell.text
    return Value(value, (cell,), "printed" if isinstance(value, str) else "parsed")


def _printed_cells(grid: Grid, index: int) -> Iterator[Cell]:
    return (cell for c in range(grid.n_cols) if (cell := grid.own(index, c)) and cell.text)


def _is_total(grid: Grid, index: int, total: Total) -> bool:
    first = next(_printed_cells(grid, index), None)
    return first is not None and bool(re.match(total.label, fold(first.text)))


def _reconciled(
    grid: Grid, index: int, total: Total, columns: Sequence[Column], rows: Sequence[Row]
) -> Iterator[Observation]:
    column = next(c for c in columns if c.name == total.column)
    cell = grid.at(index, column.printed or 0)
    if cell is None or not cell.text or column.parse is None:
        return
    try:
        printed = column.parse(cell.text)
    except UnreadableError as error:
        yield Observation("total_illisible", "warning", f"total : {error.reason}", total.column, cell.source, cell.text)
        return
    values = (row[total.column].value for row in rows)
    summed = sum(v for v in values if isinstance(v, int | Decimal))
    if printed != summed:
        message = f"total de {total.column} : {printed} imprimé, {summed} par la somme des lignes"
        yield Observation(
            "total_contradictoire", "warning", message, total.column, cell.source, str(printed), str(summed)
        )


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
        signs=tuple(s for s in reading.signs if mine(s.source)),
        recognised=tuple(r for r in reading.recognised if mine(r[0])),
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
    """Folded header labels: of the header rows, else of the first row (a header that extraction could not tell). One
    that is declared equal to another is given as that one."""
    texts: Iterable[str]
    if grid.header_rows:
        texts = grid.headers
    else:
        texts = (cell.text if (cell := grid.at(0, c)) else "" for c in range(grid.n_cols))
    folded = (fold(text) for text in texts)
    return tuple(grid.renamed.get(text, text) for text in folded)


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


def with_titles(reading: Reading, document: Document) -> Reading:
    """The same reading, each grid with the titles that document.toml declares equal to others."""
    if not document.titles:
        return reading
    renamed = {fold(printed): fold(title.means) for printed, title in document.titles.items()}
    blocks = (replace(b, renamed=renamed) if isinstance(b, Grid) else b for b in reading.blocks)
    return replace(reading, blocks=tuple(blocks))


def surroundings(grid: Grid) -> str:
    """What stands around a grid, folded: its annexe first, then caption, title, headings, introduction."""
    return fold(" / ".join((grid.annex, grid.caption, grid.title, *grid.under, grid.intro)))


def _elsewhere(grid: Grid, item: Expect | Ignore, bearing: str) -> str:
    """What surrounds a grid, or stands in it, that the declared one never has, in French; '' where nothing contradicts.
    `bearing` is what the act does to others, folded."""
    against: list[str] = []
    if item.relation is not None and not re.search(item.relation, bearing):
        against.append(f"acte « {bearing[-60:]} »" if bearing else "hors de tout acte")
    if item.annex is not None and not re.match(item.annex, fold(grid.annex)):
        against.append(f"annexe « {grid.annex} »" if grid.annex else "hors de toute annexe")
    if item.unit is not None and not re.match(item.unit, fold(grid.unit)):
        against.append(f"unité « {grid.unit} »" if grid.unit else "sans unité")
    around = surroundings(grid)
    if item.around is not None and not re.search(item.around, around):
        against.append("autre titre")
    if item.unless is not None and (said := re.search(item.unless, around)):
        against.append(f"« {said[0].rpartition(' / ')[2][-60:].strip()} » à l'entour")
    if item.content is not None and not against and (content := item.content(grid)):
        against.append(content)
    return ", ".join(against)


def _has_headers(grid: Grid, item: Expect | Ignore) -> bool:
    if grid.n_cols == 1 and len(item.headers) > 1:
        return isinstance(item, Expect) and lead_cells(grid, item) is not None
    found = _labelled(grid)
    return len(found) == len(item.headers) and all(
        re.match(pattern, label) for pattern, label in zip(item.headers, found, strict=True)
    )


def matches(grid: Grid, item: Expect | Ignore, bearing: str = "") -> bool:
    """Whether a grid is the one declared: headers, then what surrounds it, headings path and title, then content.
    `bearing` is what the act does to others, folded."""
    if item.headers and not _has_headers(grid, item):
        return False
    if _elsewhere(grid, item, bearing):
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


def take(section: Reading, datasets: Sequence[Dataset], act: Act | None = None) -> Inventory:
    """Every grid of the section given to each dataset that expects it (one table may feed two), by the first item of
    its inventory that it matches; ignored when none expects it and one declares so."""
    bearing = fold(act.bearing) if act else ""
    found: dict[str, dict[str, list[Grid]]] = {d.name: {} for d in datasets}
    ignored: list[tuple[Grid, str, str]] = []
    unknown: list[Grid] = []
    observations: list[Observation] = []
    for grid in section.grids:
        hits = [(d, i) for d in datasets if (i := next((i for i in d.inventory if matches(grid, i, bearing)), None))]
        for dataset, item in hits:
            if isinstance(item, Expect):
                found[dataset.name].setdefault(item.name, []).append(grid)
        ignoring = [(dataset, item) for dataset, item in hits if isinstance(item, Ignore)]
        if not hits:
            unknown.append(grid)
            observations.append(_unknown(grid, datasets, bearing))
        else:
            observations += _told_apart(grid, datasets, [item for _, item in hits], bearing)
        if hits and len(ignoring) == len(hits):
            ignored.append((grid, ignoring[0][0].name, ignoring[0][1].why))
    missing: dict[str, tuple[str, ...]] = {}
    for dataset in datasets:
        absent = [i for i in dataset.inventory if isinstance(i, Expect) and i.name not in found[dataset.name]]
        missing[dataset.name] = tuple(dict.fromkeys(i.name for i in absent if not i.optional))
        left_out = {i.name: i for i in absent if i.optional and not i.or_prose and _omissions(section)}
        observations += [_left_out(item, section) for item in left_out.values()]
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


def _alike(grid: Grid, datasets: Sequence[Dataset], bearing: str) -> Iterator[tuple[Expect, str]]:
    """The expected grids whose column titles this one has, and what surrounds it against them."""
    for dataset in datasets:
        for item in dataset.inventory:
            alike = isinstance(item, Expect) and item.headers and _has_headers(grid, item)
            if isinstance(item, Expect) and alike and (against := _elsewhere(grid, item, bearing)):
                yield item, against


def _told_apart(
    grid: Grid, datasets: Sequence[Dataset], hits: Sequence[Expect | Ignore], bearing: str
) -> list[Observation]:
    """A grid that has the column titles of one that must be there and is another, as its surroundings say."""
    known = {hit.name for hit in hits}
    alike = {i.name: (i, why) for i, why in reversed(list(_alike(grid, datasets, bearing))) if i.name not in known}
    return [
        Observation(
            "tableau_d_une_autre_annexe",
            "info",
            f"mêmes titres de colonnes que « {item.name} », mais {against} : lu comme « {hits[0].name} »",
            f"{item.name} / {grid.annex or grid.title}",
            grid.source,
        )
        for item, against in alike.values()
        if not item.optional
    ]


def _unknown(grid: Grid, datasets: Sequence[Dataset], bearing: str) -> Observation:
    found = labels(grid)
    shown = " | ".join(label for label in found if label) or grid.title
    twice = sorted({label for label in found if label and found.count(label) > 1})
    why = f" ; deux colonnes portent le même titre « {twice[0]} »" if twice else ""
    for item, against in _alike(grid, datasets, bearing):
        why += f" ; titres de colonnes de « {item.name} », mais {against}"
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
