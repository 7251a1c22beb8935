"""What the command says of itself follows the locale, and nothing of it waits for a translation."""

from __future__ import annotations

import io
import sys

import pytest
from babel.messages.mofile import write_mo

from pipeline.language import language, translated
from scripts import catalogue
from tests.cli.inside import exit_code


@pytest.fixture
def annexes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The command in a language: (exit code, what it said)."""

    def run(locale: str, *words: str) -> tuple[int, str]:
        monkeypatch.setenv("LANGUAGE", "")
        monkeypatch.setenv("LC_ALL", locale)
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["annexes", *words])
        code = exit_code()
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_every_text_of_the_code_is_in_the_catalogue_and_translated() -> None:
    held = catalogue.read()
    today = catalogue.updated(held)
    assert catalogue.missing(today) == []
    assert {each.id for each in held} == {each.id for each in today}, "run `make catalogue`"


def test_the_compiled_catalogue_is_the_one_people_edit() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue.read())
    assert catalogue.MO.read_bytes() == compiled.getvalue(), "run `make catalogue`"


def test_translations_keep_what_is_filled_in() -> None:
    fields = catalogue.fields
    wrong = [m.id for m in catalogue.read() if m.id and fields(str(m.id)) != fields(str(m.string))]
    assert wrong == []


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "C", "LANGUAGE": "de:fr"}, "fr"),
        ({"LANG": "de_DE"}, "en"),
        ({"LANGUAGE": "en:fr"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_one_of_the_locale(variables: dict[str, str], expected: str) -> None:
    assert language(variables) == expected


def test_help_speaks_french_where_the_locale_does_and_english_elsewhere(annexes) -> None:
    code, said = annexes("fr_FR.UTF-8", "sql", "--help")
    assert (code, "Usage : annexes sql" in said, "Poser une requête" in said) == (0, True, True)
    assert "Afficher ce message et sortir." in said
    code, said = annexes("de_DE.UTF-8", "sql", "--help")
    assert (code, "Usage: annexes sql" in said, "Run one query" in said) == (0, True, True)


@pytest.mark.parametrize(
    ("words", "french", "english"),
    [
        (["sql"], "L'argument 'query' manque.", "Missing argument 'query'."),
        (["sql", "--non"], "Option inconnue : --non", "No such option: --non"),
        (["rien"], "Commande inconnue : 'rien'.", "No such command 'rien'."),
        (["sql", "1", "--timeout", "0"], "'--timeout' : 0.1 ou plus est attendu", "greater than or equal to 0.1"),
        (["sql", "1", "-f", "z"], "'z' n'est pas parmi 'table'", "'z' is not one of 'table'"),
        (["tables", "/absent"], "le fichier '/absent' n'existe pas", "file '/absent' does not exist"),
        (["fiche", "x", "--le", "31/02/2026"], "« 31/02/2026 » n'est pas un jour", "“31/02/2026” is no day"),
    ],
)
def test_errors_of_usage_too(annexes, words: list[str], french: str, english: str) -> None:
    for locale, expected in (("fr_FR.UTF-8", french), ("C", english)):
        code, said = annexes(locale, *words)
        assert code == 2
        assert expected in said


def test_a_text_without_translation_is_said_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "fr")
    assert translated("never in the catalogue") == "never in the catalogue"
