"""Characters into words and lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.extract.pdf.chars import Chars, without_overprint
from pipeline.extract.pdf.words import faced, line_text, lines_of, text_lines, words_of
from tests.extract.pdf.printed import chars, words


def printed(*texts: tuple[float, float, str]) -> list[str]:
    return [word.text for word in words(*texts)]


def test_a_space_glyph_parts_words() -> None:
    assert printed((0, 0, "Bourg en Bresse")) == ["Bourg", "en", "Bresse"]


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009", "\t"])
def test_spaces_of_any_width_part_words(space: str) -> None:
    assert printed((0, 0, f"8{space}861")) == ["8", "861"]


def test_without_space_glyphs_a_gap_of_a_sixth_of_the_size_parts_words() -> None:
    assert printed((0, 0, "Ain"), (15 + 1.6, 0, "Aisne")) == ["Ain", "Aisne"]
    assert line_text(words((0, 0, "Ai"), (10 + 1.4, 0, "n"))) == "Ain"


def test_one_operator_a_letter_makes_one_word() -> None:
    assert printed(*[(5.0 * i, 0, letter) for i, letter in enumerate("Ardennes")]) == ["Ardennes"]


def test_two_operators_that_touch_are_two_pieces_of_one_text() -> None:
    pieces = words((0, 0, "valo"), (20, 0, "risation"))
    assert [(w.text, w.glued) for w in pieces] == [("valo", False), ("risation", True)]
    assert line_text(pieces) == "valorisation"


def test_a_superscript_stays_on_its_line() -> None:
    body, raised = chars((0, 10, "537 m")), chars((25, 8, "3"), size=5)
    both = [*words_of(body), *(w._replace(run=9) for w in words_of(raised))]
    assert [line.text for line in lines_of(both)] == ["537 m3"]


def test_ligatures_are_read_as_letters() -> None:
    assert printed((0, 0, "ﬁnancière")) == ["financière"]


def test_fake_bold_is_printed_once() -> None:
    twice = chars((0, 0, "Ain"), (0.3, 0, "Ain"))
    assert without_overprint(twice).text == "Ain"


def test_double_letters_are_no_overprint() -> None:
    assert without_overprint(chars((0, 0, "Ville ii"))).text == "Ville ii"


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_turned_text_is_read_in_its_own_direction(turn: int) -> None:
    upright = chars((100, 50, "Nom de la commune"))
    back = (4 - turn) % 4
    box = upright.box
    turned: Chars = replace(
        upright,
        box=np.column_stack(faced((box[:, 0], box[:, 1], box[:, 2], box[:, 3]), back)),
        turn=np.full(len(upright), turn),
    )
    assert [line.text for line in text_lines(words_of(turned))] == ["Nom de la commune"]
