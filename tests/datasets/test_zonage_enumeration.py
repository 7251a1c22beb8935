"""Names of a printed list, whatever the page did to it."""

from __future__ import annotations

import pytest

from pipeline.datasets.enumeration import Enumeration, enumerate_names
from pipeline.extract.model import Paragraph, Source


def listed(*paragraphs: str) -> Enumeration:
    """The names of paragraphs printed on lines 10, 12, 14…"""
    return enumerate_names(
        [Paragraph(text, Source(line=10 + 2 * i, start=0, end=len(text))) for i, text in enumerate(paragraphs)]
    )


def names(*paragraphs: str) -> list[str]:
    return [cell.text for cell in listed(*paragraphs).names]


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        (["Cessy, Gex."], ["Cessy", "Gex"]),
        (["Cessy,Gex ; Thoiry."], ["Cessy", "Gex", "Thoiry"]),
        (["Cessy, , Gex,"], ["Cessy", "Gex"]),
        (["Paris."], ["Paris"]),
        (["Cessy,", "Gex."], ["Cessy", "Gex"]),
        (["Cessy, La Chapelle-Saint-", "Sulpice, Gex."], ["Cessy", "La Chapelle-Saint-Sulpice", "Gex"]),
        (["Fresneaux-", "Montchevreuil."], ["Fresneaux-Montchevreuil"]),
        (["Cessy, La", "Chapelle, Gex."], ["Cessy", "La Chapelle", "Gex"]),
        (["Saint-Jean", "de Maurienne, Gex."], ["Saint-Jean de Maurienne", "Gex"]),
        (["Cessy", "Gex."], ["Cessy", "Gex"]),
        (["Saint-", "Genis-", "Pouilly."], ["Saint-Genis-Pouilly"]),
        (["Cessy · Gex • Thoiry | Sergy / Pougny\tFarges."], ["Cessy", "Gex", "Thoiry", "Sergy", "Pougny", "Farges"]),
        (["- Cessy", "- Gex", "– Thoiry."], ["Cessy", "Gex", "Thoiry"]),
        (["Pouzin (Le), Gex."], ["Pouzin (Le)", "Gex"]),
        ([], []),
    ],
)
def test_names(paragraphs: list[str], expected: list[str]) -> None:
    assert names(*paragraphs) == expected


@pytest.mark.parametrize(
    ("text", "expected", "remarks"),
    [
        ("Communes : Cessy, Gex.", ["Cessy", "Gex"], [("introduction", "Communes :", None)]),
        ("Cessy (en partie), Gex.", ["Cessy", "Gex"], [("note", "(en partie)", 0)]),
        ("Cessy, Gex (sauf Vesegnin, Tougin).", ["Cessy", "Gex"], [("note", "(sauf Vesegnin, Tougin)", 1)]),
        ("Cessy pour partie, Gex.", ["Cessy", "Gex"], [("note", "pour partie", 0)]),
        ("Cessy (1), Gex*.", ["Cessy", "Gex"], [("note", "(1)", 0), ("note", "*", 1)]),
        ("Cessy [en partie], Gex.", ["Cessy", "Gex"], [("note", "[en partie]", 0)]),
        ("Cessy - en partie, Gex.", ["Cessy", "Gex"], [("note", "- en partie", 0)]),
        ("Cessy, en partie, Gex.", ["Cessy", "Gex"], [("note", "en partie", 0)]),
        (
            "Cessy uniquement, Gex<sup>1</sup>.",
            ["Cessy", "Gex"],
            [("note", "uniquement", 0), ("note", "<sup>1</sup>", 1)],
        ),
        ("Cessy (en partie) Gex.", ["Cessy", "Gex"], [("note", "(en partie)", 0)]),
    ],
)
def test_what_is_printed_in_a_list_and_is_no_name(
    text: str, expected: list[str], remarks: list[tuple[str, str, int | None]]
) -> None:
    found = listed(text)
    assert [cell.text for cell in found.names] == expected
    assert [(r.kind, r.cell.text, r.on) for r in found.remarks] == remarks
    for cell in (*found.names, *(r.cell for r in found.remarks)):
        assert text[cell.source.start : cell.source.end] == cell.text


