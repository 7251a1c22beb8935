"""Kind and day, as titles of legal texts say them."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.cleaning.titles import kind_and_day


@pytest.mark.parametrize(
    ("title", "kind", "day"),
    [
        ("Arrêté du 30 juin 2021 modifiant l'arrêté du 15 juin 2020", "arrete", date(2021, 6, 30)),
        ("ARRÊTÉ interministériel du 1er août 2014 pris en application", "arrete", date(2014, 8, 1)),
        ("Décret n° 2019-1378 du 17 décembre 2019 relatif", "decret", date(2019, 12, 17)),
        ("Arrêté relatif au seuil de ressources", "arrete", None),
        ("Arrêté du 31 juin 2021", "arrete", None),
        ("Annexe de l'arrêté du 15 juin 2020", "", None),
        ("", "", None),
    ],
)
def test_a_title_says_its_kind_and_its_day(title: str, kind: str, day: date | None) -> None:
    assert kind_and_day(title) == (kind, day)
