"""`annexes why` and `cite` on the shipped documents: the words, the file, the page, what is not printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import AnnexesError
from pipeline.settings import Settings
from tests.production import publish, read_document

Run = Callable[..., str]
BOURG = "siren=200071751"


@pytest.fixture
def run(shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Standard output of the command, then standard error; a refusal is raised as it is."""
    monkeypatch.setenv("ANNEXES_ROOT", str(shipped.root))

    def _run(*args: str) -> str:
        done = CliRunner().invoke(app, list(args))
        if isinstance(done.exception, AnnexesError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout + done.stderr

    return _run


def test_why_shows_words_neighbours_act_file_and_versions(run: Run) -> None:
    said = run("why", "premier_quartile", BOURG, "--column", "seuil_euros_par_uc_an")
    assert "seuil_euros_par_uc_an = 8861 €/UC/an" in said
    assert "ligne 19 : " in said
    assert "CA du Bassin de Bourg-En-Bresse | 200071751 | «8 861 €» | 01 | Ain" in said
    assert "NOR non imprimé, date de publication non imprimée" in said
    assert "annexe.txt (extrait d'un autre fichier)" in said
    assert "fait foi, du 15/06/2020 au 18/07/2021 exclu" in said


def test_why_shows_a_name_among_those_of_its_list(run: Run) -> None:
    said = run("why", "zonage_abc", "code_commune=74118", "-c", "zone")
    assert "«Etrebières», Feigères" in said
    assert "sous « 74-Haute-Savoie »" in said


def test_why_tells_the_correction(run: Run) -> None:
    said = run("why", "places_sites", "code_commune=38170", "-c", "libelle_imprime")
    assert "corrigé : fontanil" in said
    assert "fontanil : « Fontanil (plusieurs dispositifs?) » lu « Fontanil-Cornillon (plusieurs dispositifs?) »" in said


def test_why_for_a_program(run: Run) -> None:
    (explained,) = json.loads(run("why", "premier_quartile", BOURG, "--json"))
    values: dict[str, Any] = {value["column"]: value for value in explained["values"]}
    (cited,) = values["seuil_euros_par_uc_an"]["cites"]
    assert (cited["printed"], cited["file"], cited["role"]) == ("8 861 €", "annexe.txt", "extrait")
    assert cited["source"] == {"line": 19, "start": 0, "end": 7}
    assert explained["versions"][0]["status"] == "fait foi"


def test_a_picture_shows_the_pdf_of_the_same_document(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "page.png"
    said = run("why", "premier_quartile", BOURG, "-c", "seuil_euros_par_uc_an", "--picture", str(target))
    assert target.read_bytes().startswith(b"\x89PNG")
    assert "p. 1 de annexe.pdf (même ligne, composé par ce projet" in said


def test_a_value_read_from_a_pdf_has_its_page_its_row_and_its_column(
    make_project: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = make_project("JORFTEXT000042056679")
    folder = settings.raw / "JORFTEXT000042056679"
    (folder / "annexe.txt").unlink()
    declared = (folder / "document.toml").read_text(encoding="utf-8")
    text = declared[declared.index("# The annex as") : declared.index("# Set from the same figures")]
    (folder / "document.toml").write_text(declared.replace(text, ""), encoding="utf-8")
    read_document(settings, folder.name)
    publish(settings)
    monkeypatch.setenv("ANNEXES_ROOT", str(settings.root))
    asked = ("why", "premier_quartile", BOURG, "-c", "seuil_euros_par_uc_an", "--picture", str(tmp_path / "page.png"))
    done = CliRunner().invoke(app, list(asked))
    assert done.exit_code == 0, done.output
    assert "p. 1 : 01 | Ain | CA du Bassin de Bourg-En-Bresse | 200071751 | «8 861 €»" in done.stdout
    assert "[colonne « Valeur du seuil de ressources 1er quartile »]" in done.stdout
    assert "annexe.pdf (composé par ce projet à partir des chiffres)" in done.stdout
    assert done.stderr.endswith("p. 1 de annexe.pdf\n")


def test_no_picture_of_a_text_without_pages(run: Run, tmp_path: Path) -> None:
    with pytest.raises(AnnexesError, match=r"bulletin\.md, qui n'a pas de pages"):
        run("why", "prix_psla", "zone=A", "--picture", str(tmp_path / "page.png"))


def test_many_rows_are_capped_and_said(run: Run) -> None:
    said = run("why", "premier_quartile", "code_departement=93", "-c", "siren", "--limit", "1")
    assert "lignes de plus ; préciser la clé" in said


def test_cite_says_what_is_not_printed(run: Run) -> None:
    said = run("cite", "premier_quartile", BOURG)
    assert said.startswith("sans titre imprimé (Arrêté du 15 juin 2020 relatif au seuil de ressources")
    assert "JORFTEXT000042056679, NOR non imprimé, date de publication non imprimée" in said
    assert "lignes 15 à 19 de annexe.txt (extrait), https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000042056679" in said


def test_cite_names_the_bulletin_that_reproduces_the_act_and_its_annex(run: Run) -> None:
    said = run("cite", "prix_psla", "zone=A")
    assert "NOR EQUU0400077A, date de publication non imprimée, reproduit dans Bulletin officiel des impôts" in said
    assert ", Annexe 1 « " in said


def test_cite_in_bibtex(run: Run) -> None:
    said = run("cite", "premier_quartile", BOURG, "--format", "bibtex")
    assert said.startswith("@misc{jorftext000042056679-v")
    assert said.count("{") == said.count("}")


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("why", "premier_quartil", BOURG), 2, "jeu de données inconnu"),
        (("why", "premier_quartile", "siret=1"), 2, "n'a pas de colonne siret"),
        (("why", "premier_quartile", BOURG, "-c", "seuil"), 2, "n'a pas de colonne seuil"),
        (("why", "premier_quartile", BOURG, "--known-at", "2026-01-01"), 2, "--known-at se donne avec --as-of"),
        (("why", "premier_quartile", BOURG, "--as-of", "2022-12-01"), 1, "Arrêté du 4 mai 2022"),
        (("why", "zonage_abc", "code_commune=1004"), 1, "aucune ligne code_commune=1004"),
        (("cite", "places_sites", "ordre=1", "--as-of", "2017-01-01"), 1, "aucune édition datée n'est détenue"),
    ],
)
def test_what_cannot_be_shown_is_one_message(run: Run, args: tuple[str, ...], code: int, message: str) -> None:
    with pytest.raises(AnnexesError) as refused:
        run(*args)
    assert message in str(refused.value)
    assert refused.value.code == code
