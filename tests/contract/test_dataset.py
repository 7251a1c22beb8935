"""What a declaration says: labels of rules, which acts feed it, parameters, keys and order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.contract.dataset import Check, Recognise
from pipeline.documents.model import Act
from tests.quality.made import context, prices


@pytest.mark.parametrize(
    ("check", "label"),
    [
        (Check(pattern="[0-9]{9}"), "motif [0-9]{9}"),
        (Check(values=("A", "B1")), "parmi A, B1"),
        (Check(between=(500, 20_000)), "de 500 à 20000"),
        (Check(between=(0.5, 1)), "de 0.5 à 1"),
        (Check(), "de 0 à 0"),
    ],
)
def test_a_rule_is_named_by_what_it_asks(check: Check, label: str) -> None:
    assert check.label == label


ACT = Act("JORFTEXT1", "Arrêté relatif aux Prêts de location-accession", nor="NOR1")


@pytest.mark.parametrize(
    ("declared", "fed"),
    [
        (Recognise(), False),
        (Recognise(titles=("prets de location",)), True),
        (Recognise(titles=("zonage", "^arrete")), True),
        (Recognise(titles=("zonage",)), False),
    ],
)
def test_an_act_is_known_by_its_title(declared: Recognise, fed: bool) -> None:
    assert declared.act(ACT) is fed
    assert prices(acts=declared).fed_by(ACT) is fed


def test_a_document_may_say_what_its_act_feeds() -> None:
    assert prices().fed_by(replace(ACT, feeds=("prix",)))
    assert not prices().fed_by(replace(ACT, feeds=("autre",)))


def test_a_sheet_is_known_by_the_title_of_its_document() -> None:
    document = replace(context().document, title="Places par site")
    assert Recognise(sheets=("par site$",)).document(document)
    assert not Recognise(sheets=("par region",)).document(document)


def test_a_sheet_is_known_by_its_title_whatever_its_case_and_accents() -> None:
    document = replace(context().document, title="Places d’hébergement à Créer")
    assert Recognise(sheets=("zonage", "places d'hebergement a creer$")).document(document)
    assert not Recognise(sheets=("creer les places",)).document(document)


def test_a_sheet_feeds_what_knows_it_or_what_it_declares_parameters_for() -> None:
    document = replace(context().document, title="Places par site")
    assert prices(acts=Recognise(sheets=("par site$",))).fed_by_sheet(document)
    assert prices(acts=Recognise(sheets=("^feuille",))).fed_by_sheet(replace(document, title="Feuille"))
    assert prices(acts=Recognise()).fed_by_sheet(replace(document, parameters={"prix": {}}))
    assert not prices(acts=Recognise()).fed_by_sheet(replace(document, parameters={"autre": {}}))


def test_a_parameter_is_that_of_the_act_else_that_of_the_document() -> None:
    sheet = context()
    declared = replace(sheet, document=replace(sheet.document, parameters={"prix": {"annee": 2019, "source": "JO"}}))
    with_act = replace(declared, act=replace(ACT, parameters={"prix": {"annee": 2020}, "autre": {"source": "BO"}}))
    assert (declared.parameter("prix", "annee"), with_act.parameter("prix", "annee")) == (2019, 2020)
    assert with_act.parameter("prix", "source") == "JO"
    assert with_act.parameter("prix", "jour") is None
    assert sheet.parameter("prix", "annee") is None
    assert replace(declared, act=ACT).parameter("prix", "annee") == 2019, "of an act that declares nothing"


def test_the_edition_is_the_act_else_the_document() -> None:
    assert context().edition == "D1"
    assert replace(context(), act=ACT).edition == "JORFTEXT1"


def test_editions_are_compared_without_what_is_the_same_in_all_of_one() -> None:
    keyed = prices(key=("zone", "nom"), edition_key=("zone",))
    assert keyed.diff_key == ("nom",)
    assert prices(edition_key=("zone",)).diff_key == ("zone",), "the whole key when nothing else would be left"
    assert prices().diff_key == ("zone",)


def test_rows_are_in_the_order_declared_else_in_that_of_the_key() -> None:
    assert prices().sort == ("zone",)
    assert prices(order=("prix", "zone")).sort == ("prix", "zone")


def test_columns_are_had_by_name() -> None:
    assert list(prices().by_name) == ["zone", "nom", "prix"]
    assert prices().by_name["prix"].unit == "euros"


@pytest.mark.parametrize("name", ["dated", "succession", "tolerance", "rhythm"])
def test_what_a_declaration_leaves_out(name: str) -> None:
    defaults = {"dated": True, "succession": "replaces", "tolerance": 0.02, "rhythm": "irregular"}
    assert getattr(prices(), name) == defaults[name]
