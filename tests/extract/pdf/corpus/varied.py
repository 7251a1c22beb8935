"""Tables drawn by lot: any number of columns, kinds of values, headers, gaps and rules, between lines of prose.

They keep a reader from fitting the one table of `tables`. Same seed, same file.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.extract.pdf.corpus.layout import PAD, Align, Box, Rules, Setting, draw, wrap
from tests.extract.pdf.corpus.paper import Page, width_of, write
from tests.extract.pdf.corpus.tables import Place, Row, Sheet, Truth

WORDS = tuple(
    """revenu logement commune surface nature compte exercice charges produits réserve dotation provision net brut
    total part annuel moyen indice région service agent public habitat aide prêt neuf ancien locatif social zone
    plafond""".split()  # noqa: SIM905 - one word after the other reads better
)
PROSE_WIDTH = 480.0


@dataclass(frozen=True)
class Kind:
    """A column: how its values are made, and where they stand."""

    value: Callable[[random.Random], str]
    align: Align


def words(low: int, high: int) -> Callable[[random.Random], str]:
    return lambda lot: " ".join(lot.sample(WORDS, lot.randint(low, high))).capitalize()


def amount(lot: random.Random) -> str:
    return f"{lot.randint(1, 9_999_999):,}".replace(",", " ")


KINDS = (
    Kind(words(1, 2), "left"),
    Kind(words(2, 6), "left"),
    Kind(amount, "right"),
    Kind(lambda lot: f"{lot.uniform(0, 100):.1f} %".replace(".", ","), "right"),
    Kind(lambda lot: f"({lot.randint(1, 999)})" if lot.random() < 0.3 else str(lot.randint(1, 9_999)), "right"),
    Kind(lambda lot: f"{lot.randint(1, 28):02}/{lot.randint(1, 12):02}/{lot.randint(1990, 2026)}", "centre"),
    Kind(lambda lot: f"{lot.randint(1, 95):02}", "centre"),
    Kind(lambda lot: lot.choice(("oui", "non", "s.o.")), "centre"),
)


def make(seed: int, rules: Rules) -> Sheet:
    """One page with prose, one table and prose again."""
    lot = random.Random(seed)
    size = lot.choice((7.0, 8.0, 9.0, 10.0))
    kinds = [KINDS[lot.randrange(2)], *(lot.choice(KINDS) for _ in range(lot.randint(1, 6)))]
    body = [[kind.value(lot) for kind in kinds] for _ in range(lot.randint(4, 22))]
    sections = lot.random() < 0.3
    for row in body:
        blank = 1.0 if sections and lot.random() < 0.15 else 0.06
        for c in range(1, len(kinds)):
            if lot.random() < blank:
                row[c] = ""
    header = [words(1, 2)(lot) for _ in kinds]
    # Rows as close as lines are told apart by nothing when their texts wrap.
    pad = lot.choice((0.8, 1.5, 3.0))
    longest = 150.0 if pad == 3.0 or rules in ("lines", "rectangles", "inner", "horizontal") else PROSE_WIDTH
    columns = [[header[c], *(row[c] for row in body)] for c in range(len(kinds))]
    widths = tuple(
        min(max(width_of(text, size, "F2") for text in texts), longest) + 2 * PAD + lot.choice((1.0, 5.0, 12.0, 24.0))
        for texts in columns
    )
    # What does not fit beside the others is left out.
    count = next((n for n in range(len(widths), 2, -1) if sum(widths[:n]) <= PROSE_WIDTH), 2)
    align = tuple(kind.align for kind in kinds[:count])
    setting = Setting(rules, widths[:count], align, size, pad, lot.random() < 0.5)
    return _sheet(lot, tuple(header[:count]), [tuple(row[:count]) for row in body], setting)


def _sheet(lot: random.Random, header: Row, rows: list[Row], setting: Setting) -> Sheet:
    boxes, top, spans = _header(lot, header, setting)
    truth = _header_texts(boxes, top, len(header))
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            boxes.append(Box(top + r, c, wrap(text, setting.widths[c], setting.size)))
    page = Page()
    narrow = sum(setting.widths) < 240 and lot.random() < 0.7
    room = 240.0 if narrow else PROSE_WIDTH
    y = _prose(lot, page, (45, 60), room, lot.randint(1, 6))
    left = 45.0 if narrow else lot.choice((45.0, (page.width - sum(setting.widths)) / 2))
    _, ys = draw(page, boxes, top, top + len(rows), (left, y + 14), setting)
    _prose(lot, page, (45, ys[-1] + 24), room, lot.randint(0, 5))
    if narrow:
        # A page in two columns, the second of them prose.
        _prose(lot, page, (315, 60), room, 45)
    return Sheet(write([page]), Truth((*truth, *rows), top, spans), 1)


def _header(lot: random.Random, labels: Row, setting: Setting) -> tuple[list[Box], int, dict[Place, tuple[int, int]]]:
    """One row of labels, or for some tables of four columns and more a group over the last two."""
    grouped = len(labels) > 3 and lot.random() < 0.4
    top = 2 if grouped else 1
    boxes = []
    for c, label in enumerate(labels):
        lines = wrap(label, setting.widths[c], setting.size, "F2")
        under_group = grouped and c >= len(labels) - 2
        boxes.append(Box(1 if under_group else 0, c, lines, 1 if under_group else top, bold=True))
    if grouped:
        boxes.append(Box(0, len(labels) - 2, (lot.choice(WORDS).capitalize(),), 1, 2, bold=True))
    spans = {(b.row, b.col): (b.row_span, b.col_span) for b in boxes if (b.row_span, b.col_span) != (1, 1)}
    return boxes, top, spans


def _header_texts(boxes: list[Box], top: int, count: int) -> list[Row]:
    texts = [[""] * count for _ in range(top)]
    for box in boxes:
        for r in range(box.row, box.row + box.row_span):
            for c in range(box.col, box.col + box.col_span):
                texts[r][c] = " ".join(box.lines)
    return [tuple(row) for row in texts]


def _prose(lot: random.Random, page: Page, corner: tuple[float, float], width: float, lines: int) -> float:
    """Draws so many full lines and a last shorter one; returns where they end."""
    x, y = corner
    for n in range(lines):
        text = " ".join(lot.choices(WORDS, k=40))
        while width_of(text, 9) > (width if n < lines - 1 else width / 2):
            text = text.rsplit(" ", 1)[0]
        page.text(x, y + 12 * n, text.capitalize() + ("." if n == lines - 1 else ""), 9)
    return y + 12 * lines
