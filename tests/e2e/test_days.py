"""The Journal officiel day after day: a directory served on this machine, the schedule and the sensors ticking at the
moments they would, the runs they ask for, and what an analyst then reads. Nothing is called by hand.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dagster import RunRequest, SkipReason

from pipeline.orchestration.history import open_instance
from pipeline.settings import Settings
from pipeline.warehouse.access import connect
from tests.acquisition.quartile import Row, arrete, figures
from tests.acquisition.served import Directory, served, text, text_id
from tests.conftest import ROOT, SHARED
from tests.extract.jorf_made import article, section, table
from tests.orchestration.ticking import FEED, READING, Clock, Project, requests

ARRETE = "JORFTEXT000042056679"
FLOODS, STORMS, RECTIFIED, QUARTILE = text_id(7), text_id(8), text_id(9), text_id(10)
BEFORE = datetime(2024, 5, 13, 20, tzinfo=UTC)
"""A Monday evening in Paris, after the last tick of the day."""
OTHER = (text_id(11), text(11, title="Arrêté du 13 mai 2024 relatif à la pêche du bar"))
REFERENCE = (
    *("departements", "regions", "passage", "epci_2020", "epci_2024"),
    *(f"{name}_{day}" for name in ("communes", "noms_anciens") for day in ("2020-01-01", "2024-01-01")),
)

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


def catnat(number: int, rows: Sequence[Sequence[str]], published: str, nor: str) -> tuple[str, bytes]:
    """An arrêté that recognises natural disasters, as a delivery carries it."""
    annex = article(
        "<p>ANNEXE I</p><p>Communes reconnues en état de catastrophe naturelle</p>" + table([HEADER, *map(list, rows)])
    )
    made = text(number, section("Annexe", annex), title=TITLE, nor=nor, published=published)
    return text_id(number), signed(made)


def floods(rows: Sequence[Sequence[str]] = FLOOD) -> tuple[str, bytes]:
    return catnat(7, rows, "2024-05-14", "INTE2400007A")


def quartile(rows: Sequence[Row]) -> tuple[str, bytes]:
    made = arrete(10, 2024, rows, "13 mai 2024", "2024-05-16", "TREL2400010A")
    return QUARTILE, signed(made)


def signed(made: bytes) -> bytes:
    return made.replace(b"<DATE_TEXTE>2030-02-01", b"<DATE_TEXTE>2024-05-13")


def enriched(found: tuple[str, bytes]) -> tuple[str, bytes]:
    """The evening's bytes of the same text."""
    name, data = found
    return name, data.replace(b"<STRUCT>", b"<LIENS><LIEN cidtexte='X'/></LIENS>\n<STRUCT>\n")


@dataclass
class Days:
    """The project, the directory it follows, and what ran since it was last asked."""

    project: Project
    clock: Clock
    directory: Directory
    ran: list[str] = field(default_factory=list)

    def deliver(self, stamp: str, *texts: tuple[str, bytes]) -> str:
        return self.directory.deliver(stamp, *texts)

    def scheduled(self) -> list[str]:
        """The next tick of the schedule and all that follows from it: the runs, by job and document."""
        self.clock.now = self.project.scheduled_after(self.clock.now)
        self._run(self.project.tick_schedule(self.clock.now))
        return self.followed()

    def noticed(self) -> list[str]:
        """A tick of the feed's sensor half an hour later, and all that follows from it."""
        self.clock.now += timedelta(minutes=30)
        self._run(requests(self.project.tick(FEED)))
        return self.followed()

    def followed(self) -> list[str]:
        """Ticks of the reading sensor until nothing is left to ask."""
        for _ in range(10):
            self.clock.now += timedelta(seconds=30)
            found = self.project.tick(READING)
            if isinstance(found, SkipReason):
                assert found.skip_message == "rien n'a changé"
                ran, self.ran = self.ran, []
                return ran
            self._run(found)
        raise AssertionError(f"still asking after ten ticks: {self.ran}")

    def _run(self, found: Sequence[RunRequest]) -> None:
        for request in found:
            assert self.project.run(request), request
            self.ran.append(" ".join(filter(None, (request.job_name, request.partition_key))))

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.project.settings) as held:
            return held.execute(query).fetchall()

    def warnings(self) -> list[tuple[Any, ...]]:
        """Rule and subject of what the feed and the arrivals leave to be looked at."""
        return self.sql(
            "select rule from meta.findings where rule in ('livraison_non_prise', 'livraison_perdue', 'texte_refuse', "
            "'flux_silencieux', 'flux_injoignable', 'rectificatif_en_prose', 'acte_annuel_en_retard') order by rule"
        )


