"""What surrounds each table: its annexe, the sentences that introduce it, the unit of its figures.

Column titles alone do not say what a table is: two annexes of one act may share them. Told from the blocks, for every
format alike; nothing here knows a dataset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pipeline.cleaning.labels import fold, squeeze
from pipeline.extract.markup.lines import heading_rank
from pipeline.extract.model import Block, Grid, Heading, Paragraph, Reading

# Typists space the letters out: "A N N E X E  I".
_SPACED = re.compile(r"\bA ?N ?N ?E ?X ?E(?: ?S)?(?= |$)", re.I)
_ARTICLE_ANNEX = re.compile(r"(?:article\s+)?(?=annexe)", re.I)
_ANNEX = re.compile(r"annexes?\b", re.I)
_ANOTHER_PART = re.compile(
    r"(?:article\s+(?:premier|unique|[0-9]|[lrda]\b)|arrete\b|decret\b|loi\b|ordonnance\b|circulaire\b|instruction\b"
    r"|decision\b|modele\b)"
)
_MOST_INTRODUCING = 3
_LONGEST_INTRODUCTION = 1000

_PER = r"(?:\s*,?\s*(?:par|/)\s*(?P<per{0}>m2|metres?\s+carres?|an(?:nee)?\b|mois\b|jour\b|personne\b))?"
_UNITS = (
    re.compile(
        r"\ben\s+(?:(?P<scale>milliers|millions)\s+(?:d'\s*|de\s+))?(?P<money>euros?|francs?|€|f)(?![a-z])"
        + _PER.format("")
    ),
    re.compile(r"(?<![0-9 ])\s*\(\s*(?P<money>k€|m€|€|euros?|francs?|f)\s*" + _PER.format("") + r"\s*\)"),
    re.compile(r"(?<![0-9])\s(?P<money>€)" + _PER.format("").removesuffix("?")),
)
_SHARE = re.compile(r"\ben\s+(?:%|pour\s?cent(?:age)?s?)|\(\s*%\s*\)")
_SIGN = re.compile(r"[0-9][\s\u00a0\u202f]*(?P<sign>€|euros?|f|francs?|%)\s*\Z", re.I)
_NUMBER = re.compile(r"[0-9]")
_MONEY = {"€": "euros", "euro": "euros", "f": "francs", "franc": "francs", "k€": "milliers d'euros"}
_MONEY |= {"m€": "millions d'euros"}
_PERIODS = {"an": "an", "annee": "an"}


def with_context(reading: Reading) -> Reading:
    """The same reading, each grid with its `annex`, `intro` and `unit`."""
    annex = ""
    before: list[str] = []
    blocks: list[Block] = []
    for block in reading.blocks:
        if isinstance(block, Grid):
            intro = "\n".join(before[-_MOST_INTRODUCING:])[-_LONGEST_INTRODUCTION:]
            grid = replace(block, annex=annex, intro=intro)
            blocks.append(replace(grid, unit=unit_of(grid)))
            before = []
            continue
        blocks.append(block)
        if named := annex_named(block):
            annex, before = named, []
        elif isinstance(block, Heading):
            if _ANOTHER_PART.match(fold(block.text)) and not any(annex_title(title) for title in block.under):
                annex = ""
            before = []
        else:
            before.append(block.text)
    return replace(reading, blocks=tuple(blocks))


def annex_named(block: Heading | Paragraph) -> str:
    """The annexe that a block opens, as it is named; '' for any other block."""
    title = annex_title(block.text)
    if not title or isinstance(block, Heading):
        return title
    return title if heading_rank(title) in (0, 1) else ""


def annex_title(text: str) -> str:
    """A title that begins with the word annexe, however it is spaced and without "Article"; '' for any other."""
    close = _SPACED.sub(lambda found: found[0].replace(" ", ""), squeeze(text), count=1)
    title = _ARTICLE_ANNEX.sub("", close, count=1)
    return title if _ANNEX.match(title) else ""


def unit_of(grid: Grid) -> str:
    """The unit of the figures, from what is nearest: the table's own words, its title, the sentences before it, the
    signs behind its numbers. '' where nothing says it; several, joined by " ; ", where the nearest words do."""
    labels = [cell.text for cell in grid.cells if cell.header or cell.row == 0]
    for words in ([grid.caption, *labels], [grid.title], grid.intro.split("\n"), reversed(grid.under)):
        if found := _units(words):
            return " ; ".join(found)
    return _sign(grid)


def _units(texts: Iterable[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        folded = fold(text)
        if _SHARE.search(folded):
            found.append("%")
        for pattern in _UNITS:
            found += [_worded(match) for match in pattern.finditer(folded)]
    return list(dict.fromkeys(found))


def _worded(match: re.Match[str]) -> str:
    parts = match.groupdict()
    money = _MONEY.get(parts["money"], parts["money"])
    if scale := parts.get("scale"):
        money = f"{scale} d'euros" if money == "euros" else f"{scale} de {money}"
    if per := parts.get("per"):
        return f"{money} par {'m²' if per.startswith('m') and per != 'mois' else _PERIODS.get(per, per)}"
    return money


def _sign(grid: Grid) -> str:
    """The sign behind most numbers of the table; '' where most have none."""
    numbers = [cell.text for cell in grid.cells if not cell.header and _NUMBER.search(cell.text)]
    signs = [match["sign"].lower() for text in numbers if (match := _SIGN.search(text[-20:]))]
    for sign in dict.fromkeys(signs):
        if signs.count(sign) * 2 > len(numbers):
            return _MONEY.get(sign, sign)
    return ""
