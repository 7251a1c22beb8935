"""Typesets the document of the tutorial: an arrêté that was never signed, with figures made up, as the Journal officiel
would print it. Same script, same bytes: `python -m scripts.typeset_tutorial` writes docs/tutorial/arrete.pdf.
"""

from __future__ import annotations

from pathlib import Path

from fpdf.fonts import FontFace

from scripts.typeset_jo import JournalPage

TARGET = Path(__file__).resolve().parent.parent / "docs/tutorial/arrete.pdf"
TITLE = "Arrêté du 3 mars 2025 fixant, pour l'année 2025, les loyers maximaux des logements conventionnés (exemple)"
HEADERS = ("Code INSEE", "Commune", "Zone", "Loyer maximal (en euros par m²)", "Nombre de logements")
WIDTHS_MM = (22, 62, 18, 40, 30)
ROWS = (
    ("01053", "Bourg-en-Bresse", "B2", "8,35", "412"),
    ("06088", "Nice", "A", "13,10", "3 204"),
    ("13055", "Marseille", "A", "11,42", "5 871"),
    ("14118", "Caen", "B1", "9,84", "1 036"),
    ("2A004", "Ajaccio", "B1", "9,90", "288"),
    ("2B033", "Bastia", "B1", "9,62", "195"),
    ("31555", "Toulouse", "A", "11,05", "4 410"),
    ("33063", "Bordeaux", "A", "12,48", "3 917"),
    ("34172", "Montpellier", "A", "11,71", "2 655"),
    ("35238", "Rennes", "A", "10,96", "2 318"),
    ("37261", "Tours", "B1", "9,57", "874"),
    ("38185", "Grenoble", "A", "10,88", "1 702"),
    ("44109", "Nantes", "A", "11,33", "3 050"),
    ("59350", "Lille", "A", "11,90", "2 486"),
    ("67482", "Strasbourg", "A", "11,14", "2 127"),
    ("69123", "Lyon", "A", "12,97", "6 133"),
    ("74010", "Annecy", "A", "12,60", "690"),
    ("75056", "Paris", "A bis", "18,25", "9 480"),
    ("76540", "Rouen", "B1", "9,71", "1 115"),
    ("93066", "Saint-Denis", "A bis", "14,02", "1 843"),
    ("97209", "Fort-de-France", "B1", "9,40", "356"),
    ("97411", "Saint-Denis", "B1", "9,95", "521"),
)


class ExamplePage(JournalPage):
    """A page of the Journal officiel that says it is none."""

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("Helvetica", "I", 7)
        self.cell(self.epw, 5, "Document d'exemple : l'acte et ses chiffres sont inventés", align="C")


def typeset() -> bytes:
    """The PDF: notice, title, one article, and the annex."""
    pdf = ExamplePage("5 mars 2025", "Texte 12 sur 34")
    pdf.set_title("Document d'exemple")
    pdf.set_lang("fr")
    pdf.add_page()
    for text, style in (
        (TITLE, "B"),
        ("NOR : XMPL2500001A", ""),
        ("Vu le code de la construction et de l'habitation,", ""),
        ("Art. 1er. - Les loyers maximaux de l'année 2025 sont ceux du tableau annexé.", ""),
    ):
        pdf.set_font("Helvetica", style, 9.5)
        pdf.multi_cell(pdf.epw, 5, text, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(2)
    for text, style in (("ANNEXE", "B"), ("LOYERS MAXIMAUX PAR COMMUNE", "")):
        pdf.set_font("Helvetica", style, 9.5)
        pdf.cell(pdf.epw, 6, text, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
    pdf.set_font("Helvetica", size=8)
    pdf.set_line_width(0.15)
    with pdf.table(
        col_widths=WIDTHS_MM,
        width=sum(WIDTHS_MM),
        text_align=("CENTER", "LEFT", "CENTER", "RIGHT", "RIGHT"),
        headings_style=FontFace(emphasis="BOLD"),
        line_height=4.5,
        padding=(0.6, 1.2),
    ) as table:
        for row in (HEADERS, *ROWS):
            table.row(row)
    return bytes(pdf.output())


if __name__ == "__main__":
    TARGET.write_bytes(typeset())
    print(f"{TARGET}: {len(ROWS)} rows")
