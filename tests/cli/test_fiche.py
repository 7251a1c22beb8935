"""`annexes fiche` on the shipped documents: what the page says, where figures come from, what it does not answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import AnnexesError
from pipeline.settings import Settings

Ask = Callable[..., str]
LINE = re.compile(r"^\| (?P<label>[^|]*) \| (?P<value>[^|]*) \| (?P<source>[^|]*) \|$", re.MULTILINE)


@pytest.fixture
def ask(shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """The page as written on standard output; a refusal is raised as it is."""
    monkeypatch.setenv("ANNEXES_ROOT", str(shipped.root))

    def run(commune: str, on: str, *options: str) -> str:
        done = CliRunner().invoke(app, ["fiche", commune, "--le", on, *options])
        if done.exception is not None:
            raise done.exception
        return done.stdout.replace("\u202f", " ")

    return run


def lines(page: str) -> dict[str, tuple[str, str]]:
    """Label → (value, source) of every line of the page."""
    return {m["label"]: (m["value"], m["source"]) for m in LINE.finditer(page)}


def test_annecy_in_december_2009(ask: Ask) -> None:
    page = ask("Annecy", "2009-12-15")
    said = lines(page)
    assert page.startswith("# Annecy (74010) au 15 décembre 2009\n")
    assert said["Zone"] == ("B1", "LOGU0907606A, BOI-8A-2-09, ligne 579")
    assert said["Nom imprimé"][0] == "« Annecy » (nom identique)"
    assert said["Zone B1"] == (
        "2 750 € par m² de surface utile, vente non soumise à la TVA",
        "EQUU0400077A, BOI-8A-2-09, ligne 268",
    )
    assert said["Territoire"][0] == "autres régions"
    assert said["Catégorie 1"] == ("18 955 €", "LOGU0907602A, BOI-8A-2-09, ligne 308")
    assert said["Par personne supplémentaire"][0] == "+ 5 435 €"
    rules = said["Surface utile"]
    assert "Part de la surface des annexes comptée dans la surface utile : 50 %" in rules[0]
    assert rules[1].endswith("ligne 75 (§ 7) ; ligne 76 (§ 8) ; ligne 83 (note 2) (composé par ce projet)")
    assert "- Premier quartile des demandeurs de logement social : au 15 décembre 2009 (détenu du 15 juin 2020" in page


@pytest.mark.parametrize(
    ("on", "why"),
    [
        ("2009-05-15", "le zonage ne s'applique au PSLA qu'à compter du 1er juin 2009 au plus tôt"),
        ("2009-06-15", "n'est pas connue ; sûrement à compter du 1er décembre 2009"),
    ],
)
def test_no_price_by_a_zoning_that_may_not_apply_yet(ask: Ask, on: str, why: str) -> None:
    said = lines(ask("Annecy", on))
    assert said["Prix"][0].startswith("non déterminé : ")
    assert why in said["Prix"][0]


def test_saint_denis_in_december_2020(ask: Ask) -> None:
    page = ask("Saint-Denis (93)", "2020-12-01")
    said = lines(page)
    assert said["Établissement public territorial"][0] == "Plaine Commune, SIREN 200057867"
    assert said["Seuil 2020"][0] == "10 000 € par unité de consommation et par an"
    assert said["Seuil 2020"][1].startswith("JORFTEXT000042056679, lignes ")
    assert "Quartile calculé sur toute la région Île-de-France." in page
    assert "acte connu et non détenu : Arrêté du 1er août 2014" in page


def test_every_figure_has_a_source_and_every_source_is_listed(ask: Ask) -> None:
    for commune, on in (("Paris", "2009-06-15"), ("Lyon", "2020-12-01"), ("97411", "2009-06-15")):
        page = ask(commune, on)
        listed = page.split("## Sources")[1]
        for label, (value, source) in lines(page).items():
            if label != "Non détenu" and not value.startswith("non déterminé"):
                assert source, f"{commune}: {label} = {value}"
            if "BOI-8A-2-09" in source or source.startswith("JORFTEXT"):
                assert source.split(", ligne")[0] + " : " in listed


def test_overseas_has_no_plus_ceiling(ask: Ask) -> None:
    page = ask("97411", "2009-06-15")
    assert lines(page)["Comment"][0] == "l'arrêté prend toutes les communes du département"
    assert "- Plafonds de ressources PLUS : l'outre-mer relève d'un autre arrêté" in page
    assert "Catégorie 1" not in page


def test_a_commune_without_a_sure_zone_shows_the_name_that_could_be_its_own(ask: Ask) -> None:
    said = lines(ask("Claira", "2009-07-01"))
    assert said["Zone"][0] == "indéterminée"
    assert said["Nom non résolu"][0].startswith("« Clara » — zone B2, 66-Pyrénées-Orientales")
    assert said["Nom non résolu"][1] == "LOGU0907606A, BOI-8A-2-09, ligne 843"
    assert said["Prix"][0] == "non déterminé : zone de la commune non connue à ce jour"


def test_a_commune_left_to_the_rest_with_a_reserve(ask: Ask) -> None:
    page = ask("71588", "2009-06-10")
    assert lines(page)["Zone"] == ("C", "LOGU0907606A, BOI-8A-2-09, ligne 948")
    assert "Réserve : la liste de son département finit sans point" in page


def test_a_commune_that_merged_since(ask: Ask) -> None:
    assert "Au 1er janvier 2026, son territoire est dans : Annecy (74010)." in ask("Annecy-le-Vieux", "2009-06-15")


def test_a_commune_of_no_epci(ask: Ask) -> None:
    said = lines(ask("Ouessant", "2020-07-01"))
    assert said["EPCI"][0] == "aucun au 1er janvier 2020"
    assert said["Seuil"][0] == "aucun : la commune n'est dans aucun EPCI"


@pytest.mark.parametrize(
    ("commune", "on", "code", "said"),
    [
        ("Saint-Denis", "2009-06-15", 2, "  93066  Saint-Denis (93)\n  97411  Saint-Denis (974)"),
        ("Annecy-le-Vieux", "2020-06-20", 2, "commune déléguée de Annecy (74010)"),
        ("74093", "2026-01-02", 2, "74093"),
        ("Anecy", "2009-06-15", 2, "  74010  Annecy (74)"),
        ("00000", "2009-06-15", 2, "n'est le code d'aucune commune"),
        ("Annecy", "1995-01-01", 1, "aucun référentiel des communes au 1er janvier 1995"),
    ],
)
def test_what_is_not_one_commune_is_refused_with_what_it_could_be(
    ask: Ask, commune: str, on: str, code: int, said: str
) -> None:
    with pytest.raises(AnnexesError, match=re.escape(said)) as refusal:
        ask(commune, on)
    assert refusal.value.code == code


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the library's signature
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_html_page_says_the_same(ask: Ask, tmp_path: Path) -> None:
    target = tmp_path / "fiche.html"
    assert ask("Le Plessis-Trévise", "2009-06-15", "--format", "html", "--out", str(target)) == ""
    page = _Text()
    page.feed(target.read_text(encoding="utf-8"))
    text = "\n".join(page.text).replace("\u202f", " ")
    assert page.open == []
    for label, (value, source) in lines(ask("Le Plessis-Trévise", "2009-06-15")).items():
        for part in (label, value, source):
            assert part.replace("\\", "") in text