def small_project(root: Path, directory: Directory) -> Settings:
    """The arrêté of 2020 as its page prints it, the acts known since, and the feed switched on."""
    settings = Settings(root)
    shutil.copytree(ROOT / "raw" / ARRETE, settings.raw / ARRETE, ignore=shutil.ignore_patterns("*.pdf"))
    declaration = settings.raw / ARRETE / "document.toml"
    renditions = declaration.read_text(encoding="utf-8")
    declaration.write_text(
        re.sub(r'\[\[rendition\]\]\nfile = "annexe.pdf"\nrole = "typeset"\n', "", renditions), encoding="utf-8"
    )
    settings.reference.mkdir()
    for name in REFERENCE:
        (settings.reference / f"{name}.parquet").symlink_to(ROOT / f"raw/reference/{name}.parquet")
    shutil.copy(ROOT / "raw/actes.toml", settings.acts)
    shutil.copy(ROOT / "dagster.yaml", root)
    feed = f'[feed]\nenabled = true\nbase_url = "{directory.base_url}"\n[schedule]\nenabled = true\n'
    settings.configuration.write_text(feed, encoding="utf-8")
    return settings


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
    assert days.followed() == [f"read_document {ARRETE}", "publish"]
    assert answers(days, "2020-12-01", "2021-12-01", "2024-06-01") == [455, 0, 0]


def first_issue(days: Days) -> None:
    days.deliver("20240514-001500", floods(), OTHER)
    assert days.scheduled() == ["fetch", f"read_document {FLOODS}", "publish"]
    assert communes(days) == [
        ("01034", "Belley", 1),
        ("07019", "Aubenas", 1),
        ("07181", "Pouzin (Le)", 2),
    ]


def evening_unchanged(days: Days) -> None:
    days.deliver("20240514-205512", enriched(floods()), OTHER)
    assert days.scheduled() == ["fetch"]


def silent_day(days: Days) -> None:
    assert isinstance(days.project.tick(FEED), SkipReason)
    assert days.scheduled() == ["fetch"]
    assert days.warnings() == []


def evening_changed(days: Days) -> None:
    days.deliver("20240515-205512", floods(FLOOD_CHANGED))
    assert days.scheduled() == ["fetch", f"read_document {FLOODS}", "publish"]
    assert communes(days)[0] == ("01034", "Belley", 2)


def changed_back(days: Days) -> None:
    """A, B, A: three versions, each known in its time, all of the same effect."""
    days.deliver("20240516-001500", floods())
    assert days.scheduled() == ["fetch", f"read_document {FLOODS}", "publish"]
    known = days.sql(
        f"select valid_from, known_from, known_to from meta.periods where edition = '{FLOODS}' order by known_from"
    )
    assert [line[0] for line in known] == [date(2024, 5, 15)] * 3
    assert [line[2] for line in known] == [known[1][1], known[2][1], None]
    assert [line[1].date() for line in known] == [date(2024, 5, 13), date(2024, 5, 15), date(2024, 5, 15)]
    shown = [communes(days, known_at=line[1])[0][2] for line in known]
    assert shown == [1, 2, 1]


