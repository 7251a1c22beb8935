"""corrections.toml: what may be declared, and what is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.documents.decisions import Correction, Where, read_corrections
from pipeline.documents.model import DocumentError

RULE = """
[[correction]]
id = "fontanil"
printed = "Fontanil"
should_be = "Fontanil-Cornillon"
reason = "nom usuel de la commune"
status = "applied"
"""


def folder_with(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "une-feuille"
    folder.mkdir()
    (folder / "corrections.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_rule_as_declared(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path, RULE + 'expect = 2\nwhere = { line = 10, column = "Commune", headings = "Annexe 1" }\n'
    )
    assert read_corrections(folder) == (
        Correction(
            "fontanil",
            "Fontanil",
            "Fontanil-Cornillon",
            "nom usuel de la commune",
            "applied",
            Where(line=10, column="Commune", headings="Annexe 1"),
            expect=2,
        ),
    )


def test_a_document_without_the_file_has_no_correction(tmp_path: Path) -> None:
    assert read_corrections(tmp_path) == ()


@pytest.mark.parametrize(
    ("status", "applied"), [("proposed", False), ("applied", True), ("confirmed_by_publisher", True)]
)
def test_only_a_proposal_is_not_applied(tmp_path: Path, status: str, applied: bool) -> None:
    (rule,) = read_corrections(folder_with(tmp_path, RULE.replace('"applied"', f'"{status}"')))
    assert rule.is_applied is applied


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RULE + 'author = "x"\n', "correction.0.author : clé inconnue"),
        (RULE + "where = { ligne = 3 }\n", "correction.0.where.ligne : clé inconnue"),
        (RULE.replace('reason = "nom usuel de la commune"\n', ""), "correction.0.reason : clé obligatoire absente"),
        (RULE.replace('"applied"', '"done"'), "correction.0.status : statut inconnu"),
        (RULE + "expect = 0\n", "correction.0.expect : nombre à partir de 1"),
        (RULE.replace('"fontanil"', '"Le Fontanil"'), "correction.0.id : identifiant attendu"),
        (RULE + RULE, "fontanil : identifiant employé deux fois"),
        (RULE.replace("Fontanil-Cornillon", "Fontanil"), "fontanil : la règle ne change rien"),
        ("[[correction", "TOML illisible"),
    ],
    ids=["unknown key", "unknown place", "no reason", "status", "guard", "id", "id twice", "no change", "toml"],
)
def test_a_refusal_names_document_place_and_reason(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read_corrections(folder_with(tmp_path, text))
    assert refused.value.document == "une-feuille"
    assert said in str(refused.value)
