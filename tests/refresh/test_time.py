"""The two axes of time through a whole refresh, from document.toml to SQL: what was in force, as known then."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from pipeline.warehouse.access import connect
from tests.production import publish
from tests.refresh.acts import ARRETE, FIRST, Act, Row, add, noon, printed_rows, project, read, with_thresholds
from tests.shipped import copy_acts

BOURG, GEX = "200071751", "240100750"
"""Two agglomerations of the Ain: 8 861 € and 10 260 € in 2020."""
WINTER, NEXT_SUMMER = date(2020, 12, 1), date(2021, 8, 1)
AMENDING = Act(
    "JORFTEXT000043798217",
    date(2021, 7, 18),
    year=2021,
    signed=date(2021, 6, 30),
    relation={"kind": "modifie", "act": ARRETE},
)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The arrêté of 2020, known since January."""
    settings = project(tmp_path_factory.mktemp("held") / "project")
    add(settings, FIRST, printed_rows())
    read(settings, FIRST, noon(1))
    return settings.root


@pytest.fixture
def settings(held: Path, tmp_path: Path) -> Settings:
    return Settings(shutil.copytree(held, tmp_path / "project", symlinks=True))


def learn(settings: Settings, act: Act, rows: list[Row] | None = None, month: int = 2) -> None:
    """Read one more act, known from that month on, and publish."""
    add(settings, act, rows or ())
    (edition,) = read(settings, act, noon(month)).editions
    assert edition.status == "accepted", edition.reasons
    publish(settings, now=noon(month))


def thresholds(settings: Settings, day: date, known_at: datetime | None = None) -> dict[str, int]:
    """SIREN → threshold in force that day, as known at that moment (now by default)."""
    moment = known_at.replace(tzinfo=None) if known_at else None  # known times are UTC without saying so
    with connect(settings) as connection:
        found = connection.execute(
            "SELECT siren, seuil_euros_par_uc_an FROM premier_quartile_as_of(?, known_at := ?)", [day, moment]
        ).fetchall()
    return dict(found)


def two(settings: Settings, day: date, known_at: datetime | None = None) -> tuple[int | None, int | None]:
    """Bourg-en-Bresse and Gex."""
    found = thresholds(settings, day, known_at)
    return found.get(BOURG), found.get(GEX)


@pytest.mark.parametrize(
    ("kind", "title"),
    [("abroge", f"Arrêté abrogeant l'{FIRST.title}"), ("annule", "Décision du Conseil d'État n° 440000")],
)
def test_an_act_that_repeals_or_annuls_ends_the_edition_from_the_day_it_states(
    settings: Settings, kind: str, title: str
) -> None:
    ending = Act(
        "JORFTEXT000099999901",
        date(2020, 12, 15),
        title,
        relation={"kind": kind, "act": ARRETE, "date_effet": WINTER},
    )
    learn(settings, ending)
    assert len(thresholds(settings, date(2020, 11, 30))) == 414
    assert thresholds(settings, WINTER) == {}
    assert len(thresholds(settings, WINTER, noon(1))) == 414
    with connect(settings) as connection:
        shown = connection.execute("SELECT DISTINCT vigueur, valid_to, edition FROM premier_quartile").fetchall()
        ends = connection.execute("SELECT valid_to_base FROM meta.periods WHERE known_to IS NULL").fetchall()
        editions = connection.execute("SELECT edition FROM meta.editions").fetchall()
    assert shown == [("expire", WINTER, ARRETE)]
    assert ends == [(kind,)]
    assert editions == [(ARRETE,)]


def test_an_amendment_leaves_the_days_before_it_as_they_were(settings: Settings) -> None:
    copy_acts(settings.raw)
    learn(settings, AMENDING, with_thresholds(printed_rows(), {BOURG: "9 000 €"}))
    assert two(settings, WINTER) == (8861, 10260)
    assert two(settings, NEXT_SUMMER) == (9000, 10260)
    assert two(settings, NEXT_SUMMER, noon(1)) == (None, None)  # known to exist then, and not held


def test_a_partial_amendment_changes_the_keys_it_prints_and_no_others(settings: Settings) -> None:
    partial = Act(
        AMENDING.id, AMENDING.effect, year=2021, relation={**(AMENDING.relation or {}), "portee": "partielle"}
    )
    only = [row for row in with_thresholds(printed_rows(), {BOURG: "9 000 €"}) if row[3] == BOURG]
    learn(settings, partial, only)
    assert two(settings, WINTER) == (8861, 10260)
    assert two(settings, NEXT_SUMMER) == (9000, 10260)
    assert len(thresholds(settings, NEXT_SUMMER)) == 414
    with connect(settings) as connection:
        places = connection.execute(
            "SELECT siren, edition, source_lieu FROM premier_quartile_as_of(?) WHERE siren IN (?, ?) ORDER BY 1",
            [NEXT_SUMMER, BOURG, GEX],
        ).fetchall()
    assert places == [(BOURG, partial.id, "lignes 10 à 14"), (GEX, ARRETE, "lignes 15 à 19")]


def test_a_rectification_changes_what_is_known_from_the_first_day_of_the_act(settings: Settings) -> None:
    rectifying = Act("JORFTEXT000099999902", date(2020, 9, 1), relation={"kind": "rectifie", "act": ARRETE})
    learn(settings, rectifying, with_thresholds(printed_rows(), {BOURG: "8 681 €"}))
    assert two(settings, FIRST.effect) == (8681, 10260)
    assert two(settings, FIRST.effect, noon(1)) == (8861, 10260)
    with connect(settings) as connection:
        shown = connection.execute("SELECT DISTINCT edition, valid_from FROM premier_quartile").fetchall()
    assert shown == [(ARRETE, FIRST.effect)]


def test_a_retroactive_act_answers_for_days_before_it_was_signed(settings: Settings) -> None:
    retroactive = Act("JORFTEXT000099999903", date(2021, 1, 1), year=2021, signed=date(2021, 6, 3))
    learn(settings, retroactive, with_thresholds(printed_rows(), {BOURG: "9 000 €"}))
    spring = date(2021, 3, 1)
    assert two(settings, spring) == (9000, 10260)
    assert two(settings, spring, noon(1)) == (8861, 10260)
    assert two(settings, WINTER) == (8861, 10260)


def test_a_withdrawn_amendment_answers_only_for_what_was_known_before(settings: Settings) -> None:
    learn(settings, AMENDING, with_thresholds(printed_rows(), {BOURG: "9 000 €"}))
    VersionStore(settings.versions).withdraw(2, "chiffre mal lu", noon(3))
    publish(settings, now=noon(3))
    assert two(settings, NEXT_SUMMER) == (8861, 10260)
    assert two(settings, NEXT_SUMMER, noon(2)) == (9000, 10260)
    assert two(settings, NEXT_SUMMER, noon(1)) == (8861, 10260)
