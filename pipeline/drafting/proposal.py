"""One dataset proposed from one table of a reading: what is expected, its columns, its key, the acts that feed it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from pipeline.cleaning.labels import fold, squeeze
from pipeline.cleaning.titles import KINDS
from pipeline.cleaning.values import UnreadableError
from pipeline.datasets.toolkit import data_rows, labels
from pipeline.drafting.columns import Proposed, cut, pattern, proposed
from pipeline.errors import USAGE, AnnexesError
from pipeline.extract.model import Grid, Reading

_LARGEST_KEY = 3
_TOTAL = r"(?:total|ensemble)\b"
_ANNEX = re.compile(r"annexes?(?: (?:[ivx]+|[0-9]+|[a-z]))?")
_ACT = re.compile(
    r"^\w+(?: n[°o] ?\S+)? du (?:1er|[0-9]{1,2}) \w+ [0-9]{4} (?:modifiée? )?"
    r"(?:fixant|portant|concernant|relati(?:f|fs|ve|ves) (?:aux|au|à la|à l'|à))?\W*(?:pour l'année [0-9]{4}\W*)?",
    re.IGNORECASE,
)
_DAY = r"(?:1er|[0-9]{1,2}) [a-z]+ [0-9]{4}"


class UnfitTableError(AnnexesError):
    """The table cannot be read one row a line (French, with the way out)."""

    code = USAGE


@dataclass(frozen=True)
class Other:
    """A table of the same file that is not the one proposed, and how it is known."""

    number: int
    title: str
    headers: tuple[str, ...]
    containing: str


@dataclass(frozen=True)
class Proposal:
    """A dataset as it would be declared, and what a person should look at."""

    name: str
    title: str
    expected: str
    headers: tuple[str, ...]
    columns: tuple[Proposed, ...]
    key: tuple[str, ...]
    total: str
    """The column that a row of totals sums; '' where there is none."""
    others: tuple[Other, ...]
    recognised: str
    """Regular expression of the title of the act (of the sheet, where there is no act)."""
    doubts: tuple[str, ...]


def propose(name: str, reading: Reading, number: int, title: str, has_act: bool) -> Proposal:
    """The proposal for table `number` (from 1) of a reading; `title`: of its act, or of the sheet without one. Raises
    UnfitTableError."""
    grid = reading.grids[number - 1]
    heads = _titles(grid)
    if len(heads) < 2:
        said = "une seule colonne : les cellules viennent une par ligne"
        raise UnfitTableError(f"tableau {number} : {said} ; écrire le module sur datasets/premier_quartile.py")
    alike = [g for g in reading.grids if _titles(g) == heads]
    rows = {n: [r for r in data_rows(g) if not _is_total(g, r)] for n, g in enumerate(alike)}
    if not any(rows.values()):
        raise UnfitTableError(f"tableau {number} : aucune ligne sous ses titres")
    columns = tuple(proposed(alike, heads, rows))
    totals = any(_is_total(g, r) for g in alike for r in data_rows(g))
    summed = next((c.name for c in columns if c.kind.measures), "") if totals else ""
    key, unique = _key(columns, alike, rows)
    others = tuple(_others(reading, alike))
    doubts = chain(
        (f"colonne « {c.name} » (« {c.label} ») : {doubt}" for c in columns for doubt in c.doubts),
        _about_key(key, unique),
        [f"une ligne de totaux : comparée à la somme de {summed}"] if summed else [],
        _about_tables(alike, others),
        _about_title(title, has_act),
    )
    headers = tuple(pattern(head) for head in heads)
    called = table_title(grid, title)
    return Proposal(
        name, called, cut(called, 60), headers, columns, key, summed, others, recognised(title), tuple(doubts)
    )


def table_title(grid: Grid, title: str) -> str:
    """What the table is called: its own title, unless that is the number of an annexe; else what the act is about."""
    own = squeeze(grid.caption or grid.title)
    if own and not _ANNEX.fullmatch(fold(own)):
        return own
    about = _ACT.sub("", squeeze(title))
    return cut(about[:1].upper() + about[1:], 90)


def recognised(title: str) -> str:
    """The regular expression by which the next act of the kind is known: the folded title without its kind and day,
    years as any year."""
    folded = fold(title)
    about = re.sub(rf"^(?:{'|'.join(KINDS)})(?: n[°o] ?\S+)?(?: (?:du|le) {_DAY})?(?: modifie)?[ ,:]*", "", folded)
    parts = re.split(rf"\b{_DAY}\b", cut(about or folded, 70))
    return ".+".join(pattern(part, 70).removesuffix("$") for part in parts)


def _titles(grid: Grid) -> tuple[str, ...]:
    """The folded titles up to the last one printed, as a declared header is compared."""
    found = list(labels(grid))
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _is_total(grid: Grid, row: int) -> bool:
    first = next((c for col in range(grid.n_cols) if (c := grid.at(row, col)) and c.text.strip()), None)
    return first is not None and bool(re.match(_TOTAL, fold(first.text)))


def _key(
    columns: Sequence[Proposed], grids: Sequence[Grid], rows: Mapping[int, Sequence[int]]
) -> tuple[tuple[str, ...], bool]:
    """The fewest columns whose values never come twice, codes before texts and left before right, and whether there
    are such; else all that measure nothing."""
    lines = [(grid, row) for n, grid in enumerate(grids) for row in rows[n]]
    able = [c for c in columns if not c.kind.measures and not c.nullable]
    ranked = sorted(able, key=lambda c: (not c.kind.code, c.printed))
    whole = [c for c in columns if c.kind.measures and not c.nullable]
    for size in range(1, _LARGEST_KEY + 1):
        for chosen in chain(combinations(ranked, size), combinations([*ranked, *whole[:2]], size)):
            found = {tuple(_value(grid, row, c) for c in chosen) for grid, row in lines}
            if len(found) == len(lines) and any(not c.kind.measures for c in chosen):
                return tuple(c.name for c in chosen), True
    return tuple(c.name for c in (ranked or columns)), False


def _value(grid: Grid, row: int, column: Proposed) -> object:
    cell = grid.at(row, column.printed)
    text = cell.text if cell else ""
    try:
        return column.kind.parse(text)
    except UnreadableError:
        return text


def _others(reading: Reading, alike: Sequence[Grid]) -> Iterator[Other]:
    for number, grid in enumerate(reading.grids, start=1):
        if any(grid is one for one in alike):
            continue
        heads = _titles(grid)
        told = len(heads) > 1 and all(heads)
        first = next((fold(c.text) for c in grid.cells if c.text.strip()), "")
        containing = "" if told else pattern(first).removesuffix("$")
        yield Other(number, squeeze(grid.title), tuple(map(pattern, heads)) if told else (), containing)


def _about_key(key: Sequence[str], unique: bool) -> Iterator[str]:
    said = ", ".join(key)
    yield (
        f"clé ({said}) : identifie-t-elle une ligne d'une édition à l'autre ?"
        if unique
        else (f"clé ({said}) : des lignes la partagent, l'édition sera refusée tant qu'elle n'est pas trouvée")
    )


def _about_tables(alike: Sequence[Grid], others: Sequence[Other]) -> Iterator[str]:
    if len(alike) > 1:
        yield f"{len(alike)} tableaux de ces mêmes titres, lus tous : annex=, under= ou around= les départagent"
    for other in others:
        yield f"tableau {other.number} (« {other.title[:60]} ») : mis à l'écart, dire pourquoi ou le lire"


def _about_title(title: str, has_act: bool) -> Iterator[str]:
    what = "acte reconnu" if has_act else "feuille sans acte, reconnue"
    yield f"{what} à « {recognised(title)} » : les éditions suivantes auront-elles ces mots ?"
    if has_act:
        yield 'succession ("replaces" : l\'édition suivante clôt celle-ci) et rhythm : à décider'
