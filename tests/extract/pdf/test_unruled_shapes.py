"""Shapes of tables without rules that reports are full of: wrapped labels, titles inside, texts, small print."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.layout import regions
from pipeline.extract.pdf.unruled.tables import tables_in
from pipeline.extract.pdf.words import Word, lines_of, words_of
from tests.extract.pdf.printed import chars, texts, words

NO_RULES: Floats = np.zeros((0, 3))
Printed = list[tuple[float, float, str]]


def tables(printed: Printed, h_rules: Floats = NO_RULES) -> list[list[list[str]]]:
    return [texts(table) for table, _ in tables_in(words(*printed), h_rules)]


def placed(rows: list[list[str]], xs: list[float], top: float = 100.0, pitch: float = 12.0) -> Printed:
    return [(x, top + r * pitch, t) for r, row in enumerate(rows) for x, t in zip(xs, row, strict=True) if t]


def test_labels_of_many_lines_stay_with_the_figures_beside_their_first() -> None:
    question = [
        "Avez-vous demandé un logement social dans la commune où",
        "vous travaillez ou dans une commune voisine",
        "",
    ]
    lines = [[text, "38,6" if i == 0 else "", "25,9" if i == 0 else ""] for i, text in enumerate(question[:2])]
    (found,) = tables(placed([["", "Oui", "Non"], *lines, *lines, *lines], [50, 400, 460]))
    assert found == [["", "Oui", "Non"], *[[" ".join(question).strip(), "38,6", "25,9"]] * 3]


def test_codes_under_a_label_are_a_column_and_no_marks_of_a_list() -> None:
    rows = [["Code", "Nature"], *[[f"6{i}.1", "Aides au logement des personnes âgées"] for i in range(5)]]
    assert tables(placed(rows, [50, 120])) == [rows]


def test_the_numbers_of_a_listing_are_no_column() -> None:
    rows = [[str(587 + i), "une ligne de programme"] for i in range(8)]
    assert tables(placed(rows, [50, 120])) == []


def test_a_text_that_fills_its_column_is_cut_where_the_others_begin() -> None:
    rows = [["1", "Part", "Non"], ["2", "Surface", "Oui"], ["3", "Zone", "Non"], ["4", "Aide", "Oui"]]
    full = ["5", "Exercice zone effectif horaire", "Non"]
    assert tables(placed([*rows, full, *rows], [50, 70, 223])) == [[*rows, full, *rows]]


def test_groups_of_thousands_under_one_another_are_no_columns() -> None:
    rows = [["Ain", "1 069", "412"], ["Aude", "7 312", "527"], ["Gers", "4 173", "362"], ["Lot", "8 068", "381"]]
    assert tables(placed(rows, [50, 200, 300])) == [rows]


def test_long_figures_a_space_apart_are_two_cells() -> None:
    rows = [["Part", "290849", "119095"], ["Zone", "138229", "714821"], ["Aide", "636754", "721622"]]
    assert tables(placed(rows, [50, 200, 233])) == [rows]


def test_a_title_centred_over_the_table_is_a_row_that_spans_it() -> None:
    body = [["Ain", "861", "902"], ["Aisne", "661", "715"]]
    printed = placed([["Nom", "2019", "2020"], *body], [50, 200, 300])
    printed += [(165, 136, "Littoral"), *placed(body, [50, 200, 300], 148)]
    (found,) = tables(printed)
    assert found[3] == ["Littoral", "^", "^"]
    assert found[4:] == body


def test_a_label_centred_beside_two_records_does_not_join_them() -> None:
    printed = placed([["", "Nature", "2019"], *[["", f"Part {i}", f"{i}61"] for i in range(4)]], [50, 200, 300])
    (found,) = tables([*printed, (50, 118, "Neuf"), (50, 142, "Ancien")])
    assert [row[2] for row in found] == ["2019", "061", "161", "261", "361"]


def test_dots_that_lead_to_one_column_of_measures_are_in_a_table() -> None:
    rows = [[f"{name} ................", value] for name, value in (("Part", "3.2"), ("Zone", "92.0"), ("Aide", "5.7"))]
    assert tables(placed([*rows, *rows], [50, 400])) == [[*rows, *rows]]


def test_a_caption_parts_what_stands_above_it_from_its_table() -> None:
    rows = [["Nom", "2019"], ["Ain", "861"], ["Aisne", "661"], ["Allier", "719"], ["Ardèche", "648"]]
    printed = [(50, 76, "Service des aides"), (200, 76, "74"), (50, 88, "Tableau 3 Ressources")]
    assert tables([*printed, *placed(rows, [50, 200])]) == [rows]


def test_a_table_of_texts_is_not_a_page_in_two_columns() -> None:
    line = "une colonne de texte qui court"
    rows = [[(60, y + 12 * i) for i in range(n)] for y, n in ((100, 3), (148, 4), (208, 3), (256, 2), (292, 3))]
    left = [(60.0, y, line) for row in rows for _, y in row]
    right = [(300.0, y, line) for row in rows for _, y in row[:2]]
    (found,) = tables([*left, *right])
    assert [len(row) for row in found] == [2] * 5
    assert found[0] == [" ".join([line] * 3), " ".join([line] * 2)]


def test_a_table_beside_prose_is_read_in_its_own_column_of_the_page() -> None:
    prose = [(50.0, 100 + 12.0 * i, "une colonne de prose qui court sur la page") for i in range(30)]
    more = [(310.0, 304 + 12.0 * i, "une colonne de prose qui court sur la page") for i in range(13)]
    rows = [["Nom", "2019", "2020"], *[[f"Zone {i}", f"{i}61", f"{i}15"] for i in range(14)]]
    assert tables([*prose, *placed(rows, [310, 420, 480], 103.0, 13.0), *more]) == [rows]


def test_a_rule_under_several_labels_is_not_that_of_one() -> None:
    rows = [["", "Part", "Zone"], ["Ain", "861", "902"], ["Aisne", "661", "715"], ["Allier", "719", "648"]]
    ruled = np.array([(96.0, 48.0, 330.0), (111.5, 195.0, 330.0), (150.0, 48.0, 330.0)])
    assert tables(placed(rows, [50, 200, 300]), ruled) == [rows]


def test_lines_of_small_print_beside_large_are_lines_of_their_own() -> None:
    large = words_of(chars((50, 100, "Enquête sur le logement"), size=16))
    small = words_of(chars((300, 99, "Part"), (300, 108, "Zone"), size=6))
    both = [*large, *(word._replace(run=word.run + 9) for word in small)]
    assert [line.text for line in lines_of(both)] == ["Part", "Enquête sur le logement", "Zone"]


def test_pages_in_columns_are_still_read_down_each() -> None:
    printed = [
        (x, 100 + 12.0 * i, "une colonne de prose qui court sur la page") for x in (50.0, 310.0) for i in range(14)
    ]
    left, right = regions(words(*printed), NO_RULES)
    assert len(left) == len(right) == 14


def test_a_running_head_in_larger_print_is_no_row() -> None:
    rows = [["Aide", "x", "", "x"], ["Part", "", "x", "x"], ["Zone", "x", "x", ""], ["Prix", "x", "", "x"]]
    small = chars(*placed(rows, [50, 120, 160, 200], top=70.0), size=8)
    head = chars((50, 50, "Rapport annuel sur le logement"), (500, 50, "20"), size=12)
    ((found, _),) = tables_in([*words_of(head), *words_of(small)], NO_RULES)
    assert texts(found) == rows


def test_a_space_as_wide_as_a_letter_parts_no_columns() -> None:
    listing = ["make install prefix here", "copy these three files", "then start over again", "with none left behind"]
    found = monospaced([(50, 100 + 12 * i, text) for i, text in enumerate(listing)])
    assert tables_in(found, NO_RULES) == []


def test_two_spaces_of_a_monospaced_font_part_columns() -> None:
    rows = [["name of host", "state"], ["north gate", "works"], ["south gate", "fails"], ["other gate", "works"]]
    lines = [f"{label:14}{state}" for label, state in rows]
    ((found, _),) = tables_in(monospaced([(50, 100 + 12 * i, text) for i, text in enumerate(lines)]), NO_RULES)
    assert texts(found) == rows


def monospaced(printed: Printed) -> list[Word]:
    """Words whose letters, and the spaces between them, are 0.6 of the size wide."""
    letters = chars(*printed)
    return words_of(replace(letters, box=letters.box * [1.2, 1, 1.2, 1]))
