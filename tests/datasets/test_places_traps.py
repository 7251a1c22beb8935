"""The traps of the places sheet, one by one, on sheets of a few lines."""

from __future__ import annotations

import pytest

from pipeline.documents.decisions import Correction
from tests.datasets.places_made import hear, sheet


def test_empty_leading_cells_repeat_the_region_above() -> None:
    heard = hear(sheet("Bretagne | 172 | 348 | Finistère (29) | Quimper | 172", "|||Morbihan (56) | Lorient |"))
    assert [row["libelle_region_feuille"] for row in heard.sites] == ["Bretagne", "Bretagne"]
    assert [row["code_commune"] for row in heard.sites] == ["29232", "56121"]


def test_cells_are_told_by_kind_whatever_their_column() -> None:
    heard = hear(
        sheet("Grand Est | 86 ||||| 792 || Haute-Marne (52) ||| Bettancourt-la-Ferrée || 86", "|Moselle (57)|Ennery")
    )
    assert heard.regions[0]["places_prevues"] == 792
    assert [(row["code_commune"], row["places"]) for row in heard.sites] == [("52045", 86), ("57193", None)]


def test_one_line_may_hold_three_sites() -> None:
    heard = hear(
        sheet(
            "Nouvelle-Aquitaine | 267 | 300 | Gironde (33) | Mérignac | 267",
            "|||Vienne (86) | Artigues-près-Bordeaux",
            "|||Deux-Sèvres (79)",
            "Haute-Vienne | Poitiers | Niort | Limoges",
        )
    )
    assert [row["code_commune"] for row in heard.sites] == ["33281", "33013", "86194", "79191", "87085"]
    assert [row["ligne"] for row in heard.sites] == [2, 3, 5, 5, 5]


@pytest.mark.parametrize(
    ("region", "departement", "label", "code"),
    [
        ("Nouvelle-Aquitaine", "Gironde (33)", "Mérignac", "33281"),
        ("Hauts-de-France", "Nord (59)", "Bailleul", "59043"),
        ("Grand Est", "Moselle (57)", "Ennery", "57193"),
        ("PACA", "Bouches-du-Rhône (13)", "Vitrolles", "13117"),
        ("Normandie", "Calvados (14)", "Mondeville", "14437"),
    ],
)
def test_a_homonym_is_the_commune_of_the_printed_departement(
    region: str, departement: str, label: str, code: str
) -> None:
    (site,) = hear(sheet(f"{region} | 1 | 2 | {departement} | {label} | 1")).sites
    assert (site["code_commune"], site["communes_candidates"]) == (code, None)


def test_a_homonym_that_no_alignment_settles_is_left_with_its_candidates() -> None:
    heard = hear(
        sheet(
            "Nouvelle-Aquitaine | 1 | 2 | Charente (16) | Mérignac | 1",
            "|||Gironde (33) | Poitiers",
            "|||Vienne (86)",
        )
    )
    assert heard.site("Mérignac")["code_commune"] is None
    assert heard.site("Mérignac")["communes_candidates"] == ("16216", "33281")
    assert heard.site("Poitiers")["code_commune"] == "86194"
    assert "plusieurs communes portent ce nom" in heard.said("commune_non_resolue")[0]


def test_columns_that_came_apart_are_aligned_and_nobody_is_accused() -> None:
    heard = hear(
        sheet(
            "Auvergne-Rhône-Alpes | 306 | 670 | Isère (38) | Chasse-sur-Rhône | 306",
            "|||Savoie (73) | Voiron",
            "|||Ain (01) | Chignin",
            "|||Rhône (69) | Péronnas",
            "|||Allier (03) | Lyon",
        )
    )
    assert [row["code_departement"] for row in heard.sites] == ["38", "38", "73", "01", "69"]
    assert heard.site("Lyon")["departement_feuille"] == "Allier (03)"
    (aligned,) = heard.said("cellules_fusionnees_perdues")
    assert "Isère (38) : Chasse-sur-Rhône, Voiron ; Savoie (73) : Chignin" in aligned
    assert not heard.said("departement_contradictoire")
    assert heard.said("departement_sans_commune") == ["Allier (03) est listé sous Auvergne-Rhône-Alpes sans commune"]


def test_what_no_alignment_explains_is_a_contradiction() -> None:
    heard = hear(sheet("Normandie | 1 | 2 | Calvados (14) | Mondeville | 1", "|||Orne (61) | Limoges"))
    assert heard.said("departement_contradictoire")
    assert not heard.said("cellules_fusionnees_perdues")
    limoges = heard.site("Limoges")
    assert (limoges["code_commune"], limoges["communes_candidates"]) == (None, ("87085",))
    assert (limoges["code_departement"], limoges["code_region"]) == (None, None)
    assert limoges["departement_feuille"] == "Orne (61)"


