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
