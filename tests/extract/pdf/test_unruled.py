"""Tables without enclosing rules: found, cut into columns and rows, and told from what only looks like one."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.layout import regions
from pipeline.extract.pdf.unruled.tables import tables_in
from tests.extract.pdf.printed import table_words, texts, words

NO_RULES: Floats = np.zeros((0, 3))
XS = [50.0, 200.0, 300.0]
ROWS = [["Nom", "2019", "2020"], ["Ain", "861", "902"], ["Aisne", "661", "715"], ["Allier", "719", "648"]]


def rules(*levels: tuple[float, float, float]) -> Floats:
    return np.array(levels, np.float64).reshape(-1, 3)


def tables(printed: list[tuple[float, float, str]], h_rules: Floats = NO_RULES) -> list[list[list[str]]]:
    return [texts(table) for table, _ in tables_in(words(*printed), h_rules)]


def placed(
    rows: list[list[str]], top: float = 100.0, pitch: float = 14.0, xs: list[float] = XS
) -> list[tuple[float, float, str]]:
    return [(x, top + r * pitch, t) for r, row in enumerate(rows) for x, t in zip(xs, row, strict=True) if t]


def prose(top: float, x: float = 50, lines: int = 6, length: int = 9) -> list[tuple[float, float, str]]:
    return [(x, top + 12 * i, " ".join(["mot"] * length) + "s" * i) for i in range(lines)]


def test_aligned_text_without_any_rule_is_a_table() -> None:
    assert tables(placed(ROWS)) == [ROWS]


def test_prose_above_and_below_is_left_out() -> None:
    found = tables_in(words(*prose(20), *placed(ROWS), *prose(170)), NO_RULES)
    assert [texts(table) for table, _ in found] == [ROWS]
    assert len(found[0][1]) == 12


def test_three_rules_frame_header_and_body() -> None:
    ruled = rules((96, 48, 330), (112, 48, 330), (155, 48, 330))
    assert tables(placed(ROWS), ruled) == [ROWS]


def test_a_rule_under_each_row_keeps_wrapped_cells_in_one() -> None:
    printed = [
        *placed(ROWS[:1]),
        *placed([["CA du Bassin", "861", "902"], ["de Bourg", "", ""], ["Aisne", "1", "2"]], 117, 12),
    ]
    printed += placed([["Ardennes", "3", "4"]], 158)
    ruled = rules((96, 48, 330), (113, 48, 330), (140, 48, 330), (155, 48, 330), (172, 48, 330))
    assert tables(printed, ruled) == [
        [ROWS[0], ["CA du Bassin de Bourg", "861", "902"], ["Aisne", "1", "2"], ["Ardennes", "3", "4"]]
    ]


def test_lines_closer_than_rows_are_one_cell() -> None:
    printed = placed([["Nom", "Code", "Seuil"]])
    for i, name in enumerate(("Bourg en", "Chalon sur", "Vitry le")):
        printed += placed([[name, f"0{i}", f"{i}61"], ["Bresse", "", ""]], 120 + 30 * i, 11)
    (found,) = tables(printed)
    assert [row[0] for row in found] == ["Nom", "Bourg en Bresse", "Chalon sur Bresse", "Vitry le Bresse"]


def test_cells_centred_beside_a_wrapped_one_are_its_row() -> None:
    printed = placed([["Nom", "Code", "Seuil"]])
    for i in range(3):
        top = 120 + 30 * i
        printed += [
            (50, top, "Bourg en"),
            (50, top + 11, "Bresse"),
            (200, top + 5.5, f"0{i}"),
            (300, top + 5.5, f"{i}61"),
        ]
    (found,) = tables(printed)
    assert found[1:] == [["Bourg en Bresse", f"0{i}", f"{i}61"] for i in range(3)]


def test_a_label_over_two_columns_spans_them() -> None:
    printed = [(248, 86, "Ressources"), *placed(ROWS)]
    (found,) = tables(printed)
    assert found[0] == ["", "Ressources", "^"]


def test_a_rule_under_a_label_tells_how_far_it_spans() -> None:
    printed = [(205, 84, "Prix"), *placed(ROWS)]
    ruled = rules((80, 48, 330), (97, 198, 325), (112, 48, 330), (155, 48, 330))
    (found,) = tables(printed, ruled)
    assert found[:2] == [["", "Prix", "^"], ["Nom", "2019", "2020"]]


def test_a_label_beside_a_label_that_spans_is_that_of_the_row_below_too() -> None:
    printed = [(50, 84, "Nom"), (205, 84, "Prix"), *placed([["", "2019", "2020"], *ROWS[1:]])]
    ruled = rules((80, 48, 330), (97, 198, 325), (112, 48, 330), (155, 48, 330))
    (found,) = tables(printed, ruled)
    assert found[:2] == [["Nom", "Prix", "^"], ["^", "2019", "2020"]]


def test_blank_cells_stay_blank() -> None:
    holes = [ROWS[0], ["Ain", "", "902"], ["Aisne", "661", ""], ["Allier", "719", "648"]]
    assert tables(placed(holes)) == [holes]


def test_figures_aligned_right_are_one_column() -> None:
    values = ["7", "861", "12902", "1234567"]
    printed = [(50.0, 100 + 14.0 * i, "Ain Aisne"[:3]) for i in range(4)]
    printed += [(300 - 5.0 * len(v), 100 + 14.0 * i, v) for i, v in enumerate(values)]
    printed += [(400 - 5.0 * len(v), 100 + 14.0 * i, v) for i, v in enumerate(reversed(values))]
    assert [row[1:] for row in tables(printed)[0]] == [
        list(pair) for pair in zip(values, reversed(values), strict=True)
    ]


def test_groups_of_thousands_stay_together() -> None:
    printed = placed(
        [["Nom", "Brut", "Net"], ["Ain", "8 861", "1 234 567"], ["Aisne", "6 661", "7 061"], ["Gex", "1", "2"]]
    )
    assert tables(printed)[0][1] == ["Ain", "8 861", "1 234 567"]


@pytest.mark.parametrize("mark", ["•", "–", "1.", "a)", "\uf0b7"])
def test_a_list_is_no_table(mark: str) -> None:
    printed = [(50.0, 100 + 14.0 * i, mark) for i in range(6)]
    printed += [(80.0, 100 + 14.0 * i, "une chose de plus à faire") for i in range(6)]
    assert tables(printed) == []


def test_a_table_of_contents_is_no_table() -> None:
    printed = [(50.0, 100 + 14.0 * i, f"Titre {i} ......................") for i in range(6)]
    assert tables(printed + [(400.0, 100 + 14.0 * i, str(i)) for i in range(6)]) == []


def test_prose_in_two_columns_is_no_table_and_is_read_down_each() -> None:
    printed = [*prose(100, 50, 12), *prose(100, 310, 12)]
    assert tables(printed) == []
    left, right = regions(words(*printed), NO_RULES)
    assert {strip.x0 for strip in left} == {50.0}
    assert {strip.x0 for strip in right} == {310.0}


def test_a_table_in_one_of_two_columns_of_prose_is_found() -> None:
    narrow = [50.0, 130.0, 190.0]
    printed = [*prose(100, 50, 6), *placed(ROWS, 200, xs=narrow), *prose(290, 50, 8), *prose(100, 310, 24)]
    assert tables(printed) == [ROWS]


def test_dots_that_lead_to_several_figures_are_in_a_table() -> None:
    rows = [[f"{name} ................", "861", "902"] for name in ("Ventes", "Achats", "Marges", "Impôts")]
    assert tables(placed(rows)) == [rows]


def test_a_caption_is_no_header_and_a_note_no_row() -> None:
    printed = [(120.0, 86.0, "Tableau 4. Moyennes"), *placed(ROWS), (50.0, 157.0, "Source : Insee.")]
    assert tables(printed) == [ROWS]


def test_a_signature_is_no_table() -> None:
    printed = [(50, 100, "Fait à Paris"), (350, 100, "Le ministre"), (50, 114, "le 3 juin"), (350, 114, "Jean Dupont")]
    assert tables(printed) == []


def test_prose_between_two_rules_is_no_table() -> None:
    assert tables(prose(100), rules((95, 48, 300), (175, 48, 300))) == []


def test_words_are_conserved() -> None:
    inside = table_words(ROWS, XS)
    ((table, ids),) = tables_in(inside, NO_RULES)
    assert ids == {id(word) for word in inside}
    printed = " ".join(text for row in texts(table) for text in row if text)
    assert sorted(printed.split()) == sorted(word.text for word in inside)
