"""When a sensor may ask again: a new state at once, the same one later each time, never with a key used before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.refresh.asking import LONGEST_WAIT_SECONDS, Asked, ask, dumps, loads


def test_a_state_is_asked_for_at_once_then_after_one_two_four_minutes() -> None:
    now, request, waits = 1000.0, ask(None, "a", 1000.0, jitter=0.0), []
    for _ in range(4):
        assert request is not None
        assert ask(request, "a", request.again_from - 1, jitter=0.0) is None
        waits.append(request.again_from - now)
        now = request.again_from
        request = ask(request, "a", now, jitter=0.0)
    assert waits == [60, 120, 240, 480]


def test_a_document_changed_and_changed_back_is_asked_for_each_time() -> None:
    first = ask(None, "a", 0.0)
    second = ask(first, "b", 1.0)
    third = ask(second, "a", 2.0)
    assert first is not None
    assert second is not None
    assert third is not None
    assert len({first.key, second.key, third.key}) == 3


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 10_000)), max_size=30))
def test_a_key_is_never_used_twice_and_waits_stay_bounded(ticks: list[tuple[str, float]]) -> None:
    asked: Asked | None = None
    now, keys = 0.0, []
    for mark, pause in ticks:
        now += pause
        request = ask(asked, mark, now)
        if request is not None:
            asked = request
            keys.append(request.key)
            assert now < request.again_from <= now + 1.2 * LONGEST_WAIT_SECONDS
    assert len(keys) == len(set(keys))


def test_a_cursor_comes_back_and_a_broken_one_starts_anew() -> None:
    asked = {"doc": Asked("a", 3, 2, 12.5)}
    assert loads(dumps(asked)) == asked
    assert loads(None) == loads("{") == loads('{"doc": 3}') == loads("[]") == {}
