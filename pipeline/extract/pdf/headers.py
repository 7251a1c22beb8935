"""Header rows told from data, and title rows told from header rows. Works on rows of texts, whatever the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.extract.pdf.results import PageCell

_NUMERIC = re.compile(r"^[-–−+(]?\s*[€$£]?\s*[0-9][0-9\s.,/:%€$£)*-]*(?:[a-zA-Zµ²³]{0,3})$")
MAX_HEADER_ROWS = 6


def numeric(text: str) -> bool:
    """Whether a cell prints a figure, a code of digits, a date in digits or a dash that stands for one."""
    return bool(_NUMERIC.match(text)) or text in {"-", "–", "—", "n.d.", "NA", "N/A", "ns"}


def header_rows(cells: Sequence[PageCell], n_rows: int, n_cols: int) -> int:
    """How many leading rows are header: all that a spanning label covers, then what looks unlike the rows below."""
    if n_rows < 2:
        return 0
    rows: list[list[PageCell]] = [[] for _ in range(n_rows)]
    for cell in cells:
        rows[cell.row].append(cell)
    body = body_kinds(rows, n_cols)
    deep = 0
    for r in range(min(MAX_HEADER_ROWS, n_rows - 1)):
        printed = [c for c in rows[r] if not c.blank]
        if r >= deep and not _is_header(printed, rows, r, body):
            break
        deep = max(deep, r + 1, *(c.row_end for c in printed if c.col_end - c.col < n_cols), 0)
    return deep if deep < n_rows else 0


def body_kinds(rows: Sequence[Sequence[PageCell]], n_cols: int) -> list[float]:
    """For each column, the share of its printed cells below the first row that are numeric."""
    texts: list[list[tuple[str, ...]]] = [[] for _ in range(n_cols)]
    for row in rows[1:]:
        for cell in row:
            if cell.lines:
                texts[cell.col].append(cell.lines)
    return [_numeric_share(column) if column else 0.0 for column in texts]


def _numeric_share(column: Sequence[tuple[str, ...]]) -> float:
    """The share of texts, given in lines, that are numeric; one that recurs is looked at once."""
    return sum(n for lines, n in Counter(column).items() if numeric(" ".join(lines))) / len(column)


def _is_header(printed: Sequence[PageCell], rows: Sequence[Sequence[PageCell]], r: int, body: Sequence[float]) -> bool:
    if not printed or (r > 0 and len(printed) == 1 and printed[0].col == 0 and printed[0].col_end == 1):
        # A lone label in the first column below the header is the title of a section.
        return False
    figures = [c for c in printed if numeric(" ".join(c.lines)) and not _year(" ".join(c.lines))]
    if any(c.col_end - c.col == 1 and body[c.col] > 0.7 for c in figures) or len(figures) > len(printed) / 2:
        return False
    below = [c for row in rows[r + 1 :] for c in row if c.lines]
    if not below:
        return False
    if all(c.bold for c in printed) and sum(c.bold for c in below) < 0.3 * len(below):
        return True
    if any(body[c.col] > 0.7 for c in printed if c.col_end - c.col == 1):
        return True
    if any(c.col_end - c.col > 1 or c.row_end - c.row > 1 for c in printed) and r == 0:
        return len(printed) > 1
    if r > 0:
        return False
    return _labels(printed, below, len(body))


def _labels(printed: Sequence[PageCell], below: Sequence[PageCell], n_cols: int) -> bool:
    """A first row with one distinct label a column, none of them found again below, without figures."""
    texts = [" ".join(c.lines) for c in printed]
    if len(printed) < max(2, n_cols) or len(set(texts)) < len(texts):
        return False
    return set(texts).isdisjoint(" ".join(c.lines) for c in below)


def _year(text: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)[0-9]{2}", text))


def title_rows(cells: Sequence[PageCell], n_rows: int, n_cols: int) -> int:
    """How many leading rows hold one cell over all columns: a title printed inside the table."""
    n = 0
    while n < n_rows - 1 and n_cols > 1:
        row = [c for c in cells if c.row == n]
        printed = [c for c in row if not c.blank]
        if len(printed) != 1 or printed[0].col != 0 or printed[0].col_end != n_cols or printed[0].row_end != n + 1:
            break
        n += 1
    return n
