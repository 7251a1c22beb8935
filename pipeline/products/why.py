"""Where the values of a published row come from: cited words, the row or sentence they stand in, file and role, rules,
versions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pipeline.contract.dataset import Dataset
from pipeline.extract.model import Box, Cell, Grid, Paragraph, Reading, Source
from pipeline.products.lookup import Record, records
from pipeline.warehouse.ddl import identifier
from pipeline.warehouse.views import RENAMED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


WORDS = 60
"""Characters of a sentence shown on each side, cut between words."""
_NEAR = 0.05
"""Points. Places are kept as 32-bit numbers, so that boxes are equal to some hundredths only."""
_BETWEEN = " | "
_CELLS = 5
"""Cells shown on each side of one."""


@dataclass(frozen=True)
class CellContext:
    """A printed piece among its neighbours. In a table, `before` and `after` are the other cells of its row and
    `header` the label of its column; in prose they are the words next to it and `header` is ''."""

    before: str
    printed: str
    after: str
    heading: str = ""
    header: str = ""

    @property
    def line(self) -> str:
        """All of it, with the piece between guillemets: 'Ain | CC Bugey Sud | «200040350» | 8 788 €'."""
        return f"{self.before}«{self.printed}»{self.after}"


def surroundings(reading: Reading, source: Source, printed: str) -> CellContext | None:
    """The neighbours of the piece printed at this place; None when the reading does not print it there."""
    for block in reading.blocks:
        found = None
        if isinstance(block, Grid):
            found = _in_grid(block, source, printed)
        elif isinstance(block, Paragraph):
            found = _in_prose(block, source, printed)
        if found is not None:
            return found
    return _across(reading, source, printed) if source.last_line else None


class Headings:
    """The headings that the pieces of one reading stand under, each found among the blocks of its line or page."""

    def __init__(self, reading: Reading) -> None:
        self._near: dict[tuple[str, int], list[Grid | Paragraph]] = {}
        for grid in reading.grids:
            self._add(grid, grid.source, *(cell.source for cell in grid.cells))
        for paragraph in reading.paragraphs:
            self._add(paragraph, paragraph.source)

    def _add(self, block: Grid | Paragraph, *sources: Source) -> None:
        for place in {place for source in sources for place in _places(source)}:
            self._near.setdefault(place, []).append(block)

    def of(self, piece: Source) -> str:
        """The nearest heading, or the caption of the table; '' where there is none, or the place is of another kind."""
        for place in _places(piece):
            for block in self._near.get(place, ()):
                if place[0] != "page" or _touches(block.source, piece):
                    caption = block.title if isinstance(block, Grid) else ""
                    return caption or (block.under[-1] if block.under else "")
        return ""


def _places(source: Source) -> list[tuple[str, int]]:
    """The lines of our file that a source covers, or its page."""
    if source.typeset is not None:
        return [("typeset", source.typeset)]
    if source.line is not None:
        return [("line", line) for line in range(source.line, (source.last_line or source.line) + 1)]
    return [("page", source.page)] if source.page is not None else []


def _in_grid(grid: Grid, source: Source, printed: str) -> CellContext | None:
    cell = next((c for c in grid.cells if c.text == printed and _same_place(c.source, source)), None)
    if cell is None:
        return None
    # A page copied one cell a line: the neighbours of a cell are the lines above and below.
    line = grid.cells if grid.n_cols == 1 else _row(grid, cell.row)
    at = line.index(cell)
    before = _BETWEEN.join(c.text for c in line[max(0, at - _CELLS) : at])
    after = _BETWEEN.join(c.text for c in line[at + 1 : at + 1 + _CELLS])
    # Where cells are missing, a position no longer says which column it is.
    labelled = not cell.header and grid.n_cols > 1 and all(grid.at(cell.row, n) for n in range(grid.n_cols))
    return CellContext(
        before + _BETWEEN if before else "",
        cell.text,
        _BETWEEN + after if after else "",
        grid.title or (grid.under[-1] if grid.under else ""),
        grid.headers[cell.col] if labelled else "",
    )


def _row(grid: Grid, row: int) -> tuple[Cell, ...]:
    """The cells that cover a row, each once, those with a text."""
    covering = (grid.at(row, n) for n in range(grid.n_cols))
    return tuple(dict.fromkeys(c for c in covering if c and c.text))


def _in_prose(paragraph: Paragraph, source: Source, printed: str) -> CellContext | None:
    if not _touches(paragraph.source, source):
        return None
    at = _position(paragraph, source, printed)
    if at is None:
        return None
    end = at + len(printed)
    before, after = paragraph.text[:at], paragraph.text[end:]
    heading = paragraph.under[-1] if paragraph.under else ""
    return CellContext(_tail(before), printed, _head(after), heading)


def _across(reading: Reading, source: Source, printed: str) -> CellContext | None:
    """A name that a page break cut in two: its head ends one paragraph, its tail begins another."""
    heads = [p for p in reading.paragraphs if p.source.line == source.line and p.source.last_line is None]
    tails = [p for p in reading.paragraphs if p.source.line == source.last_line]
    if len(heads) != 1 or len(tails) != 1 or source.start is None or source.end is None:
        return None
    head, tail = heads[0], tails[0]
    begin, end = source.start - (head.source.start or 0), source.end - (tail.source.start or 0)
    if _letters(head.text[begin:] + tail.text[:end]) != _letters(printed):
        return None
    heading = head.under[-1] if head.under else ""
    return CellContext(_tail(head.text[:begin]), printed, _head(tail.text[end:]), heading)


def _letters(text: str) -> str:
    return "".join(text.split())


def _position(paragraph: Paragraph, source: Source, printed: str) -> int | None:
    """Where the piece begins in the paragraph's text: where its place says, else where it stands as a whole word, if
    that is at one place only."""
    if source.start is not None and source.line == paragraph.source.line:
        at = source.start - (paragraph.source.start or 0)
        if paragraph.text[at : at + len(printed)] == printed:
            return at
    found = [m.start() for m in re.finditer(rf"(?<![\w-]){re.escape(printed)}(?![\w-])", paragraph.text)]
    return found[0] if len(found) == 1 else None


def _same_place(a: Source, b: Source) -> bool:
    if a.box is not None and b.box is not None:
        return a.page == b.page and _near(a.box, b.box)
    flat = ("page", "line", "last_line", "start", "end", "path", "offset", "typeset")
    return (a.box is None) == (b.box is None) and all(getattr(a, name) == getattr(b, name) for name in flat)


def _near(a: Box, b: Box) -> bool:
    return all(abs(x - y) <= _NEAR for x, y in zip(a, b, strict=True))


def _touches(block: Source, piece: Source) -> bool:
    """Whether the piece begins inside the block."""
    if piece.line is not None and block.line is not None:
        return block.line <= piece.line <= (block.last_line or block.line)
    if piece.page is not None and block.page is not None:
        if block.box is None or piece.box is None:
            return block.page == piece.page
        inside = block.box[0] - _NEAR <= piece.box[0] and block.box[1] - _NEAR <= piece.box[1] <= block.box[3] + _NEAR
        return block.page == piece.page and inside
    if piece.path is not None and block.path is not None:
        return piece.path.startswith(block.path)
    return False


def _tail(text: str) -> str:
    if len(text) <= WORDS:
        return text
    return "…" + text[-WORDS:][text[-WORDS:].find(" ") + 1 :]


def _head(text: str) -> str:
    if len(text) <= WORDS:
        return text
    return text[:WORDS][: text[:WORDS].rfind(" ")] + " …"


def around_label(reading: Reading, label: str, printed: str) -> CellContext | None:
    """The same for a place known by its label only ('ligne 809', 'p. 3'); None unless one piece there has this text,
    and the words around it are the original's."""
    if any(b.source.typeset is not None for b in reading.blocks if b.source.label == label):
        return None
    cells = [c for g in reading.grids for c in g.cells if c.text == printed and c.source.label == label]
    if len(cells) == 1:
        return surroundings(reading, cells[0].source, printed)
    paragraphs = [p for p in reading.paragraphs if p.source.label == label] if not cells else []
    found = [a for p in paragraphs if (a := _in_prose(p, replace(p.source, start=None), printed))]
    return found[0] if len(found) == 1 else None


