"""One rendition's rows of one edition, validated: what would be published, what is refused, and what is observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from pipeline.contract.dataset import Context, Dataset
from pipeline.contract.rows import Observation, Refused, Row, Rows, Value
from pipeline.extract.model import Cell
from pipeline.quality.frame import frame_of
from pipeline.quality.ledger import Fates
from pipeline.quality.validate import validate


@dataclass(frozen=True)
class Prepared:
    """`frame` is sorted in the dataset's order; its index points into `rows`, which keep the citations."""

    dataset: Dataset
    context: Context
    frame: pd.DataFrame
    rows: Sequence[Row]
    refused: Sequence[Refused]
    observations: Sequence[Observation]
    shared: frozenset[str]
    """Columns that have one value for the whole edition, cited once."""
    failed_checks: tuple[str, ...] = ()
    pieces: Sequence[Cell] = field(default=())

    @property
    def keys(self) -> frozenset[tuple[object, ...]]:
        """Keys as they are compared between editions."""
        return frozenset(tuple(row) for row in self.frame[list(self.dataset.diff_key)].itertuples(index=False))


def prepare(dataset: Dataset, context: Context, read: Rows) -> Prepared:
    """Validate what a reader gave. Rows that the schema or the keys refuse join the reader's own refusals."""
    frame = frame_of(dataset, read.rows)
    accepted, rejected = validate(frame, dataset)
    refused = list(read.refused)
    refused += [Refused(cells_of(read.rows[r.index]), r.rule, r.reason, r.column) for r in rejected]
    accepted = accepted.sort_values(list(dataset.sort), kind="stable", na_position="last")
    observations = list(read.observations)
    failed: list[str] = []
    for check in dataset.frame_checks:
        found = list(check.run(accepted, context))
        observations += found
        if found and check.fatal:
            failed.append(check.description)
    return Prepared(
        dataset,
        context,
        accepted,
        read.rows,
        refused,
        observations,
        frozenset(read.shared),
        tuple(failed),
        read.pieces,
    )


def cells_of(row: Row) -> tuple[Cell, ...]:
    """The printed pieces that a row cites, in reading order, each once."""
    cells = {cell.source: cell for value in row.values() for cell in value.cites}
    return tuple(cells[source] for source in sorted(cells, key=lambda s: s.order))


def without(prepared: Prepared, refusals: Sequence[tuple[int, Refused]]) -> Prepared:
    """The same with these rows (index, refusal) taken out and quarantined."""
    frame = prepared.frame.drop(index=[index for index, _ in refusals])
    return replace(prepared, frame=frame, refused=[*prepared.refused, *(refusal for _, refusal in refusals)])


def record_fates(prepared: Prepared, read: Rows, fates: Fates) -> None:
    """Enter into the ledger what the accepted rows cite, what is refused, and what the reader ignored."""
    name = prepared.dataset.name
    fates.pieces.update({cell.source: cell.text for cell in read.pieces})
    for index in prepared.frame.index:
        for value in prepared.rows[index].values():
            for cell in value.cites:
                fates.published.setdefault(cell.source, name)
    for refusal in prepared.refused:
        for cell in refusal.cells:
            fates.quarantined.setdefault(cell.source, (name, refusal.rule))
    for ignored in read.ignored:
        fates.ignored.setdefault(ignored.cell.source, (name, ignored.reason))


def values_in_order(prepared: Prepared) -> list[tuple[int, Row]]:
    """(row_no from 1, row) in the order in which they are published."""
    return [(n, prepared.rows[int(index)]) for n, index in enumerate(prepared.frame.index, start=1)]


def shared_values(prepared: Prepared) -> dict[str, Value]:
    """The values cited once for the whole edition, from its first row."""
    if not len(prepared.frame):
        return {}
    first = prepared.rows[int(prepared.frame.index[0])]
    return {name: first[name] for name in sorted(prepared.shared)}