def test_a_note_restricts_when_it_has_words() -> None:
    found = listed("Cessy (en partie), Gex (1), Thoiry<sup>2</sup>.")
    assert [r.restricts for r in found.remarks] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "lead", "name"),
    [
        ("Les communes de Cessy", "Les communes de", "Cessy"),
        ("La commune de Cessy", "La commune de", "Cessy"),
        ("Communes - Cessy", "Communes -", "Cessy"),
        ("et de Cessy", "et de", "Cessy"),
        ("01071 Cessy", "01071", "Cessy"),
        ("2A004 Cessy", "2A004", "Cessy"),
        ("communes de Gex et de Cessy", "communes de", "Gex et de Cessy"),
    ],
)
def test_words_before_a_name_that_are_none_of_it(text: str, lead: str, name: str) -> None:
    paragraph = Paragraph(f"{text}, Gex.", Source(line=1, start=0, end=len(text) + 6))
    found = enumerate_names([paragraph], lambda said: said in ("Cessy", "Gex"))
    assert [cell.text for cell in found.names] == [name, "Gex"]
    assert [(r.kind, r.cell.text) for r in found.remarks] == [("introduction", lead)]
    assert found.names[0].source.start == text.index(name)


def test_what_leads_to_no_name_stays_with_it() -> None:
    found = enumerate_names([Paragraph("La Courneuve, Le Bourget.", Source(line=1, start=0, end=25))], lambda _: False)
    assert [cell.text for cell in found.names] == ["La Courneuve", "Le Bourget"]


def test_numbered_lines_are_a_list() -> None:
    assert names("1. Cessy", "2. Gex", "3) Thoiry") == ["Cessy", "Gex", "Thoiry"]


def test_a_colon_behind_a_name_is_a_separator() -> None:
    found = enumerate_names([Paragraph("Cessy: Gex.", Source(line=1, start=0, end=11))], lambda text: text == "Cessy")
    assert [cell.text for cell in found.names] == ["Cessy", "Gex"]
    assert found.remarks == ()


def test_a_damaged_name_before_a_colon_is_a_name_all_the_same() -> None:
    found = enumerate_names([Paragraph("Gex: Cesy: Thoiry.", Source(line=1, start=0, end=18))], lambda t: t == "Gex")
    assert [cell.text for cell in found.names] == ["Gex", "Cesy", "Thoiry"]


def test_a_name_that_holds_two_is_split_at_its_places() -> None:
    found = listed("Cessy Gex, Thoiry (en partie).").split([[(0, 5), (6, 9)], [(0, 6)]])
    assert [(c.text, c.row, c.source.start) for c in found.names] == [("Cessy", 0, 0), ("Gex", 1, 6), ("Thoiry", 2, 11)]
    assert [r.on for r in found.remarks] == [2]


def test_a_name_cites_its_characters() -> None:
    first, second = listed("Cessy, Gex.").names
    assert (first.source.line, first.source.start, first.source.end) == (10, 0, 5)
    assert (second.row, second.source.start, second.source.end) == (1, 7, 10)


def test_a_name_cut_by_a_page_cites_both_lines() -> None:
    (name,) = listed("Saint-", "Genis.").names
    assert (name.source.line, name.source.start, name.source.last_line, name.source.end) == (10, 0, 12, 5)


@pytest.mark.parametrize(
    ("text", "finished", "cut"),
    [
        ("Cessy, Gex.", True, False),
        ("Cessy, Gex,", False, False),
        ("Cessy, Gex", False, True),
        ("Cessy, Saint-", False, True),
    ],
)
def test_how_a_list_ends(text: str, finished: bool, cut: bool) -> None:
    found = listed(text)
    assert (found.finished, found.cut) == (finished, cut)