def torn_then_whole(days: Days) -> None:
    """The delivery of the evening is still being sent up; the next morning's stands beside it."""
    name = days.deliver("20240516-205512", catnat(8, STORM, "2024-05-16", "INTE2400008A"))
    whole = days.directory.files[name]
    days.directory.files[name] = whole[: len(whole) // 2]
    days.deliver("20240516-210000", OTHER)
    assert days.scheduled() == ["fetch", "publish"]
    assert days.warnings() == [("livraison_non_prise",)]
    days.directory.files[name] = whole
    days.directory.faults[name] = ["cut 100"]
    assert days.noticed() == ["fetch", f"read_document {STORMS}", "publish"]
    assert days.directory.asked[-2:] == [(name, ""), (name, "bytes=100-")]
    assert days.warnings() == []
    assert days.sql("select edition, count(*) from catnat_communes_as_of(date '2024-06-01') group by 1 order by 1") == [
        (FLOODS, 3),
        (STORMS, 1),
    ]


def rectificatif(days: Days) -> None:
    """In prose: a finding for a person, and no figure changed."""
    prose = article("<p><br/>Annexe I, au lieu de : « Belley », lire : « Bellegarde ».</p>")
    made = text(9, prose, title=TITLE + " (rectificatif)", nor="INTE2400007Z", published="2024-05-17")
    before = communes(days)
    days.deliver("20240517-001500", (RECTIFIED, signed(made)))
    assert days.scheduled() == ["fetch", f"read_document {RECTIFIED}", "publish"]
    assert days.warnings() == [("rectificatif_en_prose",)]
    assert communes(days) == before


def first_quartile_of_2024(days: Days) -> None:
    """Figures of our own, those of 2020 and a hundred euros: the gap between the two stays a gap."""
    rows = days.sql(
        "select code_departement, departement_imprime, nom_epci, siren, seuil_euros_par_uc_an + 100 "
        "from premier_quartile_as_of(date '2020-12-01')"
    )
    days.deliver("20240517-205512", quartile([(a, b, c, d, e) for a, b, c, d, e in rows]))
    assert days.scheduled() == ["fetch", f"read_document {QUARTILE}", "publish"]
    assert_gap(days, 455)


def silence_that_lasts(days: Days) -> None:
    """Whit Monday and the day after it are no days of publication; Saturday, Sunday and Wednesday are."""
    while days.clock.now < datetime(2024, 5, 18, 20, tzinfo=UTC):
        assert days.scheduled() == ["fetch"]
    assert days.warnings() == [("rectificatif_en_prose",)]


def test_days_of_the_journal_officiel(days: Days) -> None:
    for play in (
        before_the_feed,
        first_issue,
        evening_unchanged,
        silent_day,
        evening_changed,
        changed_back,
        torn_then_whole,
        rectificatif,
        first_quartile_of_2024,
        silence_that_lasts,
    ):
        play(days)


def communes(days: Days, known_at: datetime | None = None) -> list[tuple[Any, ...]]:
    """Code, printed name and number of recognitions of the first act, as known now or at a moment."""
    known = f", known_at := timestamp '{known_at:%Y-%m-%d %H:%M:%S.%f}'" if known_at else ""
    return days.sql(
        "select code_commune, commune_imprimee, nombre_reconnaissances from "
        f"catnat_communes_as_of(date '2024-06-01'{known}) where edition = '{FLOODS}' order by code_commune"
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


def test_the_figures_of_2024_as_republished(days: Days) -> None:
    path = SHARED / "samples/premier_quartile/2024.csv"
    if not path.is_file():
        pytest.skip("the figures of 2024 (../shared/samples) are not at hand")
    days.followed()
    days.deliver("20240516-001500", quartile(figures(path)))
    days.clock.now = datetime(2024, 5, 15, 21, tzinfo=UTC)
    assert days.scheduled() == ["fetch", f"read_document {QUARTILE}", "publish"]
    (printed,) = days.sql(
        f"select count(*) from data.premier_quartile join meta.versions using (version_no) where edition = '{QUARTILE}'"
    )
    assert_gap(days, printed[0])
