"""The geometry of the two drawings, from plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime

from pipeline.site.graph import SHOWN, Neighbour, graph
from pipeline.site.times import LABEL, NAMED, STATES, WIDTH, HeldPeriod, KnownAct, two_times

LEARNT = datetime(2026, 1, 1, tzinfo=UTC)
TODAY = date(2026, 11, 28)


def held(year: int, end: date | None, since: datetime = LEARNT, until: datetime | None = None) -> HeldPeriod:
    return HeldPeriod(f"act {year}", f"Arrêté de {year}", date(year, 6, 15), end, since, until)


def test_an_edition_and_the_known_act_that_ends_it_meet_on_the_line() -> None:
    drawn = two_times(
        [held(2020, date(2021, 7, 18))], [KnownAct("x", "Arrêté de 2021", date(2021, 7, 18))], TODAY, True
    )
    assert drawn is not None
    (line,) = drawn.states
    first, second = line.bands
    assert (first.kind, second.kind) == ("held", "known")
    assert abs(first.x + first.width - second.x) < 0.2
    assert not first.open and second.open
    assert LABEL < first.x < second.x < drawn.today < WIDTH
    assert "connu et non détenu" in drawn.words


def test_each_state_of_knowledge_has_its_line_the_newest_first() -> None:
    later = datetime(2026, 3, 1, tzinfo=UTC)
    drawn = two_times(
        [held(2020, None, LEARNT, later), held(2020, date(2024, 1, 1), later), held(2024, None, later)], [], TODAY, True
    )
    assert drawn is not None
    now, then = drawn.states
    assert [band.open for band in now.bands] == [False, True]
    assert [band.open for band in then.bands] == [True]
    assert then.label == "su le 01/01/2026"


def test_a_hundred_editions_stay_a_drawing() -> None:
    periods = [held(1920 + n, date(1921 + n, 6, 15), datetime(2026, 1, 1 + n % 20, tzinfo=UTC)) for n in range(100)]
    drawn = two_times(periods, [], TODAY, True)
    assert drawn is not None
    assert len(drawn.states) <= STATES and len(drawn.acts) == 100 > NAMED
    assert drawn.height < 900 and len(drawn.ticks) <= 12


def test_what_has_no_date_has_no_drawing() -> None:
    assert two_times([], [], TODAY, True) is None


def test_the_boxes_of_a_graph_do_not_cover_each_other() -> None:
    sides = [
        Neighbour(side, "held", f"Arrêté n° {n} du 1er janvier relatif à une chose très longue à dire", "", "suivi de")
        for side in ("above", "left", "right", "below")
        for n in range(3)
    ]
    drawn = graph("Arrêté du milieu", sides)
    assert len(drawn.nodes) == 13 and len(drawn.edges) == 12
    for i, a in enumerate(drawn.nodes):
        for b in drawn.nodes[i + 1 :]:
            apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
            assert apart, (a, b)
    assert all(node.y + node.height <= drawn.height for node in drawn.nodes)


def test_an_act_that_nothing_comes_before_has_no_empty_side() -> None:
    alone = graph("Arrêté", [Neighbour("right", "known", "Arrêté suivant", "", "suivi de")])
    between = graph("Arrêté", [Neighbour(side, "known", "Arrêté", "", "") for side in ("left", "right")])
    assert alone.left > between.left == 0
    assert alone.left + alone.width == between.left + between.width


def test_a_guillemet_stays_with_its_word() -> None:
    (node,) = graph("Arrêté du 15 juin 2020, annexe « Arrêté 1er quartile »", []).nodes
    assert not any(line.startswith("»") or line.endswith("«") for line in node.lines)


def test_a_graph_draws_no_more_than_it_can_show() -> None:
    drawn = graph("x", [Neighbour("right", "known", f"acte {n}", "", "") for n in range(50)])
    assert len(drawn.nodes) == SHOWN + 1
