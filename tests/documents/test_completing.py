"""What a later file of an act adds to its declaration, and what it leaves."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.documents.completing import learned, told, with_facts
from pipeline.documents.model import Act, Document, Effect

BARE = Act("TREL2412330A", "Arrêté", effect=Effect(date(2024, 5, 13), "signature"))
WHOLE = Act(
    "JORFTEXT000049542213",
    "Arrêté du 13 mai 2024",
    nor="TREL2412330A",
    signed=date(2024, 5, 13),
    published=date(2024, 5, 16),
    effect=Effect(date(2024, 5, 17), "lendemain_publication"),
    url="https://exemple.fr/eli",
)
TEXT = """\
# kept
[document]
id = "TREL2412330A"

[[act]]
id = "TREL2412330A"  # the person's
title = "Arrêté"

[act.effect]
valid_from = 2024-05-13
valid_from_base = "signature"
"""


def document(*acts: Act) -> Document:
    return Document("d", "d", "p", "arrete", Path(), (), acts)


def test_a_later_file_says_what_the_declaration_left_unsaid() -> None:
    found = learned(document(BARE), document(WHOLE))
    assert told(found) == "NOR, date de signature, date de publication, adresse, date d'effet"
    text = with_facts(TEXT, found)
    act = tomllib.loads(text)["act"][0]
    assert act["id"] == "TREL2412330A"
    assert (act["nor"], act["published"], act["url"]) == ("TREL2412330A", date(2024, 5, 16), "https://exemple.fr/eli")
    assert act["effect"] == {"valid_from": date(2024, 5, 17), "valid_from_base": "lendemain_publication"}
    assert text.startswith("# kept\n")
    assert "# the person's" in text


@pytest.mark.parametrize(
    ("held", "described"),
    [
        (replace(BARE, id="TREL2400000A"), WHOLE),
        (WHOLE, replace(WHOLE, signed=date(2024, 5, 14), url="https://autre.fr")),
        (
            replace(WHOLE, effect=Effect(date(2024, 1, 1), "signature", citation="« à compter du 1er janvier »")),
            WHOLE,
        ),
    ],
    ids=["another act", "already said", "words are cited"],
)
def test_what_was_said_stays(held: Act, described: Act) -> None:
    assert learned(document(held), document(described)) == {}


def test_a_document_of_several_acts_learns_nothing() -> None:
    assert learned(document(BARE, WHOLE), document(WHOLE)) == {}


def test_a_date_of_effect_never_said_is_put_at_the_end() -> None:
    text = with_facts('[[act]]\nid = "A"\n', {"effect": WHOLE.effect})
    assert tomllib.loads(text)["act"][0]["effect"]["valid_from"] == date(2024, 5, 17)
