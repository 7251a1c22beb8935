"""The typeset annex says what its text says, and the shipped PDF is the one that the shipped text makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract.pdf.worker import read_pdf
from scripts.typeset_jo import Annex, parse, typeset

FOLDER = Path(__file__).parents[2] / "raw" / "JORFTEXT000042056679"
LINES = ["ANNEXE", "Code département", "Département", "Nom", "SIRET", "Valeur du seuil", "de ressources"]
ROW = ["01", "Ain", "CC Bugey Sud", "200040350", "8 788 €"]


def test_labels_beyond_the_fifth_continue_it() -> None:
    annex = parse("\n".join([*LINES, *ROW]))
    assert annex == Annex(
        titles=("ANNEXE",),
        headers=("Code département", "Département", "Nom", "SIRET", "Valeur du seuil de ressources"),
        rows=(tuple(ROW),),
    )


@pytest.mark.parametrize("lines", [[], ["ANNEXE", *ROW], LINES, [*LINES, *ROW[:4]], [*LINES[:4], *ROW]])
def test_lines_that_do_not_make_whole_rows_are_refused(lines: list[str]) -> None:
    with pytest.raises(ValueError, match="header"):
        parse("\n".join(lines))


def test_same_text_same_bytes() -> None:
    annex = parse("\n".join([*LINES, *ROW]))
    assert typeset(annex, "15 juin 2020", "Texte 1 sur 1") == typeset(annex, "15 juin 2020", "Texte 1 sur 1")


def test_the_shipped_pdf_prints_the_shipped_text() -> None:
    annex = parse((FOLDER / "annexe.txt").read_text(encoding="utf-8"))
    (grid,) = read_pdf(FOLDER / "annexe.pdf").grids
    printed = [tuple(cell.text.replace("\u00a0", " ") if cell else "" for cell in row) for row in grid.rows()]
    assert grid.headers == annex.headers
    assert printed[grid.header_rows :] == list(annex.rows)
    assert len(annex.rows) == 455
