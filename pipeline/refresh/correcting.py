"""Corrections as the reading of one rendition meets them: which rules are about it, and which values they made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.contract.rows import Row, Rows, Value
from pipeline.documents.corrections import Correction
from pipeline.documents.model import Rendition
from pipeline.extract.model import Cell, Reading, Source
from pipeline.quality.corrections import Corrected, apply

_PAGED = "pdf"


def correct(reading: Reading, rendition: Rendition, rules: Sequence[Correction]) -> Corrected:
    """The corrected reading. A rule placed by page is about paged renditions, one placed by line about the others."""
    paged = rendition.media == _PAGED
    mine = [r for r in rules if (r.where.page is None or paged) and (r.where.line is None or not paged)]
    return apply(reading, mine)


def marked(rows: Rows, printed: Reading, corrected: Corrected) -> Rows:
    """The same rows, in which every value that rests on a corrected text says so: `how` is corrected, the rule is
    named, and what it cites is the text as printed."""
    if not corrected.by_source and not corrected.in_prose:
        return rows
    originals = {c.source: c for grid in printed.grids for c in grid.cells if c.source in corrected.by_source}
    return replace(rows, rows=[_row(row, corrected, originals) for row in rows.rows])


def _row(row: Row, corrected: Corrected, originals: Mapping[Source, Cell]) -> Row:
    return {name: _value(value, corrected, originals) for name, value in row.items()}


def _value(value: Value, corrected: Corrected, originals: Mapping[Source, Cell]) -> Value:
    rules = {rule.id: rule for cell in value.cites if (rule := corrected.rule_of(cell))}
    if not rules:
        return value
    cites = tuple(_as_printed(cell, corrected, originals) for cell in value.cites)
    return replace(value, cites=cites, how="corrected", rules=(*value.rules, *rules))


def _as_printed(cell: Cell, corrected: Corrected, originals: Mapping[Source, Cell]) -> Cell:
    if cell.source in originals:
        return originals[cell.source]
    rule = corrected.rule_of(cell)
    return replace(cell, text=rule.printed) if rule else cell
