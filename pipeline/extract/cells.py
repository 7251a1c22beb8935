"""Text with one printed cell a line, as copied from a web page. An annex becomes a grid of one column;
what the lines mean, and how many make a row, is the dataset's to say."""

from __future__ import annotations

import re

from pipeline.cleaning.labels import fold, squeeze
from pipeline.extract.markup.decode import cut_in_a_character, decode_text
from pipeline.extract.model import Block, Cell, Grid, Heading, Paragraph, Reading, Source

_ANNEX = re.compile(r"annexes?( [0-9ivx]+| [a-z])?$")
_SIGNED = re.compile(r"fait( a [^,]+,)? le \d")


def read_cells(data: bytes) -> Reading:
    """Blocks of a one-cell-a-line text: paragraphs up to a line 'ANNEXE', then per annex one grid of one column
    (its title is the line after), ended by the next annex or by the place and date of signature."""
    content, encoding = decode_text(data)
    lines = [(n, squeeze(raw), raw) for n, raw in enumerate(content.split("\n"), start=1)]
    printed = [(n, text, raw) for n, text, raw in lines if text]
    blocks: list[Block] = []
    annex: list[Cell] | None = None
    under: tuple[str, ...] = ()

    def close() -> None:
        if annex:
            blocks.append(_grid(annex, under))

    for n, text, raw in printed:
        start = raw.find(text[0])
        source = Source(line=n, start=start, end=start + len(raw.strip()))
        folded = fold(text)
        if _ANNEX.match(folded):
            close()
            annex, under = [], (text,)
            blocks.append(Heading(1, text, source))
        elif annex is not None and _SIGNED.match(folded):
            close()
            annex = None
            blocks.append(Paragraph(text, source, under))
        elif annex is None:
            blocks.append(Paragraph(text, source, under))
        else:
            annex.append(Cell(len(annex), 0, text, source))
    close()
    cut = cut_in_a_character(encoding)
    return Reading(tuple(blocks), encoding.repairs, (cut,) if cut else ())


def _grid(cells: list[Cell], under: tuple[str, ...]) -> Grid:
    return Grid(
        n_rows=len(cells),
        n_cols=1,
        cells=tuple(cells),
        source=cells[0].source | cells[-1].source,
        title=cells[0].text,
        under=under,
    )
