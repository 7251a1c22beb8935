"""Damaged zoning annexes: what cannot be placed is quarantined or said, the rest published, every name has one fate.

Everywhere, a commune that something printed and not published could name has no zone rather than zone C.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from tests.datasets import zonage_made
from tests.datasets.zonage_made import END, ReadAnnex, communes_of, country

AIN, ISERE = ("## 01-Ain", "Cessy, Gex, Thoiry."), ("## 38-Isère", "Bernin, Crolles, Grenoble.")
RHONE = ("## 69-Rhône", "Arnas, Denicé, Gleizé.")
CESSY, GEX, THOIRY, GRENOBLE, LYON, ARNAS = "01071", "01173", "01419", "38185", "69123", "69013"

COUNTRY = country("01", "2A", "38", "42", "69")
COMMUNES = communes_of(COUNTRY)
read_annex = partial(zonage_made.read_annex, reference=COUNTRY)


def whole(annex: ReadAnnex) -> bool:
    return len(annex.rows) == COMMUNES and not annex.unbalanced and not annex.failed_checks


def test_a_sound_annex() -> None:
    annex = read_annex("## Zone A", *AIN, "## Zone B1", *ISERE, *END)
    assert whole(annex)
    assert annex.refused == []
    assert (annex.in_zone("A"), len(annex.in_zone("B1"))) == ({CESSY, GEX, THOIRY}, 3)
    assert len(annex.in_zone("C")) == COMMUNES - 6


def test_a_heading_without_names() -> None:
    annex = read_annex("## Zone A", AIN[0], *ISERE, *END)
    assert whole(annex)
    assert annex.said("titre_sans_liste") == [
        "zone A, 01-Ain : titre sans aucun nom ; communes de ce département non nommées ailleurs laissées sans zone"
    ]
    assert (annex.zone(CESSY), annex.reserve(CESSY)) == (None, "liste_absente")
    assert (annex.zone(GRENOBLE), annex.zone(LYON)) == ("A", "C")


@pytest.mark.parametrize("heading", ["## 99-Atlantide", "## Atlantide"])
def test_an_unknown_departement(heading: str) -> None:
    annex = read_annex("## Zone A", heading, "Cessy, Poséidonis.", *ISERE, *END)
    assert whole(annex)
    assert annex.refused == [("departement_inconnu", "Cessy | Poséidonis")]
    assert (annex.zone(CESSY), annex.reserve(CESSY)) == (None, "zone_inconnue")
    assert (annex.zone(GRENOBLE), annex.zone(GEX)) == ("A", "C")


@pytest.mark.parametrize("heading", ["## O1-Ain", "## 01-Aln", "## Ain", "01-Ain"])
def test_a_departement_heading_with_one_damaged_half_is_read(heading: str) -> None:
    annex = read_annex("## Zone A", heading, AIN[1], *END)
    assert annex.in_zone("A") == {CESSY, GEX, THOIRY}
    assert annex.refused == []


def test_a_departement_heading_that_contradicts_itself() -> None:
    annex = read_annex("## Zone A", "## 01-Isère", "Cessy, Gex.", *RHONE, *END)
    assert whole(annex)
    assert annex.refused == [("departement_contradictoire", "Cessy | Gex")]
    assert (annex.zone(CESSY), annex.zone(ARNAS)) == (None, "A")


def test_the_same_departement_again_right_after_itself_goes_on() -> None:
    annex = read_annex("## Zone A", AIN[0], "Cessy, Gex,", AIN[0], "Thoiry.", *END)
    assert whole(annex)
    assert annex.in_zone("A") == {CESSY, GEX, THOIRY}


def test_the_same_departement_twice_in_a_zone() -> None:
    """Zone B1 comes next, so no heading is lost in between: both lists are of zone A."""
    annex = read_annex(
        "## Zone A",
        *AIN,
        *ISERE,
        "## 01-Ain",
        "Cessy, Balan.",
        *RHONE,
        "## Zone B1",
        "## 42-Loire",
        "Andrézieux-Bouthéon.",
        *END,
    )
    assert whole(annex)
    assert annex.refused == [("nom_repete", "Cessy")]
    assert annex.in_zone("A") >= {CESSY, GEX, THOIRY, GRENOBLE, ARNAS, "01027"}
    assert annex.said("departement_hors_ordre") == ["zone A, 01-Ain : département répété, ou hors de l'ordre des codes"]


def test_the_heading_of_the_second_zone_is_missing() -> None:
    """Départements start again under zone A, and zone B2 comes next: zone B1 began somewhere in between."""
    annex = read_annex(
        "## Zone A", *AIN, *ISERE, "## 01-Ain", "Balan.", "## 69-Rhône", "Arnas.", "## Zone B2", *RHONE, *END
    )
    assert whole(annex)
    assert annex.refused[-2:] == [("zone_perdue", "Balan"), ("zone_perdue", "Arnas")]
    assert annex.zone("01027") is None
    assert (annex.zone(GRENOBLE), annex.zone("69092")) == ("A", "B2"), "what stands under its own heading is published"
    assert len(annex.said("titre_de_zone_manquant")) == 1


def test_the_heading_of_the_second_zone_is_printed_too_late() -> None:
    annex = read_annex("## Zone A", *ISERE, *RHONE, *AIN, ISERE[0], "Corenc.", "## Zone B1", RHONE[0], "Limas.", *END)
    assert whole(annex)
    assert annex.refused == [("zone_perdue", "Cessy | Gex | Thoiry"), ("zone_perdue", "Corenc")]
    assert (annex.zone(GRENOBLE), annex.zone(GEX), annex.zone("69115")) == ("A", None, "B1")


def test_a_zone_heading_printed_too_early_and_again_at_its_place() -> None:
    """Which of the two is wrong is not known: no list under either has a sure zone."""
    early = ("## Zone A", *AIN, "## Zone B1", *ISERE, *RHONE)
    annex = read_annex(
        *early, "## Zone B1", AIN[0], "Balan.", ISERE[0], "Corenc.", "## Zone B2", RHONE[0], "Limas.", *END
    )
    assert whole(annex)
    assert {rule for rule, _ in annex.refused} == {"zone_perdue"}
    assert (len(annex.in_zone("A")), annex.in_zone("B1"), annex.in_zone("B2")) == (3, set(), {"69115"})


def test_a_zone_heading_out_of_the_order_of_zones() -> None:
    annex = read_annex("## Zone B1", *AIN, "## Zone A", *ISERE, "## Zone B2", *RHONE, *END)
    assert whole(annex)
    assert annex.refused == [("zone_hors_ordre", "Bernin | Crolles | Grenoble")]
    assert (annex.zone(GEX), annex.zone(GRENOBLE), annex.zone(ARNAS)) == ("B1", None, "B2")


def test_lists_under_the_zone_of_the_rest_when_nothing_says_what_the_rest_is() -> None:
    annex = read_annex("## Zone A", *AIN, "## Zone C", *ISERE)
    assert whole(annex)
    assert annex.refused == [("zone_hors_ordre", "Bernin | Crolles | Grenoble")]
    assert (annex.zone(GEX), annex.zone(GRENOBLE), annex.zone(LYON)) == ("A", None, None)


def test_the_heading_of_the_first_zone_is_missing() -> None:
    annex = read_annex("## ANNEXE", *AIN, "## Zone B1", *ISERE, *END)
    assert whole(annex)
    assert annex.refused == [("zone_absente", "Cessy | Gex | Thoiry")]
    assert (annex.zone(CESSY), annex.zone(GRENOBLE), annex.zone(LYON)) == (None, "B1", "C")


def test_the_heading_of_the_last_zone_is_missing() -> None:
    annex = read_annex("## Zone A", *AIN, END[1])
    assert whole(annex)
    assert annex.refused == [("reste_sans_zone", "Le reste du territoire national")]
    assert annex.in_zone("C") == set()
    assert annex.reserve(LYON) == "reste_non_imprime"
    assert annex.zone(GEX) == "A"


def test_a_zone_that_nobody_knows() -> None:
    annex = read_annex("## Zone A", *AIN, "## Zone Bl", *ISERE, *END)
    assert whole(annex)
    assert annex.refused == [("zone_inconnue", "Bernin | Crolles | Grenoble")]
    assert (annex.zone(GRENOBLE), annex.zone(LYON)) == (None, "C")


def test_names_without_a_departement() -> None:
    annex = read_annex("## Zone A", "Cessy, Gex.", *ISERE, *END)
    assert whole(annex)
    assert annex.refused == [("liste_sans_departement", "Cessy | Gex")]
    assert (annex.zone(CESSY), annex.zone(GRENOBLE)) == (None, "A")


def test_names_right_under_the_heading_of_the_annex() -> None:
    annex = read_annex(
        "## ANNEXE", "## Zonage", "Liste des communes.", "Cessy, Gex, Thoiry.", "## Zone B1", *ISERE, *END
    )
    assert whole(annex)
    assert annex.refused == [("liste_sans_departement", "Cessy | Gex | Thoiry")]
    assert (annex.zone(CESSY), annex.zone(GRENOBLE), annex.zone(LYON)) == (None, "B1", "C")


def test_a_file_that_ends_in_mid_name() -> None:
    annex = read_annex("## Zone A", "## 01-Ain", "Cessy, Gex, Saint-Genis-")
    assert whole(annex)
    assert annex.refused == [("nom_coupe", "Saint-Genis-")]
    assert annex.in_zone("A") == {CESSY, GEX}
    assert annex.reserve("01354") == "nom_non_resolu", "Saint-Genis-Pouilly may be meant"
    assert annex.in_zone("C") == set(), "nothing printed gives the rest of the country a zone"
    assert annex.said("liste_non_terminee")


def test_a_last_name_without_punctuation_is_taken_only_when_nothing_longer_begins_so() -> None:
    assert read_annex("## Zone A", "## 01-Ain", "Gex, Thoiry", *END).in_zone("A") == {GEX, THOIRY}
    assert read_annex("## Zone A", "## 01-Ain", "Gex, Ars", *END).refused == [("nom_coupe", "Ars")]


def test_a_name_printed_twice_in_a_list() -> None:
    annex = read_annex("## Zone A", "## 01-Ain", "Cessy, Gex, Cessy.", *END)
    assert whole(annex)
    assert annex.refused == [("nom_repete", "Cessy")]
    assert annex.in_zone("A") == {CESSY, GEX}


def test_a_name_that_two_communes_bear_may_be_printed_twice() -> None:
    """Each of them may be meant once: neither is called a repetition."""
    homonyms = country("01", renamed=(("01420", "Cessy"),))
    heard = zonage_made.read_annex("## Zone A", "## 01-Ain", "Cessy, Gex, Cessy.", *END, reference=homonyms)
    assert {rule for rule, _ in heard.refused} <= {"nom_ambigu"}
    assert heard.zone(GEX) == "A"
    assert heard.unbalanced == []


def test_a_commune_in_two_zones_is_in_none() -> None:
    annex = read_annex("## Zone A", *AIN, "## Zone B1", "## 01-Ain", "Balan, Cessy.", *END)
    assert whole(annex)
    assert [rule for rule, _ in annex.refused] == ["nom_ambigu", "nom_ambigu"]
    assert annex.zone(CESSY) is None
    assert (annex.zone(GEX), annex.zone("01027")) == ("A", "B1")


def test_a_whole_departement_that_another_zone_names_in_part() -> None:
    annex = read_annex("## Zone A", *AIN, "## Zone B1", "## 01-Ain", "L'ensemble des communes du département.", *END)
    assert whole(annex)
    assert {rule for rule, _ in annex.refused} == {"commune_en_deux_zones"}
    assert (annex.zone(CESSY), annex.reserve(CESSY)) == (None, "deux_zones")
    assert annex.zone("01027") == "B1"


def test_names_after_a_whole_departement_are_of_another() -> None:
    sentence = "L'ensemble des communes du département."
    annex = read_annex("## Zone B1", "## 2A-Corse-du-Sud", sentence, "Cessy, Gex.", *END)
    assert whole(annex)
    assert annex.refused == [("titre_manquant", "Cessy | Gex")]
    assert annex.zone("2A004") == "B1"
    assert annex.zone(CESSY) is None


def test_a_whole_departement_whose_heading_is_lost() -> None:
    annex = read_annex("## Zone A", *AIN, "L'ensemble des communes du département.", *END)
    assert whole(annex)
    assert annex.refused == [("titre_manquant", "L'ensemble des communes du département.")]
    assert (annex.zone(CESSY), annex.zone("01027")) == ("A", "C")
    assert annex.reserve(LYON) == "zone_inconnue", "any département without a heading may be meant"


def test_names_after_the_end_of_a_list_are_of_another_unless_most_are_of_its_departement() -> None:
    annex = read_annex("## Zone A", AIN[0], "Cessy, Gex.", ISERE[1], *END)
    assert whole(annex)
    assert annex.refused == [("titre_manquant", "Bernin | Crolles | Grenoble")]
    assert (annex.zone(GEX), annex.zone(GRENOBLE), annex.zone(LYON)) == ("A", None, "C")
    assert read_annex("## Zone A", AIN[0], "Cessy, Gex.", "Thoiry.", *END).in_zone("A") == {CESSY, GEX, THOIRY}


@pytest.mark.parametrize("names", ["Cessy, Gex, Thoiry, Balan, Crolles.", "Cessy, Gex."])
def test_a_list_of_communes_of_elsewhere(names: str) -> None:
    annex = read_annex("## Zone A", ISERE[0], names, *RHONE, *END)
    assert whole(annex)
    assert [rule for rule, _ in annex.refused] == ["liste_incoherente"]
    assert (annex.zone(GEX), annex.zone(ARNAS), annex.zone(LYON)) == (None, "A", "C")


def test_a_name_that_resembles_nothing_blocks_no_commune() -> None:
    annex = read_annex("## Zone A", AIN[0], "Cessy, Gex, Xqwzkjvbnm.", *END)
    assert whole(annex)
    assert annex.refused == [("nom_non_resolu", "Xqwzkjvbnm")]
    assert sum(row["zone"] is None for row in annex.rows.values()) == 0


def test_an_annex_without_any_list_is_refused_whole() -> None:
    with pytest.raises(ValueError, match="aucune liste"):
        read_annex("## ANNEXE", "Voir le fac-similé.")


def test_a_name_that_a_person_corrected() -> None:
    """The code comes from the correction, what is shown as printed is what is printed."""
    annex = read_annex(
        "## Zone A",
        AIN[0],
        "Cessy, Gexx-les-Bains.",
        *END,
        piece=lambda cell: replace(cell, text="Gex") if cell.text == "Gexx-les-Bains" else cell,
    )
    assert annex.refused == []
    row = annex.rows[GEX]
    assert (row["zone"], row["libelle_imprime"], row["resolution"]) == ("A", "Gexx-les-Bains", "correction")


@pytest.mark.parametrize(
    "printed",
    [
        "Cessy Gex, Thoiry.",
        "Cessy, GexThoiry.",
        "Cessy. Gex, Thoiry.",
        "Cessy ; Gex · Thoiry.",
        "Cessy / Gex\tThoiry.",
        "Cessy\nGex\nThoiry.",
        "Cessy Gex Thoiry.",
        "Communes : Cessy, Gex et Thoiry.",
        "Cessy: Gex, Thoiry.",
        "Cessy (1), Gex*, Thoiry.",
    ],
)
def test_names_are_parted_whatever_separates_them(printed: str) -> None:
    annex = read_annex("## Zone A", AIN[0], printed, *END)
    assert whole(annex)
    assert annex.in_zone("A") == {CESSY, GEX, THOIRY}
    assert {annex.reserve(code) for code in (CESSY, GEX, THOIRY)} == {None}
    assert annex.refused == []


def test_a_note_behind_a_name_is_a_reserve() -> None:
    annex = read_annex("## Zone A", AIN[0], "Cessy (en partie), Gex, Thoiry sauf Badian.", *END)
    assert whole(annex)
    assert [(annex.zone(c), annex.reserve(c)) for c in (CESSY, GEX, THOIRY)] == [
        ("A", "avec_note"),
        ("A", None),
        ("A", "avec_note"),
    ]


@pytest.mark.parametrize(
    ("printed", "left"),
    [
        ("Gex Cessy, Thoiry.", {CESSY, GEX}),  # against the order: not cut, but nothing of it is in C
        ("Canton de Gex : Cessy, Thoiry.", {GEX}),
        ("Cessy (avec Gex), Thoiry.", {GEX}),
        ("Cezsy Gex, Thoiry.", {CESSY, GEX}),
    ],
)
def test_what_a_label_names_without_being_cut_is_never_left_to_the_rest(printed: str, left: set[str]) -> None:
    annex = read_annex("## Zone A", AIN[0], printed, *END)
    assert whole(annex)
    for code in left:
        assert annex.zone(code) != "C" or annex.reserve(code), code
