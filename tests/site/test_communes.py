"""The data of the communes' pages say word for word what the fiche says, on days between changes as on days of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from pipeline.cleaning.values import day_in_words
from pipeline.products.fiche.commune import find_commune
from pipeline.products.fiche.sections import matters
from pipeline.products.fiche.sources import Sources
from pipeline.site import alike, communes
from pipeline.site.source import SiteSource

COMMUNES = ("01004", "01006", "2A004", "75056", "93066", "97411")
_made: dict[str, tuple[list[communes.Stretch], dict[str, Mapping[str, Any]]]] = {}


@pytest.fixture
def told(source: SiteSource) -> tuple[list[communes.Stretch], dict[str, Mapping[str, Any]]]:
    root = str(source.settings.root)
    if root not in _made:
        _made[root] = (communes.stretches(source), dict(communes.shards(source)))
    return _made[root]


def read(data: Mapping[str, Any], fiche: int, day: date) -> tuple[Any, Any]:
    """What the page shows, as the script of the page puts it together."""

    def text(number: int) -> str:
        return str(data["textes"][number]).replace(alike.DAY, day_in_words(day))

    sections, sources = data["fiches"][fiche]
    shown = []
    for title, lines, notes in (data["sections"][number] for number in sections):
        shown.append((text(title), [tuple(map(text, line)) for line in lines], list(map(text, notes))))
    return shown, [text(number) for number in sources]


def fiche_at(stretches: list[communes.Stretch], life: list[list[int]], day: date) -> int:
    number = max(i for i, stretch in enumerate(stretches) if stretch.begin <= day)
    return [fiche for since, fiche in life if since <= number][-1]


@pytest.mark.parametrize("code", COMMUNES)
def test_what_the_page_shows_is_the_fiche(
    source: SiteSource, told: tuple[list[communes.Stretch], dict[str, Mapping[str, Any]]], code: str
) -> None:
    stretches, data = told
    held = data[code[:3] if code.startswith("97") else code[:2]]
    days = [s.begin for s in stretches] + [s.begin + timedelta(days=n) for s in stretches for n in (1, 20)]
    for day in sorted(set(days)):
        sources = Sources(source.connection, day)
        sections = matters(find_commune(source.connection, code, day), sources)
        expected = [
            (s.title, [(line.label, line.value, line.source) for line in s.lines], list(s.notes)) for s in sections
        ]
        shown = read(held, fiche_at(stretches, held["communes"][code], day), day)
        assert shown == (expected, list(sources.list())), day


def test_a_commune_that_is_no_more_has_no_fiche_from_the_next_snapshot_on(
    source: SiteSource, told: tuple[list[communes.Stretch], dict[str, Mapping[str, Any]]]
) -> None:
    stretches, data = told
    gone = [
        row["code"]
        for row in source.rows(
            "SELECT code_commune AS code FROM ref.communes WHERE type = 'COM' AND cog_date = DATE '2009-04-29' "
            "AND code_commune NOT IN (SELECT code_commune FROM ref.communes WHERE type = 'COM' "
            "AND cog_date > DATE '2009-04-29')"
        )
    ]
    assert gone
    life = data[gone[0][:2]]["communes"][gone[0]]
    assert fiche_at(stretches, life, date(2009, 5, 1)) >= 0
    assert fiche_at(stretches, life, date(2017, 9, 1)) == -1


def test_communes_alike_share_their_texts(told: tuple[Any, dict[str, Mapping[str, Any]]]) -> None:
    _, data = told
    assert len(data["01"]["communes"]) > 380
    assert len(data["01"]["fiches"]) < 380
