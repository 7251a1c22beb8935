"""The feed day after day, from the directory of the DILA to the answers of the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from pipeline.acquisition import report
from pipeline.acquisition.acquire import Acquired, acquire
from pipeline.config import Feed
from pipeline.documents.declaration import read_document
from pipeline.refresh.plan import plan
from pipeline.refresh.state import DocumentOutcome
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from pipeline.timeline.periods import periods
from pipeline.warehouse.access import connect
from tests import production, reference
from tests.acquisition.quartile import AIN, TITLE, Row, arrete, figures
from tests.acquisition.served import Directory, served, text, text_id
from tests.conftest import SHARED
from tests.extract.jorf_made import article
from tests.production import publish

ARRETE = "JORFTEXT000042056679"
CHANGED: tuple[Row, ...] = (("01", "Ain", "CC Bugey Sud", "200040350", 8789), *AIN[1:])
OTHERS = [(text_id(n), text(n, title=f"Arrêté du 4 février 2030 relatif à la pêche, n° {n}")) for n in (11, 12)]


def act(rows: tuple[Row, ...] = AIN) -> tuple[str, bytes]:
    return text_id(7), arrete(7, 2020, rows, "4 février 2030", "2030-02-06")


def enriched(found: tuple[str, bytes]) -> tuple[str, bytes]:
    """The evening's bytes: the same text with links and other white space."""
    name, data = found
    assert b"<STRUCT>" in data
    return name, data.replace(b"<STRUCT>", b"<LIENS><LIEN cidtexte='X'/></LIENS>\n<STRUCT>\n")


@dataclass
class Days:
    """A project without documents, the directory it follows, and its clock."""

    settings: Settings
    directory: Directory
    now: datetime = datetime(2030, 2, 6, 5, tzinfo=UTC)

    def fetch(self, day: int = 6, hour: int = 5) -> Acquired:
        """One round, on a day of February 2030."""
        self.now = datetime(2030, 2, day, hour, tzinfo=UTC)
        feed = Feed(self.directory.base_url, enabled=True)
        return acquire(self.settings, feed, self.directory.server(), clock=lambda: self.now)

    def read(self) -> dict[str, DocumentOutcome]:
        """What a refresh reads, without publishing."""
        return {n: production.read_document(self.settings, n, lambda: self.now) for n in plan(self.settings).changed}

    @property
    def cursor(self) -> str:
        from pipeline.acquisition.feed import load_state

        return load_state(self.settings.feed_state).cursor


@pytest.fixture
def days(make_project: Callable[..., Settings]) -> Iterator[Days]:
    settings = make_project()
    settings.acts.unlink()  # in 2030 every act that it lists is long overdue
    with served() as directory:
        yield Days(settings, directory)


def versions(days: Days) -> list[tuple[int, str]]:
    return [(r.version_no, r.rendition) for r in VersionStore(days.settings.versions).records("premier_quartile")]


def test_the_first_issue_becomes_a_version(days: Days) -> None:
    days.directory.deliver("20300206-001500", act(), *OTHERS)
    acquired = days.fetch()
    assert [(d.action, d.document) for d in acquired.done] == [("create", text_id(7))]
    assert acquired.round
    assert [t.texts for t in acquired.round.taken] == [3]
    outcome = days.read()[text_id(7)]
    assert [(e.status, e.rows) for e in outcome.editions] == [("accepted", 3)]
    held = read_document(days.settings.raw / text_id(7))
    assert (held.acts[0].effect.valid_from, held.acts[0].nor) == (date(2030, 2, 7), "TREL3000001A")
    assert days.cursor == "20300206-001500"


def test_an_act_that_only_actes_toml_knows_feeds_the_dataset_it_names(days: Days) -> None:
    days.settings.acts.write_text(
        f'[[act]]\nid = "{text_id(7)}"\ndataset = "premier_quartile"\ntitle = "Arrêté du 4 février 2030"\n',
        encoding="utf-8",
    )
    name, data = act()
    days.directory.deliver(
        "20300206-001500",
        (name, data.replace(b"relatif au seuil de ressources du premier quartile", b"portant mesures")),
    )
    days.fetch()
    assert [(e.dataset, e.status) for e in days.read()[text_id(7)].editions] == [("premier_quartile", "accepted")]


