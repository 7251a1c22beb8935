"""Tables told apart by what surrounds them, in the family whose two annexes print the same column titles; amounts and
blank labels as acts print them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.documents.declaration import read_document
from pipeline.extract import read
from pipeline.refresh.read import ReadEditions, read_editions
from tests.datasets.reading import SETTINGS, of, rows

ReadPage = Callable[[str], ReadEditions]

LABELS = ("Catégorie de ménages", "Paris et communes limitrophes", "Île-de-France hors Paris", "Autres régions")
CEILINGS = {
    "1": ("23 201", "23 201", "20 107"),
    "2": ("34 675", "34 675", "26 850"),
    "3": ("45 454", "41 682", "32 289"),
    "4": ("54 269", "49 927", "38 981"),
    "5": ("64 569", "59 105", "45 857"),
    "6": ("72 658", "66 508", "51 681"),
    "Par personne supplémentaire": ("8 095", "7 410", "5 765"),
}
ACT = """
[document]
id = "JORFTEXT000099000001"
title = "Arrêté du 3 décembre 2031"
publisher = "Ministère"
nature = "arrete"
[[rendition]]
file = "a.html"
role = "published"
[[act]]
id = "JORFTEXT000099000001"
title = "Arrêté du 3 décembre 2031 relatif aux plafonds de ressources des bénéficiaires de logements sociaux"
signed = 2031-12-03
[act.effect]
valid_from = 2032-01-01
valid_from_base = "texte"
"""


def ceilings(unit: str = "(en euros)", rows: dict[str, tuple[str, ...]] | None = None, foot: str = "") -> str:
    head = "".join(f"<th>{label}{' ' + unit if n else ''}</th>" for n, label in enumerate(LABELS))
    body = "".join(
        f"<tr><td>{category}</td>" + "".join(f"<td>{amount}</td>" for amount in amounts) + "</tr>"
        for category, amounts in (rows or CEILINGS).items()
    )
    return f"<table><tr>{head}</tr>{body}{foot}</table>"


def read_file(folder: Path, declared: str, name: str, data: str) -> ReadEditions:
    """The editions of a document of one file, declared in a folder made here."""
    identity = next(line for line in declared.split("\n") if line.startswith("id = ")).split('"')[1]
    home = folder / identity
    home.mkdir()
    (home / "document.toml").write_text(declared, encoding="utf-8")
    (home / name).write_text(data, encoding="utf-8")
    document = read_document(home)
    return read_editions(SETTINGS, document, [(r, read(home / r.file, r.media)) for r in document.renditions])


@pytest.fixture
def read_page(tmp_path: Path) -> ReadPage:
    return lambda body: read_file(tmp_path, ACT, "a.html", f"<html><body>{body}</body></html>")


def said(read: ReadEditions, rule: str) -> list[str]:
    return [finding.message for finding in read.findings if finding.rule == rule]


def errors(read: ReadEditions) -> list[str]:
    return [finding.message for finding in read.findings if finding.severity == "error"]


def test_annexe_one_is_read_and_annexe_two_is_told_apart_by_its_heading(read_page: ReadPage) -> None:
    other = dict.fromkeys(CEILINGS, ("1 000", "1 000", "900"))
    found = read_page(f"<h2>Annexe I</h2>{ceilings()}<h2>Annexe II</h2>{ceilings(rows=other)}")
    edition = of(found, "plafonds_plus")
    amounts = [row["plafond_euros"] for row in rows(edition)]
    assert (len(amounts), 1000 in amounts, edition.missing, errors(found)) == (21, False, (), [])
    (message,) = said(found, "tableau_d_une_autre_annexe")
    assert "mêmes titres de colonnes que « annexe I (PLUS) », mais annexe « Annexe II »" in message


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("<h2>Annexe II</h2><p>PLAI</p>", "(en euros)"),
        ("<h2>Annexe</h2><p>Logements financés en PLAI</p>", "(en euros)"),
        ("<h2>Annexe</h2><p>Plafonds applicables aux prêts locatifs aidés d'intégration.</p>", "(en euros)"),
        ("<h2>Annexe I</h2>", "(en francs)"),
    ],
)
def test_ceilings_of_another_loan_or_in_another_money_are_never_those_of_plus(
    read_page: ReadPage, heading: str, unit: str
) -> None:
    edition = of(read_page(heading + ceilings(unit)), "plafonds_plus")
    assert (rows(edition), edition.missing) == ([], ("annexe I (PLUS)",))


PLAI = {
    "1": ("12 733", "12 733", "11 067"),
    "2": ("20 756", "20 756", "16 125"),
    "3": ("27 207", "24 949", "19 390"),
    "4": ("29 781", "27 394", "21 575"),
    "5": ("35 427", "32 432", "25 243"),
    "6": ("39 868", "36 494", "28 448"),
    "Par personne supplémentaire": ("4 441", "4 065", "3 173"),
}
UNKNOWN = dict.fromkeys(CEILINGS, ("15 000", "15 000", "12 000"))


@pytest.mark.parametrize("heading", ["<h2>Annexe II</h2>", "<h1>Article Annexe II</h1>", "<h2>Annexe n° 2</h2>"])
@pytest.mark.parametrize("amounts", [PLAI, UNKNOWN])
def test_annexe_two_is_that_of_plai_where_its_figures_do_not_say_otherwise(
    read_page: ReadPage, heading: str, amounts: dict[str, tuple[str, ...]]
) -> None:
    found = read_page(heading + ceilings(rows=amounts))
    assert of(found, "plafonds_plus").missing == ("annexe I (PLUS)",)
    assert len(rows(of(found, "plafonds_plai"))) == 21
    assert said(found, "pret_reconnu_aux_montants") == []


def test_an_annexe_that_names_no_loan_is_of_the_loan_whose_scale_its_figures_have(read_page: ReadPage) -> None:
    found = read_page("<h1>Article Annexe II</h1>" + ceilings())
    assert [edition.dataset.name for edition in found.editions] == ["plafonds_plus"]
    assert len(rows(of(found, "plafonds_plus"))) == 21
    (message,) = said(found, "pret_reconnu_aux_montants")
    assert message.startswith("l'annexe « Annexe II » ne dit pas de quel prêt")


def test_the_scale_of_a_loan_holds_with_one_misprint_and_without_any_heading(read_page: ReadPage) -> None:
    found = read_page(ceilings(rows=PLAI | {"2": ("207 756", "20 756", "16 125")}))
    assert rows(of(found, "plafonds_plus")) == []
    assert len(rows(of(found, "plafonds_plai"))) == 21
    assert said(found, "plafond_non_croissant") != []


def test_an_act_that_prints_one_annexe_gives_no_edition_of_the_other(read_page: ReadPage) -> None:
    found = read_page("<h2>Annexe I</h2>" + ceilings())
    assert [edition.dataset.name for edition in found.editions] == ["plafonds_plus"]
    assert len(said(found, "jeu_non_imprime")) == 1


def test_what_a_table_should_print_and_does_not_is_named(read_page: ReadPage) -> None:
    short = {category: amounts for category, amounts in CEILINGS.items() if category not in ("4", "6")}
    found = read_page("<h2>Annexe I</h2>" + ceilings(rows=short))
    assert said(found, "ligne_attendue_absente")[0].endswith("catégories attendues et absentes : 4, 6")


def test_a_table_that_only_looks_like_the_expected_one_says_what_is_against_it(read_page: ReadPage) -> None:
    (message,) = said(read_page("<h2>Annexe I</h2>" + ceilings("(en francs)")), "tableau_inconnu")
    assert "titres de colonnes de « annexe I (PLUS) », mais unité « francs »" in message


def test_the_table_of_an_amending_act_stands_between_its_quotes(read_page: ReadPage) -> None:
    quoted = dict(CEILINGS)
    quoted = {f"« {c}" if c == "1" else c: amounts for c, amounts in quoted.items()}
    quoted["Par personne supplémentaire"] = ("+ 8 095", "+ 7 410", "+ 5 765 »")
    note = '<tr><td colspan="4">(1) Au sens de l\'arrêté du 3 mars 2030.</td></tr>'
    found = read_page("<h2>Annexe I</h2>" + ceilings(rows=quoted, foot=note))
    values = {
        (row["categorie_menage"], row["territoire"]): row["plafond_euros"] for row in rows(of(found, "plafonds_plus"))
    }
    assert len(values) == 21
    assert values["personne_supplementaire", "autres_regions"] == 5765
    assert errors(found) == []


PLUS_TITLE = "relatif aux plafonds de ressources des bénéficiaires de logements sociaux"
QUARTILE = ACT.replace(
    PLUS_TITLE, "relatif au seuil de ressources du premier quartile des demandeurs de logement social"
).replace("[act.effect]", '[act.parameters.premier_quartile]\nannee = 2020\ncitation = "essai"\n[act.effect]')


def quartile(tmp_path: Path, name: str, data: str) -> ReadEditions:
    return read_file(tmp_path, QUARTILE.replace("a.html", name), name, data)


HEAD = (
    *("Code département", "Département", "Nom de l'EPCI", "SIRET de l'EPCI"),
    "Valeur du seuil de ressources 1er quartile",
)


def test_a_blank_label_under_a_label_is_the_same_label(tmp_path: Path) -> None:
    lines = [
        ("01", "Ain", "CA du Bassin de Bourg-en-Bresse", "200071751", "8 861 €"),
        ("", "", "CA du Pays de Gex", "240100750", "10 260 €"),
        ("02", "Aisne", "CA du Pays de Laon", "200043495", "6 108 €"),
    ]
    body = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in line) + "</tr>" for line in lines)
    head = "".join(f"<th>{label}</th>" for label in HEAD)
    page = f"<html><body><h1>Annexe</h1><table><tr>{head}</tr>{body}</table></body></html>"
    found = quartile(tmp_path, "a.html", page)
    assert [row["code_departement"] for row in rows(of(found, "premier_quartile"))] == ["01", "01", "02"]


def test_a_row_that_lacks_a_cell_is_refused_for_that_reason(tmp_path: Path) -> None:
    head = "".join(f"<th>{label}</th>" for label in HEAD)
    row = "<tr><td>01</td><td>Ain</td><td></td><td>200071751</td><td>8 861 €</td></tr>"
    page = f"<html><body><h1>Annexe</h1><table><tr>{head}</tr>{row}{row}</table></body></html>"
    (refused, *_) = quartile(tmp_path, "a.html", page).quarantine
    assert refused.reason == "4 cellules imprimées sur la ligne, cinq attendues"


def test_the_siren_of_a_siret_and_cents_that_are_zero_are_read(tmp_path: Path) -> None:
    lines = "\n".join(("01", "Ain", "CA du Bassin de Bourg-en-Bresse", "20007175100016", "8861,00 €"))
    head = "\n".join((*HEAD[:4], "Valeur du seuil", "de ressources", "1er quartile"))
    found = quartile(tmp_path, "a.txt", f"ANNEXE\nArrêté 1er quartile\n{head}\n{lines}\n")
    (row,) = rows(of(found, "premier_quartile"))
    assert (row["siren"], row["seuil_euros_par_uc_an"]) == ("200071751", 8861)
    assert said(found, "siret_est_un_siren") == []


SHEET = """
[document]
id = "places-suite"
title = "{title}"
publisher = "non indiqué"
nature = "feuille"
{parameters}[[rendition]]
file = "p.tsv"
role = "extract"
"""
PARAMETERS = """[document.parameters.{0}]
date_reference_estimee = "2017"
raison = "essai"
cog = "2017-09-01"
"""


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Places d'hébergement pour demandeurs d'asile, par région et par site", True),
        ("Feuille de suivi", True),
        ("Feuille de suivi", False),
    ],
)
def test_a_second_sheet_of_a_family_is_read_or_said_to_be_read_by_none(tmp_path: Path, title: str, named: bool) -> None:
    parameters = "".join(PARAMETERS.format(name) for name in ("places_regions", "places_sites")) if named else ""
    declared = SHEET.format(title=title, parameters=parameters)
    head = "Région\tPlaces connues\tPlaces prévues\tDépartement\tCommune\tNombre de places\n"
    lines = "Bretagne\t172\t348\tFinistère (29)\tQuimper\t82\n\t\t\tMorbihan (56)\tLorient\t90\n"
    found = read_file(tmp_path, declared, "p.tsv", head + lines)
    names = sorted(edition.dataset.name for edition in found.editions)
    assert names == (["places_regions", "places_sites"] if named else [])
    assert bool(said(found, "document_sans_jeu_de_donnees")) is not named


def test_a_text_without_a_table_that_no_dataset_reads_is_said_too(tmp_path: Path) -> None:
    declared = ACT.replace("plafonds de ressources", "horaires")
    found = read_file(
        tmp_path, declared, "a.html", "<html><body><p>Les bureaux ouvrent à neuf heures.</p></body></html>"
    )
    (message,) = said(found, "document_sans_jeu_de_donnees")
    assert "rien n'en est publié" in message