ReadingOf = Callable[[str, str], Reading | None]
"""(document, file) → the reading of that file, None when it is not at hand."""

Span = tuple[date | None, date | None]
"""Days an edition answers for: the first, and the first it no longer does."""

_PIECE = {
    "how": "lecture",
    "printed": "imprime",
    "document": "document",
    "file": "fichier",
    "role": "role",
    "lieu": "lieu",
    "page": "page",
    **RENAMED,
}
"""What tells a piece, and the column of meta.provenance that holds it."""


@dataclass(frozen=True)
class Cited:
    """One printed piece that a value rests on. `around` is None when the file is no longer at hand, or prints it
    otherwise. `printed` is '' for a value that a rule gives without a printed piece."""

    printed: str
    place: str
    source: Source
    document: str
    file: str
    role: str
    how: str
    rules: tuple[str, ...]
    whole_version: bool
    around: CellContext | None = None


@dataclass(frozen=True)
class Explained:
    """One value of a row and all that it cites, in printed order."""

    column: str
    value: Any
    unit: str
    cites: tuple[Cited, ...]


@dataclass(frozen=True)
class KeyVersion:
    """The row of one key in one version. `valid` are the days it answers for now; `differs` are the columns whose
    value is not that of the row explained, with the value there."""

    version_no: int
    edition: str
    accepted_at: datetime
    status: str
    valid: tuple[Span, ...]
    differs: Mapping[str, Any]


@dataclass(frozen=True)
class Explanation:
    """A row, the version that holds it (a row of meta.versions) with its act, its values and its life in time."""

    row: Record
    version: Record
    values: tuple[Explained, ...]
    versions: tuple[KeyVersion, ...]

    def only(self, columns: Collection[str]) -> Explanation:
        """The same with the values of these columns; of all of them when none is named."""
        return replace(self, values=tuple(v for v in self.values if not columns or v.column in columns))