def test_the_evening_delivery_unchanged_changes_nothing(days: Days) -> None:
    days.directory.deliver("20300206-001500", act())
    days.fetch()
    days.read()
    days.directory.deliver("20300206-205512", enriched(act()))
    acquired = days.fetch(6, 20)
    assert [(d.action, d.reason) for d in acquired.done] == [
        ("nothing", f"même contenu que {text_id(7)}.xml, octets différents")
    ]
    assert not acquired.changed
    assert plan(days.settings).changed == ()
    assert days.cursor == "20300206-205512"


def test_a_text_changed_and_changed_back_makes_three_versions(days: Days) -> None:
    for stamp, rows in (("20300206-001500", AIN), ("20300206-205512", CHANGED), ("20300207-001500", AIN)):
        days.directory.deliver(stamp, act(rows))
        days.fetch()
        outcome = days.read()[text_id(7)]
        assert [(e.status, e.rows, e.quarantined) for e in outcome.editions] == [("accepted", 3, 0)]
    name = text_id(7)
    assert versions(days) == [
        (1, f"{name}.xml"),
        (2, f"{name}_20300206-205512.xml"),
        (3, f"{name}_20300207-001500.xml"),
    ]
    first, _, last = VersionStore(days.settings.versions).records("premier_quartile")
    assert (first.content_sha256, first.valid_from) == (last.content_sha256, last.valid_from)


def test_a_rectificatif_in_prose_is_named_and_refuses_nothing(days: Days) -> None:
    days.directory.deliver("20300206-001500", act())
    days.fetch()
    days.read()
    title = TITLE.format(signed="4 février 2030") + " (rectificatif)"
    prose = article("<p><br/>Page 12, au lieu de : « 8 788 », lire : « 8 789 ».</p>")
    days.directory.deliver("20300209-001500", (text_id(9), text(9, prose, title=title, nor="TREL3000001Z")))
    acquired = days.fetch(9)
    assert [(d.action, d.document) for d in acquired.done] == [("create", text_id(9))]
    relation = read_document(days.settings.raw / text_id(9)).acts[0].relation
    assert relation
    assert (relation.kind, relation.act) == ("rectifie", text_id(7))
    outcome = days.read()[text_id(9)]
    assert outcome.refused == ()
    assert [f.rule for f in outcome.findings if f.severity == "warning"] == ["rectificatif_en_prose"]


def test_a_rectificatif_with_its_table_is_a_reading_of_the_edition_from_its_first_day(days: Days) -> None:
    days.directory.deliver("20300206-001500", act())
    days.fetch()
    days.read()
    corrects = arrete(9, 2020, CHANGED, "4 février 2030 (rectificatif)", "2030-02-09", nor="TREL3000001Z")
    days.directory.deliver("20300209-001500", (text_id(9), corrects))
    days.fetch(9)
    assert [(e.status, e.rows) for e in days.read()[text_id(9)].editions] == [("accepted", 3)]
    now = [p for p in periods(VersionStore(days.settings.versions).records("premier_quartile")) if p.known_to is None]
    assert [(p.version_no, p.valid_from) for p in now] == [(2, date(2030, 2, 7))]


def test_silence_is_normal_on_a_monday_and_named_after_two_days_of_publication(days: Days) -> None:
    days.directory.deliver("20300210-001500")  # a Sunday
    assert days.fetch(12).findings == ()  # Tuesday: Monday has no issue, and Tuesday is not over
    late = days.fetch(14)
    assert [f.rule for f in late.findings] == ["flux_silencieux"]
    assert [f.rule for f in report.findings(days.settings)] == ["flux_silencieux"]
    days.directory.deliver("20300214-001500")
    assert days.fetch(14, 9).findings == ()
    assert report.findings(days.settings) == ()


