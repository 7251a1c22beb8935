"""Corrections applied to a reading: which cells they change, and what is said of it.

Reading corrections.toml is in `documents.decisions`; the reading given is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.cleaning.labels import fold, squeeze
from pipeline.contract.rows import Observation
from pipeline.documents.decisions import Correction, Where
from pipeline.extract.model import Block, Cell, Grid, Paragraph, Reading, Repair, Source


@dataclass(frozen=True)
class _Place:
    """One text that a rule may be about: a cell of a grid, or a paragraph in which names are cut."""

    text: str
    source: Source
    under: tuple[str, ...]
    column: int | None = None
    header: str = ""


@dataclass(frozen=True)
class Corrected:
    """A reading with its corrections. `by_source` holds the rule of each corrected grid cell, by the cell's place;
    `in_prose` the rules that match a name inside a paragraph, with the paragraph's place."""

    reading: Reading
    by_source: Mapping[Source, Correction]
    observations: tuple[Observation, ...] = ()
    in_prose: tuple[tuple[Source, Correction], ...] = ()

    def piece(self, cell: Cell) -> Cell:
        """A name cut from a paragraph, as it should be: the cell itself when no rule is about it."""
        rule = self.rule_of(cell)
        return replace(cell, text=rule.should_be) if rule and cell.source not in self.by_source else cell

    def rule_of(self, cell: Cell) -> Correction | None:
        """The rule that changes this cell or piece, given before or after it was changed; None for any other."""
        if found := self.by_source.get(cell.source):
            return found
        text = squeeze(cell.text)
        for place, rule in self.in_prose:
            if text in (rule.printed, rule.should_be) and _inside(cell.source, place):
                return rule
        return None


def apply(reading: Reading, corrections: Sequence[Correction]) -> Corrected:
    """The reading with the text of every cell that an applied rule is about replaced, and a repair `correction` for
    each, which keeps what is printed.

    Observations: `correction_appliquee` (info) for each applied rule, `correction_proposee` (info) for each proposal;
    `correction_sans_objet` (error) when the guard of either fails, and the rule is then not applied;
    `corrections_contraires` (error) when two rules are about one cell, and neither is applied.
    """
    if not corrections:
        return Corrected(reading, {}, (), ())
    places = list(_places(reading))
    found = {rule.id: [place for place in places if _is_about(rule, place)] for rule in corrections}
    held = [rule for rule in corrections if _count(rule, found[rule.id]) == rule.expect]
    observations = [_observe(rule, found[rule.id], rule in held, places) for rule in corrections]
    by_source: dict[Source, Correction] = {}
    in_prose: list[tuple[Source, Correction]] = []
    for rule in held:
        for place in found[rule.id] if rule.is_applied else ():
            if place.column is None:
                in_prose.append((place.source, rule))
            elif other := by_source.get(place.source):
                observations.append(_contrary(rule, other, place))
            else:
                by_source[place.source] = rule
    contrary = {o.source for o in observations if o.rule == "corrections_contraires"}
    by_source = {source: rule for source, rule in by_source.items() if source not in contrary}
    blocks = tuple(_corrected(block, by_source) for block in reading.blocks)
    repairs = tuple(Repair("correction", source, rule.printed, rule.should_be) for source, rule in by_source.items())
    corrected = replace(reading, blocks=blocks, repairs=(*reading.repairs, *repairs))
    return Corrected(corrected, by_source, tuple(observations), tuple(in_prose))


def _places(reading: Reading) -> Iterator[_Place]:
    for block in reading.blocks:
        if isinstance(block, Grid):
            for cell in block.cells:
                header = block.headers[cell.col] if cell.col < len(block.headers) else ""
                yield _Place(squeeze(cell.text), cell.source, (*block.under, block.title), cell.col + 1, header)
        elif isinstance(block, Paragraph):
            yield _Place(squeeze(block.text), block.source, block.under)


def _is_about(rule: Correction, place: _Place) -> bool:
    is_named = place.text == rule.printed if place.column is not None else bool(_names(rule, place))
    return is_named and _stands_at(rule.where, place)


def _names(rule: Correction, place: _Place) -> list[re.Match[str]]:
    """The printed name in a paragraph, as a whole name: not inside a longer word."""
    return list(re.finditer(rf"(?<![\w-]){re.escape(rule.printed)}(?![\w-])", place.text))


def _count(rule: Correction, places: Iterable[_Place]) -> int:
    return sum(1 if place.column is not None else len(_names(rule, place)) for place in places)


def _stands_at(where: Where, place: _Place) -> bool:
    if where.line is not None and not _holds_line(place.source, where.line):
        return False
    if where.page is not None and place.source.page != where.page:
        return False
    if where.headings is not None and fold(where.headings) not in fold(" > ".join(place.under)):
        return False
    if isinstance(where.column, int):
        return place.column == where.column
    return where.column is None or fold(where.column) == fold(place.header)


def _holds_line(source: Source, line: int) -> bool:
    return source.line is not None and source.line <= line <= (source.last_line or source.line)


def _inside(piece: Source, place: Source) -> bool:
    """Whether a name was cut from this paragraph: same page, and lines of it."""
    if piece.page != place.page:
        return False
    return piece.line is None or place.line is None or _holds_line(place, piece.line)


def _observe(rule: Correction, found: Sequence[_Place], holds: bool, places: Iterable[_Place]) -> Observation:
    if not holds:
        return _without_object(rule, found, places)
    name, verb = ("correction_appliquee", "lu") if rule.is_applied else ("correction_proposee", "proposé")
    message = f"« {rule.printed} » {verb} « {rule.should_be} » : {rule.reason}"
    return Observation(name, "info", message, rule.id, found[0].source, rule.printed, rule.should_be)


def _without_object(rule: Correction, found: Sequence[_Place], places: Iterable[_Place]) -> Observation:
    """Why the guard failed: the text stands nowhere, elsewhere, or not as often as declared."""
    elsewhere = next((place for place in places if _is_about(replace(rule, where=Where()), place)), None)
    times = _count(rule, found)
    if times:
        why = f"imprimé {times} fois à cet endroit, {rule.expect} attendu"
    elif elsewhere is not None:
        why = f"n'est plus imprimé à l'endroit déclaré, mais {elsewhere.source.label}"
    else:
        why = "n'est imprimé nulle part"
    message = f"correction « {rule.id} » : « {rule.printed} » {why} ; revoir la règle, elle n'est pas appliquée"
    source = found[0].source if found else elsewhere.source if elsewhere else None
    return Observation("correction_sans_objet", "error", message, rule.id, source, rule.printed, rule.should_be)


def _contrary(rule: Correction, other: Correction, place: _Place) -> Observation:
    message = (
        f"« {place.text} » : les corrections « {other.id} » et « {rule.id} » se contredisent, aucune n'est appliquée"
    )
    return Observation("corrections_contraires", "error", message, rule.id, place.source, place.text)


def _corrected(block: Block, by_source: Mapping[Source, Correction]) -> Block:
    if not isinstance(block, Grid) or not any(cell.source in by_source for cell in block.cells):
        return block
    cells = tuple(
        replace(cell, text=by_source[cell.source].should_be) if cell.source in by_source else cell
        for cell in block.cells
    )
    return replace(block, cells=cells)
