"""Two lists that came apart: which départements a site may belong to in the best alignments without crossing."""

from __future__ import annotations

from itertools import combinations_with_replacement

from hypothesis import given
from hypothesis import strategies as st

from pipeline.datasets.places.communes import Alignment, align, beside

SITE, PLACES = frozenset, st.frozensets(st.sampled_from(["01", "02", "03"]), max_size=2)


def test_each_departement_takes_consecutive_sites_of_its_own() -> None:
    sites = [SITE({"38"}), SITE({"38"}), SITE({"73"}), SITE({"01"}), SITE({"69"})]
    departements = [SITE({code}) for code in ("38", "73", "01", "69", "03")]
    assert align(sites, departements) == Alignment(5, ((0,), (0,), (1,), (2,), (3,)))


def test_a_name_found_nowhere_may_stand_wherever_its_neighbours_leave_room() -> None:
    sites = [SITE({"38"}), SITE(), SITE({"01"})]
    assert align(sites, [SITE({"38"}), SITE({"73"}), SITE({"01"})]).places == ((0,), (0, 1, 2), (2,))


def test_what_would_cross_is_not_explained() -> None:
    assert align([SITE({"02"}), SITE({"01"})], [SITE({"01"}), SITE({"02"})]).explained == 1


def test_side_by_side_is_explained_where_the_two_agree() -> None:
    sites, departements = [SITE({"01"}), SITE({"02"}), SITE({"01"})], [SITE({"01"}), SITE({"03"})]
    assert beside([0, 1, None], sites, departements) == Alignment(1, ((0,), (1,), ()))


def test_without_a_departement_nothing_is_aligned() -> None:
    assert align([SITE({"01"})], []) == Alignment(0, ((),))
    assert align([], [SITE({"01"})]) == Alignment(0, ())


@given(st.lists(PLACES, max_size=4), st.lists(PLACES, min_size=1, max_size=4))
def test_as_good_as_trying_them_all(sites: list[frozenset[str]], departements: list[frozenset[str]]) -> None:
    tried: dict[tuple[int, ...], int] = {
        way: sum(1 for site, at in zip(sites, way, strict=True) if site & departements[at])
        for way in combinations_with_replacement(range(len(departements)), len(sites))
    }
    most = max(tried.values())
    best = [way for way, explained in tried.items() if explained == most]
    assert align(sites, departements) == Alignment(
        most, tuple(tuple(sorted({way[i] for way in best})) for i in range(len(sites)))
    )