def test_a_contradiction_that_the_region_settles_keeps_both() -> None:
    heard = hear(sheet("Normandie | 1 | 2 | Calvados (14) | Rouen | 1"))
    assert heard.site("Rouen")["code_commune"] == "76540"
    assert heard.site("Rouen")["departement_feuille"] == "Calvados (14)"
    assert heard.said("departement_contradictoire")


def test_a_real_commune_of_another_departement_is_not_taken_for_the_printed_one() -> None:
    heard = hear(sheet("Bretagne | 1 | 2 | Finistère (29) | Vitrolles | 1"))
    assert heard.site("Vitrolles")["code_commune"] is None
    assert heard.site("Vitrolles")["communes_candidates"] == ("05184", "13117")


def test_a_name_that_joins_two_communes_has_both_as_candidates() -> None:
    heard = hear(sheet("Bourgogne-Franche-Comté | 82 | 90 | Yonne (89) | Auxerre-Appoigny | 82"))
    (site,) = heard.sites
    assert (site["code_commune"], site["communes_candidates"]) == (None, ("89024", "89013"))
    assert (site["code_departement"], site["code_region"], site["places"]) == ("89", "27", 82)
    assert heard.said("nom_de_deux_communes")


@pytest.mark.parametrize(
    ("line", "label", "code", "part"),
    [
        ("Nouvelle-Aquitaine | 1 | 2 | Dordogne (24) | Saint-Aulaye | 1", "Saint-Aulaye", "24376", "24376"),
        (
            "Bourgogne-Franche-Comté | 1 | 2 | Saône-et-Loire (71) | Sennécé-lès-Mâcon | 1",
            "Sennécé-lès-Mâcon",
            "71270",
            "71511",
        ),
    ],
    ids=["delegated", "associated"],
)
def test_a_delegated_or_associated_commune_keeps_its_own_code(line: str, label: str, code: str, part: str) -> None:
    heard = hear(sheet(line))
    assert (heard.site(label)["code_commune"], heard.site(label)["code_commune_deleguee_associee"]) == (code, part)
    assert heard.said("commune_deleguee_ou_associee")


SHORT = sheet("Auvergne-Rhône-Alpes | 1 | 2 | Isère (38) | Fontanil (plusieurs dispositifs?) | 1")
DECIDED = Correction(
    "fontanil",
    "Fontanil (plusieurs dispositifs?)",
    "Fontanil-Cornillon (plusieurs dispositifs?)",
    "seule commune de ce nom",
    "applied",
)


def test_a_shortened_name_is_left_with_its_candidate() -> None:
    (site,) = hear(SHORT).sites
    assert (site["code_commune"], site["communes_candidates"]) == (None, ("38170",))
    assert (site["code_departement"], site["plusieurs_dispositifs"]) == (None, True)


def test_a_correction_may_decide_and_the_printed_name_stays() -> None:
    heard = hear(SHORT, [DECIDED])
    (site,) = heard.sites
    assert (site["code_commune"], site["libelle_imprime"]) == ("38170", "Fontanil (plusieurs dispositifs?)")
    assert heard.said("correction_appliquee")
    assert not heard.unbalanced


def test_notes_are_apart_from_the_name() -> None:
    heard = hear(sheet("Hauts-de-France | 1 | 2 | Nord (59) | Dunkerque (?) | 1", "|||Nord (59) | Roncq"))
    assert [(row["code_commune"], row["incertain"]) for row in heard.sites] == [("59183", True), ("59508", False)]
    assert heard.sites[0]["libelle_imprime"] == "Dunkerque (?)"


def test_a_departement_may_lack_its_code_or_be_misspelt() -> None:
    heard = hear(
        sheet(
            "Pays de la loire | 1 | 2 | Sarthe | Le Mans | 1",
            "Bretagne | 1 | 2 | Ille-et-Villaine (35) | Le Rheu | 1",
        )
    )
    assert [row["code_commune"] for row in heard.sites] == ["72181", "35240"]
    assert heard.said("departement_mal_ecrit") == ["« Ille-et-Villaine (35) » lu Ille-et-Vilaine (35)"]


