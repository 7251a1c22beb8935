"""The Journal officiel day after day: a directory served on this machine, the schedule and the sensors ticking at the
moments they would, the runs they ask for, and what an analyst then reads. Nothing is called by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from dagster import SkipReason

from pipeline.orchestration.instance import open_instance
from tests.acquisition.quartile import Row, arrete, figures
from tests.acquisition.served import served, text, text_id
from tests.acquisition.test_days import enriched
from tests.conftest import SHARED
from tests.e2e.playing import ARRETE, Days, small_project
from tests.extract.jorf_made import article, section, table
from tests.orchestration.ticking import FEED, Clock, Project

FLOODS, STORMS, PROSE, REPRINTED, QUARTILE, BARE, BESIDE = (text_id(n) for n in range(7, 14))
BEFORE = datetime(2024, 5, 13, 20, tzinfo=UTC)
"""A Monday evening in Paris, after the last tick of the day."""
OTHER = (text_id(20), text(20, title="Arrêté du 13 mai 2024 relatif à la pêche du bar"))

TITLE = "Arrêté du 13 mai 2024 portant reconnaissance de l'état de catastrophe naturelle"
HEADER = [
    *("Département", "Commune", "Phénomène naturel", "Date de début", "Date de fin"),
    *("Nombre de reconnaissances", "Décision"),
]
FLOOD = [
    ["Ardèche", "Pouzin (Le)", "Inondations", "09/03/2024", "10/03/2024", "2", "Reconnue"],
    ["Ardèche", "Aubenas", "Inondations", "09/03/2024", "10/03/2024", "1", "Reconnue"],
    ["Ain", "Belley", "Inondations", "09/03/2024", "10/03/2024", "1", "Reconnue"],
]
FLOOD_CHANGED = [FLOOD[0], FLOOD[1], [*FLOOD[2][:5], "2", "Reconnue"]]
STORM = [["Drôme", "Die", "Mouvements de terrain", "20/03/2024", "20/03/2024", "1", "Reconnue"]]


def catnat(
    number: int, rows: Sequence[Sequence[str]], published: str, nor: str, title: str = TITLE
) -> tuple[str, bytes]:
    """An arrêté that recognises natural disasters, as a delivery carries it."""
    annex = article(
        "<p>ANNEXE I</p><p>Communes reconnues en état de catastrophe naturelle</p>" + table([HEADER, *map(list, rows)])
    )
    made = text(number, section("Annexe", annex), title=title, nor=nor, published=published)
    return text_id(number), signed(made)


def floods(rows: Sequence[Sequence[str]] = FLOOD) -> tuple[str, bytes]:
    return catnat(7, rows, "2024-05-14", "INTE2400007A")


def quartile(rows: Sequence[Row]) -> tuple[str, bytes]:
    made = arrete(11, 2024, rows, "13 mai 2024", "2024-05-16", "TREL2400011A")
    return QUARTILE, signed(made)


def signed(made: bytes) -> bytes:
    return made.replace(b"<DATE_TEXTE>2030-02-01", b"<DATE_TEXTE>2024-05-13")


@pytest.fixture
def days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Days]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.delenv("ANNEXES_FEED_URL", raising=False)
    with served() as directory:
        settings = small_project(tmp_path, directory)
        with open_instance(settings) as instance:
            clock = Clock(BEFORE)
            yield Days(Project(settings, instance, clock), clock, directory)


def before_the_feed(days: Days) -> None:
    """What the project holds is read and published; the gap after it answers nothing."""
    assert days.followed() == [f"rafraichir {ARRETE}"]
    assert answers(days, "2020-12-01", "2021-12-01", "2024-06-01") == [455, 0, 0]


def first_issue(days: Days) -> None:
    days.directory.deliver("20240514-001500", floods(), OTHER)
    assert days.scheduled() == ["acquerir", f"rafraichir {FLOODS}"]
    assert communes(days) == [
        ("01034", "Belley", 1),
        ("07019", "Aubenas", 1),
        ("07181", "Pouzin (Le)", 2),
    ]


def evening_unchanged(days: Days) -> None:
    days.directory.deliver("20240514-205512", enriched(floods()), OTHER)
    assert days.scheduled() == ["acquerir"]
    assert stored(days, FLOODS) == [f"{FLOODS}.xml"]


def silent_day(days: Days) -> None:
    assert isinstance(days.project.tick(FEED), SkipReason)
    assert days.scheduled() == ["acquerir"]
    assert to_look_at(days) == []


def evening_changed(days: Days) -> None:
    days.directory.deliver("20240515-205512", floods(FLOOD_CHANGED))
    assert days.scheduled() == ["acquerir", f"rafraichir {FLOODS}"]
    assert communes(days)[0] == ("01034", "Belley", 2)


def changed_back(days: Days) -> None:
    """A, B, A: three versions of one effect, each answering for the time when it was known."""
    days.directory.deliver("20240516-001500", floods())
    assert days.scheduled() == ["acquerir", f"rafraichir {FLOODS}"]
    assert stored(days, FLOODS) == [
        f"{FLOODS}.xml",
        f"{FLOODS}_20240515-205512.xml",
        f"{FLOODS}_20240516-001500.xml",
    ]
    assert belley(days) == [
        (date(2024, 5, 15), "13/05 23h", "15/05 19h", 1),
        (date(2024, 5, 15), "15/05 19h", "15/05 23h", 2),
        (date(2024, 5, 15), "15/05 23h", None, 1),
    ]


def torn_then_whole(days: Days) -> None:
    """The delivery of the evening is still being sent up when it is asked for; once it is whole, the line breaks."""
    name = days.directory.deliver("20240516-205512", catnat(8, STORM, "2024-05-16", "INTE2400008A"))
    whole = days.directory.files[name]
    days.directory.files[name] = whole[: len(whole) // 2]
    days.directory.deliver("20240516-210000", OTHER)
    assert days.scheduled() == ["acquerir", "rafraichir"]
    assert to_look_at(days) == ["livraison_non_prise"]
    assert not (days.project.settings.raw / STORMS).exists()
    days.directory.files[name] = whole
    days.directory.faults[name] = ["cut 100"]
    assert days.noticed() == ["acquerir", f"rafraichir {STORMS}"]
    assert days.directory.asked[-2:] == [(name, ""), (name, "bytes=100-")]
    assert to_look_at(days) == []
    assert recognised(days) == {FLOODS: 3, STORMS: 1}


def rectificatif_in_prose(days: Days) -> None:
    """A finding for a person, and no figure changed."""
    prose = article("<p><br/>Annexe I, au lieu de : « 1 », lire : « 2 ».</p>")
    made = text(9, prose, title=f"{TITLE} (rectificatif)", nor="INTE2400007Z", published="2024-05-17")
    days.directory.deliver("20240517-001500", (PROSE, signed(made)))
    assert days.scheduled() == ["acquerir", f"rafraichir {PROSE}"]
    assert to_look_at(days) == ["rectificatif_en_prose"]
    assert len(belley(days)) == 3


def rectificatif_with_its_annex(days: Days) -> None:
    """The annex printed anew, by way of the drop folder: true from the beginning of the act, known from today."""
    title = f"{TITLE} (rectificatif)"
    name, made = catnat(10, FLOOD_CHANGED, "2024-05-17", "INTE2400007Z", title)
    assert days.dropped(f"{name}.xml", made) == ["acquerir", f"rafraichir {REPRINTED}"]
    assert list(days.project.settings.inbox.iterdir()) == []
    assert belley(days)[2:] == [
        (date(2024, 5, 15), "15/05 23h", "16/05 23h", 1),
        (date(2024, 5, 15), "16/05 23h", None, 2),
    ]


def first_quartile_of_2024(days: Days) -> None:
    """Figures of our own, those of 2020 and a hundred euros: the gap between the two stays a gap, and what was known
    before is still told."""
    before = days.clock.now
    rows = days.sql(
        "select code_departement, departement_imprime, nom_epci, siren, seuil_euros_par_uc_an + 100 "
        "from premier_quartile_as_of(date '2020-12-01')"
    )
    days.directory.deliver("20240517-205512", quartile([(a, b, c, d, e) for a, b, c, d, e in rows]))
    assert days.scheduled() == ["acquerir", f"rafraichir {QUARTILE}"]
    assert_gap(days, 455)
    known = f"known_at := timestamp '{before:%Y-%m-%d %H:%M:%S}'"
    assert days.sql(f"select count(*) from premier_quartile_as_of(date '2024-06-01', {known})") == [(0,)]


def table_missing(days: Days) -> None:
    """An act whose table is not in the file is refused and holds nothing back; in the evening its table is there."""
    sentence = article("<p><br/>Vous pouvez consulter le tableau dans le JO n° 116 du 18/05/2024, texte numéro 3.</p>")
    made = signed(text(12, sentence, title=TITLE, nor="INTE2400012A", published="2024-05-18"))
    days.directory.deliver("20240518-001500", (BARE, made), catnat(13, STORM, "2024-05-18", "INTE2400013A"))
    assert days.scheduled() == ["acquerir", f"rafraichir {BARE} {BESIDE} failed"]
    assert to_look_at(days) == ["edition_refusee", "rectificatif_en_prose", "tableau_non_reproduit"]
    assert recognised(days) == {FLOODS: 3, STORMS: 1, BESIDE: 1}
    days.directory.deliver("20240518-205512", catnat(12, STORM, "2024-05-18", "INTE2400012A"))
    assert days.scheduled() == ["acquerir", f"rafraichir {BARE}"]
    assert to_look_at(days) == ["rectificatif_en_prose"]
    assert recognised(days) == {FLOODS: 3, STORMS: 1, BARE: 1, BESIDE: 1}


def silence_that_lasts(days: Days) -> None:
    """No issue on Whit Monday nor on the day after it says nothing; none on two days of publication is a finding."""
    days.directory.deliver("20240519-001500", OTHER)
    days.clock.now = datetime(2024, 5, 22, 12, tzinfo=UTC)
    assert days.scheduled() == ["acquerir"]
    days.clock.now = datetime(2024, 5, 23, 20, tzinfo=UTC)
    assert days.scheduled() == ["acquerir", "rafraichir"]
    assert to_look_at(days) == ["flux_silencieux", "rectificatif_en_prose"]


def test_three_days_of_the_journal_officiel(days: Days) -> None:
    for play in (before_the_feed, first_issue, evening_unchanged, evening_changed):
        play(days)


@pytest.mark.soak
def test_days_of_the_journal_officiel(days: Days) -> None:
    for play in (
        before_the_feed,
        first_issue,
        evening_unchanged,
        silent_day,
        evening_changed,
        changed_back,
        torn_then_whole,
        rectificatif_in_prose,
        rectificatif_with_its_annex,
        first_quartile_of_2024,
        table_missing,
        silence_that_lasts,
    ):
        play(days)


def to_look_at(days: Days) -> list[str]:
    """The rules of the findings that a day can leave: what did not come, or was not understood."""
    rules = (
        *("livraison_non_prise", "livraison_perdue", "texte_refuse", "depot_refuse", "flux_silencieux"),
        *("flux_injoignable", "acte_annuel_en_retard", "rectificatif_en_prose", "document_refuse", "edition_refusee"),
        "tableau_non_reproduit",
    )
    found = days.sql(f"select rule from meta.findings where rule in {rules} order by rule")
    return [rule for (rule,) in found]


def stored(days: Days, document: str) -> list[str]:
    return sorted(path.name for path in (days.project.settings.raw / document).glob("*.xml"))


def recognised(days: Days) -> dict[str, int]:
    """Rows in force in June, by act."""
    return dict(days.sql("select edition, count(*) from catnat_communes_as_of(date '2024-06-01') group by edition"))


def communes(days: Days) -> list[tuple[Any, ...]]:
    """Code, printed name and number of recognitions of the first act, in force in June."""
    return days.sql(
        "select code_commune, commune_imprimee, nombre_reconnaissances "
        f"from catnat_communes_as_of(date '2024-06-01') where edition = '{FLOODS}' order by code_commune"
    )


def belley(days: Days) -> list[tuple[Any, ...]]:
    """What was known of one commune and when (UTC): effect, from, to, number of recognitions."""
    return days.sql(
        "select valid_from, strftime(known_from, '%d/%m %Hh'), strftime(known_to, '%d/%m %Hh'), nombre_reconnaissances "
        f"from history.catnat_communes where edition = '{FLOODS}' and code_commune = '01034' order by known_from"
    )


def answers(days: Days, *on: str) -> list[int]:
    """How many rows of first-quartile thresholds each day gets."""
    return [days.sql(f"select count(*) from premier_quartile_as_of(date '{day}')")[0][0] for day in on]


def assert_gap(days: Days, rows: int) -> None:
    """2020 ends where the act of 2021, known and not held, begins; 2024 answers for itself with `rows` rows."""
    assert days.sql(
        "select edition, valid_from, valid_to, valid_to_base from meta.periods "
        "where dataset = 'premier_quartile' and known_to is null order by valid_from"
    ) == [
        (ARRETE, date(2020, 6, 15), date(2021, 7, 18), "remplace_par_acte_non_detenu"),
        (QUARTILE, date(2024, 5, 17), date(2025, 1, 1), "remplace_par_acte_non_detenu"),
    ]
    assert answers(days, "2020-12-01", "2021-07-17", "2021-07-18", "2022-12-01", "2024-06-01") == [
        *(455, 455),
        *(0, 0),
        rows,
    ]
    missing = days.sql(
        "select annee, act_id from meta.coverage where dataset = 'premier_quartile' and etat = 'connu_non_detenu' "
        "and effect_from < date '2024-05-17' order by effect_from"
    )
    assert missing[0] == (2021, "JORFTEXT000043798217")
    assert [year for year, _ in missing] == [2021, 2022, 2023]


@pytest.mark.soak
def test_the_figures_of_2024_as_republished(days: Days) -> None:
    path = SHARED / "samples/premier_quartile/2024.csv"
    if not path.is_file():
        pytest.skip("the figures of 2024 (../shared/samples) are not at hand")
    printed = figures(path)
    days.followed()
    days.directory.deliver("20240516-001500", quartile(printed))
    days.clock.now = datetime(2024, 5, 15, 21, tzinfo=UTC)
    assert days.scheduled() == ["acquerir", f"rafraichir {QUARTILE}"]
    ((held,),) = days.sql(f"select row_count from meta.versions where edition = '{QUARTILE}'")
    ((refused,),) = days.sql(f"select count(*) from meta.quarantine where edition = '{QUARTILE}'")
    assert held + refused == len(printed)
    assert_gap(days, held)