def explain(connection: DuckDBPyConnection, dataset: Dataset, row: Record, reading_of: ReadingOf) -> Explanation:
    """All that is known of where `row` (of `lookup.find`) comes from."""
    (version,) = records(connection, "SELECT * FROM meta.versions WHERE version_no = ?", [row["version_no"]])
    cited = _cited(connection, row, reading_of)
    values = tuple(Explained(c.name, row[c.name], c.unit or "", tuple(cited.get(c.name, ()))) for c in dataset.columns)
    return Explanation(row, version, values, _life(connection, dataset, row))


def _cited(connection: DuckDBPyConnection, row: Record, reading_of: ReadingOf) -> dict[str, list[Cited]]:
    """What the values of one row cite, what its whole version cites included, by column."""
    version, row_no = row["version_no"], row["row_no"]
    of_version = cited_by_row(connection, version, reading_of, 0, 0).get(0, {})
    of_row = cited_by_row(connection, version, reading_of, row_no, row_no).get(row_no, {})
    return {name: [*of_version.get(name, []), *of_row.get(name, [])] for name in {**of_version, **of_row}}


def cited_by_row(
    connection: DuckDBPyConnection, version_no: int, reading_of: ReadingOf, first: int, last: int
) -> dict[int, dict[str, list[Cited]]]:
    """What the rows `first` to `last` of a version cite: row → column → pieces in printed order. Row 0 stands for
    what the whole version cites."""
    found: dict[int, dict[str, list[Cited]]] = {}
    known: dict[tuple[object, ...], Cited] = {}
    done = connection.execute(
        f"SELECT row_no, colonne, {', '.join(map(identifier, _PIECE.values()))} FROM meta.provenance "
        "WHERE version_no = ? AND row_no BETWEEN ? AND ? ORDER BY row_no, col_no, cite_no",
        [version_no, first, last],
    )
    for row_no, column, *told in done.fetchall():
        key = (row_no == 0, *told)  # many values rest on the same piece: a heading, a total
        if key not in known:
            known[key] = _piece(dict(zip(_PIECE, told, strict=True)), row_no == 0, reading_of)
        found.setdefault(row_no, {}).setdefault(column, []).append(known[key])
    return found


def _piece(line: Record, whole_version: bool, reading_of: ReadingOf) -> Cited:
    source, printed = source_of(line), line["printed"] or ""
    placed = source != Source()
    reading = reading_of(line["document"], line["file"]) if placed and printed else None
    return Cited(
        printed=printed,
        place=line["lieu"] if placed else "",
        source=source,
        document=line["document"],
        file=line["file"],
        role=line["role"],
        how=line["how"],
        rules=tuple(rule for rule in (line["rules"] or "").split("|") if rule),
        whole_version=whole_version,
        around=surroundings(reading, source, printed) if reading else None,
    )


def source_of(line: Record) -> Source:
    """The place that a line of meta.provenance keeps in its flat columns."""
    box = (line["x0"], line["top"], line["x1"], line["bottom"]) if line["x0"] is not None else None
    return Source(
        page=line["page"],
        box=box,
        line=line["line"],
        last_line=line["last_line"],
        start=line["start_char"],
        end=line["end_char"],
        path=line["path"],
        offset=line["offset"],
        typeset=line["typeset_line"],
    )


def _life(connection: DuckDBPyConnection, dataset: Dataset, row: Record) -> tuple[KeyVersion, ...]:
    """Every version that has this key, oldest first."""
    key = dataset.diff_key
    same = " AND ".join(f"{identifier(name)} IS NOT DISTINCT FROM ?" for name in key)
    found = records(
        connection,
        f"SELECT d.*, v.edition, v.accepted_at, v.withdrawn_at FROM data.{identifier(dataset.name)} d "
        f"JOIN meta.versions v USING (version_no) WHERE {same} ORDER BY version_no",
        [row[name] for name in key],
    )
    answers = spans(connection, dataset)
    return tuple(_key_version(dataset, row, held, answers.get(held["version_no"], [])) for held in found)


def spans(connection: DuckDBPyConnection, dataset: Dataset) -> dict[int, list[Span]]:
    """The days that each version of a dataset answers for, as known now; those that answer for none are not there."""
    found: dict[int, list[Span]] = {}
    for period in records(
        connection,
        "SELECT version_no, valid_from, valid_to FROM meta.periods WHERE dataset = ? AND known_to IS NULL "
        "ORDER BY valid_from",
        [dataset.name],
    ):
        found.setdefault(period["version_no"], []).append((period["valid_from"], period["valid_to"]))
    return found


def status_of(version: Record, answers: Sequence[Span]) -> str:
    """Whether a version (a row of meta.versions) still answers, in one word."""
    return "retirée" if version["withdrawn_at"] else "fait foi" if answers else "remplacée"


def _key_version(dataset: Dataset, row: Record, held: Record, answers: Sequence[Span]) -> KeyVersion:
    return KeyVersion(
        version_no=held["version_no"],
        edition=held["edition"],
        accepted_at=held["accepted_at"],
        status=status_of(held, answers),
        valid=tuple(answers),
        differs={c.name: held[c.name] for c in dataset.columns if held[c.name] != row[c.name]},
    )
