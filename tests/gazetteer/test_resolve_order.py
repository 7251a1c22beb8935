"""Which order a list keeps, the chain that keeps it, and what fits between two of its names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.gazetteer.resolver.order import longest_chain, measure, ranks_of

NAMES = {"01001": "Ambléon", "01002": "Zulle", "01003": "Le Bar", "01004": "Cessy", "01005": "L'Abergement"}
BY_CODE, BY_NAME = ranks_of(NAMES, "code"), ranks_of(NAMES, "alphabetical")


def test_names_are_ranked_without_their_article():
    assert BY_NAME.codes == ("01005", "01001", "01003", "01004", "01002")


@pytest.mark.parametrize(
    ("codes", "order"),
    [
        (["01001", "01002", "01003", "01004"], "code"),
        (["01005", "01001", "01003", "01002"], "alphabetical"),
        (["01003", "01002", "01005", "01001"], "none"),
        (["01001", "01002", "01003"], "none"),  # too few to tell
    ],
)
def test_the_order_is_the_one_that_holds(codes, order):
    assert measure(codes, BY_CODE, BY_NAME) == order


def test_a_window_is_what_stands_between_two_names():
    assert BY_CODE.between("01001", "01004") == {"01002", "01003"}
    assert BY_CODE.between(None, "01003") == {"01001", "01002"}
    assert BY_CODE.between("01004", None) == {"01005"}
    assert BY_CODE.between("01001", "01002") == set()


def test_one_name_out_of_place_leaves_the_chain_of_the_others():
    assert longest_chain([1, 9, 2, 3]) == [0, 2, 3]


@given(st.lists(st.integers(0, 30), max_size=25))
def test_a_chain_increases_strictly_and_cannot_be_extended(ranks):
    kept = longest_chain(ranks)
    values = [ranks[i] for i in kept]
    assert kept == sorted(set(kept))
    assert values == sorted(set(values))
    for i in set(range(len(ranks))) - set(kept):
        longer = [ranks[k] for k in sorted({*kept, i})]
        assert longer != sorted(set(longer))
