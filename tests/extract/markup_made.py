"""Tables drawn by hypothesis and written as HTML with any choice of tags left open: the truth a reading must find."""

from __future__ import annotations

import html
from dataclasses import dataclass

from hypothesis import strategies as st

# Words as cells print them: no white space at the ends or doubled, none of it special, nothing that decodes.
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "Nd", "P", "S")), max_size=8).filter(
    lambda text: html.unescape(text) == text
)


@dataclass(frozen=True)
class Truth:
    """Texts in reading order with their place and spans: (row, col, row_span, col_span, text)."""

    n_rows: int
    n_cols: int
    cells: list[tuple[int, int, int, int, str]]
    markup: str


@st.composite
def tables(draw: st.DrawFn) -> Truth:
    """A full rectangle cut in spanning cells; at least two cells begin in each row, none spans past the edges."""
    n_rows, n_cols = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    taken: set[tuple[int, int]] = set()
    cells: list[tuple[int, int, int, int, str]] = []
    lines: list[str] = []
    for r in range(n_rows):
        line = "<tr>"
        for c in range(n_cols):
            if (r, c) in taken:
                continue
            rows, cols = _span(draw, taken, r, c, n_rows, n_cols)
            taken |= {(i, j) for i in range(r, r + rows) for j in range(c, c + cols)}
            text = draw(WORDS)
            cells.append((r, c, rows, cols, text))
            spans = (f" rowspan={rows}" if rows > 1 else "") + (f" colspan='{cols}'" if cols > 1 else "")
            line += f"<{draw(st.sampled_from(['td', 'TD', 'td']))}{spans}>{html.escape(text)}"
            line += draw(st.sampled_from(["</td>", "", "\n"]))
        lines.append(line + draw(st.sampled_from(["</tr>", "", "\n"])))
    end = draw(st.sampled_from(["</table>", ""]))
    return Truth(n_rows, n_cols, cells, "<table>" + "".join(lines) + end)


def _span(draw: st.DrawFn, taken: set[tuple[int, int]], r: int, c: int, n_rows: int, n_cols: int) -> tuple[int, int]:
    """Spans that fit: inside the table, over free places, and never a whole row or column to one cell."""
    cols = draw(st.integers(1, 2)) if c + 1 < n_cols and n_cols > 2 and (r, c + 1) not in taken else 1
    rows = draw(st.integers(1, 2)) if r + 1 < n_rows and c == 0 and cols == 1 else 1
    return rows, cols
