"""The zoning as it is printed since 2014: tables of communes with their INSEE codes, one a zone (A bis, A, B1, B2), or
one for all with the zone in a column. An act prints whole tables, or says which communes enter and leave them.

Where a table stands and what its sentence says is in `targets`; which rows come of it is in `coded`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.dataset import Context, Expect
from pipeline.contract.rows import Ignored
from pipeline.datasets.toolkit import data_rows, labels
from pipeline.datasets.zonage.headings import Problem
from pipeline.datasets.zonage.targets import Does, Target, target_of, zones_in
from pipeline.extract.model import Cell, Grid, Paragraph, Reading

_TITLES: Mapping[str, str] = {
    "code": r"(?:code )?(?:commune |de la commune )?(?:insee|geographique)|codgeo|code (?:de la |officiel )?commune"
    r"|code(?: officiel)? geographique|(?:n[o°]|numero) insee|insee(?: commune)?$|code$",
    "departement": r"departement|dep\b|(?:code|n[o°]|numero) (?:du )?dep|code departement",
    "commune": r"(?:nom (?:de la |des )?)?communes?\b|libgeo|libelle|nom$",
    "before": r"(?:ancien|zon(?:e|age) (?:abc )?(?:avant|ancien|precedent|actuel)|classement (?:avant|anterieur))",
    "zone": r"(?:nouve\w+ )?(?:zon(?:e|age)(?![a-z])|classement\b)|reclassements?\b|declassements?\b",
}
_REGION = re.compile(r"reg(?:ion)?\b")
_NOTE = re.compile(r"\s*(?:\([0-9a-z*]{1,2}\)|\*|nota\b|notes?\b|source\b)", re.I)


def roles(grid: Grid) -> Mapping[str, int]:
    """What each column of a table of communes is, by its title; empty when it is no such table. Of several columns with
    a zone, that which most rows fill with one; `before` is the zone that communes leave."""
    found: dict[str, int] = {}
    zones: list[int] = []
    for column, label in enumerate(labels(grid)):
        role = next((name for name, pattern in _TITLES.items() if re.match(pattern, label)), "")
        if role == "zone":
            zones.append(column)
        elif role:
            found.setdefault(role, column)
    if not {"code", "commune"} <= found.keys():
        return {}
    filled = {column: _filled(grid, column) for column in zones}
    if best := max(filled.values(), default=0):
        found["zone"] = max(column for column, count in filled.items() if count == best)
    return found


def _filled(grid: Grid, column: int) -> int:
    return sum(1 for index in data_rows(grid) if (cell := grid.at(index, column)) and zones_in(cell.text))


def _against(grid: Grid) -> str:
    return "" if roles(grid) else "sans colonne de communes et de codes INSEE"


COMMUNES = Expect("tableaux de communes", content=_against, optional=True, or_prose=True)


@dataclass(frozen=True)
class PrintedRow:
    """A commune as one row, or one sentence, prints it. `zone` is None where nothing says it."""

    code: Cell | None
    name: Cell | None
    departement: Cell | None
    zone: str | None
    said: Cell | None
    """The words that give the zone: the sentence above the table, or the cell of its row."""
    does: Does
    cells: tuple[Cell, ...]
    problem: Problem | None = None


@dataclass
class PrintedTables:
    """All the rows of an act, the zones whose table it prints whole, and the cells that are no row."""

    rows: list[PrintedRow] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    listed: bool = False
    """Whether one table prints the zone of each commune in a column."""
    ignored: list[Ignored] = field(default_factory=list)
    pieces: list[Cell] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)


def read_tables(reading: Reading, context: Context) -> PrintedTables:
    """The rows of the tables found for `COMMUNES`, then those of sentences that name communes with their codes."""
    found = PrintedTables()
    for grid in context.grids.get(COMMUNES.name, ()):
        _read_grid(grid, found)
    for paragraph in reading.paragraphs:
        _read_sentence(paragraph, found)
    return found


def _read_grid(grid: Grid, to: PrintedTables) -> None:
    columns = roles(grid)
    target = target_of(grid)
    if "zone" in columns:
        to.listed = True
    elif target and target.does == "whole":
        to.whole.add(target.zone)
        if re.search(r"\bremplac", fold(target.said.text)):
            to.replaced.append(target.zone)
    if not grid.header_rows:
        to.ignored += (Ignored(cell, "entete") for cell in grid.cells if cell.row == 0 and cell.text)
    above: Cell | None = None
    header = labels(grid)
    for index in data_rows(grid):
        cells = tuple(cell for c in range(grid.n_cols) if (cell := grid.own(index, c)) and cell.text)
        if not cells:
            continue
        if len(cells) == len(header) and all(fold(cell.text) == header[cell.col] for cell in cells):
            to.ignored += (Ignored(cell, "entete_repete") for cell in cells)
            continue
        if len(cells) == 1 and (cells[0].col_span == grid.n_cols or _NOTE.match(cells[0].text)):
            to.ignored.append(Ignored(cells[0], "note"))
            continue
        row = _row(grid, index, columns, target, cells, above)
        above = row.departement or above
        to.rows.append(row)


def _row(
    grid: Grid,
    index: int,
    columns: Mapping[str, int],
    target: Target | None,
    cells: tuple[Cell, ...],
    above: Cell | None,
) -> PrintedRow:
    at = {role: cell for role, c in columns.items() if (cell := grid.at(index, c)) and cell.text}
    zone, said = (target.zone, target.said) if target else (None, None)
    problem: Problem | None = None
    deed: Does = target.does if target else "whole"
    if "zone" in columns:
        said, deed = at.get("zone"), "adds"
        zones = zones_in(said.text) if said else ()
        zone = zones[0] if len(zones) == 1 else None
    if zone is None:
        problem = Problem("zone_inconnue", "rien de ce qui l'entoure ne dit de quelle zone est ce tableau")
        if "zone" in columns:
            problem = Problem("zone_inconnue", f"« {said.text if said else ''} » n'est pas une zone")
    return PrintedRow(at.get("code"), at.get("commune"), at.get("departement", above), zone, said, deed, cells, problem)


_IN_PROSE = re.compile(r"(?P<name>[^\W\d_][^,;:()«»]*?)\s*\((?:code (?:insee )?:? ?)?(?P<code>[0-9][0-9AB][0-9]{3})\)")
_LEAD = re.compile(
    r".*\b(?:communes? (?:suivantes? )?(?:de |d['’]|du )?|(?:et|à) (?:celle de |d['’]|de )?|\bde |\bd['’])", re.I
)


def _read_sentence(paragraph: Paragraph, to: PrintedTables) -> None:
    """ "La commune d'Alfortville (94002) est classée en zone A bis." """
    zones = zones_in(paragraph.text)
    if len(zones) != 1:
        return
    said = Cell(0, 0, paragraph.text, paragraph.source)
    for match in _IN_PROSE.finditer(paragraph.text):
        start, end = match.span("name")
        name = _piece(paragraph, start, end)
        code = _piece(paragraph, *match.span("code"))
        to.pieces += (name, code)
        to.rows.append(PrintedRow(code, name, None, zones[0], said, "adds", (name, code)))


def _piece(paragraph: Paragraph, start: int, end: int) -> Cell:
    return Cell(0, 0, paragraph.text[start:end], paragraph.source.piece(start, end))


def spoken_names(name: str) -> Iterator[str]:
    """A name as a sentence may hold it, longest first: "la commune d'Alfortville", then "Alfortville"."""
    yield name
    words: Sequence[str] = re.split(r"(?<=['’ ])", name)
    yield from ("".join(words[n:]).strip() for n in range(1, len(words)))


def code_of(cell: Cell | None) -> str:
    """The INSEE code that a cell prints. Raises UnreadableError."""
    if cell is None:
        raise UnreadableError("cellule_manquante", "aucun code INSEE sur la ligne")
    return values.commune(values.unquoted(cell.text))
