"""What an edit costs: known confusions little, arbitrary letters one, equal strings nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.gazetteer.resolver.similarity import DOUBLED, LOOKALIKE, SPACE, SUBSTITUTION, SWAPPED, edit_cost

WORDS = st.text(alphabet="abcdefilmnorstu ", max_size=12)


@pytest.mark.parametrize(
    ("label", "name", "cost"),
    [
        ("camoux en provence", "carnoux en provence", LOOKALIKE),  # rn read as m
        ("decle", "clecle", LOOKALIKE),  # cl read as d
        ("satnt denis", "saint denis", LOOKALIKE),
        ("b0is", "bois", LOOKALIKE),
        ("watrelos", "wattrelos", DOUBLED),
        ("saintdenis", "saint denis", SPACE),
        ("jaulens", "jaulnes", SWAPPED),
        ("zaris", "paris", SUBSTITUTION),
    ],
)
def test_one_known_confusion_has_its_price(label, name, cost):
    assert edit_cost(label, name) == pytest.approx(cost)


def test_two_confusions_apart_add_up():
    assert edit_cost("satnt den1s", "saint denis") == pytest.approx(2 * LOOKALIKE)


def test_a_confusion_is_nearer_than_an_arbitrary_letter():
    assert edit_cost("marly", "marty") < edit_cost("mardy", "marxy")


@given(WORDS)
def test_a_string_is_at_no_distance_from_itself(word):
    assert edit_cost(word, word) == 0


@given(WORDS, WORDS)
def test_different_strings_are_apart_but_no_farther_than_rewriting_them(one, other):
    cost = edit_cost(one, other)
    assert (cost > 0) == (one != other)
    assert cost <= len(one) + len(other)
