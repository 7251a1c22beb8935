"""Documents of lots set by pdfLaTeX, with booktabs and colortbl. Charts and letterheads are left to other producers."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which
from textwrap import wrap

from benchmarks.pdf.producers.content import Cell
from benchmarks.pdf.producers.document import Block, Contents, Document, Index, Letterhead, Prose, Set

_ESCAPED = str.maketrans({"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "–": "--"})
_HEAD = r"""\documentclass[10pt,a4paper]{article}
\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\usepackage[margin=20mm]{geometry}
\usepackage{booktabs,colortbl,xcolor,multicol,array,lmodern}
\setlength{\parindent}{0pt}
"""


# Letters of a line of a column's label.
LABEL = 12


def program() -> str | None:
    return which("pdflatex")


def write(document: Document, path: Path) -> None:
    """Raises CalledProcessError when TeX fails."""
    family = "" if document.serif else r"\renewcommand{\familydefault}{\sfdefault}"
    body = "\n\n".join(_block(block) for block in document.blocks)
    source = path.with_suffix(".tex")
    source.write_text(f"{_HEAD}{family}\\begin{{document}}\n{body}\n\\end{{document}}\n", encoding="utf-8")
    command = [program() or "pdflatex", "-interaction=batchmode", "-output-directory", str(path.parent), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def _block(block: Block) -> str:
    match block:
        case Prose(text, heading):
            return rf"\section*{{{_text(text)}}}" if heading else _text(text)
        case Set():
            return _set(block)
        case Contents(lines):
            return "\n\n".join(rf"\makebox[3em][l]{{{n}}}{_text(title)}\dotfill {page}" for n, title, page in lines)
        case Index(lines):
            return r"\begin{multicols}{2}" + "\n\n".join(map(_text, lines)) + r"\end{multicols}"
        case Letterhead(left, right):
            a, b = (r"\\".join(map(_text, side)) for side in (left, right))
            return rf"\parbox[t]{{.6\textwidth}}{{{a}}}\parbox[t]{{.4\textwidth}}{{{b}}}"
        case _:
            return ""


def _text(text: str) -> str:
    return text.translate(_ESCAPED)


def _set(made: Set) -> str:
    rules, shade = made.style.rules, made.style.shade
    bar = "|" if rules in ("grid", "columns") else ""
    outer = "|" if rules == "outer" else bar
    keys = [_key(cell, made, k) for k, cell in enumerate(made.table.rows[-1]) if cell]
    full = {"grid": r"\hline", "rows": r"\hline"}.get(rules, "")
    lines = [{"three": r"\toprule", "groups": r"\toprule", "outer": r"\hline"}.get(rules, full)]
    for r, row in enumerate(made.table.rows):
        header = r < made.table.header
        colour = r"\rowcolor[gray]{.85}" if header and shade in ("header", "cells", "lines") else ""
        if not header and (shade == "cells" or (shade in ("zebra", "lines") and (r - made.table.header) % 2)):
            colour = r"\rowcolor[gray]{.93}"
        ends = {"three": r"\midrule", "groups": r"\midrule", "header": r"\hline", "outer": r"\hline"}.get(rules, full)
        after = ends if r == made.table.header - 1 else full
        if rules == "groups" and r < made.table.header - 1:
            after = "".join(
                rf"\cmidrule(lr){{{c + 1}-{c + cell.col_span}}}"
                for c, cell in enumerate(row)
                if cell and cell.col_span > 1
            )
        lines.append(
            colour + " & ".join(_cell(c, header, header and made.style.bold, bar) for c in row if c) + r"\\" + after
        )
    lines.append({"three": r"\bottomrule", "groups": r"\bottomrule", "outer": r"\hline"}.get(rules, ""))
    size = {7: r"\scriptsize", 8: r"\footnotesize"}.get(int(made.style.size), r"\small")
    spec = outer + bar.join(keys) + outer
    tabular = (
        rf"\setlength{{\tabcolsep}}{{{made.style.padding}pt}}\begin{{tabular}}{{{spec}}}"
        + "\n".join(lines)
        + r"\end{tabular}"
    )
    caption, note = (f"{_text(t)}\n\n" if t else "" for t in (made.caption, made.note))
    return (
        rf"\begin{{minipage}}{{\textwidth}}\medskip {caption}{{{size}{tabular}}}"
        "\n\n" + note + r"\medskip\end{minipage}"
    )


def _key(cell: Cell, made: Set, column: int) -> str:
    if not cell.figure and (column == 0 or made.table.texts):
        width = 0.9 / sum(not c.figure for c in made.table.rows[-1] if c) if made.table.texts else 0.32
        return rf">{{\raggedright\arraybackslash}}p{{{width:.2f}\textwidth}}"
    return {"right": "r", "center": "c"}[made.style.figures] if cell.figure else "l"


def _cell(cell: Cell, header: bool, bold: bool, bar: str) -> str:
    text = rf"\hspace{{{cell.indent}em}}{_text(cell.text)}" if cell.indent else _text(cell.text)
    if header and cell.figure and cell.col_span == 1:
        text = r"\begin{tabular}[t]{@{}c@{}}" + r"\\".join(wrap(text, LABEL)) + r"\end{tabular}" if text else text
    text = rf"\textbf{{{text}}}" if bold and text else text
    return rf"\multicolumn{{{cell.col_span}}}{{c{bar}}}{{{text}}}" if cell.col_span > 1 else text
