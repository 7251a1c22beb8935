"""A printed name against the SIREN beside it."""

import pytest

from pipeline.gazetteer.epci_names import contradiction
from tests.gazetteer.places import REFERENCE

BOURG, GEX = "200071751", "240100750"


@pytest.mark.parametrize(
    ("printed", "siren", "other"),
    [
        ("CA du Bassin de Bourg-En-Bresse", GEX, BOURG),
        ("CA du Pays de Gex", BOURG, GEX),
        ("CC Rhône Crussol", "200073245", "200041366"),
    ],
)
def test_the_name_of_another_epci_contradicts(printed: str, siren: str, other: str) -> None:
    found = contradiction(printed, siren, 2020, REFERENCE)
    assert found is not None
    assert (found.by_siren.siren, found.by_name.siren) == (siren, other)


@pytest.mark.parametrize(
    ("printed", "siren"),
    [
        ("CA du Bassin de Bourg-En-Bresse", BOURG),
        ("CA Hermitage-Tournonais-Herbasse-Pays de Saint Félicien", "200073096"),  # renamed Arche Agglo
        ("CA du Bassin de Thau", "200066355"),  # renamed Sète Agglopôle Méditerranée
        ("CC du Grand Villefranchois", "200069383"),  # part of the name of another, in Tarn
        ("CA Porte de l'Isère (C.A.P.I)", "243800604"),
        ("T1 - Ville de Paris", "217500016"),
        ("CA du Pays de Gex", "999999999"),  # a SIREN that is not held
        ("Néant", BOURG),
    ],
)
def test_an_old_a_short_or_an_unknown_name_does_not(printed: str, siren: str) -> None:
    assert contradiction(printed, siren, 2020, REFERENCE) is None
