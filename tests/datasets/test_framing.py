"""One cell a line: a line too few or too many costs what lies between two certain ends, and shifts nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.datasets.toolkit import frames
from pipeline.documents.model import Rendition
from pipeline.extract.cells import read_cells
from pipeline.extract.model import Cell, Source
from tests.datasets.reading import editions_from, of

HEADER = "ANNEXE\nCode département\nDépartement\nNom de l'EPCI\nSIRET de l'EPCI\nValeur du seuil de ressources\n"
ROWS = [
    ["01", "Ain", "CA du Bassin de Bourg-En-Bresse", "200071751", "8 861 €"],
    ["01", "Ain", "CA du Pays de Gex", "240100750", "10 260 €"],
    ["02", "Aisne", "CA du Pays de Laon", "200043495", "6 108 €"],
    ["03", "Allier", "CA Vichy Communauté", "200071363", "6 488 €"],
]
RENDITION = Rendition("annexe.txt", "extract", "cells", "0" * 64)


def published(rows: list[list[str]]) -> tuple[dict[str, int], list[tuple[str, str]], int]:
    """SIREN → threshold, (rule, raw text) of what is refused, and printed pieces without one fate."""
    text = HEADER + "".join(line + "\n" for row in rows for line in row)
    read = editions_from("JORFTEXT000042056679", [(RENDITION, read_cells(text.encode()))])
    prepared = of(read, "premier_quartile").prepared
    amounts = dict(zip(prepared.frame["siren"], prepared.frame["seuil_euros_par_uc_an"], strict=True))
    return amounts, [(r.rule, r.raw) for r in prepared.refused], read.unbalanced["annexe.txt"]


def changed(row: int, column: int, *texts: str) -> list[list[str]]:
    """The rows with one cell replaced by none, one or several lines."""
    rows = [list(r) for r in ROWS]
    rows[row][column : column + 1] = texts
    return rows


def test_all_is_read_when_all_is_there() -> None:
    amounts, refused, unbalanced = published(ROWS)
    assert amounts == {"200071751": 8861, "240100750": 10260, "200043495": 6108, "200071363": 6488}
    assert (refused, unbalanced) == ([], 0)


@given(st.integers(0, 3), st.integers(0, 2), st.sampled_from([(), ("CA du Pays", "de Gex")]))
def test_a_missing_or_an_extra_line_costs_one_row_only(row: int, column: int, texts: tuple[str, ...]) -> None:
    amounts, refused, unbalanced = published(changed(row, column, *texts))
    assert set(amounts) == {r[3] for i, r in enumerate(ROWS) if i != row}
    assert [rule for rule, _ in refused] == ["ligne_decalee"]
    assert unbalanced == 0


def test_a_missing_amount_costs_the_two_rows_it_stood_between() -> None:
    amounts, refused, _ = published(changed(1, 4))
    assert set(amounts) == {"200071751", "200071363"}
    assert [rule for rule, _ in refused] == ["ligne_decalee"]


def test_a_stray_letter_in_an_amount_costs_its_row() -> None:
    amounts, refused, _ = published(changed(1, 4, "10 26O €"))
    assert "240100750" not in amounts
    assert refused == [("montant_illisible", "01 | Ain | CA du Pays de Gex | 240100750 | 10 26O €")]


def test_a_siren_with_a_wrong_check_digit_costs_its_row() -> None:
    _, refused, _ = published(changed(2, 3, "200043496"))
    assert [rule for rule, _ in refused] == ["siren_cle_fausse"]


def test_a_code_that_contradicts_the_name_costs_its_row() -> None:
    amounts, refused, _ = published(changed(3, 0, "02"))
    assert "200071363" not in amounts
    assert [rule for rule, _ in refused] == ["departement_contradictoire"]


def test_the_same_row_twice_is_published_once_and_said() -> None:
    amounts, refused, _ = published([*ROWS, ROWS[0]])
    assert len(amounts) == 4
    assert [rule for rule, _ in refused] == ["ligne_repetee"]


def test_two_rows_of_one_key_that_differ_are_both_refused() -> None:
    amounts, refused, _ = published([*ROWS, [*ROWS[0][:4], "9 999 €"]])
    assert "200071751" not in amounts
    assert [rule for rule, _ in refused] == ["cle_en_double", "cle_en_double"]


def test_code_and_name_in_one_cell_are_read_and_a_cut_overseas_code_is_completed_from_the_name() -> None:
    overseas = ["97 - -Guadeloupe", "-Guadeloupe", "CA Cap Excellence", "200018653", "6 553 €"]
    rows = [["01 - Ain", *ROWS[0][1:]], overseas]
    text = HEADER + "".join(line + "\n" for row in rows for line in row)
    read = editions_from("JORFTEXT000042056679", [(RENDITION, read_cells(text.encode()))])
    frame = of(read, "premier_quartile").prepared.frame
    assert dict(zip(frame["siren"], frame["code_departement"], strict=True)) == {"200071751": "01", "200018653": "971"}
    assert [f.subject for f in read.findings if f.rule == "code_departement_tronque"] == ["971"]


def test_a_cut_code_with_a_name_that_it_does_not_begin_is_refused() -> None:
    _, refused, _ = published([["97", *ROWS[0][1:]]])
    assert [rule for rule, _ in refused] == ["code_departement_inconnu"]


def framed(*texts: str) -> list[tuple[str, bool]]:
    """The frames of rows of three cells, a code first and euros last: their texts joined, and whether each is a row."""
    cells = [Cell(n, 0, text, Source(line=n + 1)) for n, text in enumerate(texts)]
    found = frames(cells, 3, {0: str.isdigit, 2: lambda text: text.endswith("€")})
    return [(" ".join(cell.text for cell in frame.cells), frame.whole) for frame in found]


def test_two_rows_without_the_amount_between_them_are_told_by_the_codes() -> None:
    assert framed("01", "Ain", "?", "02", "Aisne", "9 €") == [("01 Ain ?", True), ("02 Aisne 9 €", True)]
    assert framed("01", "Ain", "?", "x", "Aisne", "9 €") == [("01 Ain ? x Aisne 9 €", False)]


def test_a_number_of_cells_that_makes_no_whole_rows_is_one_frame() -> None:
    """Though a code stands where each row would begin."""
    assert framed("01", "Ain", "?", "02", "9 €") == [("01 Ain ? 02 9 €", False)]
    assert framed("01", "9 €", "02", "Aisne", "8 €") == [("01 9 €", False), ("02 Aisne 8 €", True)]


def test_what_follows_the_last_amount_is_a_frame_of_its_own() -> None:
    assert framed("01", "Ain", "9 €", "02") == [("01 Ain 9 €", True), ("02", False)]
    assert framed() == []


def test_a_text_that_ends_inside_a_row_gives_no_edition() -> None:
    text = HEADER + "\n".join([*ROWS[0], *ROWS[1][:3]])
    read = editions_from("JORFTEXT000042056679", [(RENDITION, read_cells(text.encode()))])
    assert [(finding.rule, finding.severity) for finding in read.findings] == [("edition_illisible", "error")]
    assert not read.editions
