"""A project of one small made-up document: an act that prints the ceiling prices of four zones, and the fewest
reference tables that make a warehouse."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pipeline.refresh.state import EditionOutcome
from pipeline.settings import Settings
from tests import reference
from tests.histories import add_history
from tests.kept import kept_folder
from tests.production import publish, read_document

DOCUMENT, ACT, DATASET = "ARRETE-PRIX", "XXXX0900001A", "prix_psla"
_DAYS = ("2009-04-29", "2020-01-01")
REFERENCE = reference.tables(
    "departements",
    "regions",
    "passage",
    "epci_2020",
    *(f"{n}_{d}" for n in ("communes", "noms_anciens") for d in _DAYS),
)
PRICES = {"A": 4_100, "B1": 2_750, "B2": 2_400, "C": 2_100}

_DECLARATION = f"""\
[document]
id = "{DOCUMENT}"
title = "Arrêté fixant des prix maximum"
publisher = "Ministère du logement"
nature = "arrete"
licence = "Licence Ouverte 2.0"
url = "https://exemple.fr/arrete"

[[rendition]]
file = "annexe.md"
role = "published"

[[act]]
id = "{ACT}"
nor = "{ACT}"
title = "Arrêté relatif aux prêts conventionnés pour la location-accession"
signed = 2009-04-07

[act.effect]
valid_from = 2009-04-10
valid_from_base = "texte"
"""


def project(root: Path, prices: Mapping[str, object] = PRICES) -> Settings:
    """The document in raw/, nothing read yet."""
    settings = Settings(root)
    (settings.raw / DOCUMENT).mkdir(parents=True)
    reference.link(settings.reference, REFERENCE)
    add_history(root)
    (settings.raw / DOCUMENT / "document.toml").write_text(_DECLARATION, encoding="utf-8")
    print_prices(settings, prices)
    return settings


def published(root: Path) -> Settings:
    """A project of its own at `root` whose prices were read and published."""
    return Settings(shutil.copytree(_published(), root, symlinks=True))


@cache
def _published() -> Path:
    """What `published` copies: building a warehouse costs most of a small test."""
    settings = project(kept_folder("prices") / "project")
    refresh(settings)
    return settings.root


def print_prices(settings: Settings, prices: Mapping[str, object]) -> None:
    """The annex as it is now delivered."""
    rows = "".join(f"| {zone} | {price} |\n" for zone, price in prices.items())
    text = f"# Annexe II\n\n## PLAFONDS DE PRIX DE VENTE\n\n| zone géographique | prix maximum |\n|---|---|\n{rows}"
    (settings.raw / DOCUMENT / "annexe.md").write_text(text, encoding="utf-8")


def read(settings: Settings, prices: Mapping[str, object] | None = None) -> EditionOutcome:
    """Read the document, once it prints `prices`; its only edition."""
    if prices is not None:
        print_prices(settings, prices)
    (edition,) = read_document(settings, DOCUMENT).editions
    return edition


def refresh(settings: Settings, prices: Mapping[str, object] | None = None) -> EditionOutcome:
    """Read and publish, as the command does."""
    edition = read(settings, prices)
    publish(settings)
    return edition
