"""A threshold whose SIREN and printed name are those of two EPCI is published for neither."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipeline.contract.dataset import Context
from pipeline.contract.rows import Rows
from pipeline.datasets.premier_quartile import PREMIER_QUARTILE
from pipeline.datasets.toolkit import take
from pipeline.documents.model import Act, Document, Rendition
from pipeline.extract.markdown import read_markdown
from pipeline.quality.validate import Prepared, prepare
from tests.conftest import ROOT

HEADER = (
    "| Code département | Département | Nom de l'EPCI | SIRET de l'EPCI "
    "| Valeur du seuil de ressources 1er quartile |\n"
    "|---|---|---|---|---|\n"
)
ACT = Act("X", "Arrêté relatif au seuil du premier quartile pour l'année 2020", signed=date(2020, 6, 15))


def read(*rows: tuple[str, ...]) -> Rows:
    reading = read_markdown((HEADER + "".join(f"| {' | '.join(row)} |\n" for row in rows)).encode())
    document = Document("X", "Arrêté", "", "arrete", Path(), (), (ACT,))
    grids = take(reading, [PREMIER_QUARTILE]).found[PREMIER_QUARTILE.name]
    rendition = Rendition("a.md", "published", "markdown", "")
    return PREMIER_QUARTILE.read(reading, Context(document, rendition, ACT, ROOT / "raw" / "reference", grids))


def test_two_siren_exchanged_are_quarantined_with_both_candidates() -> None:
    found = read(
        ("01", "Ain", "CA du Bassin de Bourg-En-Bresse", "240100750", "8 861 €"),
        ("01", "Ain", "CA du Pays de Gex", "200071751", "10 260 €"),
        ("01", "Ain", "CC Bugey Sud", "200040350", "8 788 €"),
    )
    assert [row["siren"].value for row in found.rows] == ["200040350"]
    assert [refused.rule for refused in found.refused] == ["siren_et_nom_contradictoires"] * 2
    for refused in found.refused:
        assert "240100750" in refused.reason
        assert "200071751" in refused.reason


def test_a_name_that_is_no_longer_official_is_published() -> None:
    found = read(("34", "Hérault", "CA du Bassin de Thau", "200066355", "7 000 €"))
    assert [row["siren"].value for row in found.rows] == ["200066355"]


def later(*rows: tuple[str, ...]) -> Prepared:
    """The annex of 2026, for which no list of EPCI is held: that of 2025 is the newest."""
    act = Act("Y", "Arrêté relatif au seuil du premier quartile pour l'année 2026", signed=date(2026, 4, 23))
    reading = read_markdown((HEADER + "".join(f"| {' | '.join(row)} |\n" for row in rows)).encode())
    document = Document("Y", "Arrêté", "", "arrete", Path(), (), (act,))
    grids = take(reading, [PREMIER_QUARTILE]).found[PREMIER_QUARTILE.name]
    context = Context(document, Rendition("a.md", "published", "markdown", ""), act, ROOT / "raw" / "reference", grids)
    return prepare(PREMIER_QUARTILE, context, PREMIER_QUARTILE.read(reading, context))


def test_names_of_a_year_without_a_list_are_those_of_the_newest_list_held_and_it_is_said() -> None:
    found = later(
        ("01", "Ain", "CA du Bassin de Bourg-en-Bresse", "200071751", "11 168 €"),
        ("57", "Moselle", "CA née d'une fusion", "200000008", "9 000 €"),
    )
    old, new = found.rows
    assert str(old["nom_officiel"].value).startswith("CA du Bassin de Bourg-en-Bresse")
    assert (old["nom_officiel"].rules, old["type_territoire"].value) == (("EPCI 2025",), "CA")
    assert (new["nom_officiel"].value, new["type_territoire"].value) == (None, None)
    said = {o.rule: o.message for o in found.observations}
    assert said["millesime_absent"].endswith("Noms et natures d'après la liste de 2025.")
    assert "200000008" in said["epci_inconnu"]


def test_departements_that_an_annex_should_have_and_has_not_are_named() -> None:
    header = ("01", "Ain", "CA du Pays de Gex", "240100750", "10 260 €")
    reading = read_markdown((HEADER + f"| {' | '.join(header)} |\n").encode())
    grids = take(reading, [PREMIER_QUARTILE]).found[PREMIER_QUARTILE.name]
    document = Document("X", "Arrêté", "", "arrete", Path(), (), (ACT,))
    context = Context(document, Rendition("a.md", "published", "markdown", ""), ACT, ROOT / "raw" / "reference", grids)
    found = prepare(PREMIER_QUARTILE, context, PREMIER_QUARTILE.read(reading, context))
    (said,) = [o.message for o in found.observations if o.rule == "ligne_attendue_absente"]
    assert "02, 03" in said
    assert "01" not in said.split(":")[1]