def test_a_torn_delivery_stores_nothing_and_is_taken_once_it_is_whole(days: Days) -> None:
    name = days.directory.deliver("20300206-001500", act())
    whole = days.directory.files[name]
    days.directory.files[name] = whole[: len(whole) // 2]
    days.directory.deliver("20300207-001500", *OTHERS)
    acquired = days.fetch(7)
    assert "archive tronquée" in acquired.failed[0]
    assert [f.rule for f in acquired.findings] == ["livraison_non_prise"]
    assert plan(days.settings).changed == ()
    assert days.cursor < "20300206"
    days.directory.files[name] = whole
    acquired = days.fetch(7, 9)
    assert [t.delivery.stamp for t in acquired.round.taken] == ["20300206-001500"] if acquired.round else False
    assert acquired.changed
    assert acquired.findings == ()
    assert days.cursor == "20300207-001500"


def test_a_line_cut_while_downloading_is_resumed_in_the_same_round(days: Days) -> None:
    name = days.directory.deliver("20300206-001500", act())
    days.directory.faults[name] = ["cut 300"]
    assert days.fetch().changed
    assert days.directory.asked == [("index", ""), (name, ""), (name, "bytes=300-")]


def test_a_missing_file_is_told_lost_once_the_index_forgets_it(days: Days) -> None:
    days.directory.extra_links = ["JORFSIMPLE_20300206-001500.tar.gz"]
    days.directory.deliver("20300207-001500", act())
    acquired = days.fetch(7)
    assert "absent du serveur (404)" in acquired.failed[0]
    assert acquired.changed
    days.directory.extra_links = []
    assert [(f.rule, f.severity) for f in days.fetch(7, 9).findings] == [("livraison_perdue", "error")]
    assert days.cursor == "20300207-001500"


def test_a_server_out_of_order_is_a_finding_and_leaves_all_as_it_was(days: Days) -> None:
    days.directory.deliver("20300206-001500", act())
    days.directory.faults["index"] = ["500"] * 3
    acquired = days.fetch()
    assert acquired.failed == ("flux injoignable : index : le serveur est en panne (500), après 3 essais",)
    assert [f.rule for f in report.findings(days.settings)] == ["flux_injoignable"]
    assert not days.settings.feed_state.exists()
    assert days.fetch().changed


def test_a_round_killed_before_its_cursor_moved_is_played_again_without_harm(days: Days) -> None:
    days.directory.deliver("20300206-001500", act())
    days.directory.deliver("20300206-205512", act(CHANGED))
    days.fetch()
    before = sorted(p.name for p in (days.settings.raw / text_id(7)).iterdir())
    days.settings.feed_state.unlink()
    acquired = days.fetch()
    assert [d.action for d in acquired.done] == ["nothing", "nothing"]
    assert sorted(p.name for p in (days.settings.raw / text_id(7)).iterdir()) == before


def test_the_arrete_of_2024_leaves_the_gap_before_it_unanswered(make_project: Callable[..., Settings]) -> None:
    path = SHARED / "samples/premier_quartile/2024.csv"
    if not path.is_file():
        pytest.skip("the figures of 2024 (../shared/samples) are not at hand")
    settings = make_project(ARRETE)
    reference.link_small(settings.reference, "2024")
    published = arrete(8, 2024, figures(path), "13 mai 2024", "2024-05-16", "TREL2400000A").replace(
        b"<DATE_TEXTE>2030-02-01", b"<DATE_TEXTE>2024-05-13"
    )
    with served() as directory:
        days = Days(settings, directory)
        days.read()
        directory.deliver("20240516-001500", (text_id(8), published))
        assert days.fetch().changed
    edition = days.read()[text_id(8)].editions[0]
    assert (edition.reasons, edition.rows + edition.quarantined) == ((), len(figures(path)))
    publish(settings)
    with connect(settings) as held:
        standing = held.execute(
            "select edition, valid_from, valid_to, valid_to_base from meta.periods where known_to is null order by 2"
        ).fetchall()
        assert standing == [
            (ARRETE, date(2020, 6, 15), date(2021, 7, 18), "remplace_par_acte_non_detenu"),
            (text_id(8), date(2024, 5, 17), date(2025, 1, 1), "remplace_par_acte_non_detenu"),
        ]
        count = "select count(*) from premier_quartile_as_of(date '{}')"
        answers = [held.execute(count.format(day)).fetchone() for day in ("2020-12-01", "2022-12-01", "2024-06-01")]
        assert answers == [(455,), (0,), (edition.rows,)]
        missing = held.execute("select message from meta.findings where rule = 'acte_non_detenu'").fetchall()
        assert any("30 juin 2021" in message for (message,) in missing)
        assert not any("13 mai 2024" in message for (message,) in missing)
