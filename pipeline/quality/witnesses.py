"""Several renditions of one edition, compared: witnesses of the same text, none believed against another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.contract.rows import Observation, Refused
from pipeline.quality.validate import Prepared, cells_of, table_of, without

Key = tuple[object, ...]


@dataclass(frozen=True)
class Comparison:
    """What two witnesses disagree on: key → (first column, both values as a French sentence); and what was observed."""

    contradicted: Mapping[Key, tuple[str, str]]
    observations: Sequence[Observation]


def compare(primary: Prepared, witness: Prepared) -> Comparison:
    """Rows of the same key compared column by column; one info when all agree, a warning for rows that only one has."""
    mine, theirs = _by_key(primary), _by_key(witness)
    columns = [c.name for c in primary.dataset.columns if c.name not in primary.dataset.key]
    contradicted: dict[Key, tuple[str, str]] = {}
    for key in mine.keys() & theirs.keys():
        a, b = mine[key], theirs[key]
        differing = [c for c in columns if a[c] != b[c]]
        if differing:
            contradicted[key] = differing[0], _shown(primary, witness, a, b, differing)
    observations = _one_sided(witness, mine.keys() - theirs.keys(), "absentes de")
    observations += _one_sided(witness, theirs.keys() - mine.keys(), "seulement dans")
    if not contradicted and not observations:
        files = f"{primary.context.rendition.file} et {witness.context.rendition.file}"
        message = f"{len(mine)} lignes lues de même dans {files}"
        observations.append(Observation("temoins_concordants", "info", message, files))
    return Comparison(contradicted, observations)


def set_aside(prepared: Prepared, contradicted: Mapping[Key, tuple[str, str]]) -> Prepared:
    """The rows that another witness contradicts, quarantined until a correction decides."""
    index = dict(zip(_by_key(prepared), map(int, prepared.frame.index), strict=True))
    refusals = [
        (index[key], Refused(cells_of(prepared.rows[index[key]]), "temoins_en_desaccord", shown, column))
        for key, (column, shown) in contradicted.items()
        if key in index
    ]
    return without(prepared, refusals)


def _by_key(prepared: Prepared) -> Mapping[Key, Mapping[str, object]]:
    """Key → the values of its row, in the order of the frame; a missing value is None."""
    rows = table_of(prepared.dataset, prepared.frame).to_pylist()
    return {tuple(row[name] for name in prepared.dataset.key): row for row in rows}


def _shown(
    primary: Prepared,
    witness: Prepared,
    a: Mapping[str, object],
    b: Mapping[str, object],
    columns: Sequence[str],
) -> str:
    here, there = primary.context.rendition.file, witness.context.rendition.file
    return " ; ".join(f"{c} : {_quoted(a[c])} ({here}), {_quoted(b[c])} ({there})" for c in columns)


def _quoted(value: object) -> str:
    return "rien" if value is None else f"« {value} »"


def _one_sided(witness: Prepared, keys: set[Key], where: str) -> list[Observation]:
    if not keys:
        return []
    file = witness.context.rendition.file
    shown = ", ".join(" / ".join(map(str, key)) for key in sorted(keys, key=str)[:5])
    more = f" et {len(keys) - 5} autres" if len(keys) > 5 else ""
    message = f"{len(keys)} lignes {where} {file} : {shown}{more}"
    return [Observation("temoin_incomplet", "warning", message, f"{where} {witness.dataset.name} {file}")]
