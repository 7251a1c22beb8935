"""What a program recognised in a picture of a page, held against what confirms it: published where a check does, in
quarantine elsewhere. Nothing recognised is believed for its own sake, however sure the program is.

The checks: the check digit of a SIREN; a code against the name beside it; a column against its printed total; a year
against what a person declared of the act.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold, shown
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.rows import Refused, Row, Rows, Value
from pipeline.extract.model import Cell, Grid, Reading, Source

RULE = "texte_reconnu_non_confirme"
Names = Callable[[str], Collection[str]]
"""What a code designates: the official names of the département, commune or EPCI; none for what is no code."""

_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_TOTAL = re.compile(r"(?:total|ensemble)\b")
_CODE = re.compile(r"[0-9][0-9AB][0-9 \u00a0\u202f]{0,15}", re.IGNORECASE)


def confirmed(rows: Rows, reading: Reading, grids: Iterable[Grid], names: Names, declared: str) -> Rows:
    """The rows whose recognised pieces are all confirmed, their values marked as recognised (`how` is ocr, and a rule
    says how sure); the others refused. `declared` is what a person said of the act: its title and days.

    Rows that rest on no recognised page come back as they are, and so do values that a person corrected.
    """
    sure = dict(reading.recognised)
    pages = {source.page for source in sure}
    if not pages:
        return rows
    grids = list(grids)
    summed = {cell.source for grid in grids for cell in _summed(grid)}
    in_tables = {cell.source for grid in grids for cell in grid.cells}
    kept: list[Row] = []
    refused = list(rows.refused)
    for row in rows.rows:
        pieces = _recognised_pieces(row, pages)
        sentences = [cell for cell in pieces if cell.source not in in_tables]
        right = summed.union(c.source for c in (*_confirmed(pieces, names), *_of_declared_year(sentences, declared)))
        doubtful = [cell for cell in pieces if cell.source not in right]
        if doubtful:
            refused.append(_refused(row, doubtful, sure))
        else:
            kept.append({name: _marked(value, pages, sure) for name, value in row.items()})
    shared = {name: _marked(value, pages, sure) for name, value in rows.shared.items()}
    return replace(rows, rows=kept, refused=refused, shared=shared)


def _recognised_pieces(row: Row, pages: Collection[int | None]) -> list[Cell]:
    """The pieces of a row that stand on a recognised page, each once; those that a person corrected are confirmed."""
    found: dict[Source, Cell] = {}
    for value in row.values():
        if value.how != "corrected":
            found.update({cell.source: cell for cell in value.cites if cell.source.page in pages})
    return list(found.values())


def _confirmed(pieces: Sequence[Cell], names: Names) -> Iterator[Cell]:
    for cell in pieces:
        if is_siren(cell.text):
            yield cell
        if _CODE.fullmatch(cell.text.strip()):
            official = {fold(name) for name in names(_compact(cell.text))}
            for other in pieces:
                if other is not cell and fold(other.text) in official:
                    yield cell
                    yield other


def _of_declared_year(sentences: Iterable[Cell], declared: str) -> Iterator[Cell]:
    """Sentences outside of tables that name no year but those of what was declared."""
    years = set(_YEAR.findall(declared))
    for cell in sentences:
        own = set(_YEAR.findall(cell.text))
        if own and own <= years:
            yield cell


def is_siren(text: str) -> bool:
    """Whether the text is a SIREN, or a SIRET, with a right check digit."""
    try:
        values.siren(text)
    except UnreadableError:
        return False
    return True


def _compact(text: str) -> str:
    return re.sub(r"\s", "", text).upper()


def _summed(grid: Grid) -> Iterator[Cell]:
    """The cells of columns that add up to their printed total, this one too."""
    for index, row in enumerate(grid.rows()):
        first = next((cell for cell in row if cell and cell.text), None)
        if first is None or first.row != index or not _TOTAL.match(fold(first.text)):
            continue
        yield first
        for col in range(grid.n_cols):
            total = grid.own(index, col)
            above = [c for r in range(grid.header_rows, index) if (c := grid.own(r, col)) and c.text]
            counts = [_count(cell.text) for cell in above]
            if total and len(above) > 1 and None not in counts and _count(total.text) == sum(filter(None, counts)):
                yield from (*above, total)
        return


def _count(text: str) -> int | None:
    compact = _compact(text)
    return int(compact) if compact.isdigit() else None


def _refused(row: Row, doubtful: Sequence[Cell], sure: Mapping[Source, float]) -> Refused:
    pieces: dict[Source, Cell] = {}
    for value in row.values():
        pieces.update({cell.source: cell for cell in value.cites if cell.source.box})
    columns = [name for name, value in row.items() if any(cell in value.cites for cell in doubtful)]
    told = ", ".join(f"« {shown(cell.text)} » (sûr à {sure.get(cell.source, 0.0):.0%})" for cell in doubtful)
    return Refused(
        tuple(sorted(pieces.values(), key=lambda cell: cell.source.order)) or tuple(doubtful),
        RULE,
        f"reconnu sur l'image de la page, et qu'aucun contrôle ne confirme : {told}",
        columns[0] if columns else "",
    )


def _marked(value: Value, pages: Collection[int | None], sure: Mapping[Source, float]) -> Value:
    own = [sure.get(cell.source, 0.0) for cell in value.cites if cell.source.page in pages]
    if not own or value.how == "corrected":
        return value
    return replace(value, how="ocr", rules=(*value.rules, f"reconnu {min(own):.2f}"))