@pytest.mark.parametrize(
    ("printed", "code"), [("PACA", "93"), ("Centre", "24"), ("Pays de la loire", "52"), ("NORMANDIE", "28")]
)
def test_a_region_by_its_usual_name(printed: str, code: str) -> None:
    (region,) = hear(sheet(f"{printed} | 1 | 2")).regions
    assert (region["code_region"], region["libelle_feuille"]) == (code, printed)


TWO_NAMES = (
    "Occitanie (Nouvelle-Aquitaine) | 1 | 2 | Gard (30) | Marguerittes | 1",
    "|||Pyrénées-Atlantiques (64) | Pau",
)


def test_a_region_with_two_names_is_the_one_without_a_row_of_its_own() -> None:
    heard = hear(sheet("Nouvelle-Aquitaine | 1 | 2 | Gironde (33) | Mérignac | 1", *TWO_NAMES))
    assert heard.regions[1]["code_region"] == "76"
    pau = heard.site("Pau")
    assert (pau["code_region_feuille"], pau["code_region"], pau["code_commune"]) == ("76", "75", "64445")
    assert heard.said("region_a_deux_noms")
    assert len(heard.said("region_differente")) == 1


def test_a_region_with_two_names_is_not_guessed() -> None:
    heard = hear(sheet(*TWO_NAMES))
    assert heard.regions[0]["code_region"] is None
    assert [row["code_region_feuille"] for row in heard.sites] == [None, None]
    assert [row["code_region"] for row in heard.sites] == ["76", "75"]
    assert "Occitanie (76) et Nouvelle-Aquitaine (75)" in heard.said("region_a_deux_noms")[0]


def test_names_that_a_region_shares_with_a_departement_or_a_commune() -> None:
    heard = hear(
        sheet(
            "Guadeloupe | 5 | 6 | Guadeloupe | Les Abymes | 5",
            "Centre | 1 | 2 | Indre (36) | Bretagne | 1",
            "Île-de-France | 7 | 8 | Paris (75) | Paris | 7",
        )
    )
    assert [row["code_region"] for row in heard.regions] == ["01", "24", "11"]
    assert [row["code_commune"] for row in heard.sites] == ["97101", "36024", "75056"]


def test_a_blank_is_never_spread() -> None:
    heard = hear(
        sheet(
            "Hauts-de-France | 512 | 600 | Nord (59) | Roncq | ",
            "|||Pas-de-Calais (62) | Liévin | 200",
            "|||Nord (59) | Lesquin | ",
            "|||Nord (59) | Bailleul | 312",
        )
    )
    assert [row["places"] for row in heard.sites] == [None, 200, None, 312]
    assert [row["groupe_places"] for row in heard.sites] == [None, 2, 2, 4]
    assert [row["sites_du_groupe"] for row in heard.sites] == [None, 2, 2, 1]


def test_a_group_ends_with_its_region() -> None:
    heard = hear(sheet("Bretagne | 1 | 2 | Finistère (29) | Quimper | 1", "Centre | 0 | 2 | Cher (18) | Bourges |"))
    assert [row["groupe_places"] for row in heard.sites] == [1, None]


def test_sums_that_disagree_are_said_with_their_numbers_and_places() -> None:
    heard = hear(
        sheet(
            "Bretagne | 172 | 348 | Finistère (29) | Quimper | 170",
            "Centre | 107 | 106 | Loiret (45) | Orléans | 107",
            "<b>Total</b> | <b>278</b> | <b>454</b>",
        )
    )
    assert heard.said("ecart_sites") == ["Bretagne : 172 places connues, 170 par la somme des sites (écart +2)"]
    assert heard.said("plus_de_connues_que_prevues") == ["Centre : plus de places connues (107) que prévues (106)"]
    assert heard.said("total_different") == ["total des places connues : 278 imprimé, 279 par la somme des régions"]
    places = {o.rule: o.source.label for o in heard.observations if o.source}
    assert places == {"ecart_sites": "ligne 2", "plus_de_connues_que_prevues": "ligne 3", "total_different": "ligne 4"}


def test_nothing_is_said_where_the_sheet_agrees() -> None:
    heard = hear(
        sheet(
            "Bretagne | 172 | 348 | Finistère (29) | Quimper | 172",
            "|||Morbihan (56) | Lorient |",
            "<b>Total</b> | <b>172</b> | <b>348</b>",
        )
    )
    assert not heard.observations
    assert not heard.refused


def test_the_total_is_no_row() -> None:
    heard = hear(sheet("Bretagne | 1 | 2 | Finistère (29) | Quimper | 1", "<b>Total</b> | <b>1</b> | <b>2</b>"))
    assert [row["libelle_feuille"] for row in heard.regions] == ["Bretagne"]
    assert not heard.unbalanced
