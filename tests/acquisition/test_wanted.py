"""Which texts are kept, what document they make, and which are about persons."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.acquisition.texts import Hints, TextError, Wanted, describe, effect, nominative
from pipeline.datasets import all_datasets
from pipeline.documents.model import Act, Effect, KnownAct
from tests.acquisition.quartile import AIN, arrete
from tests.acquisition.served import text, text_id
from tests.extract.jorf_made import article, table

QUARTILE = arrete(7, 2020, AIN, "4 février 2030", "2030-02-06")
TABLE = article("<p><br/>ANNEXE</p>" + table([["Zone", "Prix"], ["A", "1"]]))
CHOICE = Wanted(all_datasets())
EVERYTHING = Wanted(all_datasets(), all_tables=True)


def test_a_text_says_what_document_it_makes() -> None:
    document = describe(f"{text_id(7)}.xml", QUARTILE).document
    act = document.acts[0]
    assert (document.id, document.nature, document.published) == (text_id(7), "arrete", date(2030, 2, 6))
    assert (act.id, act.nor, act.signed) == (text_id(7), "TREL3000001A", date(2030, 2, 1))
    assert act.effect == Effect(date(2030, 2, 7), "lendemain_publication")
    assert act.url == "https://www.legifrance.gouv.fr/eli/arrete/2030/2/1/TREL3000001A/jo/texte"


def test_a_saved_page_says_the_same() -> None:
    page = """<!DOCTYPE html><html><head><title>Légifrance</title>
    <link rel="canonical" href="https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000000000007"></head><body>
    <h1>Arrêté du 1er février 2030 relatif au seuil du premier quartile des demandeurs de logement social</h1>
    <p>NOR : TREL3000001A</p><p>JORF n°0031 du 6 février 2030</p><p>Texte n° 12</p></body></html>"""
    text = describe("page.html", page.encode())
    assert text.document.acts[0].effect == Effect(date(2030, 2, 7), "lendemain_publication")
    assert (text.document.id, text.document.acts[0].nor) == (text_id(7), "TREL3000001A")
    assert CHOICE.verdict(text).why == "jeu"


def test_what_a_person_says_goes_before_what_the_file_says() -> None:
    hints = Hints(nor="AAAA0000000A", published=date(2031, 1, 1))
    act = describe("a.xml", QUARTILE, hints).document.acts[0]
    assert (act.nor, act.effect.valid_from, act.signed) == ("AAAA0000000A", date(2031, 1, 2), date(2030, 2, 1))


def test_a_pdf_that_does_not_read_needs_a_name_and_a_title() -> None:
    with pytest.raises(TextError, match="donner --id"):
        describe("a.pdf", b"%PDF-1.7 ...")
    with pytest.raises(TextError, match="donner --title"):
        describe("a.pdf", b"%PDF-1.7 ...", Hints(nor="TREL3000001A"))
    document = describe("a.pdf", b"%PDF-1.7 ...", Hints(nor="TREL3000001A", title="Arrêté")).document
    assert (document.id, document.acts[0].effect) == ("TREL3000001A", Effect())


def test_a_sheet_carries_no_act() -> None:
    document = describe("a.tsv", b"a\tb\n", Hints(id="places", title="Places", nature="feuille")).document
    assert document.acts == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<?xml version='1.0'?><JO><ID>JORFCONT1</ID></JO>", "racine jo"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><TEXTE>&b;</TEXTE>", "entités"),
        (b"", "fichier vide"),
        (b"<?xml version='1.0' encoding='klingon'?><TEXTE/>", "encodage"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(data: bytes, said: str) -> None:
    with pytest.raises(TextError, match=said):
        describe("a.xml", data)


def test_the_day_of_effect_rests_on_publication_then_on_signature() -> None:
    assert effect(date(2024, 2, 28), date(2024, 2, 1)) == Effect(date(2024, 2, 29), "lendemain_publication")
    assert effect(None, date(2024, 2, 1)) == Effect(date(2024, 2, 1), "signature")
    assert effect(None, None) == Effect()


def test_an_act_is_followed_by_its_identifier_by_its_nor_or_by_the_day_it_was_signed() -> None:
    other = describe("a.xml", text(7, title="Arrêté du 1er février 2030 relatif à tout autre chose"))
    assert CHOICE.verdict(other).why == "sans_jeu"
    for known in (
        KnownAct(text_id(7), "premier_quartile", ""),
        KnownAct("x", "premier_quartile", "", nor="ABCD3000001A"),
    ):
        assert Wanted(all_datasets(), (known,)).verdict(other).why == "connu"
        assert Wanted(all_datasets(), (known,)).completed(other).acts[0].feeds == ("premier_quartile",)
    nameless = KnownAct("premier_quartile-2030", "premier_quartile", "", signed=date(2030, 2, 1))
    assert Wanted(all_datasets(), (nameless,)).verdict(other).why == "sans_jeu"


def test_an_effect_that_actes_toml_states_is_kept() -> None:
    known = KnownAct(
        "premier_quartile-2030",
        "premier_quartile",
        "",
        signed=date(2030, 2, 1),
        effect_from=date(2030, 1, 1),
        effect_base="texte",
        note="rétroactif",
    )
    document = Wanted(all_datasets(), (known,)).completed(describe("a.xml", QUARTILE))
    assert document.acts[0].effect == Effect(date(2030, 1, 1), "texte", citation="rétroactif")


def test_a_rectificatif_names_the_act_whose_nor_differs_by_its_last_letter() -> None:
    corrects = describe("a.xml", text(9, title="Arrêté (rectificatif)", nor="TREL3000001Z"))
    document = CHOICE.completed(corrects, held=(Act(text_id(7), "Arrêté", nor="TREL3000001A"),))
    assert document.acts[0].relation
    assert (document.acts[0].relation.kind, document.acts[0].relation.act) == ("rectifie", text_id(7))
    assert CHOICE.completed(corrects).acts[0].relation is None


def test_other_texts_are_kept_for_their_tables_only_when_asked_and_not_about_persons() -> None:
    rules = describe("a.xml", text(7, TABLE, title="Arrêté fixant des prix"))
    prose = describe("a.xml", text(7, title="Arrêté fixant des prix"))
    persons = describe("a.xml", text(7, TABLE, title="Décret du 3 mai 2030 portant promotion et nomination"))
    assert [CHOICE.verdict(t).why for t in (rules, prose, persons)] == ["sans_jeu"] * 3
    assert [EVERYTHING.verdict(t).why for t in (rules, prose, persons)] == ["tableaux", "sans_jeu", "nominatif"]


@pytest.mark.parametrize(
    "title",
    [
        "Décret du 3 mai 2030 portant nomination d'un préfet",
        "Arrêté du 3 mai 2030 portant inscription sur les listes d'aptitude aux fonctions de directeur",
        "Liste des candidats admis au concours",
        "Décret du 3 mai 2030 portant naturalisation, réintégration, mention d'enfants mineurs",
        "Arrêté du 3 mai 2030 portant délégation de signature (direction générale)",
        "Tableau d'avancement au grade d'administrateur hors classe",
        "Arrêté du 3 mai 2030 portant admission à la retraite (inspection générale)",
        "Arrêté du 3 mai 2030 fixant la composition du jury",
        "Décret du 3 mai 2030 portant changements de noms",
        "Arrêté du 3 mai 2030 conférant la médaille militaire",
        "Arrêté du 3 mai 2030 portant cessation de fonctions à l'administration centrale",
        "Arrêté du 3 mai 2030 relatif à la composition de la commission de surendettement",
        "Arrêté du 3 mai 2030 portant application des articles L. 562-2 et suivants du code monétaire et financier",
        "Arrêté du 3 mai 2030 portant intégration dans le corps des attachés",
        "Arrêté du 3 mai 2030 portant renouvellement dans l'emploi d'administrateur",
        "Demandes de changement de nom (Accès protégé)",
        "Décision du 3 mai 2030 relative à Mme Durand",
    ],
)
def test_titles_about_persons(title: str) -> None:
    assert nominative("ARRETE", title)


@pytest.mark.parametrize(
    "title",
    [
        "Arrêté du 3 mai 2030 relatif aux plafonds de ressources des logements locatifs sociaux",
        "Arrêté du 3 mai 2030 portant reconnaissance de l'état de catastrophe naturelle",
        "Arrêté du 3 mai 2030 fixant les tarifs réglementés de vente d'électricité",
        "Décret n° 2030-1 du 3 mai 2030 portant classement de la commune en station de tourisme",
        "Arrêté du 3 mai 2030 relatif aux loyers et aux zones géographiques",
        "Avis relatif à l'extension d'un accord concernant le régime de retraite supplémentaire",
        "Décision du 3 mai 2030 autorisant la société du multiplex M1 à utiliser des fréquences",
    ],
)
def test_titles_about_rules(title: str) -> None:
    assert nominative("ARRETE", title) == ""


def test_a_list_is_about_persons_by_its_nature() -> None:
    assert nominative("LISTE", "Liste") == "nature LISTE"
