"""Names of one list, and lists of one document, resolved together."""

import random

import pytest

from benchmarks.resolver.damage import LISTED, damage
from benchmarks.resolver.gold import resolve_bulletin, verdict
from pipeline.gazetteer import load, normalise
from pipeline.gazetteer.resolver import PrintedList, resolve_list, resolve_lists
from tests.gazetteer.places import REFERENCE, ZONING_2009

OF_2009 = load(REFERENCE, ZONING_2009)
ANJOU = ["Mazières-en-Mauges", "La Meignanne", "Montreuil-Juigné", "Mûrs-Erigné"]


def codes(resolved):
    return [r.code for r in resolved]


def test_the_order_of_the_list_settles_what_the_name_alone_does_not():
    found = resolve_list(["Messein", "Mexy", "Millery", "Moineville", "Mont-Saint-Marti", "Moutiers"], "54", OF_2009)
    assert found.order == "code"
    assert found[4].nom == "Mont-Saint-Martin"
    assert found.breaks == ()


def test_windows_narrow_as_names_are_decided():
    labels = ["Précly-sur-Oise", "Puisieux-en-Bray", "Puisieux-le-Hauberger", "Rainvillers", "Rézé-Fosse-Martin"]
    noms = ["Précy-sur-Oise", "Puiseux-en-Bray", "Puiseux-le-Hauberger", "Rainvillers", "Réez-Fosse-Martin"]
    assert [r.nom for r in resolve_list(["Pouilly", *labels, "Reilly"], "60", OF_2009)][1:-1] == noms


def test_a_name_out_of_order_is_reported_not_hidden():
    labels = ["Arnas", "Denicé", "Gleizé", "Limas", "Pommiers", "Simandres", "Villefranche-sur-Saône"]
    found = resolve_list(labels, "69", OF_2009, order="code")
    assert found[5].code == "69295"
    [off] = found.breaks
    assert (off.position, off.label, off.after, off.before) == (5, "Simandres", "69156", "69264")


def test_a_real_name_of_the_wrong_place_is_not_taken_at_its_word():
    found = resolve_list([*ANJOU, "Huillé", "Pellouailles-les-Vignes", "Le Plessis-Macé"], "49", OF_2009)
    assert (found[4].status, found[4].code) == ("ambiguous", None)
    assert {"Huillé", "Nuaillé"} <= {c.nom for c in found[4].candidates}


def test_a_full_name_keeps_its_code_against_the_former_one():
    found = resolve_list(["Artres", "Aubers", "Aubry-du-Hainaut", "Aubry", "Aulnoy-lez-Valenciennes"], "59", OF_2009)
    assert [r.nom for r in found[2:4]] == ["Aubry-du-Hainaut", "Auby"]


def test_a_name_printed_twice_is_decided_neither_time():
    found = resolve_list(["Cessy", "Challex", "Challex", "Chevry", "Gex"], "01", OF_2009)
    assert [r.status for r in found] == ["decided", "ambiguous", "ambiguous", "decided", "decided"]
    assert "aussi demandée" in found[1].reason


def test_a_list_in_no_order_has_no_window():
    shuffled = ["Gex", "Chevry", "Versonnex", "Cessy", "Thoiry", "Challex", "Sergy"]
    found = resolve_list(shuffled, "01", OF_2009)
    assert (found.order, found.breaks) == ("none", ())
    assert all(r.how == "exact" for r in found)


def test_an_empty_list_is_an_empty_answer():
    assert len(resolve_list([], "01", OF_2009)) == 0


def test_short_lists_use_the_order_of_their_document():
    long = PrintedList("01", [c.nom for c in OF_2009.communes("01")[:40]])
    short = PrintedList("78", ["Saulx-Marchais", "Senlis", "Soindres"])
    assert resolve_list(short.labels, "78", OF_2009)[1].code is None
    assert [r.nom for r in resolve_lists([long, short], OF_2009)[1]] == ["Saulx-Marchais", "Senlisse", "Soindres"]


def test_a_commune_is_in_one_list_of_its_departement():
    zone_a = PrintedList("01", ["Cessy", "Challex", "Gexx"])
    zone_b = PrintedList("01", ["Challex", "Gex", "Grilly"])
    first, second = resolve_lists([zone_a, zone_b], OF_2009)
    assert codes(first) == ["01071", None, None]
    assert codes(second) == [None, "01173", "01180"]


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_list_gives_no_code_twice_and_keeps_its_order(seed):
    draw = random.Random(seed)
    communes = sorted(draw.sample(OF_2009.communes("60"), 60), key=lambda c: c.code)
    labels = [damage(c.nom, draw.choice((0, 0, 1, 2)), draw, LISTED, normalise) for c in communes]
    found = resolve_list(labels, "60", OF_2009)
    decided = [r.code for r in found if r.code]
    assert len(set(decided)) == len(decided) >= 50
    in_order = [r.code for i, r in enumerate(found) if r.code and i not in {b.position for b in found.breaks}]
    assert in_order == sorted(in_order)
    assert found == resolve_list(labels, "60", OF_2009)


def test_the_bulletin_gets_no_wrong_code(seeds):
    text = (seeds / "boi_8a-2-09.md.txt").read_text(encoding="utf-8")
    resolved = resolve_bulletin(text, OF_2009)
    counts, wrong = verdict(resolved)
    assert wrong == []
    assert counts[False, "undecided"] == 0
    assert counts[True, "right"] >= 125
    assert {found.order for found in resolved.values()} == {"code"}
    assert [b.label for found in resolved.values() for b in found.breaks] == ["Simandres"]
