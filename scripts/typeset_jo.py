"""Typesets an annex held as text, one cell a line, in the manner of the Journal officiel.

The figures come from the text and nothing else: the result is a `typeset` rendition, and says so at the foot of each
page. Same text, same bytes. Reading such a file back lives in `pipeline/extract/pdf`.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import WrapMode
from fpdf.fonts import FontFace

COLUMNS = 5
FIRST_HEADER = "Code département"
WIDTHS_MM = (22, 38, 66, 26, 26)
ALIGN = ("CENTER", "LEFT", "LEFT", "CENTER", "RIGHT")
MARGIN_MM = 16
# Of the file, not of the act: a clock would give other bytes at each run.
MADE = datetime(2020, 1, 1, tzinfo=UTC)
# Helvetica is printed in cp1252, where the typographic narrow space has no place.
NARROW_SPACE = str.maketrans({"\u202f": "\u00a0"})


@dataclass(frozen=True)
class Annex:
    titles: tuple[str, ...]
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def parse(text: str) -> Annex:
    """Cuts the lines into titles, header labels and rows of five cells.

    The labels run from `FIRST_HEADER` to the first line that is a département code; lines beyond the fifth label
    continue it, as they were wrapped when printed. Raises ValueError when the lines do not make whole rows.
    """
    lines = [line.strip().translate(NARROW_SPACE) for line in text.splitlines() if line.strip()]
    if FIRST_HEADER not in lines:
        raise ValueError(f"no header: no line is {FIRST_HEADER!r}")
    head = lines.index(FIRST_HEADER)
    body = next((i for i, line in enumerate(lines) if i > head and line[:1].isdigit() and len(line) <= 3), len(lines))
    labels, cells = lines[head:body], lines[body:]
    if len(labels) < COLUMNS or not cells or len(cells) % COLUMNS:
        raise ValueError(f"{len(labels)} header lines and {len(cells)} cells do not make rows of {COLUMNS}")
    headers = (*labels[: COLUMNS - 1], " ".join(labels[COLUMNS - 1 :]))
    rows = tuple(tuple(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS))
    return Annex(tuple(lines[:head]), headers, rows)


class JournalPage(FPDF):
    """A4 with the running head of the Journal officiel and a page number; sizes in millimetres."""

    def __init__(self, date: str, text_number: str) -> None:
        super().__init__(format="A4")
        self.date, self.text_number = date, text_number
        self.core_fonts_encoding = "cp1252"
        self.set_creation_date(MADE)
        self.set_margins(MARGIN_MM, 14, MARGIN_MM)
        self.set_auto_page_break(True, margin=20)

    def header(self) -> None:
        self.set_font("Helvetica", size=7.5)
        self.cell(30, 5, self.date)
        self.set_font("Helvetica", "B", 8)
        self.cell(self.epw - 60, 5, "JOURNAL OFFICIEL DE LA RÉPUBLIQUE FRANÇAISE", align="C")
        self.set_font("Helvetica", size=7.5)
        self.cell(30, 5, self.text_number, align="R")
        self.line(self.l_margin, self.y + 6, self.l_margin + self.epw, self.y + 6)
        self.ln(11)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("Helvetica", "I", 6.5)
        self.cell(self.epw - 10, 5, "Composé à partir des chiffres de l'annexe ; seul le Journal officiel fait foi")
        self.set_font("Helvetica", size=8)
        self.cell(10, 5, str(self.page_no()), align="R")


def typeset(annex: Annex, date: str, text_number: str) -> bytes:
    """The PDF: titles, then one ruled table whose header row is wrapped and repeated on each page."""
    pdf = JournalPage(date, text_number)
    pdf.set_title(annex.titles[0] if annex.titles else "Annexe")
    pdf.set_lang("fr")
    pdf.add_page()
    for i, title in enumerate(annex.titles):
        pdf.set_font("Helvetica", "B" if i == 0 else "", 11 if i == 0 else 9.5)
        pdf.cell(pdf.epw, 7, title, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)
    pdf.set_font("Helvetica", size=8)
    pdf.set_line_width(0.15)
    with pdf.table(
        col_widths=WIDTHS_MM,
        width=sum(WIDTHS_MM),
        text_align=ALIGN,
        headings_style=FontFace(emphasis="BOLD"),
        line_height=4,
        padding=(0.6, 1.2),
        wrapmode=WrapMode.WORD,
    ) as table:
        for row in (annex.headers, *annex.rows):
            table.row(row)
    return bytes(pdf.output())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("annex", type=Path, help="text of the annex, one cell a line")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--date", default="15 juin 2020", help="as printed in the running head")
    parser.add_argument("--text-number", default="Texte 1 sur 1", help="as printed in the running head")
    options = parser.parse_args()
    annex = parse(options.annex.read_text(encoding="utf-8"))
    options.out.write_bytes(typeset(annex, options.date, options.text_number))
    print(f"{options.out}: {len(annex.rows)} rows")


if __name__ == "__main__":
    main()
