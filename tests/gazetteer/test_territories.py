"""From the codes of one date to those of another."""

from datetime import date
from itertools import pairwise

import pytest

from pipeline.gazetteer import ReferenceMissing, load, passage, snapshot_dates
from tests.gazetteer.places import REFERENCE, SHEET_2017, YEAR_2020, ZONING_2009

DATES = snapshot_dates(REFERENCE)


@pytest.mark.parametrize(("since", "to"), list(pairwise(DATES)))
def test_no_commune_is_lost_either_way(since, to):
    forward = passage(REFERENCE, since, to)
    old, new = ({c.code for c in load(REFERENCE, day).communes()} for day in (since, to))
    mayotte = {code for code in new if code.startswith("976")} if since == ZONING_2009 else set()
    assert forward.keys() == old
    assert {code for codes in forward.values() for code in codes} == new - mayotte
    backward = {(new, old) for new, olds in passage(REFERENCE, to, since).items() for old in olds}
    assert backward == {(new, old) for old, news in forward.items() for new in news}


@pytest.mark.parametrize(
    ("code", "since", "to", "codes"),
    [
        pytest.param("01289", ZONING_2009, YEAR_2020, ("01289",), id="Péronnas stays"),
        pytest.param("49304", ZONING_2009, SHEET_2017, ("49304",), id="not merged yet"),
        pytest.param("49304", ZONING_2009, YEAR_2020, ("49261",), id="merged"),
        pytest.param("49149", ZONING_2009, YEAR_2020, ("49261",), id="merged twice"),
        pytest.param("44060", ZONING_2009, SHEET_2017, ("49160",), id="merged into another département"),
        pytest.param("52504", ZONING_2009, SHEET_2017, ("52124", "52504"), id="an associated commune re-established"),
        pytest.param("14712", SHEET_2017, YEAR_2020, ("14666", "14712"), id="a commune nouvelle dissolved"),
        pytest.param("14712", ZONING_2009, YEAR_2020, ("14712",), id="merged and parted again: itself"),
        pytest.param("27676", YEAR_2020, date(2021, 1, 1), ("27058",), id="a new code for the same commune"),
        pytest.param(
            "15141", date(2024, 1, 1), date(2025, 1, 1), ("15031", "15035", "15047", "15141", "15171"), id="split"
        ),
    ],
)
def test_a_code_becomes_those_that_hold_its_territory(code, since, to, codes):
    assert passage(REFERENCE, since, to)[code] == codes


def test_read_backwards_a_commune_gives_those_it_is_made_of():
    assert passage(REFERENCE, YEAR_2020, ZONING_2009)["49160"] == ("44060", "49160")


def test_a_date_to_itself_changes_nothing():
    assert all(codes == (code,) for code, codes in passage(REFERENCE, SHEET_2017, SHEET_2017).items())


def test_a_date_between_snapshots_is_not_answered():
    with pytest.raises(ReferenceMissing, match=r"2018-01-01 ; dates détenues : 2009-04-29"):
        passage(REFERENCE, date(2018, 1, 1), YEAR_2020)
