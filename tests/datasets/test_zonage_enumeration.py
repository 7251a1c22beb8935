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
        ([], []),
    ],
)
def test_names(paragraphs: list[str], expected: list[str]) -> None:
    assert names(*paragraphs) == expected


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
