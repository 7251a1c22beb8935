"""The cursor: it passes a delivery only once every one before it is held, or lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.acquisition.feed import State, StateError, acquisition_lock, load_state, save_state
from pipeline.settings import Settings

LISTED = [f"2030020{day}-001500" for day in range(1, 8)]


def test_a_delivery_that_fails_holds_the_cursor_and_no_other_delivery() -> None:
    state = State(cursor="20300131-").taken(LISTED[0], LISTED).failed(LISTED[1]).taken(LISTED[2], LISTED)
    assert (state.cursor, state.ahead, state.missed) == (LISTED[0], (LISTED[2],), (LISTED[1],))
    assert [stamp for stamp in LISTED if state.wants(stamp)] == [LISTED[1], *LISTED[3:]]
    assert state.taken(LISTED[1], LISTED) == State(cursor=LISTED[2])


def test_what_the_index_forgets_is_lost_until_it_comes_back() -> None:
    state = State(cursor=LISTED[0]).failed(LISTED[1]).taken(LISTED[2], LISTED)
    forgotten = state.seen([LISTED[0], *LISTED[2:]])
    assert (forgotten.cursor, forgotten.missed, forgotten.lost) == (LISTED[2], (), (LISTED[1],))
    assert forgotten.seen(LISTED).lost == ()


@given(st.permutations(LISTED))
def test_in_whatever_order_they_are_taken_nothing_is_taken_twice_or_left(order: list[str]) -> None:
    state = State(cursor="20300131-")
    for n, stamp in enumerate(order):
        assert state.wants(stamp)
        state = state.taken(stamp, LISTED)
        assert {s for s in LISTED if not state.wants(s)} == set(order[: n + 1])
    assert state == State(cursor=LISTED[-1])


def test_the_state_survives_its_file(tmp_path: Path) -> None:
    state = State(LISTED[0], (LISTED[2],), (LISTED[1],), ("20290101-000000",))
    save_state(state, tmp_path / "feed.json")
    assert load_state(tmp_path / "feed.json") == state
    assert [p.name for p in tmp_path.iterdir()] == ["feed.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cursor": "", "ahead": 3}'])
def test_a_damaged_state_is_refused_and_not_taken_for_a_new_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "feed.json").write_text(text, encoding="utf-8")
    with pytest.raises(StateError, match="ne se lit pas"):
        load_state(tmp_path / "feed.json")


def test_one_process_acquires_at_a_time(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    with acquisition_lock(settings), pytest.raises(StateError, match="un autre processus"), acquisition_lock(settings):
        pass
    with acquisition_lock(settings):
        pass
