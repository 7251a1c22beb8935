"""Bad input never costs good data: each fault is named with document and place, the rest is published, and what was
published stays."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.refresh.plan import plan
from pipeline.refresh.state import DocumentOutcome
from pipeline.settings import Settings
from pipeline.warehouse.access import connect
from tests.bulletin import BULLETIN, without_zoning
from tests.conftest import new_project
from tests.production import publish, read_document

ARRETE, SHEET = "JORFTEXT000042056679", "places-regionales"
Project = Callable[..., Settings]


def read(settings: Settings) -> dict[str, DocumentOutcome]:
    """What the command reads; nothing is published."""
    return {name: read_document(settings, name) for name in plan(settings).changed}


def refresh(settings: Settings) -> dict[str, DocumentOutcome]:
    """What the command does, without Dagster."""
    done = read(settings)
    publish(settings)
    return done


def count(settings: Settings, table: str) -> int:
    with connect(settings) as connection:
        row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def without_pdf(settings: Settings) -> Path:
    """The arrêté with its text only; returns its folder."""
    folder = settings.raw / ARRETE
    (folder / "annexe.pdf").unlink()
    text = (folder / "document.toml").read_text(encoding="utf-8")
    start = text.index("# Set from the same figures")
    (folder / "document.toml").write_text(text[:start] + text[text.index("[[act]]") :], encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def _refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = new_project(tmp_path_factory.mktemp("refreshed") / "project", ARRETE, SHEET)
    without_pdf(settings)
    refresh(settings)
    return settings.root


@pytest.fixture
def refreshed(_refreshed: Path, tmp_path: Path) -> Settings:
    """A project of its own where the arrêté, its text only, and the sheet are published."""
    return Settings(shutil.copytree(_refreshed, tmp_path / "project", symlinks=True))


@pytest.fixture
def only_pdf(make_project: Project) -> Settings:
    """The arrêté whose only rendition is the PDF, beside the sheet."""
    settings = make_project(ARRETE, SHEET)
    (settings.raw / ARRETE / "annexe.txt").unlink()
    text = (settings.raw / ARRETE / "document.toml").read_text(encoding="utf-8")
    start, end = text.index("# The annex as"), text.index("# Set from the same figures")
    (settings.raw / ARRETE / "document.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    return settings


def test_a_pdf_alone_is_read_and_its_role_is_shown(only_pdf: Settings) -> None:
    edition = read(only_pdf)[ARRETE].editions[0]
    assert (edition.status, edition.rows, edition.role) == ("accepted", 455, "typeset")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "fichier vide"),
        (b"%PDF-1.7\n%trunc", "annexe.pdf"),
        (b"bonjour, ceci est un texte", "n'en est pas un"),
    ],
)
def test_a_pdf_that_cannot_be_read_refuses_its_document_only(only_pdf: Settings, data: bytes, said: str) -> None:
    (only_pdf.raw / ARRETE / "annexe.pdf").write_bytes(data)
    done = refresh(only_pdf)
    assert ARRETE in done[ARRETE].error
    assert said in done[ARRETE].error
    assert [e.status for e in done[SHEET].editions] == ["accepted", "accepted"]
    assert count(only_pdf, "places_regions") == 11


def test_a_truncated_pdf_refuses_its_document_with_the_file_named(only_pdf: Settings) -> None:
    path = only_pdf.raw / ARRETE / "annexe.pdf"
    path.write_bytes(path.read_bytes()[:6000])
    done = read(only_pdf)[ARRETE]
    assert done.refused
    assert "annexe.pdf" in str(done.error or [f.message for f in done.findings])


def test_a_rendition_that_does_not_read_leaves_the_other(make_project: Project) -> None:
    settings = make_project(ARRETE)
    (settings.raw / ARRETE / "annexe.pdf").write_bytes(b"%PDF-1.7\n%trunc")
    done = read(settings)[ARRETE]
    assert [(e.status, e.rows) for e in done.editions] == [("accepted", 455)]
    errors = [f for f in done.findings if f.severity == "error"]
    assert [(f.rule, f.rendition) for f in errors] == [("rendition_illisible", "annexe.pdf")]
    assert done.new_errors == (errors[0].id,)


def test_what_was_published_stays_when_the_file_becomes_empty(refreshed: Settings) -> None:
    (refreshed.raw / ARRETE / "annexe.txt").write_text("", encoding="utf-8")
    done = refresh(refreshed)
    assert list(done) == [ARRETE]
    assert "fichier vide" in done[ARRETE].error
    assert count(refreshed, "premier_quartile") == 455


def test_a_missing_cell_in_a_markdown_table_refuses_its_edition_and_no_other(make_project: Project) -> None:
    settings = without_zoning(make_project(BULLETIN))
    edit(settings.raw / BULLETIN / "bulletin.md", "| 4                           | 50 999  ", "| 4       ")
    done = refresh(settings)[BULLETIN]
    states = {e.dataset: (e.status, e.quarantined) for e in done.editions}
    assert states["plafonds_plus"][0] == "refused"
    assert states["prix_psla"] == ("accepted", 0)
    refusal = next(q for q in done.quarantine if q.dataset == "plafonds_plus")
    assert (refusal.rule, refusal.line) == ("cellule_manquante", 311)
    assert [count(settings, table) for table in ("plafonds_plus", "prix_psla")] == [0, 4]


def test_a_stray_letter_costs_one_row_and_names_its_line(make_project: Project) -> None:
    settings = make_project(ARRETE)
    folder = without_pdf(settings)
    edit(folder / "annexe.txt", "8 861 €", "8 86l €")
    done = refresh(settings)[ARRETE]
    assert [(e.status, e.rows, e.quarantined) for e in done.editions] == [("accepted", 454, 1)]
    assert [(q.rule, q.place) for q in done.quarantine] == [("montant_illisible", "lignes 15 à 19")]
    assert count(settings, "premier_quartile") == 454
    assert count(settings, "meta.quarantine") == 1


def test_two_equal_headers_are_said(make_project: Project) -> None:
    settings = without_zoning(make_project(BULLETIN))
    edit(
        settings.raw / BULLETIN / "bulletin.md",
        "| zone géographique | prix maximum |",
        "| zone géographique | zone géographique |",
    )
    done = read(settings)[BULLETIN]
    assert any("deux colonnes portent le même titre « zone geographique »" in f.message for f in done.findings)
    refused = {e.dataset: e.reasons for e in done.editions if e.status == "refused"}
    assert list(refused) == ["prix_psla"]
    assert any("absente" in reason for reason in refused["prix_psla"])


def test_an_annex_nobody_knows_refuses_the_edition(make_project: Project) -> None:
    settings = without_zoning(make_project(BULLETIN))
    path = settings.raw / BULLETIN / "bulletin.md"
    edit(path, "**Annexe 2**", "| couleur | nombre |\n|---|---|\n| rouge | 3 |\n\n**Annexe 2**")
    done = read(settings)[BULLETIN]
    states = {e.dataset: e.status for e in done.editions}
    assert states["prix_psla"] == "refused"
    assert states["plafonds_plus"] == "accepted"
    assert any(f.rule == "tableau_inconnu" and "couleur | nombre" in f.message for f in done.findings)
    assert {line.fate for line in done.ledger if line.reason == "tableau_inconnu"} == {"quarantined"}


def test_an_annex_that_is_missing_refuses_the_edition_and_the_one_before_stays(refreshed: Settings) -> None:
    edit(refreshed.raw / ARRETE / "annexe.txt", "ANNEXE\n", "TABLEAU\n")
    done = refresh(refreshed)[ARRETE]
    assert [(e.status, e.reasons[0]) for e in done.editions] == [
        ("refused", "annexe attendue et absente : annexe 1er quartile")
    ]
    assert count(refreshed, "premier_quartile") == 455


def test_a_heading_declared_and_absent_is_named(make_project: Project) -> None:
    settings = make_project(BULLETIN)
    edit(settings.raw / BULLETIN / "document.toml", 'begins = "Annexe 2"', 'begins = "Annexe 22"')
    assert "« Annexe 22 »" in read(settings)[BULLETIN].error


def test_an_unknown_key_refuses_the_document(make_project: Project) -> None:
    settings = make_project(BULLETIN)
    edit(settings.raw / BULLETIN / "document.toml", "[document]\n", '[document]\ncouleur = "rouge"\n')
    error = read(settings)[BULLETIN].error
    assert "document.toml, document.couleur : clé inconnue" in error


def test_losing_most_keys_refuses_the_new_reading(refreshed: Settings) -> None:
    path = refreshed.raw / ARRETE / "annexe.txt"
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(lines[: 9 + 5 * 300]) + "\n", encoding="utf-8")
    done = refresh(refreshed)[ARRETE]
    assert done.editions[0].status == "refused"
    assert "des clés de l'édition précédente" in done.editions[0].reasons[0]
    assert count(refreshed, "premier_quartile") == 455


def test_renditions_that_disagree_quarantine_the_row(make_project: Project) -> None:
    settings = make_project(ARRETE)
    edit(settings.raw / ARRETE / "annexe.txt", "8 861 €", "8 862 €")
    done = read(settings)[ARRETE]
    assert [(q.rule, q.column) for q in done.quarantine] == [("temoins_en_desaccord", "seuil_euros_par_uc_an")]
    assert done.editions[0].rows == 454


def test_running_again_changes_nothing(refreshed: Settings) -> None:
    before = refreshed.database.stat().st_mtime_ns
    assert plan(refreshed).nothing
    assert refresh(refreshed) == {}
    assert refreshed.database.stat().st_mtime_ns == before
