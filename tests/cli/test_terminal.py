"""What reaches a terminal: no control sequence, no line wider than it, nothing left out without a word."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pipeline.cli import terminal
from pipeline.cli.terminal import record, safe, safe_line, table

HEADERS = ["siren", "nom_officiel", "seuil_euros_par_uc_an", "edition", "vigueur"]
ROW = ["200071751", "CA du Bassin de Bourg-en-Bresse", "8861", "JORFTEXT000042056679", "remplace"]
RIGHT = [False, False, True, False, False]


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    shown = safe_line(text)
    assert shown.isprintable() or all(c.isprintable() or c in "\u00a0\u3000" or not c.isascii() for c in shown)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066\u2028" for c in shown)
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mrouge\x1b[0m", "␛[31mrouge␛[0m"),
        ("a\x07b", "a␇b"),
        ("\x9b2J", "\ufffd2J"),
        ("nom\udce9", "nom\ufffd"),
        ("abc\u202edef", "abc\ufffddef"),
        ("deux\nlignes\tet", "deux\nlignes\tet"),
        ("CA du Douaisis [c.A.D.] [/b]", "CA du Douaisis [c.A.D.] [/b]"),
    ],
)
def test_text_is_shown_as_it_is_but_for_what_drives_a_terminal(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_a_table_that_fits_is_shown_whole() -> None:
    drawn, columns = table([HEADERS, ROW], RIGHT, 120)
    assert columns == 5
    line = " 200071751   CA du Bassin de Bourg-en-Bresse                    8861   JORFTEXT000042056679   remplace"
    assert drawn.split("\n")[2] == line


@pytest.mark.parametrize("room", [20, 40, 60, 80, 100])
def test_a_table_is_never_wider_than_the_terminal(room: int) -> None:
    drawn, columns = table([HEADERS, ROW], RIGHT, room)
    assert max(map(cell_len, drawn.split("\n"))) <= room
    assert columns == 5 or "…" in drawn.split("\n")[0]


def test_columns_go_from_the_middle_and_numbers_are_never_cut() -> None:
    drawn, columns = table([HEADERS, ROW], RIGHT, 60)
    header = drawn.split("\n")[0].split()
    assert (header[0], header[-1], columns) == ("siren", "vigueur", len(header) - 1)
    numbers, _ = table([["a", "b"], ["x" * 50, "123456789012345678901234567890"]], [False, True], 60)
    assert "123456789012345678901234567890" in numbers


@given(
    st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), min_size=1, max_size=4),
    st.integers(min_value=70, max_value=200),
)
def test_any_texts_fit_into_any_terminal(rows: list[list[str]], room: int) -> None:
    drawn, _ = table(rows, [False] * 3, room)
    assert max(map(cell_len, drawn.split("\n"))) <= room
    assert len(drawn.split("\n")) == len(rows) + 1


def test_wide_characters_count_twice() -> None:
    drawn, _ = table([["nom", "n"], ["東京", "1"], ["Paris", "2"]], [False, True], None)
    assert {cell_len(line) for line in drawn.split("\n")[2:]} == {10}


def test_a_record_shows_every_column_and_goes_on_under_itself() -> None:
    shown = record(["nom", "adresse"], ["Ain", "mot " * 30], "1 / 1", 60)
    lines = shown.split("\n")
    assert lines[0].startswith("── 1 / 1 ──")
    assert lines[1] == " nom      Ain"
    assert all(line.startswith(" " * 10) for line in lines[3:])
    assert max(map(len, lines)) <= 60


def test_standard_error_may_be_one_record_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.log_as_json(True)
    try:
        terminal.err("refusé : a\nb")
    finally:
        terminal.log_as_json(False)
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["level"], told["message"]) == ("error", "refusé : a\nb")
